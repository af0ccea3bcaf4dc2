//! `stack hook poll` (old spelling: `hook-poll`).

use heatclient::heat::{PendingHook, StackRef};

use super::check;
use crate::commands::context::{Context, stack_not_found};
use crate::commands::spelling::{Command, OldSpelling};
use crate::commands::stack::event::list::with_stack_name;
use crate::exit::Failure;
use crate::options::ListFormat;
use crate::options::number::whole;
use crate::render::{Answer, List, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Stack name or ID
    stack: String,
    /// Include the hooks of nested stacks, down to this depth
    #[arg(long, value_name = "LEVELS", value_parser = whole::<u32>, allow_negative_numbers = true)]
    nested_depth: Option<u32>,
    #[command(flatten)]
    format: ListFormat,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldArgs {
    /// Stack name or ID
    stack: String,
    /// Include the hooks of nested stacks, down to this depth
    #[arg(short, long, value_name = "LEVELS", value_parser = whole::<u32>, allow_negative_numbers = true)]
    nested_depth: Option<u32>,
}

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl From<OldArgs> for Args {
    fn from(old: OldArgs) -> Self {
        Self {
            stack: old.stack,
            nested_depth: old.nested_depth,
            format: ListFormat::default(),
        }
    }
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(self.format.options())
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let stack = StackRef::from(&self.stack);
        check(context, &stack, false).await?;
        let levels = self.nested_depth.unwrap_or_default();
        let hooks = context.heat.hooks().poll(&stack).nested_depth(levels).await;
        let hooks = hooks.map_err(stack_not_found(&self.stack))?;
        let row = |hook: PendingHook| with_stack_name(hook.event.raw(), hook.event.stack());
        let mut columns = vec![
            "Resource Name",
            "ID",
            "Resource Status Reason",
            "Resource Status",
            "Event Time",
        ];
        let mut old_columns = vec![
            "resource_name",
            "id",
            "resource_status_reason",
            "resource_status",
            "event_time",
        ];
        if self.nested_depth.is_some() {
            columns.push("Stack Name");
            old_columns.push("stack_name");
        }
        Ok(Answer::List(List {
            layouts: Vec::new(),
            columns,
            old_columns,
            old_order: None,
            rows: hooks.into_iter().map(row).collect(),
        }))
    }
}
