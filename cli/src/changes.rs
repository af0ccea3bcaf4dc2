//! Records the changes that a command requests, so that the tool can say what may have started and what continues.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use heatclient::Error;
use heatclient::heat::{Action, StackRef};
use heatclient::transport::Body;
use heatclient::transport::Call;
use http::{Request, StatusCode};
use tower::{Layer, Service};

use crate::exit::Failure;
use crate::invocation::Invocation;
use crate::signals::Signal;

/// The changes that a command requests. As a layer it records the requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes {
    state: Arc<Mutex<State>>,
    invocation: Invocation,
}

#[derive(Debug, Default)]
struct State {
    /// Calls with a method that is not safe.
    calls: Vec<Call>,
    action: &'static str,
    stacks: Vec<String>,
    /// The actions that are waited for, each with its stack.
    waits: Vec<Wait>,
    /// What may have happened, and the command that shows it, if this is not an action on a stack.
    other: Option<(String, String)>,
}

impl State {
    /// Whether a change was sent.
    fn was_sent(&self) -> bool {
        self.calls.iter().any(|call| call.attempts() > 0)
    }
}

/// A wait for an action of a stack, or for the one that is in progress.
#[derive(Clone, Debug, PartialEq)]
struct Wait {
    action: Option<Action>,
    stack: String,
}

/// An action that is waited for.
#[derive(Debug)]
pub(crate) struct Waited {
    changes: Changes,
    wait: Wait,
}

impl Waited {
    /// The action has ended.
    pub(crate) fn ended(self) {
        let waits = &mut self.changes.state().waits;
        waits.retain(|other| *other != self.wait);
    }

    /// What the user can do if the wait ends before the action.
    pub(crate) fn advice(&self) -> String {
        let stacks = std::slice::from_ref(&self.wait.stack);
        self.changes.advice(self.wait.action.as_ref(), stacks)
    }
}

impl Changes {
    pub(crate) fn new(invocation: Invocation) -> Self {
        Self {
            state: Arc::default(),
            invocation,
        }
    }

    /// Declares the next request: `action` on `stack`. A command has one action, for one or several stacks.
    pub(crate) fn expect(&self, action: &'static str, stack: &str) {
        let mut state = self.state();
        state.action = action;
        state.stacks.push(stack.to_owned());
    }

    /// Declares the next request: what may have happened after it, and the command that shows whether it has, in both
    /// spellings and with its arguments.
    pub(crate) fn expect_other(
        &self,
        what: impl Into<String>,
        check: [&str; 2],
        arguments: &[&str],
    ) {
        let check = self.invocation.line(check, arguments);
        self.state().other = Some((what.into(), check));
    }

    /// The command line that shows a stack.
    pub(crate) fn check(&self, stack: &StackRef) -> String {
        self.invocation.check(&[stack.to_string()])
    }

    /// Declares that an action was accepted, or requested before, and is waited for.
    pub(crate) fn wait(&self, action: Option<&Action>, stack: &str) -> Waited {
        let wait = Wait {
            action: action.cloned(),
            stack: stack.to_owned(),
        };
        self.state().waits.push(wait.clone());
        Waited {
            changes: self.clone(),
            wait,
        }
    }

    /// Declares that a deployment was created and is waited for. Returns what the user can do if the wait ends before it
    /// is complete.
    pub(crate) fn wait_for_deployment(&self, id: &str) -> String {
        let check = self.invocation.deployment(id);
        let advice = format!("Check with: {check}");
        self.state().other = Some((format!("deployment {id} continues"), check));
        advice
    }

    fn advice(&self, action: Option<&Action>, stacks: &[String]) -> String {
        let action = action.map(|action| action.as_str().to_lowercase());
        let command = self.invocation.wait(action.as_deref(), stacks);
        format!("Wait for it with: {command}")
    }

