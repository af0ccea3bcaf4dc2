//! The state of waiting for a stack.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::timeout_at;

use super::outcome::Outcome;
use super::progress::WaitProgress;
use super::verdict::{End, Settling, Verdict, judge};
use crate::clock::{self, Instant};
use crate::error::{Error, ErrorKind, Result};
use crate::heat::ResourceFailure;
use crate::heat::failures;
use crate::heat::follow::Tail;
use crate::heat::model::{Action, Event, Resource, Stack, StackStatus, Status};
use crate::heat::poller::{Poller, State};
use crate::service::{Pace, Rounds};

/// The state of waiting for a stack.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) poller: Poller,
    /// The action; `None` until the first state, if it is the one in progress.
    pub(super) action: Option<Action>,
    /// Whether to wait for any other action that follows.
    pub(super) any_action: bool,
    pub(super) limit: Option<(Duration, Instant)>,
    pub(super) resolve_outputs: bool,
    /// Reads the events, if the caller wants them.
    pub(super) tail: Option<Tail>,
    /// Reads the resources down to this level, if the caller wants them.
    pub(super) resource_levels: Option<u32>,
    progress: Progress,
}

#[derive(Debug)]
struct Progress {
    /// Measures how long events cannot be read.
    event_rounds: Rounds,
    /// The resources as last read.
    resources: Vec<Resource>,
    /// Whether the events before the action were discarded.
    positioned: bool,
    /// Whether the action was seen.
    begun: bool,
    settling: Settling,
    /// The newest time of an update.
    newest: Option<Timestamp>,
    last: Option<State>,
    /// The failed resources, read before a rollback removes them.
    failed_early: Option<Vec<ResourceFailure>>,
    /// The error for a known failure, while its details are requested.
    failed: Option<Error>,
}

/// The result of one round.
#[derive(Debug, Default)]
pub(super) struct Step {
    pub(super) events: VecDeque<Event>,
    pub(super) progress: Option<WaitProgress>,
    pub(super) end: Option<Result<Stack>>,
}

impl Step {
    fn ending(end: Result<Stack>) -> Self {
        Self {
            end: Some(end),
            ..Self::default()
        }
    }
}

impl Watch {
    pub(super) fn new(poller: Poller, action: Option<Action>) -> Self {
        Self {
            poller,
            any_action: action.is_none(),
            action,
            limit: None,
            resolve_outputs: true,
            tail: None,
            resource_levels: None,
            progress: Progress {
                event_rounds: Rounds::new(Pace::growing()),
                resources: Vec::new(),
                positioned: false,
                begun: false,
                settling: Settling::default(),
                newest: None,
                last: None,
                failed_early: None,
                failed: None,
            },
        }
    }

    /// Polls the stack once more, after a pause.
    pub(super) async fn next(&mut self) -> Result<Step> {
        let Some((timeout, deadline)) = self.limit else {
            return self.round().await;
        };
        match timeout_at(deadline, self.round()).await {
            Ok(step) => step,
            Err(_) => Err(match self.progress.failed.take() {
                Some(failed) => failed,
                None => {
                    let outcome = Outcome::new("stack", self.status());
                    timed_out(timeout, outcome, self.poller.last_error()).doing(self.doing())
                }
            }),
        }
    }

    async fn round(&mut self) -> Result<Step> {
        let state = match self.poller.next().await {
            Ok(state) => state,
            Err(error) => return self.gone_or(error).map(Step::ending),
        };
        self.aim(&state);
        let rolls_back = match state.status.status {
            Status::Failed => self.poller.details(&state).await,
            _ => return Ok(self.look(state, false).await),
        };
        match rolls_back {
            Ok(stack) => Ok(self.look(state, !stack.disable_rollback).await),
            Err(error) => Ok(Step {
                end: self.tolerate(error),
                ..Step::default()
            }),
        }
    }

    /// The end after an error of a request for details; `None` if the error is tolerated.
    fn tolerate(&mut self, error: Error) -> Option<Result<Stack>> {
        if self.poller.may_be_unseen(&error) {
            return None;
        }
        let error = match error.is_not_found() {
            true => return Some(self.gone_or(error).and_then(|end| end)),
            false => error.doing_instead(self.doing()),
        };
        self.poller.tolerate(error).err().map(Err)
    }

