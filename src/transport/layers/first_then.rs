//! The future of layers that may send a request again.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use pin_project_lite::pin_project;

use crate::error::Result;
use crate::transport::Body;
use crate::transport::layers::BoxFuture;

/// The decision of a layer after the first response.
pub(crate) enum Next {
    /// Return this result to the caller.
    Done(Result<Response<Body>>),
    /// Continue with this future.
    Continue(BoxFuture),
}

pin_project! {
    /// Polls the first attempt in place, and allocates only if `then` continues.
    #[project = FirstThenProj]
    pub(crate) enum FirstThen<F, T> {
        /// The first attempt is in progress.
        First { #[pin] attempt: F, then: Option<T> },
        /// The continuation.
        Rest { rest: BoxFuture },
    }
}

impl<F, T> FirstThen<F, T> {
    pub(crate) fn new(attempt: F, then: T) -> Self {
        Self::First {
            attempt,
            then: Some(then),
        }
    }
}

/// Decides whether to continue after the first response.
pub(crate) trait Then {
    /// Returns the result itself, or a continuation.
    fn then(self, first: Result<Response<Body>>) -> Next;
}

impl<F, T> Future for FirstThen<F, T>
where
    F: Future<Output = Result<Response<Body>>>,
    T: Then,
{
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        loop {
            let next = match self.as_mut().project() {
                FirstThenProj::Rest { rest } => return rest.as_mut().poll(cx),
                FirstThenProj::First { attempt, then } => {
                    let first = ready!(attempt.poll(cx));
                    match then.take() {
                        Some(then) => then.then(first),
                        None => Next::Done(first),
                    }
                }
            };
            match next {
                Next::Done(result) => return Poll::Ready(result),
                Next::Continue(rest) => self.set(Self::Rest { rest }),
            }
        }
    }
}

impl<F, T> std::fmt::Debug for FirstThen<F, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FirstThen").finish_non_exhaustive()
    }
}
