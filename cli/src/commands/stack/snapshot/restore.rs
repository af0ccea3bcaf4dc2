//! `stack snapshot restore` (old spelling: `stack-restore`).

use heatclient::heat::{Action, StackRef};

use super::Selected;
use crate::commands::context::{Context, not_found};
use crate::commands::spelling::{Command, OldSpelling};
use crate::commands::wait::{Waiting, wait};
use crate::exit::Failure;
use crate::render::{Answer, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    selected: Selected,
    #[command(flatten)]
    waiting: Waiting,
    #[arg(skip)]
    is_old: bool,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldArgs {
    #[command(flatten)]
    selected: Selected,
    #[command(flatten)]
    waiting: Waiting,
}

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl From<OldArgs> for Args {
    fn from(old: OldArgs) -> Self {
        Self {
            selected: old.selected,
            waiting: old.waiting,
            is_old: true,
        }
    }
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        None
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let snapshot = &self.selected.snapshot;
        let stack = StackRef::from(&self.selected.stack);
        context.changes.expect("RESTORE", &self.selected.stack);
        let restored = context.heat.snapshots().restore(&stack, snapshot).await;
        let missing = match self.is_old {
            true => self.selected.not_found_text(true),
            false => format!("Stack {stack} or snapshot {snapshot} not found."),
        };
        restored.map_err(|error| not_found(&missing, error))?;
        wait(context, &stack, Action::Restore, &self.waiting).await?;
        Ok(Answer::Nothing)
    }
}
