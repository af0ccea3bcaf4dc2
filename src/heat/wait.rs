//! Waits until an action completes.
//!
//! Heat stores the new status of a stack before it answers the request for an action. So the status
//! alone shows whether the action is complete: no marker is needed, and waiting may start late.
//! There are three exceptions: an engine without convergence starts a delete a moment later; every
//! engine starts a rollback a moment later; and a stack that is `DELETE_COMPLETE` keeps its name
//! for a moment. And a replica of Heat's database may be behind. Such a status counts only after no other
//! one has followed for [`GRACE`](verdict::GRACE).
//!
//! `watch` holds the state of a wait, `verdict` judges statuses, `progress` is what callers see of it, `outcome` is the
//! source of errors, and `status` waits for snapshots and deployments.

mod outcome;
mod progress;
mod status;
mod verdict;
mod watch;

use std::collections::VecDeque;
use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

use futures::stream;

use crate::clock;
use crate::error::Result;
use crate::heat::StackRef;
use crate::heat::follow::Tail;
use crate::heat::model::{Action, Event, Stack};
use crate::heat::poller::Poller;
use crate::service::{ItemStream, Pace, ResponseFuture, Rounds};
use crate::session::Adapter;
use watch::{Step, Watch};

pub use progress::{ResourceProgress, WaitProgress};
pub use status::StatusWait;

/// Waits until an action of a stack completes. Made by [`Stacks::wait`](super::Stacks::wait) and
/// [`Stacks::wait_idle`](super::Stacks::wait_idle).
///
/// Await it for the stack with its outputs; for a delete, the last known stack. It returns at once
/// if the action is already complete. Restarts of Heat and Keystone, and other transient errors, are
/// [tolerated](Self::tolerate_errors_for). The stack is identified by its id, so another stack that gets
/// its name is not taken for it.
///
/// # Errors
/// - [`StackFailed`](crate::ErrorKind::StackFailed) if the action failed.
///   [`Error::failures`](crate::Error::failures) has the failed resources, also those in nested stacks,
///   with the logs of up to 10 failed software deployments. A failure that is rolled back is reported
///   after the rollback.
/// - `StackFailed` if another action superseded it: [`Error::superseded_by`](crate::Error::superseded_by).
///   This is [`Action::Delete`] if the stack was deleted.
/// - [`WaitTimeout`](crate::ErrorKind::WaitTimeout) if [`timeout`](Self::timeout) expires;
///   [`Error::last_status`](crate::Error::last_status) has the stack's status.
/// - [`is_not_found`](crate::Error::is_not_found) if the stack does not exist, and the errors of
///   [every request](crate::error#errors-of-every-request). For a delete a stack that does not exist is a
///   success, also if it never existed.
///
/// ```no_run
/// # async fn example(heat: heatclient::Client) -> heatclient::Result<()> {
/// use std::time::Duration;
/// use heatclient::heat::Action;
///
/// let stack = heat
///     .stacks()
///     .wait("web", Action::Create)
///     .timeout(Duration::from_secs(30 * 60))
///     .on_event(|event| eprintln!("{}: {}", event.resource_name, event.status))
///     .await?;
/// println!("{:?}", stack.output("address"));
/// # Ok(()) }
/// ```
#[must_use = "nothing is sent before it is awaited"]
pub struct Wait {
    adapter: Adapter,
    stack: StackRef,
    action: Option<Action>,
    timeout: Option<Duration>,
    rounds: Rounds,
    nested_depth: u32,
    resolve_outputs: bool,
    on_event: Option<OnEvent>,
    on_progress: Option<OnProgress>,
}

type OnEvent = Box<dyn FnMut(&Event) + Send>;
type OnProgress = Box<dyn FnMut(&WaitProgress) + Send>;

impl Wait {
    pub(super) fn new(adapter: Adapter, stack: StackRef, action: Option<Action>) -> Self {
        Self {
            adapter,
            stack,
            action,
            timeout: None,
            rounds: Rounds::new(Pace::growing()),
            nested_depth: 0,
            resolve_outputs: true,
            on_event: None,
            on_progress: None,
        }
    }

