//! Futures of layers that may send a request again.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use pin_project_lite::pin_project;

use crate::error::Result;
use crate::transport::Body;
use crate::transport::layers::BoxFuture;

/// What a layer makes of the first answer.
pub(crate) enum Next {
    /// It is the caller's.
    Done(Result<Response<Body>>),
    /// There is more to do.
    Continue(BoxFuture),
}

pin_project! {
    /// Polls the first attempt where it lies, and only allocates when `then` wants to go on.
    #[project = FirstThenProj]
    pub(crate) enum FirstThen<F, T> {
        /// The first attempt is under way.
        First { #[pin] attempt: F, then: Option<T> },
        /// The rest, whatever it is.
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

/// Decides what comes after the first answer.
pub(crate) trait Then {
    /// The answer itself, or more work.
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
