//! Retries of requests that may be repeated.

mod policy;

pub(crate) use policy::Reason;
pub use policy::RetryPolicy;

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
        let mut progress = Progress {
            tries: 1,
            read_timeouts,
            ..Progress::default()
        };
        self.0
            .next_delay(replay, &Err(error.clone()), &mut progress)
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
        if !is_failure(&first, None, self.policy()) && !self.may_be_from_intermediary(&first) {
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
            if !is_failure(&result, tries.sender, self.policy()) {
                self.shared.budget.deposit();
                return result;
            }
            tries.add(&result);
            let (Some(delay), Some(request)) = (
                self.shared.next_delay(&self.replay, &result, &mut tries),
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

    fn policy(&self) -> &RetryPolicy {
        self.shared.policy(self.replay.call())
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
    connect_retries: u32,
    status_code_retries: u32,
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

    /// Counts a retry, unless `limit` is reached. Earlier retries of the call count, such as those before
    /// a redirect.
    fn count(&mut self, reason: Reason, limit: u32, call: Option<&Call>) -> bool {
        let own = match reason {
            Reason::Connect => &mut self.connect_retries,
            Reason::Status => &mut self.status_code_retries,
        };
        let used = call.map_or(0, |call| call.retries(reason)).max(*own);
        if used >= limit {
            return false;
        }
        *own = used + 1;
        if let Some(call) = call {
            call.count_retry(reason);
        }
        true
    }
}

impl Shared {
    /// The policy of a call.
    fn policy<'a>(&'a self, call: Option<&'a Call>) -> &'a RetryPolicy {
        let own = call.and_then(|call| call.options().retry.as_ref());
        own.unwrap_or(&self.policy)
    }

    /// The delay before the next attempt, which is logged; `None` if there is no next attempt.
    fn next_delay(
        &self,
        replay: &Replay,
        result: &Result<Response<Body>>,
        progress: &mut Progress,
    ) -> Option<Duration> {
        let call = replay.call();
        let policy = self.policy(call);
        // Earlier attempts of the call count, such as those before an interrupted response.
        let next = call
            .map_or(0, Call::attempts)
            .max(progress.tries)
            .saturating_add(1);
        let is_last = policy.attempts.is_some_and(|most| next > most);
        if is_last || replay.is_spent() || call.is_some_and(Call::login_failed) {
            return None;
        }
        let idempotent = replay.is_idempotent();
        let (reason, requested) = match result {
            Ok(response) => {
                let requested = retry_after(response.headers());
                let status = response.status();
                // The server says that it did not process the request.
                let was_refused = matches!(
                    status,
                    StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
                ) && requested.is_some();
                let is_transient = policy.is_retriable(status) && (idempotent || was_refused)
                    || idempotent && is_foreign(progress.sender, policy);
                if !is_transient {
                    return None;
                }
                (Reason::Status, requested)
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
                (Reason::Connect, None)
            }
        };
        let delay = policy.delay(reason, next, requested);
        // Returning this failure is more useful than waiting until the deadline passes.
        let deadline = call.and_then(Call::deadline);
        let too_late = deadline.is_some_and(|at| clock::after(delay) >= at);
        let limit = policy.rule(reason).retries;
        if too_late || !progress.count(reason, limit, call) || !self.budget.withdraw() {
            return None;
        }
        report(replay, result, delay, next);
        Some(delay)
    }
}

/// Logs a retry, its reason and its delay.
fn report(replay: &Replay, result: &Result<Response<Body>>, delay: Duration, attempt: u32) {
    let is_logged = replay.call().is_none_or(Call::is_logged);
    if !is_logged || !tracing::enabled!(target: "heatclient::retry", tracing::Level::INFO) {
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
fn is_failure(
    result: &Result<Response<Body>>,
    sender: Option<Sender>,
    policy: &RetryPolicy,
) -> bool {
    match result {
        Ok(response) => {
            response.status().is_server_error()
                || policy.is_retriable(response.status())
                || is_foreign(sender, policy)
        }
        Err(_) => true,
    }
}

/// Whether an intermediary sent a 404 that is retried.
fn is_foreign(sender: Option<Sender>, policy: &RetryPolicy) -> bool {
    sender == Some(Sender::Intermediary) && policy.codes.is_none()
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
