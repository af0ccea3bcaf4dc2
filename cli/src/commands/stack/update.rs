//! `stack update` (old spelling: `stack-update`).

use clap::ValueEnum;
use clap::builder::NonEmptyStringValueParser;
use heatclient::Client;
use heatclient::heat::{Action, PreviewedResource, ResourceChanges, StackRef, StackUpdate};
use heatclient::template::Hook;
use serde_json::Value;

use super::show::started;
use crate::commands::context::Context;
use crate::commands::spelling::{Command, OldSpelling};
use crate::commands::wait::Waiting;
use crate::documents::{Documents, Names, ask_for_hidden, may_be_joined};
use crate::exit::Failure;
use crate::options::{ChangeArgs, OldChangeArgs, OldTemplateArgs, RecordFormat, Source, apply};
use crate::render::{Answer, Groups, Layout, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Stack name or ID
    #[arg(value_name = "STACK")]
    stack: String,

    /// Template (YAML or JSON): a file, a URL, or - for stdin
    #[arg(short, long, value_name = "FILE", value_parser = Source::file())]
    template: Option<Source>,

    /// Pause before updating this resource until the hook is cleared; NESTED/NAME for a resource of a nested
    /// stack, wildcards allowed (repeatable)
    #[arg(long, value_name = "RESOURCE", value_parser = NonEmptyStringValueParser::new())]
    pre_update: Vec<String>,

    #[command(flatten)]
    change: ChangeArgs,

    /// Whether to roll back a failed update
    #[arg(long, value_enum, default_value_t = Rollback::Keep, value_name = "MODE")]
    rollback: Rollback,

    /// Keep the stack's template, environment and parameters, except for those given
    #[arg(long)]
    existing: bool,

    /// With --existing: reset this parameter to its default (repeatable)
    #[arg(long = "clear-parameter", value_name = "KEY", value_parser = NonEmptyStringValueParser::new())]
    clear_parameters: Vec<String>,

    /// Compare with the actual state of the resources instead of the state stored by Heat
    #[arg(long)]
    converge: bool,

    /// Show what would change, without changing it
    #[arg(long)]
    dry_run: bool,

    /// With --dry-run: include the resources of nested stacks
    #[arg(long)]
    show_nested: bool,

    #[command(flatten)]
    waiting: Waiting,

    #[command(flatten)]
    format: RecordFormat,
}

/// Whether to roll back a failed update.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Rollback {
    /// Roll back.
    Enabled,
    /// Do not roll back.
    Disabled,
    /// Keep the stack's setting.
    Keep,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldArgs {
    /// Stack name or ID
    #[arg(value_name = "STACK")]
    stack: String,
    #[command(flatten)]
    template: OldTemplateArgs,
    /// Pause before updating this resource until the hook is cleared (repeatable)
    #[arg(long, value_name = "RESOURCE", value_parser = NonEmptyStringValueParser::new())]
    pre_update: Vec<String>,
    #[command(flatten)]
    change: OldChangeArgs,
    /// Whether to roll back a failed update
    #[arg(long, value_name = "BOOLEAN", value_parser = boolean)]
    rollback: Option<bool>,
    /// Keep the stack's template, environment and parameters, except for those given
    #[arg(short = 'x', long)]
    existing: bool,
    /// With --existing: reset this parameter to its default (repeatable)
    #[arg(short = 'c', long = "clear-parameter", value_name = "KEY", value_parser = NonEmptyStringValueParser::new())]
    clear_parameters: Vec<String>,
    /// Show what would change, without changing it
    #[arg(short = 'y', long)]
    dry_run: bool,
    /// With --dry-run: include the resources of nested stacks
    #[arg(short = 'n', long)]
    show_nested: bool,
}

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl From<OldArgs> for Args {
    fn from(old: OldArgs) -> Self {
        Self {
            stack: old.stack,
            template: old.template.into(),
            pre_update: old.pre_update,
            change: old.change.into(),
            rollback: match old.rollback {
                Some(true) => Rollback::Enabled,
                Some(false) => Rollback::Disabled,
                None => Rollback::Keep,
            },
            existing: old.existing,
            clear_parameters: old.clear_parameters,
            converge: false,
            dry_run: old.dry_run,
            show_nested: old.show_nested,
            waiting: Waiting::default(),
            format: RecordFormat::default(),
        }
    }
}

