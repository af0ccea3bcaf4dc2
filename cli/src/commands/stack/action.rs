//! Actions on existing stacks, one stack after the other.

use heatclient::heat::{Action, StackRef};
use serde_json::{Map, Value};

use super::list;
use super::show::fetch;
use crate::commands::context::{Context, stack_not_found};
use crate::commands::wait::{Then, Waiting, wait};
use crate::exit::Failure;
use crate::options::ListFormat;
use crate::render::{Answer, List};

/// The arguments of `stack suspend`, `resume`, `check` and `cancel`.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct ActionArgs {
    /// Stack names or IDs
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
    /// The arguments of the old spellings, which take one stack.
    pub(super) fn old(stack: String) -> Self {
        Self {
            stacks: vec![stack],
            waiting: Waiting::default(),
            format: ListFormat::default(),
            then: Then::ListAll,
        }
    }

    /// Starts the action of this name on each stack. `start` sends the request and returns what to wait for.
    pub(super) async fn run(
        &self,
        context: &Context,
        name: &'static str,
        start: impl AsyncFn(&StackRef) -> Result<Started, Failure>,
    ) -> Result<Answer, Failure> {
        let mut rows = Vec::new();
        for typed in &self.stacks {
            let stack = StackRef::from(typed);
            context.changes.expect(name, typed);
            let started = start(&stack).await?;
            if let Err(error) = started.result {
                return Err(match error.is_not_found() {
                    true => stack_not_found(typed)(error),
                    false => context.changes.failed(error),
                });
            }
            if self.then == Then::ShowStack {
                let shown = match wait(context, &stack, started.action, &self.waiting).await? {
                    Some(shown) => shown,
                    None => fetch(context, &stack, false).await?,
                };
                rows.push(shown.into_raw());
            }
        }
        if self.then == Then::ListAll {
            return list::all(context).await;
        }
        Ok(stacks(rows))
    }
}

/// A list of stacks.
pub(super) fn stacks(rows: Vec<Map<String, Value>>) -> Answer {
    let columns = [
        "ID",
        "Stack Name",
        "Stack Status",
        "Creation Time",
        "Updated Time",
    ];
    Answer::List(List::new(&columns, rows))
}

/// The result of the request, and the action to wait for.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) result: heatclient::Result<()>,
    pub(super) action: Action,
}

/// Defines a command that starts the same action on each stack: its arguments, those of its old spelling and its `run`.
macro_rules! command {
    ($method:ident, $action:ident, $name:literal) => {
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
                        result: stacks.$method(stack).await,
                        action: Action::$action,
                    })
                };
                self.action.run(context, $name, start).await
            }
        }
    };
}
pub(super) use command;