    /// The failure of the last declared request. If Heat has not answered, the change may have been made all the same.
    pub(crate) fn failed(&self, error: Error) -> Failure {
        // A gateway does not know whether Heat handled the request.
        let is_unknown = |status: StatusCode| matches!(status.as_u16(), 502..=504);
        if !error.may_have_been_sent() || !error.status().is_none_or(is_unknown) {
            return error.into();
        }
        let state = self.state();
        if !state.was_sent() {
            return error.into();
        }
        // Only the last one has no answer.
        let stacks = state.stacks.last().map(std::slice::from_ref);
        match self.unknown(&state, stacks.unwrap_or_default()) {
            Some((what, check)) => {
                Failure::Message(format!("{error}; {what}; check with: {check}"))
            }
            None => error.into(),
        }
    }

    /// The message after a signal. None if no change was sent.
    pub(crate) fn note(&self, signal: Signal) -> Option<String> {
        self.detailed_note(signal, || None)
    }

    /// The same, with a detail about what may have happened.
    pub(crate) fn detailed_note(
        &self,
        signal: Signal,
        detail: impl FnOnce() -> Option<String>,
    ) -> Option<String> {
        let state = self.state();
        let what = signal.what();
        if !state.waits.is_empty() {
            let continuing = by_action(&state.waits).into_iter().map(|(action, stacks)| {
                let advice = self.advice(action.as_ref(), &stacks);
                let stacks = named(&stacks);
                let action = action.as_ref().map_or("the action", Action::as_str);
                format!("{action} of {stacks} continues. {advice}")
            });
            let continuing: Vec<_> = continuing.collect();
            return Some(format!("{what}; {}", continuing.join("; ")));
        }
        if !state.was_sent() {
            return None;
        }
        let (change, check) = self.unknown(&state, &state.stacks)?;
        let detail = detail().map(|detail| format!("; {detail}"));
        let detail = detail.unwrap_or_default();
        Some(format!("{what}; {change}{detail}. Check with: {check}"))
    }

    /// What may have happened, and the command that shows it. None if nothing was declared.
    fn unknown(&self, state: &State, stacks: &[String]) -> Option<(String, String)> {
        if let Some((what, check)) = &state.other {
            return Some((what.clone(), check.clone()));
        }
        let what = match (state.action, stacks) {
            (_, []) => return None,
            ("CREATE", _) => "the stack may have been created".to_owned(),
            ("ADOPT", _) => "the stack may have been adopted".to_owned(),
            (action, stacks) => format!("{action} of {} may have started", named(stacks)),
        };
        Some((what, self.invocation.check(stacks)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The stacks of each action. `stack cancel` waits for different ones.
fn by_action(waits: &[Wait]) -> Vec<(Option<Action>, Vec<String>)> {
    let mut groups: Vec<(Option<Action>, Vec<String>)> = Vec::new();
    for Wait { action, stack } in waits {
        match groups.iter_mut().find(|(known, _)| known == action) {
            Some((_, stacks)) => stacks.push(stack.clone()),
            None => groups.push((action.clone(), vec![stack.clone()])),
        }
    }
    groups
}

/// `stack a`, or `stacks a, b`.
fn named(stacks: &[String]) -> String {
    let plural = if stacks.len() == 1 { "" } else { "s" };
    format!("stack{plural} {}", stacks.join(", "))
}

impl<S> Layer<S> for Changes {
    type Service = Watched<S>;

    fn layer(&self, inner: S) -> Watched<S> {
        Watched {
            inner,
            changes: self.clone(),
        }
    }
}

/// The service of [`Changes`].
#[derive(Clone, Debug)]
pub(crate) struct Watched<S> {
    inner: S,
    changes: Changes,
}

impl<S: Service<Request<Body>>> Service<Request<Body>> for Watched<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> S::Future {
        if !request.method().is_safe()
            && let Some(call) = request.extensions().get::<Call>()
        {
            self.changes.state().calls.push(call.clone());
        }
        self.inner.call(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_names_each_action_with_its_stacks() {
        let changes = Changes::default();
        let _rollback = changes.wait(Some(&Action::Rollback), "a");
        let ended = changes.wait(Some(&Action::Create), "b");
        let _create = changes.wait(Some(&Action::Create), "c d");
        ended.ended();
        let note = changes.note(Signal::Interrupt).unwrap();
        assert_eq!(
            note,
            "interrupted; ROLLBACK of stack a continues. Wait for it with:  stack wait --action rollback a; \
             CREATE of stack c d continues. Wait for it with:  stack wait --action create 'c d'"
        );
    }
}
