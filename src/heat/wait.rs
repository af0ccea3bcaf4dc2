//! Waits until an action completes.
//!
//! Heat stores the new status of a stack before it answers the request for an action. So the status
//! alone shows whether the action is complete: no marker is needed, and waiting may start late.
//! There are three exceptions: an engine without convergence starts a delete a moment later; every
//! engine starts a rollback a moment later; and a stack that is `DELETE_COMPLETE` keeps its name
//! for a moment. Such a status counts only after it has not changed for [`GRACE`].

mod failure;
mod outcome;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

use futures::stream;
use tokio::time::{sleep, timeout_at};

use crate::clock::{self, Instant};
use crate::error::{Error, ErrorKind, Result};
use crate::heat::follow::Tail;
use crate::heat::model::{Action, Event, Stack, StackStatus, Status};
use crate::heat::{Events, SortDir, StackRef, Stacks};
use crate::service::{ErrorTolerance, ItemStream, Pace, ResponseFuture};
use crate::session::Adapter;
use outcome::Outcome;

pub use outcome::ResourceFailure;

/// How long a status must not change if another one may follow.
const GRACE: Duration = Duration::from_secs(5);

/// Waits until an action of a stack completes. Made by [`Stacks::wait`].
///
/// Await it for the stack with its outputs; for a delete, the last known stack. It returns at once
/// if the action is already complete. Transient network and server errors are retried.
///
/// # Errors
/// [`ErrorKind::StackFailed`] if the action failed or another action superseded it.
/// [`Error::failures`] has the failed resources. A failure that is rolled back is reported after
/// the rollback. [`ErrorKind::WaitTimeout`] if [`timeout`](Self::timeout) expires;
/// [`Error::last_status`] has the stack's status. And those of
/// [every request](crate::error#errors-of-every-request).
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
    action: Action,
    timeout: Option<Duration>,
    pace: Pace,
    nested_depth: u32,
    resolve_outputs: bool,
    on_event: Option<OnEvent>,
}

type OnEvent = Box<dyn FnMut(&Event) + Send>;

impl Wait {
    pub(super) fn new(adapter: Adapter, stack: StackRef, action: Action) -> Self {
        Self {
            adapter,
            stack,
            action,
            timeout: None,
            pace: Pace::growing(),
            nested_depth: 0,
            resolve_outputs: true,
            on_event: None,
        }
    }

    /// The maximum time to wait. By default there is no limit while the action is in progress.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The polling interval. By default it grows from half a second to 5 s.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.pace = Pace::fixed(interval);
        self
    }

    /// Includes the events of nested stacks, down to this number of levels.
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

    /// The events since the action began, as a stream. It ends when the action completes, or with
    /// the error that awaiting would return.
    pub fn events(self) -> ItemStream<Event> {
        let state = (self.watch(true), VecDeque::new(), None);
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
                        None => Step { events: ready, end } = watch.next().await?,
                    }
                }
            },
        ))
    }

    fn watch(self, with_events: bool) -> Watch {
        Watch {
            tail: with_events
                .then(|| Tail::new(self.adapter.clone(), self.stack.clone(), self.nested_depth)),
            adapter: self.adapter,
            stack: self.stack,
            action: self.action,
            limit: self
                .timeout
                .map(|timeout| (timeout, clock::now() + timeout)),
            pace: self.pace,
            resolve_outputs: self.resolve_outputs,
            tolerance: ErrorTolerance::default(),
            event_tolerance: ErrorTolerance::default(),
            polled: false,
            positioned: false,
            begun: false,
            settled: None,
            last: None,
        }
    }
}

impl IntoFuture for Wait {
    type Output = Result<Stack>;
    type IntoFuture = ResponseFuture<Stack>;

