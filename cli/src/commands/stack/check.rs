//! `stack check` (old spelling: `action-check`).

use heatclient::heat::Action;

use super::action::{ActionArgs, Started};
use crate::commands::context::Context;
use crate::commands::spelling::{Command, OldSpelling};
use crate::exit::Failure;
use crate::render::{Answer, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
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
        }
    }
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(self.action.format.options())
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let stacks = context.heat.stacks();
        let start = async |stack: &_| {
            Ok(Started {
                result: stacks.check(stack).await,
                action: Action::Check,
            })
        };
        self.action.run(context, "CHECK", start).await
    }
}
