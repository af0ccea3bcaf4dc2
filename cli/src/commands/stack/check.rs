//! `stack check`, of old `action-check`.

use heatclient::heat::Action;

use super::action::{ActionArgs, Begun};
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
    /// Name or id of the stack
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
        let begin = async |stack: &_| {
            Ok(Begun {
                result: stacks.check(stack).await,
                action: Action::Check,
            })
        };
        self.action.run(context, "CHECK", begin).await
    }
}
