//! What follows once Heat has accepted a change: waiting until it is done, with its events on stderr meanwhile.

use std::time::Duration;

use heatclient::heat::{Action, Stack, StackRef};

use super::event::log::EventLog;
use crate::commands::context::Context;
use crate::exit::Failure;
use crate::options::number::seconds;
use crate::remark::{Progress, say};

/// Whether, how often and how long to look until it is done.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Waiting {
    /// Wait until it is done
    #[arg(long)]
    pub(crate) wait: bool,
    /// Seconds between two looks
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) poll: Option<f64>,
    /// Wait no longer than this
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true, requires = "wait")]
    pub(crate) wait_timeout: Option<f64>,
}

/// What is shown after a change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Then {
    /// The stack, after waiting if that is asked for.
    #[default]
    ShowStack,
    /// All stacks, at once: the old tool's way.
    ListAll,
}

/// Waits until the action is done, if that is asked for. Returns the stack as it is then.
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
        result = wait => result.map(Some).map_err(Failure::Heat),
        _ = tokio::signal::ctrl_c() => Err(Failure::Interrupted(Some(format!(
            "interrupted; {action} of stack {stack} goes on. Look at it with: heat stack event list --follow {stack}"
        )))),
    }
}
