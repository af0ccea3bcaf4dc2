//! `stack wait`: waits for actions that were requested before.

use clap::ValueEnum;
use heatclient::heat::{Action, StackRef};

use super::action::{stacks, succeeded};
use crate::commands::context::Context;
use crate::commands::spelling::Command;
use crate::commands::wait::{Waiting, wait_for, wait_for_all};
use crate::exit::Failure;
use crate::options::ListFormat;
use crate::options::number::seconds;
use crate::render::{Answer, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Stack names or IDs
    #[arg(value_name = "STACK", required = true)]
    stacks: Vec<String>,
    /// The action to wait for; by default, until no action is in progress
    #[arg(long, value_enum, value_name = "ACTION")]
    action: Option<Wanted>,
    /// Accepted, because other commands have it.
    #[arg(long, hide = true)]
    wait: bool,
    /// Polling interval in seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    poll: Option<f64>,
    /// Timeout in seconds; the exit code is then 124
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    wait_timeout: Option<f64>,
    #[command(flatten)]
    format: ListFormat,
}

/// An action of Heat on a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Wanted {
    Create,
    Adopt,
    Update,
    Delete,
    Rollback,
    Suspend,
    Resume,
    Check,
    Snapshot,
    Restore,
}

impl From<Wanted> for Action {
    fn from(wanted: Wanted) -> Self {
        match wanted {
            Wanted::Create => Self::Create,
            Wanted::Adopt => Self::Adopt,
            Wanted::Update => Self::Update,
            Wanted::Delete => Self::Delete,
            Wanted::Rollback => Self::Rollback,
            Wanted::Suspend => Self::Suspend,
            Wanted::Resume => Self::Resume,
            Wanted::Check => Self::Check,
            Wanted::Snapshot => Self::Snapshot,
            Wanted::Restore => Self::Restore,
        }
    }
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(self.format.options())
    }

    /// Waits for all stacks at the same time, and prints those whose wait succeeded.
    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let waiting = Waiting {
            wait: true,
            poll: self.poll,
            wait_timeout: self.wait_timeout,
        };
        let action = self.action.map(Action::from);
        if let [stack] = self.stacks.as_slice() {
            let stack = wait_for(context, &stack.into(), action, &waiting).await?;
            return Ok(stacks(vec![stack.into_raw()]));
        }
        let named = self.stacks.iter();
        let named: Vec<_> = named
            .map(|stack| (StackRef::from(stack), action.clone()))
            .collect();
        let ends = wait_for_all(context, &named, &waiting).await;
        succeeded(context, ends, "wait for")
    }
}
