//! Waits until an action is complete, and prints its events on stderr.

use std::time::Duration;

use heatclient::ErrorKind;
use heatclient::heat::{Action, Stack, StackRef};

use super::event::log::EventLog;
use crate::commands::context::Context;
use crate::exit::Failure;
use crate::options::number::seconds;
use crate::remark::{Progress, say};

/// Options for waiting.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Waiting {
    /// Wait until the action is complete
    #[arg(long)]
    pub(crate) wait: bool,
    /// Polling interval in seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) poll: Option<f64>,
    /// Timeout of --wait in seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true, requires = "wait")]
    pub(crate) wait_timeout: Option<f64>,
}

/// What to print after a change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Then {
    /// The stack, after waiting if `--wait` is given.
    #[default]
    ShowStack,
    /// All stacks without waiting, as the old tool does.
    ListAll,
}

/// Waits until the action is complete, if `--wait` is given. Returns the stack in its final state.
pub(crate) async fn wait(
    context: &Context,
    stack: &StackRef,
    action: Action,
    waiting: &Waiting,
) -> Result<Option<Stack>, Failure> {
    if !waiting.wait {
        return Ok(None);
    }
    let mut wait = context
        .heat
        .stacks()
        .wait(stack, action.clone())
        .resolve_outputs(false);
    if let Some(seconds) = waiting.poll {
        wait = wait.interval(Duration::from_secs_f64(seconds));
    }
    if let Some(seconds) = waiting.wait_timeout {
        wait = wait.timeout(Duration::from_secs_f64(seconds));
    }
    let _progress = if context.quiet {
        None
    } else {
        let mut log = EventLog::default();
        wait = wait.on_event(move |event| say(&log.line(event)));
        Some(Progress::start(&format!("{action} of {stack}")))
    };
    tokio::select! {
        biased;
        result = wait => result.map(Some).map_err(|error| wait_error(error, stack)),
        _ = tokio::signal::ctrl_c() => Err(Failure::Interrupted(Some(format!(
            "interrupted; {action} of stack {stack} continues. {}",
            follow_it(stack)
        )))),
    }
}

/// The error of a failed wait. After a timeout the action continues.
fn wait_error(error: heatclient::Error, stack: &StackRef) -> Failure {
    match error.kind() {
        ErrorKind::WaitTimeout => Failure::Message(format!("{error}. {}", follow_it(stack))),
        _ => Failure::Heat(error),
    }
}

fn follow_it(stack: &StackRef) -> String {
    format!("Follow it with: heat stack event list --follow {stack}")
}