fn boolean(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "t" | "true" | "on" | "y" | "yes" => Ok(true),
        "0" | "f" | "false" | "off" | "n" | "no" => Ok(false),
        _ => Err("expected true or false".to_owned()),
    }
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(self.format.options())
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let update = self.stack_update(context).await?;
        let stacks = context.heat.stacks();
        let stack = StackRef::from(&self.stack);
        if self.dry_run {
            let preview = stacks
                .preview_update(&stack, update)
                .show_nested(self.show_nested);
            return Ok(Answer::Groups(groups(&preview.await?)));
        }
        context.changes.expect("UPDATE", &self.stack);
        if let Err(error) = stacks.update(&stack, update).await {
            return Err(context.changes.failed(error));
        }
        started(context, &stack, Action::Update, &self.waiting).await
    }
}

fn objects(resources: &[PreviewedResource]) -> Vec<Value> {
    let objects = resources.iter().map(|resource| resource.raw().into());
    objects.collect()
}

fn groups(changes: &ResourceChanges) -> Groups {
    Groups {
        title: "state",
        old_columns: &[
            ("resource_name", Layout::Plain),
            ("resource_type", Layout::Plain),
            ("resource_identity", Layout::Json),
        ],
        groups: vec![
            ("added", objects(&changes.added)),
            ("deleted", objects(&changes.deleted)),
            ("replaced", objects(&changes.replaced)),
            ("unchanged", objects(&changes.unchanged)),
            ("updated", objects(&changes.updated)),
        ],
    }
}

impl Args {
    async fn stack_update(&self, context: &Context) -> Result<StackUpdate, Failure> {
        let heat = &context.heat;
        if !self.existing && self.template.is_none() {
            let why = match context.is_old() {
                false => "Need to specify --template, or --existing to keep the stack's template",
                // The message of the old tool.
                true => {
                    "Need to specify exactly one of [--template-file, --template-url or --template-object] or --existing"
                }
            };
            return Err(Failure::Usage(why.to_owned()));
        }
        let inputs = self.change.inputs.clone();
        let declared = if self.template.is_none() && may_be_joined(&inputs.values.parameters) {
            declared_by(&self.stack, heat).await
        } else {
            None
        };
        let documents = Documents {
            template: self.template.as_ref(),
            inputs,
            hooks: Some((Hook::PreUpdate, &self.pre_update)),
            declared,
            ..Documents::default()
        };
        let package = documents.pack(heat).await?;
        let mut request = if self.existing {
            StackUpdate::existing().package(package)
        } else {
            let hidden = ask_for_hidden(&package).await?;
            StackUpdate::new(package).parameters(hidden)
        };
        for name in &self.clear_parameters {
            request = request.clear_parameter(name);
        }
        request = match self.rollback {
            Rollback::Enabled => request.rollback(true),
            Rollback::Disabled => request.rollback(false),
            Rollback::Keep => request,
        };
        Ok(apply!(request, &self.change).converge(self.converge))
    }
}

/// The parameters of a stack. If the template is kept, Heat ignores other parameters silently. None if the stack cannot
/// be fetched: the update reports why.
async fn declared_by(stack: &str, heat: &Client) -> Option<Names> {
    let stack = heat.stacks().get(stack).resolve_outputs(false).await;
    Some(stack.ok()?.parameters.keys().cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command_line::tests::read;

    #[test]
    fn both_spellings_mean_the_same() {
        for line in [
            "stack update s -t t --dry-run --pre-update a --pre-update b/c",
            "stack-update s -f t -y --pre-update a --pre-update b/c",
        ] {
            let read = read(line).unwrap();
            let args = if line.starts_with("stack-update") {
                read.arguments::<OldArgs>().into()
            } else {
                read.arguments::<Args>()
            };
            assert_eq!(args.pre_update, ["a", "b/c"], "{line}");
            assert!(args.dry_run, "{line}");
        }
    }
}
