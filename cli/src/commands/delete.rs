//! Deleting stacks.

use std::io::{self, IsTerminal as _, Write as _};

use heatclient::ErrorKind;
use heatclient::heat::{Action, StackRef};

use super::wait::wait;
use super::{Context, stack_not_found};
use crate::args::DeleteArgs;
use crate::exit::Failure;
use crate::remark::{one_line, say};

/// `stack delete`. Each stack that cannot be deleted is told on its own.
pub(super) async fn delete(context: &Context, args: DeleteArgs) -> Result<(), Failure> {
    delete_each(context, args, |_| Ok(())).await
}

/// Deletes the stacks, and tells of each one that Heat has agreed to delete.
pub(super) async fn delete_each(
    context: &Context,
    args: DeleteArgs,
    accepted: impl Fn(&str) -> Result<(), Failure>,
) -> Result<(), Failure> {
    if !args.yes && !confirmed()? {
        return Ok(());
    }
    let mut failed = 0;
    let mut begun = Vec::new();
    for typed in &args.stacks {
        let stack = StackRef::from(typed);
        context.changes.expect("DELETE", typed);
        match context.heat.stacks().delete(&stack).await {
            Ok(()) => {
                accepted(typed)?;
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
        match wait(context, stack, Action::Delete, &args.waiting).await {
            Err(Failure::Heat(error)) => {
                failed += 1;
                say(&one_line(&error.to_string()));
            }
            result => result?,
        }
    }
    if failed > 0 {
        return Err(Failure::Message(format!(
            "Unable to delete {failed} of the {} stacks.",
            args.stacks.len()
        )));
    }
    Ok(())
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
