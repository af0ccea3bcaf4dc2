//! Waiting until an action is done, with its events on stderr meanwhile.

use std::time::Duration;

use heatclient::heat::{Action, StackRef};

use super::Context;
use super::event_log::EventLog;
use crate::args::Waiting;
use crate::exit::Failure;
use crate::remark::{Progress, say};

/// Waits until the action is done, if that is asked for.
pub(super) async fn wait(
    context: &Context,
    stack: &StackRef,
    action: Action,
    waiting: &Waiting,
) -> Result<(), Failure> {
    if !waiting.wait {
        return Ok(());
    }
    let mut wait = context.heat.stacks().wait(stack, action.clone());
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
        result = wait => result.map(drop).map_err(Failure::Heat),
        _ = tokio::signal::ctrl_c() => Err(Failure::Interrupted(Some(format!(
            "interrupted; {action} of stack {stack} goes on. Look at it with: heat stack event list --follow {stack}"
        )))),
    }
}