    /// The maximum time to wait. By default there is no limit while the action is in progress.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The polling interval. By default it grows from half a second to 5 s.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.rounds.interval(interval);
        self
    }

    /// How long errors are tolerated while Heat does not answer: no connection, a broken or late
    /// response, 408, 429, a server error other than 501, a 404 of a proxy, also for a login. By default
    /// 5 minutes. Requests are repeated after delays that grow to 10 s, partly random. Refused credentials
    /// and other errors are never tolerated. With zero, the first error ends the wait, after the
    /// retries of its own request.
    pub fn tolerate_errors_for(mut self, time: Duration) -> Self {
        self.rounds.tolerate_errors_for(time);
        self
    }

    /// Includes the events and resources of nested stacks, down to this number of levels.
    pub fn nested_depth(mut self, levels: u32) -> Self {
        self.nested_depth = levels;
        self
    }

    /// Whether to request the stack with the values of its outputs at the end; default: true.
    /// Otherwise the result is the stack of the last poll.
    pub fn resolve_outputs(mut self, resolve: bool) -> Self {
        self.resolve_outputs = resolve;
        self
    }

    /// Calls `f` with each event since the action began, oldest first.
    pub fn on_event(mut self, f: impl FnMut(&Event) + Send + 'static) -> Self {
        self.on_event = Some(Box::new(f));
        self
    }

    /// Calls `f` with the stack and its resources after each poll. This costs one request for each poll; Heat sends all
    /// resources each time. If they cannot be read, `f` gets those of the last time.
    pub fn on_progress(mut self, f: impl FnMut(&WaitProgress) + Send + 'static) -> Self {
        self.on_progress = Some(Box::new(f));
        self
    }

    /// The events since the action began, as a stream. It ends when the action completes, or with
    /// the error that awaiting would return.
    pub fn events(self) -> ItemStream<Event> {
        let state = (self.watch(true, false), VecDeque::new(), None);
        ItemStream::new(stream::try_unfold(
            state,
            |(mut watch, mut ready, mut end)| async move {
                loop {
                    if let Some(event) = ready.pop_front() {
                        return Ok(Some((event, (watch, ready, end))));
                    }
                    match end {
                        Some(Ok(_)) => return Ok(None),
                        Some(Err(error)) => return Err(error),
                        None => {
                            Step {
                                events: ready,
                                end,
                                ..
                            } = watch.next().await?;
                        }
                    }
                }
            },
        ))
    }

    fn watch(self, with_events: bool, with_resources: bool) -> Watch {
        let poller = Poller::new(self.adapter, self.stack, self.rounds);
        let tail = || {
            let poller = poller.with_rounds(Rounds::new(Pace::growing()));
            Tail::new(poller, self.nested_depth)
        };
        let tail = with_events.then(tail);
        let mut watch = Watch::new(poller, self.action);
        let deadline = |timeout| (timeout, clock::after(timeout));
        watch.limit = self.timeout.map(deadline);
        watch.resolve_outputs = self.resolve_outputs;
        watch.tail = tail;
        watch.resource_levels = with_resources.then_some(self.nested_depth);
        watch
    }
}

impl IntoFuture for Wait {
    type Output = Result<Stack>;
    type IntoFuture = ResponseFuture<Stack>;

    fn into_future(mut self) -> Self::IntoFuture {
        ResponseFuture::new(async move {
            let on_event = self.on_event.take();
            let on_progress = self.on_progress.take();
            let mut watch = self.watch(on_event.is_some(), on_progress.is_some());
            let mut on_event = on_event.unwrap_or_else(|| Box::new(|_| {}));
            let mut on_progress = on_progress.unwrap_or_else(|| Box::new(|_| {}));
            loop {
                let step = watch.next().await?;
                step.events.iter().for_each(&mut on_event);
                step.progress.iter().for_each(&mut on_progress);
                if let Some(end) = step.end {
                    return end;
                }
            }
        })
    }
}

impl fmt::Debug for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait")
            .field("stack", &self.stack)
            .field("action", &self.action)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, ErrorKind};
    use crate::heat::model::StackStatus;
    use crate::heat::testing::{answer, fake};

    /// The error of waiting for the create of a stack with this status. With an empty status Heat
    /// answers 503.
    async fn waited(status: &'static str, timeout: Duration) -> Error {
        let heat = fake(move |request| {
            if status.is_empty() {
                return answer(503, &serde_json::json!({}));
            }
            if request.uri().path().ends_with("/resources") {
                return answer(
                    200,
                    &serde_json::json!({"resources": [{
                        "resource_name": "server", "resource_type": "OS::Nova::Server",
                        "resource_status": "CREATE_FAILED", "resource_status_reason": "no host",
                    }]}),
                );
            }
            answer(
                200,
                &serde_json::json!({"stack": {
                    "id": "1", "stack_name": "web", "stack_status": status, "disable_rollback": true,
                }}),
            )
        });
        let wait = heat.stacks().wait("web/1", Action::Create).timeout(timeout);
        wait.await.unwrap_err()
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_ends_too_early_tells_the_last_status() {
        let error = waited("CREATE_IN_PROGRESS", Duration::from_secs(30)).await;
        assert_eq!(error.kind(), ErrorKind::WaitTimeout);
        assert!(error.is_timeout());
        assert_eq!(
            error.last_status(),
            Some(&StackStatus::from("CREATE_IN_PROGRESS"))
        );
        assert!(error.failures().is_empty());
        assert_eq!(
            error.to_string(),
            "wait for CREATE of stack \"web/1\": timed out after 30s; the stack is CREATE_IN_PROGRESS"
        );
        let unseen = waited("", Duration::from_secs(1)).await;
        assert_eq!(
            (unseen.kind(), unseen.last_status()),
            (ErrorKind::WaitTimeout, None)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_tells_the_last_status_and_the_resources() {
        let error = waited("CREATE_FAILED", Duration::from_secs(30)).await;
        assert_eq!(error.kind(), ErrorKind::StackFailed);
        assert_eq!(
            error.last_status(),
            Some(&StackStatus::from("CREATE_FAILED"))
        );
        let [failure] = error.failures() else {
            panic!("{:?}", error.failures());
        };
        assert_eq!(
            failure.to_string(),
            "resource server (OS::Nova::Server): no host"
        );
        assert!(failure.status.is_failed());
    }
}
