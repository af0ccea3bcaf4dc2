//! Waiting until an action is done, with its events on stderr meanwhile.

use std::io::IsTerminal as _;
use std::time::Duration;

use heatclient::heat::{Action, StackRef};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Context;
use super::event_log::EventLog;
use crate::args::Waiting;
use crate::exit::{Failure, say};
use crate::output::sanitize;

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
    let bar = progress(context, &format!("{action} of {stack}"));
    if !context.quiet {
        let bar = bar.clone();
        let mut log = EventLog::default();
        wait = wait.on_event(move |event| {
            let line = log.line(event);
            if bar.is_hidden() {
                say(&line);
            } else {
                bar.println(sanitize(&line));
            }
        });
    }
    let result = tokio::select! {
        biased;
        result = wait => result.map(drop).map_err(Failure::Heat),
        _ = tokio::signal::ctrl_c() => Err(Failure::Interrupted(Some(format!(
            "interrupted; {action} of stack {stack} goes on. Look at it with: heat stack event list --follow {stack}"
        )))),
    };
    bar.finish_and_clear();
    result
}

/// A sign of life, where somebody sees it.
fn progress(context: &Context, message: &str) -> ProgressBar {
    if context.quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
        bar.set_style(style);
    }
    bar.set_message(sanitize(message).into_owned());
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
