//! `stack snapshot delete` (old spelling: `snapshot-delete`).

use super::Selected;
use crate::commands::context::Context;
use crate::commands::spelling::Command;
use crate::exit::Failure;
use crate::questions::confirmed;
use crate::render::Answer;

const QUESTION: &str = "Are you sure you want to delete the snapshot of this stack [Y/N]?";

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    selected: Selected,
    /// Do not ask for confirmation
    #[arg(short, long)]
    yes: bool,
}

impl Command for Args {
    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        if !self.yes && !confirmed(QUESTION).await? {
            return Ok(Answer::Nothing);
        }
        let Selected { stack, snapshot } = &self.selected;
        context.changes.expect_other(
            format!("snapshot {snapshot} of stack {stack} may have been deleted"),
            ["stack snapshot list", "snapshot-list"],
            &[stack],
        );
        let deleted = context.heat.snapshots().delete(stack, snapshot).await;
        let missing = self.selected.not_found_text(context.is_old());
        deleted.map_err(|error| context.change_failed(&missing, error))?;
        Ok(match context.is_old() {
            true => Answer::Text(format!(
                "Request to delete the snapshot {snapshot} of the stack {stack} has been accepted."
            )),
            false => Answer::Nothing,
        })
    }
}