    /// The action that is waited for. The default is only used before the first state.
    fn action(&self) -> Cow<'_, Action> {
        match &self.action {
            Some(action) => Cow::Borrowed(action),
            None => Cow::Owned(Action::Init),
        }
    }

    fn is_delete(&self) -> bool {
        self.action == Some(Action::Delete)
    }

    fn status(&self) -> Option<StackStatus> {
        Some(self.progress.last.as_ref()?.status.clone())
    }

    fn doing(&self) -> String {
        let stack = self.poller.stack();
        match &self.action {
            Some(action) if !self.any_action => format!("wait for {action} of stack \"{stack}\""),
            _ => format!("wait for stack \"{stack}\""),
        }
    }

    /// Takes the current action as the one to wait for, if it is to be any.
    fn aim(&mut self, state: &State) {
        let now = &state.status.action;
        let is_rollback_of_it =
            |action: &Action| action.rolls_back() && *now == Action::Rollback && *action != *now;
        if self.any_action && !self.action.as_ref().is_some_and(is_rollback_of_it) {
            self.action = Some(now.clone());
        }
    }

    /// Draws the conclusions from a state. `rolls_back`: Heat rolls back what failed.
    async fn look(&mut self, state: State, rolls_back: bool) -> Step {
        let action = self.action().into_owned();
        let mut verdict = judge(&action, &state, self.progress.begun, rolls_back);
        // A database replica may be behind the one that answered before.
        let is_stale = state.updated < self.progress.newest;
        if let (true, Verdict::End(end)) = (is_stale, verdict) {
            verdict = Verdict::Unsettled(end);
        }
        self.progress.newest = self.progress.newest.max(state.updated);
        let now = clock::now();
        let end = self.progress.settling.end(verdict, now);
        if let Some(left) = self.progress.settling.left(now) {
            self.poller.hurry(left);
        }
        if state.status.action == action {
            self.progress.begun = true;
            if action == Action::Delete {
                self.poller.expect_deletion();
            }
        }
        self.progress.last = Some(state.clone());
        self.read_failures_early(&action, &state, verdict).await;
        // Events are requested after the status, so they include those that led to it.
        let events = match self.new_events().await {
            Ok(events) => events,
            Err(error) => self.without_events(error),
        };
        let progress = self.progress_of(&state).await;
        let end = match end {
            None => None,
            Some(End::Done) => match self.done(&state).await {
                Ok(stack) => Some(Ok(stack)),
                Err(error) => self.tolerate(error),
            },
            Some(End::Failed) => Some(Err(self.failed(&state).await)),
            Some(End::RolledBack) => Some(Err(self.rolled_back(&state).await)),
            Some(End::Superseded) => Some(Err(self.superseded(&state))),
        };
        Step {
            events,
            progress,
            end,
        }
    }

    async fn done(&self, state: &State) -> Result<Stack> {
        match self.is_delete() || !self.resolve_outputs {
            true => self.poller.details(state).await,
            false => self.poller.show(true).await,
        }
    }

    /// What it means that the stack does not exist, or not any more. Other errors are returned.
    fn gone_or(&mut self, error: Error) -> Result<Result<Stack>> {
        if !error.is_not_found() {
            return Err(error.doing_instead(self.doing()));
        }
        let last = self.progress.last.take();
        match &last {
            Some(state) if !self.is_delete() && !self.any_action => {
                let (action, by) = (self.action(), Action::Delete);
                let message =
                    format!("{action} was superseded by {by}: the stack does not exist any more");
                let outcome = Outcome {
                    superseded_by: Some(by),
                    ..Outcome::new("stack", Some(state.status.clone()))
                };
                Ok(Err(self.error(&message, outcome)))
            }
            None if !self.is_delete() => Err(error.doing_instead(self.doing())),
            _ => Ok(Ok(self.deleted(last))),
        }
    }

    fn deleted(&self, last: Option<State>) -> Stack {
        let last = last.and_then(State::into_stack);
        let stack = self.poller.stack();
        match stack.known_identity() {
            Some(known) => Stack::deleted(last, &known.name, &known.id),
            None => Stack::deleted(last, &stack.to_string(), ""),
        }
    }

    /// A rollback removes the failed resources with the logs of their deployments: read them before.
    async fn read_failures_early(&mut self, action: &Action, state: &State, verdict: Verdict) {
        let will_roll_back = verdict == Verdict::Unsettled(End::Failed)
            || verdict == Verdict::Wait && state.status.action == Action::Rollback;
        let is_first = *action != Action::Rollback && self.progress.failed_early.is_none();
        if will_roll_back
            && is_first
            && let Ok(mut found) = failures::now(&self.poller).await
        {
            found.retain(|failure| failure.status.action == *action);
            self.progress.failed_early = Some(found);
        }
    }

    /// The error for an action that failed without a rollback.
    async fn failed(&mut self, state: &State) -> Error {
        let error = |watch: &Self, failures: Vec<ResourceFailure>| {
            let reason = failures::summary(&failures).unwrap_or_else(|| state.reason.clone());
            let message = format!("{}: {reason}", state.status);
            watch.error(&message, outcome(state, failures))
        };
        self.progress.failed = Some(error(self, Vec::new()));
        let failures = failures::of_resources(&self.poller).await;
        error(self, failures)
    }

    /// The error for an action that was rolled back.
    async fn rolled_back(&mut self, state: &State) -> Error {
        let early = self.progress.failed_early.take().unwrap_or_default();
        self.progress.failed = Some(self.rollback_error(state, None, early.clone()));
        let action = self.action().into_owned();
        let (cause, failures) = match failures::of_events(&self.poller, &action).await {
            // What was read before the rollback has more details.
            Some((cause, failures)) if !failures.is_empty() && !early.is_empty() => (cause, early),
            Some(found) => found,
            None => (None, early),
        };
        self.rollback_error(state, cause, failures)
    }

    fn rollback_error(
        &self,
        state: &State,
        cause: Option<String>,
        failures: Vec<ResourceFailure>,
    ) -> Error {
        let (action, status) = (self.action(), &state.status);
        let what = match failures::summary(&failures).or(cause) {
            Some(reason) => format!("{action}_FAILED, then {status}: {reason}"),
            None => format!("{action} was cancelled, then {status}"),
        };
        let message = match status.status {
            Status::Failed => format!("{what}; the rollback failed: {}", state.reason),
            _ => what,
        };
        self.error(&message, outcome(state, failures))
    }

    /// The error for an action that another action superseded.
    fn superseded(&self, state: &State) -> Error {
        let (action, status) = (self.action(), &state.status);
        let has_begun = self.progress.begun || status.action == Action::Delete;
        let (message, by) = match has_begun || matches!(*action, Action::Create | Action::Adopt) {
            true => (
                format!("{action} was superseded by {}", status.action),
                Some(status.action.clone()),
            ),
            false => (format!("no {action} is in progress"), None),
        };
        let outcome = Outcome {
            superseded_by: by,
            ..outcome(state, Vec::new())
        };
        self.error(&format!("{message}: the stack is {status}"), outcome)
    }

    fn error(&self, message: &str, outcome: Outcome) -> Error {
        // Heat's reasons may contain text of other services.
        let message = self.poller.mask().text(message);
        Error::new(ErrorKind::StackFailed, message)
            .with_source(outcome)
            .doing(format!("stack \"{}\"", self.poller.stack()))
    }

    /// The progress, if the caller wants it. The resources are requested after the status, as events are.
    async fn progress_of(&mut self, state: &State) -> Option<WaitProgress> {
        match self.poller.resources(self.resource_levels?).await {
            Ok(resources) => self.progress.resources = resources,
            // They only show progress, and the next poll requests them again.
            Err(error) => {
                tracing::debug!(target: "heatclient::wait", %error, "cannot read the stack's resources");
            }
        }
        let (resources, mask) = (&self.progress.resources, self.poller.mask());
        Some(WaitProgress::new(state, resources, mask))
    }

    /// Events only show progress, so the wait continues without them.
    fn without_events(&mut self, error: Error) -> VecDeque<Event> {
        if let Err(error) = self.progress.event_rounds.heard::<()>(Err(error)) {
            tracing::warn!(target: "heatclient::wait", %error, "cannot read the stack's events; waiting without them");
            self.tail = None;
        }
        VecDeque::new()
    }

    async fn new_events(&mut self) -> Result<VecDeque<Event>> {
        let action = self.action().into_owned();
        let Some(tail) = &mut self.tail else {
            return Ok(VecDeque::new());
        };
        let mut events = VecDeque::new();
        if !self.progress.positioned {
            if !matches!(action, Action::Create | Action::Adopt) {
                match self.poller.beginning(&action).await? {
                    Some(event) => {
                        tail.start_after(&event);
                        events.push_back(event);
                    }
                    None => tail.skip().await?,
                }
            }
            self.progress.positioned = true;
        }
        match tail.next().await {
            Ok(more) => events.extend(more),
            // The stack was deleted in the meantime; the next poll shows it.
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error),
        }
        self.progress.event_rounds.went_well();
        // Callers show events as they arrive, and a server may have put secrets into them.
        let mask = self.poller.mask();
        for event in &mut events {
            if let Cow::Owned(masked) = mask.text(&event.status_reason) {
                event.status_reason = masked;
            }
        }
        Ok(events)
    }
}

fn outcome(state: &State, failures: Vec<ResourceFailure>) -> Outcome {
    Outcome {
        failures,
        ..Outcome::new("stack", Some(state.status.clone()))
    }
}

/// The error of a wait whose time is over. `last`: the error of the last request.
pub(super) fn timed_out(timeout: Duration, outcome: Outcome, last: Option<&Error>) -> Error {
    let mut message = format!("timed out after {timeout:?}; {outcome}");
    if let Some(error) = last {
        message = format!("{message}; the last request failed: {error}");
    }
    Error::new(ErrorKind::WaitTimeout, message).with_source(outcome)
}
