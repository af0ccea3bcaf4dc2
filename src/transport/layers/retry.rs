//! Retries of requests that may be repeated.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{HeaderMap, Request, Response, StatusCode, Uri};
use tower::{Layer, Service, ServiceExt as _};

use crate::clock;
use crate::error::{Error, ErrorKind, Fault, Result, Sender};
use crate::transport::call::{Call, FailedRequest};
use crate::transport::layers::HttpService;
use crate::transport::layers::first_then::{FirstThen, Next, Then};
use crate::transport::layers::future::layer_future;
use crate::transport::layers::replay::Replay;
use crate::transport::not_found::is_not_found;
use crate::transport::{Body, date, read};
use crate::uri;

/// The retry policy.
///
/// - A request that was not sent is retried with any method.
/// - A request that was sent is retried if it is idempotent by its method (RFC 9110, 9.2.2: all but
///   POST and PATCH) or by the call's options. Reasons for a retry are a broken connection, an
///   interrupted response, 429, 502, 503, 504, a 404 that did not come from the service, and, once, a
///   read timeout.
/// - POST and PATCH are retried only after 429 and 503 with `Retry-After`, with which the server says
///   that it did not process the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryPolicy {
    attempts: u32,
    base: Duration,
    cap: Duration,
    retry_after_cap: Duration,
}

impl RetryPolicy {
    /// No retries.
    pub const fn none() -> Self {
        Self::new(1)
    }

    /// At most `attempts` attempts in total.
    pub const fn new(attempts: u32) -> Self {
        Self {
            attempts,
            base: Duration::from_millis(250),
            cap: Duration::from_secs(8),
            retry_after_cap: Duration::from_secs(30),
        }
    }

    /// Sets the back-off. The delay before the second attempt is random between 0 and `base`. The upper
    /// bound doubles with each further attempt, up to `cap`. 250 ms and 8 s by default.
    #[must_use]
    pub const fn backoff(mut self, base: Duration, cap: Duration) -> Self {
        self.base = base;
        self.cap = cap;
        self
    }

    /// Sets the maximum `Retry-After`; longer ones are cut to it. 30 s by default.
    #[must_use]
    pub const fn retry_after_cap(mut self, cap: Duration) -> Self {
        self.retry_after_cap = cap;
        self
    }

    /// The delay before attempt number `next` (2 is the first retry).
    fn delay(&self, next: u32, requested: Option<Duration>) -> Duration {
        let doubled = self
            .base
            .saturating_mul(1u32.checked_shl(next.saturating_sub(2)).unwrap_or(u32::MAX));
        let backoff = clock::jittered(doubled.min(self.cap));
        match requested {
            // The jitter spreads the retries of clients that got the same `Retry-After`.
            Some(requested) => requested.min(self.retry_after_cap).saturating_add(backoff),
            None => backoff,
        }
    }
}

impl Default for RetryPolicy {
    /// Four attempts.
    fn default() -> Self {
        Self::new(4)
    }
}

/// Retries requests within its [`RetryPolicy`] and a budget.
///
/// All calls share the budget. Each retry takes from it, and each success refills it a little, so
/// that retries do not overload a failing service.
#[derive(Debug, Clone)]
pub struct RetryLayer(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    policy: RetryPolicy,
    budget: Budget,
}

impl RetryLayer {
    /// Creates a layer with the policy of calls that do not set their own.
    pub fn new(policy: RetryPolicy) -> Self {
        Self(Arc::new(Shared {
            policy,
            budget: Budget::default(),
        }))
    }

    /// The delay before the retry of a request whose response body was interrupted; `None` if it must
    /// not be retried.
    pub(crate) fn delay_after_body(
        &self,
        replay: &Replay,
        error: &Error,
        read_timeouts: u32,
    ) -> Option<Duration> {
        let progress = Progress {
            tries: 1,
            read_timeouts,
            sender: None,
        };
        self.0.next_delay(replay, &Err(error.clone()), &progress)
    }
}

impl<S: Clone> Layer<S> for RetryLayer {
    type Service = Retry<S>;

    fn layer(&self, inner: S) -> Retry<S> {
        Retry {
            again: Arc::new(inner.clone()),
            inner,
            shared: Arc::clone(&self.0),
        }
    }
}

