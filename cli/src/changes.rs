//! Records the changes that a command requests, so that an interrupt can report what may have started.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use heatclient::transport::Body;
use heatclient::transport::Call;
use http::Request;
use tower::{Layer, Service};

/// The changes that a command requests. As a layer it records the requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// Calls with a method that is not safe.
    calls: Vec<Call>,
    action: &'static str,
    stacks: Vec<String>,
    /// What may have happened, and the command that shows it, if this is not an action on a stack.
    other: Option<(String, String)>,
}

impl Changes {
    /// Declares the next request: `action` on `stack`. A command has one action, for one or several stacks.
    pub(crate) fn expect(&self, action: &'static str, stack: &str) {
        let mut state = self.state();
        state.action = action;
        state.stacks.push(stack.to_owned());
    }

    /// Declares the next request: what may have happened after it, and the command that shows whether it has.
    pub(crate) fn expect_other(&self, what: impl Into<String>, check: impl Into<String>) {
        self.state().other = Some((what.into(), check.into()));
    }

    /// The message after an interrupt. None if no change was sent.
    pub(crate) fn note(&self) -> Option<String> {
        let state = self.state();
        if state.calls.iter().all(|call| call.attempts() == 0) {
            return None;
        }
        let action = match &state.other {
            Some((what, check)) => {
                return Some(format!("interrupted; {what}. Check with: heat {check}"));
            }
            None => state.action,
        };
        let (what, check) = match (action, state.stacks.as_slice()) {
            (_, []) => return None,
            ("CREATE", [stack]) => (
                "the stack may have been created".to_owned(),
                format!("show {stack}"),
            ),
            ("ADOPT", [stack]) => (
                "the stack may have been adopted".to_owned(),
                format!("show {stack}"),
            ),
            (action, [stack]) => (
                format!("{action} of stack {stack} may have started"),
                format!("show {stack}"),
            ),
            (action, stacks) => (
                format!("{action} of stacks {} may have started", stacks.join(", ")),
                "list".to_owned(),
            ),
        };
        Some(format!(
            "interrupted; {what}. Check with: heat stack {check}"
        ))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
