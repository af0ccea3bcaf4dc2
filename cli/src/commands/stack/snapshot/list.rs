//! `stack snapshot list` (old spelling: `snapshot-list`).

use crate::commands::context::{Context, stack_not_found};
use crate::commands::spelling::Command;
use crate::exit::Failure;
use crate::options::{ListFormat, OutputFormat};
use crate::render::{Answer, List, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args<F: OutputFormat = ListFormat> {
    /// Stack name or ID
    stack: String,
    #[command(flatten)]
    format: F,
}

impl<F: OutputFormat> Command for Args<F> {
    fn format(&self) -> Option<OutputOptions> {
        self.format.output()
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