/// The service of [`RetryLayer`].
#[derive(Debug, Clone)]
pub struct Retry<S> {
    inner: S,
    again: Arc<S>,
    shared: Arc<Shared>,
}

impl<S: HttpService> Service<Request<Body>> for Retry<S> {
    type Response = Response<Body>;
    type Error = Error;
    type Future = RetryFuture<S>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let then = Tries {
            replay: Replay::of(&request),
            again: Arc::clone(&self.again),
            shared: Arc::clone(&self.shared),
        };
        RetryFuture::new(FirstThen::new(self.inner.call(request), then))
    }
}

layer_future! {
    /// The future of [`Retry`].
    pub struct RetryFuture<S>(FirstThen<S::Future, Tries<S>>);
}

/// The state for retries after the first attempt.
#[derive(Debug)]
struct Tries<S> {
    replay: Replay,
    again: Arc<S>,
    shared: Arc<Shared>,
}

impl<S: HttpService> Then for Tries<S> {
    fn then(self, first: Result<Response<Body>>) -> Next {
        let first = self.named(first);
        if !is_failure(&first, None) && !self.may_be_from_intermediary(&first) {
            self.shared.budget.deposit();
            return Next::Done(first);
        }
        Next::Continue(Box::pin(self.run(first)))
    }
}

impl<S: HttpService> Tries<S> {
    async fn run(self, first: Result<Response<Body>>) -> Result<Response<Body>> {
        let mut result = first;
        let mut tries = Progress::default();
        loop {
            tries.sender = None;
            if self.may_be_from_intermediary(&result) {
                (result, tries.sender) = classified(result, &self.replay.uri).await;
            }
            if !is_failure(&result, tries.sender) {
                self.shared.budget.deposit();
                return result;
            }
            tries.add(&result);
            let (Some(delay), Some(request)) = (
                self.shared.next_delay(&self.replay, &result, &tries),
                self.replay.request(),
            ) else {
                return result;
            };
            if let Ok(response) = result {
                read::drain(response.into_body()).await;
            }
            tokio::time::sleep(delay).await;
            let again = (*self.again).clone();
            result = again.oneshot(request).await;
            result = self.named(result);
        }
    }

    /// Adds the request to a failure.
    fn named(&self, result: Result<Response<Body>>) -> Result<Response<Body>> {
        let Replay { method, uri, .. } = &self.replay;
        match result {
            Ok(response) => {
                if let (400.., Some(call)) = (response.status().as_u16(), self.replay.call()) {
                    call.set_failed_request(FailedRequest {
                        method: method.clone(),
                        uri: uri.clone(),
                        service: self.service(),
                    });
                }
                Ok(response)
            }
            Err(error) => Err(error.with_request(method, uri)),
        }
    }

    /// The service that the call went to; `None` for other URLs.
    fn service(&self) -> Option<&'static str> {
        let call = self.replay.call()?;
        let destination = call.destination()?;
        let is_there =
            !call.cross_origin() && uri::same_host(&destination.endpoint, &self.replay.uri);
        is_there.then_some(destination.service.name)
    }

    /// Whether a 404 may come from an intermediary and may be retried. Its body must be read to decide.
    fn may_be_from_intermediary(&self, result: &Result<Response<Body>>) -> bool {
        let Ok(response) = result else { return false };
        is_not_found(response.status())
            && read::request_id(response.headers()).is_none()
            && self.replay.is_idempotent()
            && self.service().is_some()
    }
}

/// Reads the body of a 404 to classify its sender.
async fn classified(
    result: Result<Response<Body>>,
    uri: &Uri,
) -> (Result<Response<Body>>, Option<Sender>) {
    let (parts, body) = match result {
        Ok(response) => response.into_parts(),
        Err(error) => return (Err(error), None),
    };
    let body = read::error_body(body).await.unwrap_or_default();
    let fault = Fault::parse(&parts.headers, &body);
    let sender = Sender::of(parts.status, &parts.headers, fault.as_ref(), uri);
    (Ok(Response::from_parts(parts, body.into())), sender)
}

/// The attempts of a call so far.
#[derive(Debug, Default)]
struct Progress {
    tries: u32,
    /// The number of requests that were sent and timed out.
    read_timeouts: u32,
    /// The sender of the last response, if it is a 404.
    sender: Option<Sender>,
}

