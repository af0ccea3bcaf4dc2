//! Suspending, resuming, checking, cancelling.

use heatclient::heat::{Action, StackRef};

use super::wait::wait;
use super::{Context, list, show, stack_not_found};
use crate::args::ActionArgs;
use crate::exit::Failure;
use crate::printer::Printer;

/// What is done to stacks.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Suspend,
    Resume,
    Check,
    Cancel { no_rollback: bool },
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Suspend => "SUSPEND",
            Self::Resume => "RESUME",
            Self::Check => "CHECK",
            Self::Cancel { .. } => "CANCEL",
        }
    }
}

/// `stack suspend`, `stack resume`, `stack check`, `stack cancel`: one stack after the other.
pub(super) async fn act(context: &Context, kind: Kind, args: ActionArgs) -> Result<(), Failure> {
    let printer = Printer::new(args.format.options())?;
    let mut stacks = Vec::new();
    for typed in &args.stacks {
        let stack = StackRef::from(typed);
        context.changes.expect(kind.name(), typed);
        let action = begin(context, kind, &stack).await?;
        wait(context, &stack, action, &args.waiting).await?;
        stacks.push(show::fetch(context, &stack, false).await?);
    }
    let columns = [
        "ID",
        "Stack Name",
        "Stack Status",
        "Creation Time",
        "Updated Time",
    ];
    printer.list(&list::table(
        &columns,
        stacks.iter().map(|stack| stack.raw()),
    ))
}

/// Begins it, and says what to wait for.
async fn begin(context: &Context, kind: Kind, stack: &StackRef) -> Result<Action, Failure> {
    let stacks = context.heat.stacks();
    let (begun, action) = match kind {
        Kind::Suspend => (stacks.suspend(stack).await, Action::Suspend),
        Kind::Resume => (stacks.resume(stack).await, Action::Resume),
        Kind::Check => (stacks.check(stack).await, Action::Check),
        Kind::Cancel { no_rollback } => {
            let status = show::fetch(context, stack, false).await?.status;
            match (&status.action, no_rollback) {
                (Action::Update, false) if status.is_in_progress() => {
                    (stacks.cancel_update(stack).await, Action::Rollback)
                }
                (Action::Create | Action::Update, true) if status.is_in_progress() => {
                    (stacks.cancel_without_rollback(stack).await, status.action)
                }
                _ => {
                    return Err(Failure::Message(format!(
                        "Stack {stack} with status '{}' not in cancelable state",
                        status.to_string().to_lowercase()
                    )));
                }
            }
        }
    };
    begun.map_err(stack_not_found(&stack.to_string()))?;
    Ok(action)
}