    fn into_future(mut self) -> Self::IntoFuture {
        ResponseFuture::new(async move {
            let on_event = self.on_event.take();
            let mut watch = self.watch(on_event.is_some());
            let mut on_event = on_event.unwrap_or_else(|| Box::new(|_| {}));
            loop {
                let step = watch.next().await?;
                step.events.iter().for_each(&mut on_event);
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

/// The state of polling a stack.
#[derive(Debug)]
struct Watch {
    adapter: Adapter,
    stack: StackRef,
    action: Action,
    limit: Option<(Duration, Instant)>,
    pace: Pace,
    tolerance: ErrorTolerance,
    event_tolerance: ErrorTolerance,
    resolve_outputs: bool,
    /// Reads the events, if the caller wants them.
    tail: Option<Tail>,
    /// Whether the events before the action were discarded.
    positioned: bool,
    polled: bool,
    /// Whether the action was seen in progress.
    begun: bool,
    /// Since when the stack has had a status that another one may follow.
    settled: Option<Instant>,
    last: Option<Stack>,
}

/// The result of one poll.
#[derive(Debug, Default)]
struct Step {
    events: VecDeque<Event>,
    end: Option<Result<Stack>>,
}

impl Watch {
    /// Polls the stack once more, after a pause.
    async fn next(&mut self) -> Result<Step> {
        let Some((timeout, deadline)) = self.limit else {
            return self.pause_and_poll().await;
        };
        match timeout_at(deadline, self.pause_and_poll()).await {
            Ok(step) => step,
            Err(_) => {
                let outcome = Outcome {
                    status: self.last.as_ref().map(|stack| stack.status.clone()),
                    ..Outcome::default()
                };
                let message = format!("timed out after {timeout:?}; {outcome}");
                Err(Error::new(ErrorKind::WaitTimeout, message)
                    .with_source(outcome)
                    .doing(self.doing()))
            }
        }
    }

    async fn pause_and_poll(&mut self) -> Result<Step> {
        if self.polled {
            sleep(self.pace.step()).await;
        }
        self.polled = true;
        match self.poll().await {
            Ok(step) => {
                self.tolerance = ErrorTolerance::default();
                Ok(step)
            }
            Err(error) if self.may_be_unseen(&error) => Ok(Step::default()),
            Err(error) => {
                self.tolerance
                    .tolerate(error)
                    .map_err(|e| e.doing_instead(self.doing()))?;
                Ok(Step::default())
            }
        }
    }

    /// Whether a 404 may come from a database replica that does not have the new stack yet.
    fn may_be_unseen(&self, error: &Error) -> bool {
        let is_deleting = self.action == Action::Delete && self.begun;
        error.is_not_found() && self.stack.is_new() && !is_deleting
    }

    fn doing(&self) -> String {
        format!("wait for {} of stack \"{}\"", self.action, self.stack)
    }

    async fn poll(&mut self) -> Result<Step> {
        let stack = match self.show(false).await {
            Ok(stack) => stack,
            Err(error)
                if error.is_not_found()
                    && self.action == Action::Delete
                    && !self.may_be_unseen(&error) =>
            {
                return Ok(Step {
                    end: Some(Ok(self.deleted())),
                    ..Step::default()
                });
            }
            Err(error) => return Err(error),
        };
        let verdict = judge(&self.action, &stack, self.begun);
        let verdict = self.settle(verdict, clock::now());
        self.begun |= stack.status.action == self.action;
        self.last = Some(stack.clone());
        // Events are requested after the status, so they include those that led to it.
        let events = match self.new_events().await {
            Ok(events) => events,
            Err(error) => self.without_events(error),
        };
        let end = match verdict {
            Verdict::Wait | Verdict::Unsettled(_) => None,
            Verdict::Done if self.action == Action::Delete || !self.resolve_outputs => {
                Some(Ok(stack))
            }
            Verdict::Done => Some(Ok(self.show(true).await?)),
            Verdict::Failed => Some(Err(self.failed(&stack).await)),
            Verdict::RolledBack => Some(Err(self.rolled_back(&stack).await)),
            Verdict::Superseded => Some(Err(self.superseded(&stack))),
        };
        Ok(Step { events, end })
    }

    async fn show(&self, resolve_outputs: bool) -> Result<Stack> {
        // During the action the name may disappear or be reused: use the id.
        self.stack.identity(&self.adapter).await?;
        let stacks = Stacks::new(self.adapter.clone());
        stacks
            .get(&self.stack)
            .resolve_outputs(resolve_outputs)
            .fetch()
            .await
    }

    fn deleted(&mut self) -> Stack {
        match self.stack.known_identity() {
            Some(known) => Stack::deleted(self.last.take(), &known.name, &known.id),
            None => Stack::deleted(self.last.take(), &self.stack.to_string(), ""),
        }
    }

    /// Delays a verdict that another status may change.
    fn settle(&mut self, verdict: Verdict, now: Instant) -> Verdict {
        let Verdict::Unsettled(result) = verdict else {
            self.settled = None;
            return verdict;
        };
        let since = *self.settled.get_or_insert(now);
        if now.saturating_duration_since(since) < GRACE {
            return verdict;
        }
        match result {
            Final::Done => Verdict::Done,
            Final::Failed => Verdict::Failed,
            Final::Superseded => Verdict::Superseded,
        }
    }

    /// Events only show progress, so the wait continues without them.
    fn without_events(&mut self, error: Error) -> VecDeque<Event> {
        if let Err(error) = self.event_tolerance.tolerate(error) {
            tracing::warn!(target: "heatclient::wait", %error, "cannot read the stack's events; waiting without them");
            self.tail = None;
        }
        VecDeque::new()
    }

    async fn new_events(&mut self) -> Result<VecDeque<Event>> {
        let Some(tail) = &mut self.tail else {
            return Ok(VecDeque::new());
        };
        let mut events = VecDeque::new();
        if !self.positioned {
            if !matches!(self.action, Action::Create | Action::Adopt) {
                match beginning(&self.adapter, &self.stack, &self.action).await? {
                    Some(event) => {
                        tail.start_after(&event);
                        events.push_back(event);
                    }
                    None => tail.skip().await?,
                }
            }
            self.positioned = true;
        }
        match tail.next().await {
            Ok(more) => events.extend(more),
            // The stack was deleted in the meantime; the next poll shows it.
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error),
        }
        self.event_tolerance = ErrorTolerance::default();
        // Callers show events as they arrive, and a server may have put secrets into them.
        let mask = self.adapter.session().mask();
        for event in &mut events {
            if let Cow::Owned(masked) = mask.text(&event.status_reason) {
                event.status_reason = masked;
            }
        }
        Ok(events)
    }
}

/// The stack's own event that started its last action of this kind.
async fn beginning(adapter: &Adapter, stack: &StackRef, action: &Action) -> Result<Option<Event>> {
    let name = &stack.identity(adapter).await?.name;
    // A resource may have the same name as the stack.
    const MAX_EVENTS: usize = 10;
    let events = Events::new(adapter.clone())
        .list(stack)
        .filter("resource_name", name)
        .filter("resource_action", action.as_str())
        .filter("resource_status", Status::InProgress.as_str())
        .sort_dir(SortDir::Desc)
        .limit(MAX_EVENTS)
        .await?;
    let status = StackStatus::new(action.clone(), Status::InProgress);
    Ok(events
        .into_iter()
        .find(|event| event.is_of_stack() && event.status == status))
}

/// What a status means for the action that is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// The action is in progress.
    Wait,
    /// The action succeeded.
    Done,
    /// The action failed.
    Failed,
    /// The action failed or was cancelled, and the rollback ended.
    RolledBack,
    /// Another action replaced it.
    Superseded,
    /// Wait a little. If the status does not change, this is the result.
    Unsettled(Final),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Final {
    Done,
    Failed,
    Superseded,
}

fn judge(wanted: &Action, stack: &Stack, begun: bool) -> Verdict {
    let rolls_back = wanted.rolls_back();
    match (&stack.status.action, &stack.status.status) {
        // The name is free only after the stack has a deletion time.
        (Action::Delete, Status::Complete)
            if *wanted == Action::Delete && stack.deletion_time.is_none() =>
        {
            Verdict::Unsettled(Final::Done)
        }
        (action, Status::Complete) if action == wanted => Verdict::Done,
        (action, Status::Failed) if action == wanted => {
            if rolls_back && !stack.disable_rollback {
                Verdict::Unsettled(Final::Failed)
            } else {
                Verdict::Failed
            }
        }
        (action, _) if action == wanted => Verdict::Wait,
        (Action::Rollback, Status::Complete | Status::Failed) if rolls_back => Verdict::RolledBack,
        (Action::Rollback, _) if rolls_back => Verdict::Wait,
        // No other action can follow a delete, and none can precede a create.
        (Action::Delete, _) => Verdict::Superseded,
        _ if begun || matches!(wanted, Action::Create | Action::Adopt) => Verdict::Superseded,
        (_, Status::Complete | Status::Failed) => Verdict::Unsettled(Final::Superseded),
        _ => Verdict::Wait,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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

    fn verdict(wanted: &str, now: &str, begun: bool, rollback: bool) -> Verdict {
        let deleted = (now == "DELETE_COMPLETE").then_some("2026-01-01T00:00:00Z");
        let stack = serde_json::json!({
            "id": "1", "stack_name": "web", "stack_status": now,
            "disable_rollback": !rollback, "deletion_time": deleted,
        });
        judge(
            &Action::from(wanted),
            &serde_json::from_value(stack).unwrap(),
            begun,
        )
    }

    #[test]
    fn every_status_has_its_verdict() {
        use Verdict::{Done, Failed, RolledBack, Superseded, Unsettled, Wait};
        for (wanted, now, begun, rollback, expected) in [
            ("CREATE", "CREATE_IN_PROGRESS", false, false, Wait),
            ("CREATE", "CREATE_COMPLETE", false, true, Done),
            ("CREATE", "CREATE_FAILED", true, false, Failed),
            (
                "CREATE",
                "CREATE_FAILED",
                true,
                true,
                Unsettled(Final::Failed),
            ),
            ("CREATE", "ROLLBACK_IN_PROGRESS", false, true, Wait),
            ("CREATE", "ROLLBACK_COMPLETE", false, true, RolledBack),
            ("CREATE", "ROLLBACK_FAILED", true, true, RolledBack),
            ("CREATE", "UPDATE_IN_PROGRESS", false, false, Superseded),
            ("CREATE", "DELETE_IN_PROGRESS", true, false, Superseded),
            ("UPDATE", "UPDATE_COMPLETE", false, false, Done),
            (
                "UPDATE",
                "CREATE_COMPLETE",
                false,
                false,
                Unsettled(Final::Superseded),
            ),
            ("UPDATE", "CHECK_IN_PROGRESS", false, false, Wait),
            ("UPDATE", "CHECK_IN_PROGRESS", true, false, Superseded),
            ("UPDATE", "DELETE_COMPLETE", false, false, Superseded),
            ("SUSPEND", "SUSPEND_FAILED", true, true, Failed),
            (
                "SUSPEND",
                "ROLLBACK_COMPLETE",
                false,
                true,
                Unsettled(Final::Superseded),
            ),
            ("DELETE", "CREATE_IN_PROGRESS", false, false, Wait),
            (
                "DELETE",
                "CREATE_COMPLETE",
                false,
                false,
                Unsettled(Final::Superseded),
            ),
            ("DELETE", "DELETE_FAILED", true, true, Failed),
            ("DELETE", "DELETE_COMPLETE", false, false, Done),
            ("ROLLBACK", "UPDATE_IN_PROGRESS", false, true, Wait),
            (
                "ROLLBACK",
                "UPDATE_COMPLETE",
                false,
                true,
                Unsettled(Final::Superseded),
            ),
            ("ROLLBACK", "ROLLBACK_COMPLETE", false, true, Done),
            ("CREATE", "CREATE_ODD", false, true, Wait),
        ] {
            assert_eq!(
                verdict(wanted, now, begun, rollback),
                expected,
                "{wanted} at {now}"
            );
        }
    }

    #[test]
    fn a_deleted_stack_keeps_its_name_for_a_moment() {
        let mut stack = Stack::deleted(None, "web", "1");
        let judged = |stack: &Stack| judge(&Action::Delete, stack, true);
        assert_eq!(judged(&stack), Verdict::Unsettled(Final::Done));
        stack.deletion_time = Some("2026-01-01T00:00:00Z".into());
        assert_eq!(judged(&stack), Verdict::Done);
    }
}
