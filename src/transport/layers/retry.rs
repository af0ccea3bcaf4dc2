//! Retries that know what may be repeated.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{HeaderMap, Request, Response, StatusCode, Uri};
use tower::{Layer, Service, ServiceExt as _};

use crate::clock;
use crate::error::{Error, ErrorKind, Fault, Result, Sender};
use crate::transport::call::{Asked, Call};
use crate::transport::layers::HttpService;
use crate::transport::layers::first_then::{FirstThen, Next, Then};
use crate::transport::layers::future::layer_future;
use crate::transport::layers::replay::Replay;
use crate::transport::not_found::is_not_found;
use crate::transport::{Body, date, read};
use crate::uri;

/// How retries go.
///
/// What was never sent is repeated whatever its method. What was sent is repeated if its method
/// is idempotent (RFC 9110, 9.2.2: not POST, not PATCH) or the call says so, after a broken
/// connection, an answer that broke off, 429, 502, 503, 504, a 404 that did not come from the
/// service, and once after a read timeout; POST and PATCH only after 429 and 503 with a
/// `Retry-After`, with which the server says that it did nothing.
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

    /// At most `attempts` tries in all.
    pub const fn new(attempts: u32) -> Self {
        Self {
            attempts,
            base: Duration::from_millis(250),
            cap: Duration::from_secs(8),
            retry_after_cap: Duration::from_secs(30),
        }
    }

    /// The wait before the second try is random between 0 and `base`, and its bound doubles with
    /// each further one up to `cap`. 250 ms and 8 s by default.
    #[must_use]
    pub const fn backoff(mut self, base: Duration, cap: Duration) -> Self {
        self.base = base;
        self.cap = cap;
        self
    }

    /// The most that a `Retry-After` is heeded; 30 s by default.
    #[must_use]
    pub const fn retry_after_cap(mut self, cap: Duration) -> Self {
        self.retry_after_cap = cap;
        self
    }

    /// How long to wait before try number `next` (2 is the first retry).
    fn delay(&self, next: u32, asked: Option<Duration>) -> Duration {
        let doubled = self
            .base
            .saturating_mul(1u32.checked_shl(next.saturating_sub(2)).unwrap_or(u32::MAX));
        let backoff = clock::jittered(doubled.min(self.cap));
        match asked {
            // The jitter keeps those who were told the same moment apart.
            Some(asked) => asked.min(self.retry_after_cap).saturating_add(backoff),
            None => backoff,
        }
    }
}

impl Default for RetryPolicy {
    /// Four tries.
    fn default() -> Self {
        Self::new(4)
    }
}

/// Repeats what may be repeated, as its [`RetryPolicy`] and a budget allow.
///
/// The budget is shared by all calls: each retry takes from it, each success gives a little back,
/// so that a service that is down is not kept down by its clients.
#[derive(Debug, Clone)]
pub struct RetryLayer(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    policy: RetryPolicy,
    budget: Budget,
}

impl RetryLayer {
    /// Retries by `policy`, unless a call brings its own.
    pub fn new(policy: RetryPolicy) -> Self {
        Self(Arc::new(Shared {
            policy,
            budget: Budget::default(),
        }))
    }

    /// How long to wait before a request is repeated whose answer broke off in its body; `None` if
    /// it is not to be repeated.
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

/// What is needed should the first try fail.
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
        Next::Continue(Box::pin(self.keep_trying(first)))
    }
}

impl<S: HttpService> Tries<S> {
    async fn keep_trying(self, first: Result<Response<Body>>) -> Result<Response<Body>> {
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

    /// Has a failure tell what was asked.
    fn named(&self, result: Result<Response<Body>>) -> Result<Response<Body>> {
        let Replay { method, uri, .. } = &self.replay;
        match result {
            Ok(response) => {
                if let (400.., Some(call)) = (response.status().as_u16(), self.replay.call()) {
                    call.set_asked(Asked {
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
        let is_there = !call.strayed() && uri::same_host(&destination.endpoint, &self.replay.uri);
        is_there.then_some(destination.service.name)
    }

    /// Whether a 404 could be an intermediary's, which only its body tells, and be repeated.
    fn may_be_from_intermediary(&self, result: &Result<Response<Body>>) -> bool {
        let Ok(response) = result else { return false };
        is_not_found(response.status())
            && read::request_id(response.headers()).is_none()
            && self.replay.is_idempotent()
            && self.service().is_some()
    }
}

/// Reads the body of a 404 to learn who sent it.
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

/// What the tries of a call have come to so far.
#[derive(Debug, Default)]
struct Progress {
    tries: u32,
    /// How often a server had the request and gave no answer in time.
    read_timeouts: u32,
    /// Who sent the last answer, if that is a 404.
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
    /// How long to wait before the next try, which is logged; `None` if there is to be none.
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
        // What was tried before this layer saw the call, such as an answer that was cut off, counts.
        let next = call
            .map_or(0, Call::attempts)
            .max(progress.tries)
            .saturating_add(1);
        if next > policy.attempts || replay.is_spent() || call.is_some_and(Call::login_failed) {
            return None;
        }
        let idempotent = replay.is_idempotent();
        let asked = match result {
            Ok(response) => {
                let asked = retry_after(response.headers());
                match response.status() {
                    StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
                        if idempotent || asked.is_some() => {}
                    StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT if idempotent => {}
                    _ if idempotent && progress.sender == Some(Sender::Intermediary) => {}
                    _ => return None,
                }
                asked
            }
            Err(error) => {
                let transient = match error.kind() {
                    ErrorKind::Connect => true,
                    // A server that does not answer is not waited for again and again.
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
        let delay = policy.delay(next, asked);
        // The answer at hand tells more than a deadline that passes in sleep.
        let deadline = call.and_then(Call::deadline);
        let too_late = deadline.is_some_and(|at| clock::after(delay) >= at);
        if too_late || !self.budget.withdraw() {
            return None;
        }
        report(replay, result, delay, next);
        Some(delay)
    }
}

/// Logs what is repeated, why, and when.
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

/// Whether the call may have to be repeated.
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

/// How long a server asks to wait (RFC 9110, 10.2.3): seconds or a date, nothing else.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = date::parse(text)?;
    // A moment in the past asks for no wait at all.
    Some(Duration::try_from(at.duration_since(clock::wall())).unwrap_or_default())
}

/// Tokens for retries: a failing service uses them up, a working one refills them.
#[derive(Debug)]
struct Budget(AtomicI64);

impl Budget {
    const FULL: i64 = 500;
    const RETRY: i64 = 5;

    fn deposit(&self) {
        // Nearly always full: then nothing is written, and no cache line moves between cores.
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
