//! Actions on existing stacks: started one after the other, and waited for at the same time.

use heatclient::heat::{Action, Stack, StackRef};
use serde_json::{Map, Value};

use super::list;
use super::show::fetch;
use crate::commands::context::{Context, concerns_one, stack_missing};
use crate::commands::wait::{Waiting, wait, wait_for_all};
use crate::exit::{Failure, several};
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
}

impl ActionArgs {
    /// The arguments of the old spellings, which take one stack.
    pub(super) fn old(stack: String) -> Self {
        Self {
            stacks: vec![stack],
            waiting: Waiting::default(),
            format: ListFormat::default(),
        }
    }

    /// Starts the action of this name on each stack. `start` sends the request and returns what to wait for. Of several stacks,
    /// each failure is printed, and the others go on.
    pub(super) async fn run(
        &self,
        context: &Context,
        name: &'static str,
        start: impl AsyncFn(&StackRef) -> Result<Started, Failure>,
    ) -> Result<Answer, Failure> {
        if let [typed] = self.stacks.as_slice() {
            let stack = StackRef::from(typed);
            let action = begun(context, name, typed, &start).await;
            let action = action.map_err(|refused| refused.failure)?;
            if context.is_old() {
                return list::all(context).await;
            }
            let shown = match wait(context, &stack, action, &self.waiting).await? {
                Some(shown) => shown,
                None => fetch(context, &stack, false).await?,
            };
            return Ok(stacks(vec![shown.into_raw()]));
        }
        let (mut accepted, mut refused) = (Vec::new(), Vec::new());
        for typed in &self.stacks {
            match begun(context, name, typed, &start).await {
                Ok(action) => accepted.push((StackRef::from(typed), Some(action))),
                Err(Refused {
                    failure,
                    concerns_one: true,
                }) => {
                    context.report(&failure);
                    refused.push(Err(failure));
                }
                Err(Refused { failure, .. }) => return Err(failure),
            }
        }
        let mut ends = if self.waiting.wait {
            wait_for_all(context, &accepted, &self.waiting).await
        } else {
            let mut shown = Vec::new();
            for (stack, _) in &accepted {
                let stack = fetch(context, stack, false).await;
                shown.push(stack.inspect_err(|failure| context.report(failure)));
            }
            shown
        };
        ends.extend(refused);
        succeeded(context, ends, &name.to_lowercase())
    }
}

/// Why an action has not begun.
struct Refused {
    failure: Failure,
    /// Whether the other stacks may be tried.
    concerns_one: bool,
}

/// Starts the action on one stack, and returns what to wait for.
async fn begun(
    context: &Context,
    name: &'static str,
    typed: &str,
    start: impl AsyncFn(&StackRef) -> Result<Started, Failure>,
) -> Result<Action, Refused> {
    context.changes.expect(name, typed);
    let started = start(&StackRef::from(typed)).await;
    let started = started.map_err(|failure| Refused {
        concerns_one: !matches!(&failure, Failure::Heat(error) if !concerns_one(error)),
        failure,
    })?;
    match started.result {
        Ok(()) => Ok(started.action),
        Err(error) => Err(Refused {
            concerns_one: concerns_one(&error),
            failure: context.change_failed(&stack_missing(typed), error),
        }),
    }
}

/// The stacks of the actions that succeeded. If others failed, whose failures are printed already, it prints the stacks,
/// and fails. `verb`: "suspend".
pub(super) fn succeeded(
    context: &Context,
    ends: Vec<Result<Stack, Failure>>,
    verb: &str,
) -> Result<Answer, Failure> {
    let all = ends.len();
    let (mut rows, mut failures) = (Vec::new(), Vec::new());
    for end in ends {
        match end {
            Ok(stack) => rows.push(stack.into_raw()),
            Err(failure) => failures.push(failure),
        }
    }
    if failures.is_empty() {
        return Ok(stacks(rows));
    }
    if !rows.is_empty() {
        context.print(stacks(rows))?;
    }
    Err(several(&failures, all, verb))
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
