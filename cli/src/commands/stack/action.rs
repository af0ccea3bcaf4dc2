//! Actions on stacks that exist: one stack after the other.

use heatclient::heat::{Action, StackRef};

use super::list;
use super::show::fetch;
use super::wait::{Then, Waiting, wait};
use crate::commands::context::{Context, stack_not_found};
use crate::exit::Failure;
use crate::options::ListFormat;
use crate::render::{Answer, List};

/// What `stack suspend`, `resume`, `check` and `cancel` take.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct ActionArgs {
    /// Names or ids of the stacks
    #[arg(value_name = "STACK", required = true)]
    stacks: Vec<String>,
    #[command(flatten)]
    waiting: Waiting,
    #[command(flatten)]
    pub(super) format: ListFormat,
    #[arg(skip)]
    then: Then,
}

impl ActionArgs {
    /// What the old spellings mean: they take one stack.
    pub(super) fn old(stack: String) -> Self {
        Self {
            stacks: vec![stack],
            waiting: Waiting::default(),
            format: ListFormat::default(),
            then: Then::ListAll,
        }
    }

    /// Begins the action of this name with each stack. `begin` says what to wait for.
    pub(super) async fn run(
        &self,
        context: &Context,
        name: &'static str,
        begin: impl AsyncFn(&StackRef) -> Result<Begun, Failure>,
    ) -> Result<Answer, Failure> {
        let mut rows = Vec::new();
        for typed in &self.stacks {
            let stack = StackRef::from(typed);
            context.changes.expect(name, typed);
            let begun = begin(&stack).await?;
            begun.result.map_err(stack_not_found(typed))?;
            if self.then == Then::ShowStack {
                let shown = match wait(context, &stack, begun.action, &self.waiting).await? {
                    Some(shown) => shown,
                    None => fetch(context, &stack, false).await?,
                };
                rows.push(shown.into_raw());
            }
        }
        if self.then == Then::ListAll {
            return list::all(context).await;
        }
        let columns = [
            "ID",
            "Stack Name",
            "Stack Status",
            "Creation Time",
            "Updated Time",
        ];
        Ok(Answer::List(List::new(&columns, rows)))
    }
}

/// Heat's answer, and what to wait for if it is good.
#[derive(Debug)]
pub(super) struct Begun {
    pub(super) result: heatclient::Result<()>,
    pub(super) action: Action,
}
