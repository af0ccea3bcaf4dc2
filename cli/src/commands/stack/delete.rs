//! `stack delete`, of old `stack-delete`.

use std::io::{self, IsTerminal as _, Write as _};

use heatclient::ErrorKind;
use heatclient::heat::{Action, StackRef};

use super::wait::{Waiting, wait};
use crate::commands::context::{Context, stack_not_found};
use crate::commands::spelling::{Command, OldSpelling};
use crate::exit::Failure;
use crate::remark::{one_line, say};
use crate::render::{Answer, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Names or ids of the stacks
    #[arg(value_name = "STACK", required = true)]
    stacks: Vec<String>,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    waiting: Waiting,
    /// Print each stack that Heat has agreed to delete.
    #[arg(skip)]
    print_accepted: bool,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldArgs {
    /// Names or ids of the stacks
    #[arg(value_name = "STACK", required = true)]
    stacks: Vec<String>,
    /// Do not ask
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
            print_accepted: true,
        }
    }
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        None
    }

    /// Each stack that cannot be deleted is told on its own.
    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        if !self.yes && !confirmed()? {
            return Ok(Answer::Nothing);
        }
        let mut failed = 0;
        let mut begun = Vec::new();
        for typed in &self.stacks {
            let stack = StackRef::from(typed);
            context.changes.expect("DELETE", typed);
            match context.heat.stacks().delete(&stack).await {
                Ok(()) => {
                    if self.print_accepted {
                        context.print(Answer::Text(format!(
                            "Request to delete stack {typed} has been accepted."
                        )))?;
                    }
                    begun.push(stack);
                }
                // Of one stack only; without Heat the others fare no better.
                Err(error) if matches!(error.kind(), ErrorKind::Status | ErrorKind::Config) => {
                    failed += 1;
                    say(&one_line(&stack_not_found(typed)(error).to_string()));
                }
                Err(error) => return Err(error.into()),
            }
        }
        for stack in &begun {
            match wait(context, stack, Action::Delete, &self.waiting).await {
                Err(Failure::Heat(error)) => {
                    failed += 1;
                    say(&one_line(&error.to_string()));
                }
                result => drop(result?),
            }
        }
        if failed > 0 {
            return Err(Failure::Message(format!(
                "Unable to delete {failed} of the {} stacks.",
                self.stacks.len()
            )));
        }
        Ok(Answer::Nothing)
    }
}

/// Asks, if there is somebody to answer.
fn confirmed() -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        return Ok(true);
    }
    let mut err = io::stderr();
    write!(err, "Are you sure you want to delete this stack(s) [y/N]? ")?;
    err.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(answer.trim_start().to_lowercase().starts_with('y'))
}
