//! Limits the number of concurrent wire requests.

use std::sync::Arc;
use std::task::{Context, Poll};

use futures::future::Either;
use http::{Request, Response};
use tokio::sync::{Semaphore, SemaphorePermit};
use tower::{Layer, Service, ServiceExt as _};

use crate::error::{Error, ErrorKind, Result};
use crate::transport::layers::future::layer_future;
use crate::transport::layers::{BoxFuture, HttpService};
use crate::transport::{Body, Call};

/// Limits the number of concurrent wire requests. Requests wait in order.
///
/// A permit is held from sending to the response headers. It is not held during the delay of a retry
/// or while waiting for a login, so that calls cannot deadlock.
///
/// A service of an [`Adapter`](crate::session::Adapter) may have a limit of its own. Requests to it
/// need both permits.
#[derive(Debug, Clone, Default)]
pub struct ConcurrencyLayer(Option<Permits>);

/// The permits of a limit, shared by its clones.
#[derive(Debug, Clone)]
pub(crate) struct Permits(Arc<Semaphore>);

impl Permits {
    /// 0 counts as 1.
    pub(crate) fn new(limit: usize) -> Self {
        let limit = limit.clamp(1, Semaphore::MAX_PERMITS);
        Self(Arc::new(Semaphore::new(limit)))
    }

    async fn acquire(&self) -> Result<SemaphorePermit<'_>> {
        let permit = self.0.acquire().await;
        permit.map_err(|e| {
            Error::new(ErrorKind::Cancelled, "the session was shut down").with_source(e)
        })
    }
}

impl ConcurrencyLayer {
    /// Sets the limit; `None` for no limit. 0 counts as 1.
    pub fn new(limit: Option<usize>) -> Self {
        Self(limit.map(Permits::new))
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
    permits: Option<Permits>,
}

impl<S: HttpService> Service<Request<Body>> for Concurrency<S> {
    type Response = Response<Body>;
    type Error = Error;
    type Future = ConcurrencyFuture<S>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let call = request.extensions().get::<Call>();
        let service = call.and_then(|call| call.service_at(request.uri()));
        let of_service = service.and_then(|service| service.permits.as_ref());
        if of_service.is_none() && self.permits.is_none() {
            return ConcurrencyFuture::new(Either::Left(self.inner.call(request)));
        }
        let (of_service, permits) = (of_service.cloned(), self.permits.clone());
        let inner = self.inner.clone();
        ConcurrencyFuture::new(Either::Right(Box::pin(async move {
            // A request that waits for its service does not keep those to other services waiting.
            let _of_service = match &of_service {
                Some(permits) => Some(permits.acquire().await?),
                None => None,
            };
            let _permit = match &permits {
                Some(permits) => Some(permits.acquire().await?),
                None => None,
            };
            inner.oneshot(request).await
        })))
    }
}

layer_future! {
    /// The future of [`Concurrency`].
    pub struct ConcurrencyFuture<S>(Either<S::Future, BoxFuture>);
}

#[cfg(test)]
mod tests {

    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use http::Method;
    use tower::ServiceBuilder;

    use super::*;
    use crate::transport::layers::{RetryLayer, RetryPolicy};
    use crate::transport::testing::{Wire, answer, answer_with, request};

    #[tokio::test(start_paused = true)]
    async fn exactly_so_many_are_under_way() {
        for (limit, most) in [(Some(7), 7), (Some(1), 1), (Some(0), 1), (None, 50)] {
            let under_way = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
            let counters = Arc::clone(&under_way);
            let server = tower::service_fn(move |_: Request<Body>| {
                let counters = Arc::clone(&counters);
                async move {
                    let now = counters.0.fetch_add(1, Ordering::SeqCst) + 1;
                    counters.1.fetch_max(now, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    counters.0.fetch_sub(1, Ordering::SeqCst);
                    answer(200)
                }
            });
            let stack = ConcurrencyLayer::new(limit).layer(server);
            let calls = (0..50).map(|_| {
                stack
                    .clone()
                    .oneshot(request(Method::GET, "http://heat/", ""))
            });
            futures::future::try_join_all(calls).await.unwrap();
            assert_eq!(under_way.1.load(Ordering::SeqCst), most, "{limit:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_retry_that_waits_holds_no_permit() {
        let (wire, log) = Wire::new(Duration::ZERO, |_, seen| match seen.uri.as_str() {
            "http://heat/slow" => answer_with(503, &[("retry-after", "20")]),
            _ => answer(200),
        });
        let stack = ServiceBuilder::new()
            .layer(RetryLayer::new(RetryPolicy::new(2)))
            .layer(ConcurrencyLayer::new(Some(1)))
            .service(wire);
        let waits = tokio::spawn(stack.clone().oneshot(request(
            Method::GET,
            "http://heat/slow",
            "",
        )));
        tokio::time::sleep(Duration::from_secs(1)).await;
        let start = crate::clock::now();
        stack
            .oneshot(request(Method::GET, "http://heat/fast", ""))
            .await
            .unwrap();
        assert_eq!(crate::clock::now(), start);
        assert_eq!(log.count(), 2);
        assert_eq!(waits.await.unwrap().unwrap().status(), 503);
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_that_gives_up_gives_its_place_back() {
        let (wire, _) = Wire::new(Duration::from_secs(10), |_, _| answer(200));
        let stack = ConcurrencyLayer::new(Some(1)).layer(wire);
        for _ in 0..3 {
            let call = stack
                .clone()
                .oneshot(request(Method::GET, "http://heat/", ""));
            let cut = tokio::time::timeout(Duration::from_secs(1), call).await;
            assert!(cut.is_err());
        }
        let call = stack.oneshot(request(Method::GET, "http://heat/", ""));
        assert_eq!(call.await.unwrap().status(), 200);
    }
}
