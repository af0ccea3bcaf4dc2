//! `stack show` (old spelling: `stack-show`).

use std::time::Duration;

use heatclient::clock;
use heatclient::heat::{Action, Stack, StackRef};
use serde_json::{Map, Value};

use super::list;
use crate::commands::context::{Context, stack_not_found};
use crate::commands::spelling::{Command, OldSpelling};
use crate::commands::wait::{Waiting, wait};
use crate::exit::Failure;
use crate::options::RecordFormat;
use crate::render::{Answer, Field, Layout, OutputOptions, Record};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Stack name or ID
    stack: String,
    /// Do not resolve outputs
    #[arg(long)]
    no_resolve_outputs: bool,
    #[command(flatten)]
    format: RecordFormat,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldArgs {
    /// Stack name or ID
    stack: String,
    /// Do not resolve outputs
    #[arg(long)]
    no_resolve_outputs: bool,
}

impl From<OldArgs> for Args {
    fn from(old: OldArgs) -> Self {
        Self {
            stack: old.stack,
            no_resolve_outputs: old.no_resolve_outputs,
            format: RecordFormat::default(),
        }
    }
}

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(self.format.options())
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let outputs = !self.no_resolve_outputs;
        let stack = fetch(context, &StackRef::from(&self.stack), outputs).await?;
        Ok(Answer::Record(full(stack, outputs)))
    }
}

pub(crate) async fn fetch(
    context: &Context,
    stack: &StackRef,
    resolve_outputs: bool,
) -> Result<Stack, Failure> {
    let stacks = context.heat.stacks();
    let show = stacks.get(stack).resolve_outputs(resolve_outputs);
    show.await.map_err(stack_not_found(&stack.to_string()))
}

/// Fetches a stack that was just created. A replica of Heat's database may not have it yet. The error says that the
/// stack exists, so that a script does not create it again.
pub(crate) async fn fetch_new(context: &Context, stack: &StackRef) -> Result<Stack, Failure> {
    const REPLICA_LAG: Duration = Duration::from_secs(30);
    const PAUSE: Duration = Duration::from_millis(500);
    let until = clock::now() + REPLICA_LAG;
    loop {
        let stacks = context.heat.stacks();
        match stacks.get(stack).resolve_outputs(false).await {
            Ok(stack) => return Ok(stack),
            Err(error) if error.is_not_found() && clock::now() < until => {
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => {
                let check = context.changes.check(stack);
                return Err(Failure::Message(format!(
                    "the stack was created, but cannot be shown: {error}; check with: {check}"
                )));
            }
        }
    }
}

/// What is printed after an action has started: the stack, after waiting if `--wait` is given. The old tool lists all stacks.
pub(super) async fn started(
    context: &Context,
    stack: &StackRef,
    action: Action,
    waiting: &Waiting,
) -> Result<Answer, Failure> {
    if context.is_old() {
        return list::all(context).await;
    }
    let is_new = matches!(action, Action::Create | Action::Adopt);
    let shown = match wait(context, stack, action, waiting).await? {
        Some(ended) => ended,
        None if is_new => fetch_new(context, stack).await?,
        None => fetch(context, stack, false).await?,
    };
    Ok(Answer::Record(short(shown)))
}

/// The fields that come first.
const FIRST: [&str; 7] = [
    "id",
    "stack_name",
    "description",
    "creation_time",
    "updated_time",
    "stack_status",
    "stack_status_reason",
];

/// The fields that are shown after a change.
pub(crate) fn short(stack: Stack) -> Record {
    first(&mut stack.into_raw())
}

/// All fields of a stack, [`FIRST`] first.
pub(crate) fn full(stack: Stack, outputs: bool) -> Record {
    let mut object = stack.into_raw();
    let mut record = first(&mut object);
    let next: &[&str] = if outputs {
        &["parameters", "outputs", "links"]
    } else {
        &["parameters", "links"]
    };
    for key in next {
        let value = object.shift_remove(*key);
        record.0.push(field(key, value, Value::Null));
    }
    record.0.extend(
        object
            .into_iter()
            .map(|(key, value)| field(&key, Some(value), Value::Null)),
    );
    record
}

/// Removes the fields of [`FIRST`] from the object.
fn first(object: &mut Map<String, Value>) -> Record {
    Record(
        FIRST
            .map(|key| field(key, object.shift_remove(key), "".into()))
            .into(),
    )
}

/// A field of a stack. The old style shows only fields that the server sent.
fn field(key: &str, value: Option<Value>, missing: Value) -> Field {
    Field {
        name: key.to_owned(),
        layout: match key {
            "template_description" => None,
            "parameters" | "outputs" | "links" | "tags" => Some(Layout::Yaml),
            _ => Some(Layout::Plain),
        },
        old_layout: value.is_some().then(|| old_layout(key)),
        value: value.unwrap_or(missing),
    }
}

/// The layout of a field in the old style.
pub(crate) fn old_layout(key: &str) -> Layout {
    match key {
        "tags" => Layout::Json,
        _ => preview_layout(key),
    }
}

/// The layout of a field of a preview, in both styles.
pub(crate) fn preview_layout(key: &str) -> Layout {
    match key {
        "description" | "template_description" | "stack_status_reason" => Layout::Wrapped,
        "parameters" | "outputs" | "resources" => Layout::Json,
        "links" => Layout::Links,
        _ => Layout::Plain,
    }
}
