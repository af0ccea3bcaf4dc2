//! Limits the rate of wire requests.
//!
//! [`tower::limit::RateLimit`] cannot be used here: it is not [`Clone`], so that all calls would have to
//! pass a `Buffer`; it counts in fixed windows, so that twice the number may pass around the end of a
//! window; and a caller that is ready but never calls keeps the others waiting.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::Either;
use http::{Request, Response};
use tokio::sync::Mutex;
use tower::{Layer, Service, ServiceExt as _};

use crate::clock::{self, Instant};
use crate::error::{Error, Result};
use crate::transport::layers::future::layer_future;
use crate::transport::layers::{BoxFuture, HttpService};
use crate::transport::{Body, Call};

/// Tokio's timers fire up to this long after their time.
const RESOLUTION: Duration = Duration::from_millis(1);

/// A rate of requests, for [`RateLimitLayer`].
///
/// ```
/// use std::time::Duration;
/// use heatclient::transport::layers::RateLimit;
///
/// let twenty_a_second = RateLimit::new(20, Duration::from_secs(1));
/// let with_bursts = RateLimit::new(100, Duration::from_secs(60)).burst(10);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// The time between two requests.
    interval: Duration,
    burst: u32,
}

impl RateLimit {
    /// At most `requests` in each period `per`, evenly spaced. 0 requests count as 1.
    pub fn new(requests: u32, per: Duration) -> Self {
        Self {
            interval: per / requests.max(1),
            burst: 1,
        }
    }

    /// Sets how many requests may be sent at once after a pause. 1 by default; 0 counts as 1.
    #[must_use]
    pub fn burst(mut self, requests: u32) -> Self {
        self.burst = requests.max(1);
        self
    }
}

/// Limits the rate of wire requests. Requests wait in order.
///
/// It is a token bucket: it holds as many tokens as a [burst](RateLimit::burst) has requests, and gets
/// new ones at the rate of the limit. Each wire request takes one, so that in `t` seconds at most
/// `burst + rate * t` requests are sent. A caller that gives up takes none.
///
/// A service of an [`Adapter`](crate::session::Adapter) may have a limit of its own. Requests to it
/// pass both.
#[derive(Debug, Clone, Default)]
pub struct RateLimitLayer(Option<Limiter>);

impl RateLimitLayer {
    /// Sets the limit; `None` for no limit.
    pub fn new(limit: Option<RateLimit>) -> Self {
        Self(limit.map(Limiter::new))
    }
}

impl<S> Layer<S> for RateLimitLayer {
    type Service = RateLimited<S>;

    fn layer(&self, inner: S) -> RateLimited<S> {
        RateLimited {
            inner,
            limiter: self.0.clone(),
        }
    }
}

/// The service of [`RateLimitLayer`].
#[derive(Debug, Clone)]
pub struct RateLimited<S> {
    inner: S,
    limiter: Option<Limiter>,
}

impl<S: HttpService> Service<Request<Body>> for RateLimited<S> {
    type Response = Response<Body>;
    type Error = Error;
    type Future = RateLimitedFuture<S>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let call = request.extensions().get::<Call>();
        let service = call.and_then(|call| call.service_at(request.uri()));
        let of_service = service.and_then(|service| service.rate_limit.as_ref());
        if of_service.is_none() && self.limiter.is_none() {
            return RateLimitedFuture::new(Either::Left(self.inner.call(request)));
        }
        let limiters = [of_service.cloned(), self.limiter.clone()];
        let inner = self.inner.clone();
        RateLimitedFuture::new(Either::Right(Box::pin(async move {
            for limiter in limiters.iter().flatten() {
                limiter.take().await;
            }
            inner.oneshot(request).await
        })))
    }
}

layer_future! {
    /// The future of [`RateLimited`].
    pub struct RateLimitedFuture<S>(Either<S::Future, BoxFuture>);
}

/// A token bucket, shared by its clones.
#[derive(Debug, Clone)]
pub(crate) struct Limiter {
    limit: RateLimit,
    /// When the bucket will be full; `None` if it has not been used. The lock is the queue: Tokio's
    /// mutex is fair, and a caller that gives up leaves its place.
    full_at: Arc<Mutex<Option<Instant>>>,
}

impl Limiter {
    pub(crate) fn new(limit: RateLimit) -> Self {
        Self {
            limit,
            full_at: Arc::default(),
        }
    }

    /// Takes a token, waits for it if necessary.
    async fn take(&self) {
        let RateLimit { interval, burst } = self.limit;
        let (mut full_at, mut waited) = match self.full_at.try_lock() {
            Ok(full_at) => (full_at, false),
            Err(_) => (self.full_at.lock().await, true),
        };
        let mut now = clock::now();
        let full = full_at.unwrap_or(now);
        // There is a token if the bucket lacks less than all of them.
        let spare = interval.saturating_mul(burst - 1);
        if let Some(due) = full.checked_sub(spare).filter(|due| *due > now) {
            tokio::time::sleep_until(due).await;
            now = clock::now();
            waited = true;
        }
        // The lateness of a timer is no loss. Longer delays are not made up for.
        let late = if waited { RESOLUTION } else { Duration::ZERO };
        let from = full.max(now.checked_sub(late).unwrap_or(now));
        *full_at = from.checked_add(interval);
    }
}

