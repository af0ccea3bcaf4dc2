//! `stack cancel` (old spelling: `stack-cancel-update`).

use heatclient::heat::{Action, StackRef};

use super::action::{ActionArgs, Started};
use super::show::fetch;
use crate::commands::context::Context;
use crate::commands::spelling::{Command, OldSpelling};
use crate::exit::Failure;
use crate::render::{Answer, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Do not roll back; keep the resources as they are (the only way to cancel a creation)
    #[arg(long)]
    no_rollback: bool,
    #[command(flatten)]
    action: ActionArgs,
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
            action: ActionArgs::old(old.stack),
            no_rollback: false,
        }
    }
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(self.action.format.options())
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let start = async |stack: &_| self.start(context, stack).await;
        self.action.run(context, "CANCEL", start).await
    }
}

impl Args {
    async fn start(&self, context: &Context, stack: &StackRef) -> Result<Started, Failure> {
        let stacks = context.heat.stacks();
        // The old tool does not check the status first: Heat refuses what cannot be cancelled.
        if context.is_old() {
            return Ok(Started {
                result: stacks.cancel_update(stack).await,
                action: Action::Rollback,
            });
        }
        let status = fetch(context, stack, false).await?.status;
        let in_progress = status.is_in_progress();
        match (&status.action, self.no_rollback) {
            (Action::Update, false) if in_progress => Ok(Started {
                result: stacks.cancel_update(stack).await,
                action: Action::Rollback,
            }),
            (Action::Create | Action::Update, true) if in_progress => Ok(Started {
                result: stacks.cancel_without_rollback(stack).await,
                action: status.action,
            }),
            (action, _) => {
                let advice = match action {
                    Action::Create if in_progress => "; use --no-rollback to cancel a creation",
                    _ => "",
                };
                Err(Failure::Message(format!(
                    "Stack {stack} with status '{}' not in cancelable state{advice}",
                    status.to_string().to_lowercase()
                )))
            }
        }
    }
}
