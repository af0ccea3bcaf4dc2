//! `stack snapshot list` (old spelling: `snapshot-list`).

use crate::commands::context::{Context, stack_not_found};
use crate::commands::spelling::{Command, OldSpelling};
use crate::exit::Failure;
use crate::options::ListFormat;
use crate::render::{Answer, List, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Stack name or ID
    stack: String,
    #[command(flatten)]
    format: ListFormat,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldArgs {
    /// Stack name or ID
    stack: String,
}

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl From<OldArgs> for Args {
    fn from(old: OldArgs) -> Self {
        Self {
            stack: old.stack,
            format: ListFormat::default(),
        }
    }
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(self.format.options())
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let snapshots = context.heat.snapshots().list(&self.stack).await;
        let snapshots = snapshots.map_err(stack_not_found(&self.stack))?;
        let columns = [
            "id",
            "name",
            "action",
            "status",
            "status_reason",
            "creation_time",
        ];
        let rows = snapshots.iter().map(|snapshot| snapshot.raw()).collect();
        Ok(Answer::List(List::new(&columns, rows).old_order("id")))
    }
}
