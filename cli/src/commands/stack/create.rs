//! `stack create` (old spelling: `stack-create`), and `stack-preview` for `stack create --dry-run`.

use clap::builder::NonEmptyStringValueParser;
use heatclient::Client;
use heatclient::heat::{Action, NewStack, StackRef};
use heatclient::template::Hook;

use super::list;
use super::show::{fetch, full, preview_layout, started};
use crate::commands::context::Context;
use crate::commands::spelling::{Command, OldSpelling};
use crate::commands::wait::{Waiting, wait};
use crate::documents::{Documents, ask_for_hidden};
use crate::exit::Failure;
use crate::options::number::seconds;
use crate::options::{
    ChangeArgs, OldMakeArgs, OldTemplateArgs, RecordFormat, Source, apply, required,
};
use crate::render::{Answer, OutputOptions, Record};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Stack name
    #[arg(value_name = "STACK")]
    name: String,

    /// Template (YAML or JSON): a file, a URL, or - for stdin
    #[arg(short, long, value_name = "FILE", value_parser = Source::file(), required = true)]
    template: Option<Source>,

    /// Pause before creating this resource until the hook is cleared; NESTED/NAME for a resource of a nested
    /// stack, wildcards allowed (repeatable)
    #[arg(long, value_name = "RESOURCE", value_parser = NonEmptyStringValueParser::new())]
    pre_create: Vec<String>,

    #[command(flatten)]
    change: ChangeArgs,

    /// Roll back if the operation fails
    #[arg(long)]
    enable_rollback: bool,

    /// Show what would be created, without creating it
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    waiting: Waiting,

    #[command(flatten)]
    format: RecordFormat,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldArgs {
    #[command(flatten)]
    new: OldNewArgs,
    /// Wait until the stack is created; optional polling interval in seconds
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "5", value_parser = seconds, allow_negative_numbers = true)]
    poll: Option<f64>,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldPreviewArgs {
    #[command(flatten)]
    new: OldNewArgs,
}

/// Options shared by `stack-create` and `stack-preview`.
#[derive(Clone, Debug, clap::Args)]
struct OldNewArgs {
    #[command(flatten)]
    make: OldMakeArgs,
    #[command(flatten)]
    template: OldTemplateArgs,
    /// Pause before creating this resource until the hook is cleared (repeatable)
    #[arg(long, value_name = "RESOURCE", value_parser = NonEmptyStringValueParser::new())]
    pre_create: Vec<String>,
}

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl OldSpelling for OldPreviewArgs {
    type Command = Args;
}

impl From<OldArgs> for Args {
    fn from(old: OldArgs) -> Self {
        Self {
            waiting: Waiting {
                wait: old.poll.is_some(),
                poll: old.poll,
                wait_timeout: None,
            },
            ..old.new.into()
        }
    }
}

impl From<OldPreviewArgs> for Args {
    fn from(old: OldPreviewArgs) -> Self {
        Self {
            dry_run: true,
            ..old.new.into()
        }
    }
}

impl From<OldNewArgs> for Args {
    fn from(old: OldNewArgs) -> Self {
        Self {
            change: old.make.change(),
            name: old.make.name,
            template: old.template.into(),
            pre_create: old.pre_create,
            enable_rollback: old.make.enable_rollback,
            dry_run: false,
            waiting: Waiting::default(),
            format: RecordFormat::default(),
        }
    }
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(self.format.options())
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let new = self.new_stack(&context.heat).await?;
        let stacks = context.heat.stacks();
        if self.dry_run {
            let preview = stacks.preview(new).await?;
            let mut record = Record::of(preview.into_raw(), |key| [preview_layout(key); 2]);
            record.0.sort_by(|a, b| a.name.cmp(&b.name));
            return Ok(Answer::Record(record));
        }
        context.changes.expect("CREATE", &self.name);
        let created = stacks.create(new).await;
        let created = created.map_err(|error| context.changes.failed(error))?;
        let stack = StackRef::from(&created);
        if context.is_old() {
            return self.list_and_watch(context, &stack).await;
        }
        started(context, &stack, Action::Create, &self.waiting).await
    }
}

impl Args {
    async fn new_stack(&self, heat: &Client) -> Result<NewStack, Failure> {
        let documents = Documents {
            template: Some(required(self.template.as_ref())?),
            inputs: self.change.inputs.clone(),
            hooks: Some((Hook::PreCreate, &self.pre_create)),
            ..Documents::default()
        };
        let package = documents.pack(heat).await?;
        let hidden = ask_for_hidden(&package).await?;
        let request = NewStack::new(&self.name, package).parameters(hidden);
        Ok(apply!(request, &self.change).rollback(self.enable_rollback))
    }

    /// Prints what the old tool prints after creating: all stacks; with `--poll` also the new one, before and after waiting.
    async fn list_and_watch(&self, context: &Context, stack: &StackRef) -> Result<Answer, Failure> {
        let all = list::all(context).await?;
        if !self.waiting.wait {
            return Ok(all);
        }
        context.print(all)?;
        let show = async || {
            let stack = fetch(context, stack, true).await?;
            context.print(Answer::Record(full(stack, true)))
        };
        show().await?;
        let waited = wait(context, stack, Action::Create, &self.waiting).await;
        show().await?;
        waited?;
        let end = format!("\n Stack {} CREATE_COMPLETE \n", self.name);
        Ok(Answer::Text(end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command_line::tests::read;

    #[test]
    fn letters_of_the_old_tool_keep_their_meaning() {
        let read = read("stack-create -f t -Pf k=file -P a=1;b=2;c -t 5 --poll 2 web").unwrap();
        let args = Args::from(read.arguments::<OldArgs>());
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(args.waiting.poll, Some(2.0));
        assert_eq!(args.change.timeout, Some(5));
        let values = args.change.inputs.values;
        assert_eq!(values.parameter_files, [pair("k", "file")]);
        assert_eq!(values.parameters, [pair("a", "1;b=2;c")]);
    }

    #[test]
    fn both_spellings_mean_the_same() {
        for line in [
            "stack create s -t t --pre-create a --pre-create b/c",
            "stack-create s -f t --pre-create a --pre-create b/c",
            "stack-preview s -f t --pre-create a --pre-create b/c",
        ] {
            let read = read(line).unwrap();
            let args = match line.split_once(' ') {
                Some(("stack-create", _)) => read.arguments::<OldArgs>().into(),
                Some(("stack-preview", _)) => read.arguments::<OldPreviewArgs>().into(),
                _ => read.arguments::<Args>(),
            };
            assert_eq!(args.pre_create, ["a", "b/c"], "{line}");
            assert_eq!(args.dry_run, line.starts_with("stack-preview"), "{line}");
        }
    }
}
