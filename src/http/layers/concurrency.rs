//! A bound on the wire requests under way.

use std::sync::Arc;
use std::task::{Context, Poll};

use futures::future::Either;
use http::{Request, Response};
use tokio::sync::Semaphore;
use tower::{Layer, Service, ServiceExt as _};

use crate::error::{Error, ErrorKind, Result};
use crate::http::Body;
use crate::http::layers::{BoxFuture, HttpService};

/// Lets at most so many wire requests be under way at a time, first come first served.
///
/// A permit is held from sending to the answer's headers: not while a retry waits, nor while a
/// login is awaited, so that calls cannot lock each other out.
#[derive(Debug, Clone, Default)]
pub struct ConcurrencyLayer(Option<Arc<Semaphore>>);

impl ConcurrencyLayer {
    /// At most `limit` at a time; `None` for no bound. A limit of 0 counts as 1.
    pub fn new(limit: Option<usize>) -> Self {
        Self(limit.map(|limit| Arc::new(Semaphore::new(limit.clamp(1, Semaphore::MAX_PERMITS)))))
    }
}

impl<S> Layer<S> for ConcurrencyLayer {
    type Service = Concurrency<S>;

    fn layer(&self, inner: S) -> Concurrency<S> {
        Concurrency {
            inner,
            permits: self.0.clone(),
        }
    }
}

/// The service of [`ConcurrencyLayer`].
#[derive(Debug, Clone)]
pub struct Concurrency<S> {
    inner: S,
    permits: Option<Arc<Semaphore>>,
}

impl<S: HttpService> Service<Request<Body>> for Concurrency<S> {
    type Response = Response<Body>;
    type Error = Error;
    type Future = Either<S::Future, BoxFuture>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let Some(permits) = &self.permits else {
            return Either::Left(self.inner.call(request));
        };
        let (permits, inner) = (Arc::clone(permits), self.inner.clone());
        Either::Right(Box::pin(async move {
            let _permit = permits.acquire_owned().await.map_err(|e| {
                Error::new(ErrorKind::Cancelled, "the session was shut down").with_source(e)
            })?;
            inner.oneshot(request).await
        }))
    }
}
