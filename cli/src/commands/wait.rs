//! Waiting: the options, live progress on a terminal or event lines on stderr, and what the user can do if the wait ends
//! before the action.

use std::time::Duration;

use futures::future::join_all;
use heatclient::ErrorKind;
use heatclient::heat::{Action, SoftwareDeployment, Stack, StackRef};

use super::context::{Context, stack_not_found};
use super::stack::event::log::EventLog;
use crate::exit::Failure;
use crate::options::number::seconds;
use crate::progress::{Progress, is_possible};
use crate::remark::say_event;

/// The depth of nested stacks in live progress: Heat's default maximum.
const NESTED_DEPTH: u32 = 5;

/// Options for waiting.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Waiting {
    /// Wait until the action is complete
    #[arg(long)]
    pub(crate) wait: bool,
    /// Polling interval in seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) poll: Option<f64>,
    /// Timeout of --wait in seconds; the exit code is then 124
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true, requires = "wait")]
    pub(crate) wait_timeout: Option<f64>,
}

/// Waits until the action is complete, if `--wait` is given. Returns the stack in its final state.
pub(crate) async fn wait(
    context: &Context,
    stack: &StackRef,
    action: Action,
    waiting: &Waiting,
) -> Result<Option<Stack>, Failure> {
    match waiting.wait {
        true => wait_for(context, stack, Some(action), waiting)
            .await
            .map(Some),
        false => Ok(None),
    }
}

/// Waits for several stacks at the same time, as [`wait_for`] does: each with its action. The session bounds the number of
/// requests. Prints the failure of each when it occurs. The results have the order of the stacks.
pub(crate) async fn wait_for_all(
    context: &Context,
    stacks: &[(StackRef, Option<Action>)],
    waiting: &Waiting,
) -> Vec<Result<Stack, Failure>> {
    let waits = stacks.iter().map(async |(stack, action)| {
        let end = wait_for(context, stack, action.clone(), waiting).await;
        end.inspect_err(|failure| context.report(failure))
    });
    join_all(waits).await
}

/// Waits until the action is complete; without an action, until none is in progress. Returns the stack in its final
/// state.
pub(crate) async fn wait_for(
    context: &Context,
    stack: &StackRef,
    action: Option<Action>,
    waiting: &Waiting,
) -> Result<Stack, Failure> {
    let name = stack.to_string();
    let waited = context.changes.wait(action.as_ref(), &name);
    let stacks = context.heat.stacks();
    let (mut wait, request) = match action {
        Some(action) => {
            let request = format!("{action} requested");
            (stacks.wait(stack, action), request)
        }
        None => (stacks.wait_idle(stack), "waiting".to_owned()),
    };
    wait = wait.resolve_outputs(false);
    if let Some(seconds) = waiting.poll {
        wait = wait.interval(Duration::from_secs_f64(seconds));
    }
    if let Some(seconds) = waiting.wait_timeout {
        wait = wait.timeout(Duration::from_secs_f64(seconds));
    }
    let is_live = !context.quiet && is_possible();
    let progress = is_live.then(|| Progress::start(&name, &request));
    if let Some(progress) = &progress {
        wait = wait
            .nested_depth(NESTED_DEPTH)
            .on_progress(progress.updates());
    } else if !context.quiet {
        let mut log = EventLog::default();
        wait = wait.on_event(move |event| say_event(&log.line(event)));
    }
    let result = wait.await;
    match &result {
        Ok(stack) => {
            if let Some(progress) = &progress {
                progress.ended(&stack.status, &stack.status_reason);
            }
        }
        Err(error) if error.kind() == ErrorKind::WaitTimeout => {
            let advice = waited.advice();
            return Err(Failure::Timeout(format!("{error}. {advice}")));
        }
        Err(_) => {}
    }
    waited.ended();
    result.map_err(stack_not_found(&name))
}

/// Waits until a software deployment is complete, if `--wait` is given. Returns it in its final state.
pub(crate) async fn wait_for_deployment(
    context: &Context,
    id: &str,
    waiting: &Waiting,
) -> Result<Option<SoftwareDeployment>, Failure> {
    if !waiting.wait {
        return Ok(None);
    }
    let advice = context.changes.wait_for_deployment(id);
    let mut wait = context.heat.software_deployments().wait(id);
    if let Some(seconds) = waiting.poll {
        wait = wait.interval(Duration::from_secs_f64(seconds));
    }
    if let Some(seconds) = waiting.wait_timeout {
        wait = wait.timeout(Duration::from_secs_f64(seconds));
    }
    let is_live = !context.quiet && is_possible();
    let _progress = is_live.then(|| Progress::start("deployment", id));
    wait.await.map(Some).map_err(|error| match error.kind() {
        ErrorKind::WaitTimeout => Failure::Timeout(format!("{error}. {advice}")),
        _ => Failure::Heat(error),
    })
}
