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
    /// What the requests change, if not a stack, and the command that lists it.
    other: Option<(&'static str, &'static str)>,
}

impl Changes {
    /// Declares the next request: `action` on `stack`. A command has one action, for one or several stacks.
    pub(crate) fn expect(&self, action: &'static str, stack: &str) {
        let mut state = self.state();
        state.action = action;
        state.stacks.push(stack.to_owned());
    }

    /// Declares the next requests: `what` may have happened after them, and `check` is the command that tells.
    pub(crate) fn expect_other(&self, what: &'static str, check: &'static str) {
        self.state().other = Some((what, check));
    }

    /// The message after an interrupt. None if no change was sent.
    pub(crate) fn note(&self) -> Option<String> {
        let state = self.state();
        if state.calls.iter().all(|call| call.attempts() == 0) {
            return None;
        }
        if let Some((what, check)) = state.other {
            return Some(format!("interrupted; {what}. Check with: heat {check}"));
        }
        let (what, check) = match (state.action, state.stacks.as_slice()) {
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