impl Progress {
    fn add(&mut self, result: &Result<Response<Body>>) {
        self.tries += 1;
        if let Err(error) = result
            && error.is_timeout()
            && error.may_have_been_sent()
        {
            self.read_timeouts += 1;
        }
    }
}

impl Shared {
    /// The delay before the next attempt, which is logged; `None` if there is no next attempt.
    fn next_delay(
        &self,
        replay: &Replay,
        result: &Result<Response<Body>>,
        progress: &Progress,
    ) -> Option<Duration> {
        let call = replay.call();
        let policy = call
            .and_then(|c| c.options().retry.as_ref())
            .unwrap_or(&self.policy);
        // Earlier attempts of the call count, such as those before an interrupted response.
        let next = call
            .map_or(0, Call::attempts)
            .max(progress.tries)
            .saturating_add(1);
        if next > policy.attempts || replay.is_spent() || call.is_some_and(Call::login_failed) {
            return None;
        }
        let idempotent = replay.is_idempotent();
        let requested = match result {
            Ok(response) => {
                let requested = retry_after(response.headers());
                match response.status() {
                    StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
                        if idempotent || requested.is_some() => {}
                    StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT if idempotent => {}
                    _ if idempotent && progress.sender == Some(Sender::Intermediary) => {}
                    _ => return None,
                }
                requested
            }
            Err(error) => {
                let transient = match error.kind() {
                    ErrorKind::Connect => true,
                    // A request that timed out is retried only once.
                    ErrorKind::Timeout if progress.read_timeouts > 1 => false,
                    ErrorKind::Interrupted | ErrorKind::Timeout => {
                        idempotent || !error.may_have_been_sent()
                    }
                    _ => false,
                };
                if !transient {
                    return None;
                }
                None
            }
        };
        let delay = policy.delay(next, requested);
        // Returning this failure is more useful than waiting until the deadline passes.
        let deadline = call.and_then(Call::deadline);
        let too_late = deadline.is_some_and(|at| clock::after(delay) >= at);
        if too_late || !self.budget.withdraw() {
            return None;
        }
        report(replay, result, delay, next);
        Some(delay)
    }
}

/// Logs a retry, its reason and its delay.
fn report(replay: &Replay, result: &Result<Response<Body>>, delay: Duration, attempt: u32) {
    if !tracing::enabled!(target: "heatclient::retry", tracing::Level::INFO) {
        return;
    }
    let masked = |text: String| match replay.call() {
        Some(call) => call.masked(&text).into_owned(),
        None => text,
    };
    let at = masked(uri::shown(&replay.uri).to_string());
    let why = masked(match result {
        Ok(response) => response.status().to_string(),
        Err(error) => error.to_string(),
    });
    let method = &replay.method;
    tracing::info!(target: "heatclient::retry", %method, uri = %at, %why, ?delay, attempt, "retrying");
}

/// Whether the result is a failure that may be retried.
fn is_failure(result: &Result<Response<Body>>, sender: Option<Sender>) -> bool {
    match result {
        Ok(response) => {
            response.status().is_server_error()
                || response.status() == StatusCode::TOO_MANY_REQUESTS
                || sender == Some(Sender::Intermediary)
        }
        Err(_) => true,
    }
}

/// Parses `Retry-After` (RFC 9110, 10.2.3): seconds or a date.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = date::parse(text)?;
    // A date in the past means no delay.
    Some(Duration::try_from(at.duration_since(clock::wall())).unwrap_or_default())
}

/// The retry budget: retries withdraw from it, successes refill it.
#[derive(Debug)]
struct Budget(AtomicI64);

impl Budget {
    const FULL: i64 = 500;
    const RETRY: i64 = 5;

    fn deposit(&self) {
        // The budget is mostly full. Not writing then avoids contention on the cache line.
        if self.0.load(Ordering::Relaxed) < Self::FULL {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn withdraw(&self) -> bool {
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                (left >= Self::RETRY).then_some(left - Self::RETRY)
            })
            .is_ok()
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self(AtomicI64::new(Self::FULL))
    }
}

#[cfg(test)]
mod tests;
