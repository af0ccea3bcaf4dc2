//! `stack snapshot delete` (old spelling: `snapshot-delete`).

use super::Selected;
use crate::commands::context::{Context, not_found};
use crate::commands::spelling::{Command, OldSpelling};
use crate::exit::Failure;
use crate::questions::confirmed;
use crate::render::{Answer, OutputOptions};

const QUESTION: &str = "Are you sure you want to delete the snapshot of this stack [Y/N]?";

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    selected: Selected,
    /// Do not ask for confirmation
    #[arg(short, long)]
    yes: bool,
    #[arg(skip)]
    is_old: bool,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldArgs {
    #[command(flatten)]
    args: Args,
}

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl From<OldArgs> for Args {
    fn from(old: OldArgs) -> Self {
        Self {
            is_old: true,
            ..old.args
        }
    }
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        None
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        if !self.yes && !confirmed(QUESTION).await? {
            return Ok(Answer::Nothing);
        }
        let Selected { stack, snapshot } = &self.selected;
        context.changes.expect_other(
            format!("snapshot {snapshot} of stack {stack} may have been deleted"),
            format!("stack snapshot list {stack}"),
        );
        let deleted = context.heat.snapshots().delete(stack, snapshot).await;
        let missing = self.selected.not_found_text(self.is_old);
        deleted.map_err(|error| not_found(&missing, error))?;
        Ok(match self.is_old {
            true => Answer::Text(format!(
                "Request to delete the snapshot {snapshot} of the stack {stack} has been accepted."
            )),
            false => Answer::Nothing,
        })
    }
}
