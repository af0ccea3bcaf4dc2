//! `stack snapshot restore` (old spelling: `stack-restore`).

use heatclient::heat::{Action, StackRef};

use super::Selected;
use crate::commands::context::Context;
use crate::commands::spelling::Command;
use crate::commands::wait::{Waiting, wait};
use crate::exit::Failure;
use crate::render::Answer;

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    selected: Selected,
    #[command(flatten)]
    waiting: Waiting,
}

impl Command for Args {
    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let snapshot = &self.selected.snapshot;
        let stack = StackRef::from(&self.selected.stack);
        context.changes.expect("RESTORE", &self.selected.stack);
        let restored = context.heat.snapshots().restore(&stack, snapshot).await;
        let missing = match context.is_old() {
            true => self.selected.not_found_text(true),
            false => format!("Stack {stack} or snapshot {snapshot} not found."),
        };
        restored.map_err(|error| context.change_failed(&missing, error))?;
        wait(context, &stack, Action::Restore, &self.waiting).await?;
        Ok(Answer::Nothing)
    }
}
