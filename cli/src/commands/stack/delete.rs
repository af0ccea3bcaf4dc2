//! `stack delete` (old spelling: `stack-delete`).

use heatclient::heat::{Action, StackRef};

use crate::commands::context::{Context, concerns_one, stack_missing};
use crate::commands::spelling::{Command, OldSpelling};
use crate::commands::wait::{Waiting, wait_for_all};
use crate::exit::{Failure, several};
use crate::questions::confirmed;
use crate::render::Answer;

const QUESTION: &str = "Are you sure you want to delete this stack(s) [y/N]?";

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Stack names or IDs
    #[arg(value_name = "STACK", required = true)]
    stacks: Vec<String>,
    /// Do not ask for confirmation
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    waiting: Waiting,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldArgs {
    /// Stack names or IDs
    #[arg(value_name = "STACK", required = true)]
    stacks: Vec<String>,
    /// Do not ask for confirmation
    #[arg(short, long)]
    yes: bool,
}

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl From<OldArgs> for Args {
    fn from(old: OldArgs) -> Self {
        Self {
            stacks: old.stacks,
            yes: old.yes,
            waiting: Waiting::default(),
        }
    }
}

impl Command for Args {
    /// Prints an error for each stack that cannot be deleted, and goes on with the others. Waits for all of them at the
    /// same time.
    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        if !self.yes && !confirmed(QUESTION).await? {
            return Ok(Answer::Nothing);
        }
        let (mut accepted, mut failures) = (Vec::new(), Vec::new());
        for typed in &self.stacks {
            let stack = StackRef::from(typed);
            context.changes.expect("DELETE", typed);
            match context.heat.stacks().delete(&stack).await {
                Ok(()) => {
                    if context.is_old() {
                        context.print(Answer::Text(format!(
                            "Request to delete stack {typed} has been accepted."
                        )))?;
                    }
                    accepted.push((stack, Some(Action::Delete)));
                }
                Err(error) if concerns_one(&error) => {
                    let failure = context.change_failed(&stack_missing(typed), error);
                    context.report(&failure);
                    failures.push(failure);
                }
                Err(error) => return Err(context.changes.failed(error)),
            }
        }
        if self.waiting.wait {
            let ends = wait_for_all(context, &accepted, &self.waiting).await;
            failures.extend(ends.into_iter().filter_map(Result::err));
        }
        if !failures.is_empty() {
            return Err(several(&failures, self.stacks.len(), "delete"));
        }
        Ok(Answer::Nothing)
    }
}
