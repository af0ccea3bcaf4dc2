//! Single stacks.

use std::time::Duration;

use heatclient::clock;
use heatclient::heat::{Stack, StackRef};
use serde_json::Value;

use super::{Context, cells, stack_not_found};
use crate::args::ShowArgs;
use crate::exit::Failure;
use crate::output::Record;
use crate::printer::Printer;

/// What is shown of a stack that was just made or changed.
const SHORT: [&str; 7] = [
    "id",
    "stack_name",
    "description",
    "creation_time",
    "updated_time",
    "stack_status",
    "stack_status_reason",
];

/// `stack show`.
pub(super) async fn show(context: &Context, args: ShowArgs) -> Result<(), Failure> {
    let printer = Printer::new(args.format.options())?;
    let stack = fetch(
        context,
        &StackRef::from(&args.stack),
        !args.no_resolve_outputs,
    )
    .await?;
    printer.record(&full(&stack, !args.no_resolve_outputs))
}

pub(super) async fn fetch(
    context: &Context,
    stack: &StackRef,
    resolve_outputs: bool,
) -> Result<Stack, Failure> {
    let stacks = context.heat.stacks();
    let show = stacks.get_with(stack).resolve_outputs(resolve_outputs);
    show.await.map_err(stack_not_found(&stack.to_string()))
}

/// A stack that was just created. The replicas of Heat's database may not have it yet, and whatever happens,
/// the stack is there: a script must not take an error for the opposite.
pub(super) async fn fetch_new(context: &Context, stack: &StackRef) -> Result<Stack, Failure> {
    const REPLICA_LAG: Duration = Duration::from_secs(30);
    const PAUSE: Duration = Duration::from_millis(500);
    let until = clock::now() + REPLICA_LAG;
    loop {
        let stacks = context.heat.stacks();
        match stacks.get_with(stack).resolve_outputs(false).await {
            Ok(stack) => return Ok(stack),
            Err(error) if error.is_not_found() && clock::now() < until => {
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => {
                return Err(Failure::Message(format!(
                    "the stack was created, but cannot be shown: {error}; check with: heat stack show {stack}"
                )));
            }
        }
    }
}

/// The first things to know of a stack.
pub(super) fn short(stack: &Stack) -> Record {
    let cell = |key: &str| (key.to_owned(), cells::plain(stack.raw(), key));
    Record(SHORT.map(cell).into())
}

/// All there is to know of a stack: the first things first.
fn full(stack: &Stack, outputs: bool) -> Record {
    let mut record = short(stack);
    let mut first = vec!["parameters"];
    if outputs {
        first.push("outputs");
    }
    first.push("links");
    let rest = stack.raw().keys().map(String::as_str);
    let rest = rest.filter(|key| {
        !SHORT.contains(key) && !first.contains(key) && *key != "template_description"
    });
    for key in first.iter().copied().chain(rest) {
        let cell = match key {
            "parameters" | "outputs" | "links" | "tags" => {
                cells::yaml(stack.raw().get(key).cloned().unwrap_or(Value::Null))
            }
            _ => cells::plain(stack.raw(), key),
        };
        record.0.push((key.to_owned(), cell));
    }
    record
}