#[cfg(test)]
mod tests {
    use http::Method;
    use tower::ServiceBuilder;

    use super::*;
    use crate::transport::layers::{RetryLayer, RetryPolicy};
    use crate::transport::testing::{Wire, answer, request};

    fn secs(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    /// When each of `calls` concurrent requests reaches the server, in milliseconds.
    async fn sent(limit: RateLimit, calls: usize) -> Vec<u128> {
        let (wire, log) = Wire::new(Duration::ZERO, |_, _| answer(200));
        let stack = RateLimitLayer::new(Some(limit)).layer(wire);
        let start = clock::now();
        let calls = (0..calls).map(|n| {
            let url = format!("http://heat/{n}");
            stack.clone().oneshot(request(Method::GET, &url, ""))
        });
        futures::future::try_join_all(calls).await.unwrap();
        let seen = log.seen();
        for (n, seen) in seen.iter().enumerate() {
            assert_eq!(seen.uri, format!("http://heat/{n}"), "first in, first out");
        }
        seen.iter().map(|s| (s.at - start).as_millis()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn exactly_so_many_are_sent_in_a_time() {
        // Requests, seconds, burst, milliseconds between two requests, rounded up.
        for (requests, per, burst, step) in [
            (20, 1, 1, 50.0),
            (20, 1, 5, 50.0),
            (1, 2, 1, 2000.0),
            (3, 1, 1, 1000.0 / 3.0),
            (7, 1, 2, 1000.0 / 7.0),
            (3000, 1, 1, 1.0 / 3.0),
            (0, 1, 0, 1000.0),
        ] {
            let limit = RateLimit::new(requests, secs(per)).burst(burst);
            let at = sent(limit, 100).await;
            for (n, at) in at.iter().enumerate() {
                let n = n.saturating_sub(burst.max(1) as usize - 1);
                let due = (n as f64 * step).ceil();
                let late = *at as f64 - due;
                assert!(
                    (0.0..=1.0).contains(&late),
                    "{limit:?}: {n} at {at}, due {due}"
                );
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_gives_no_more_credit_than_a_burst() {
        let (wire, log) = Wire::new(Duration::ZERO, |_, _| answer(200));
        let stack = RateLimitLayer::new(Some(RateLimit::new(10, secs(1)).burst(3))).layer(wire);
        let call = || {
            stack
                .clone()
                .oneshot(request(Method::GET, "http://heat/", ""))
        };
        call().await.unwrap();
        tokio::time::sleep(secs(3600)).await;
        let start = clock::now();
        futures::future::try_join_all((0..6).map(|_| call()))
            .await
            .unwrap();
        let at = |seen: &crate::transport::testing::Seen| (seen.at - start).as_millis();
        let at: Vec<_> = log.seen().iter().skip(1).map(at).collect();
        assert_eq!(at, [0, 0, 0, 100, 200, 300]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_that_gives_up_takes_no_token() {
        let (wire, log) = Wire::new(Duration::ZERO, |_, _| answer(200));
        let stack = RateLimitLayer::new(Some(RateLimit::new(1, secs(10)))).layer(wire);
        let call = || {
            stack
                .clone()
                .oneshot(request(Method::GET, "http://heat/", ""))
        };
        let start = clock::now();
        call().await.unwrap();
        // One of these waits for the timer, the others in the queue.
        for _ in 0..5 {
            let waits = futures::future::join_all((0..3).map(|_| call()));
            assert!(tokio::time::timeout(secs(1), waits).await.is_err());
        }
        call().await.unwrap();
        assert_eq!((clock::now() - start, log.count()), (secs(10), 2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stalled_runtime_is_not_made_up_for() {
        let (wire, log) = Wire::new(Duration::ZERO, |_, _| answer(200));
        let stack = RateLimitLayer::new(Some(RateLimit::new(10, secs(1)))).layer(wire);
        let call = || {
            stack
                .clone()
                .oneshot(request(Method::GET, "http://heat/", ""))
        };
        let mut calls = futures::future::join_all((0..4).map(|_| call()));
        assert!(futures::poll!(&mut calls).is_pending());
        // Nothing is polled for a minute.
        tokio::time::advance(secs(60)).await;
        let start = clock::now();
        calls.await;
        let late: Vec<_> = log.seen().iter().skip(1).map(|s| s.at).collect();
        let at: Vec<_> = late
            .iter()
            .map(|at| at.duration_since(start).as_millis())
            .collect();
        assert_eq!(at, [0, 99, 199]);
    }

    #[tokio::test(start_paused = true)]
    async fn retries_count() {
        let (wire, log) = Wire::new(Duration::ZERO, |_, _| answer(503));
        let policy = RetryPolicy::new(4).backoff(Duration::ZERO, Duration::ZERO);
        let stack = ServiceBuilder::new()
            .layer(RetryLayer::new(policy))
            .layer(RateLimitLayer::new(Some(RateLimit::new(1, secs(5)))))
            .service(wire);
        let start = clock::now();
        stack
            .oneshot(request(Method::GET, "http://heat/", ""))
            .await
            .unwrap();
        assert_eq!((clock::now() - start, log.count()), (secs(15), 4));
    }
}
