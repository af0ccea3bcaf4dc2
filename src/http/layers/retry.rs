//! Retries that know what may be repeated.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use tower::{Layer, Service, ServiceExt as _};

use crate::clock;
use crate::error::{Error, ErrorKind, Result};
use crate::http::layers::HttpService;
use crate::http::layers::first_then::{FirstThen, Next, Then};
use crate::http::layers::replay::Replay;
use crate::http::{Body, read};
use crate::session::Call;

/// How retries go.
///
/// What was never sent is repeated whatever its method. What was sent is repeated if its method
/// is idempotent (RFC 9110, 9.2.2: not POST, not PATCH) or the call says so, after a broken
/// connection, a timeout, 429, 502, 503 and 504; POST and PATCH only after 429 and 503 with a
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
    type Future = FirstThen<S::Future, Tries<S>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let then = Tries {
            replay: Replay::of(&request),
            again: Arc::clone(&self.again),
            shared: Arc::clone(&self.shared),
        };
        FirstThen::new(self.inner.call(request), then)
    }
}

/// What is needed should the first try fail.
#[derive(Debug)]
pub struct Tries<S> {
    replay: Replay,
    again: Arc<S>,
    shared: Arc<Shared>,
}

impl<S: HttpService> Then for Tries<S> {
    fn then(self, first: Result<Response<Body>>) -> Next {
        let first = self.named(first);
        if is_success(&first) {
            self.shared.budget.deposit();
            return Next::Done(first);
        }
        match self.next_delay(&first, 2) {
            Some(delay) => Next::Continue(Box::pin(self.keep_trying(first, delay))),
            None => Next::Done(first),
        }
    }
}

impl<S: HttpService> Tries<S> {
    async fn keep_trying(
        self,
        first: Result<Response<Body>>,
        mut delay: Duration,
    ) -> Result<Response<Body>> {
        let mut result = first;
        let mut next = 2;
        loop {
            let Some(request) = self.replay.request() else {
                return result;
            };
            match &result {
                Ok(response) => {
                    let status = response.status().as_u16();
                    tracing::debug!(target: "heatclient::retry", status, ?delay, attempt = next, "retrying");
                }
                Err(error) => {
                    tracing::debug!(target: "heatclient::retry", %error, ?delay, attempt = next, "retrying")
                }
            }
            if let Ok(response) = result {
                read::drain(response.into_body()).await;
            }
            tokio::time::sleep(delay).await;
            result = (*self.again).clone().oneshot(request).await;
            result = self.named(result);
            if is_success(&result) {
                self.shared.budget.deposit();
                return result;
            }
            next += 1;
            match self.next_delay(&result, next) {
                Some(again) => delay = again,
                None => return result,
            }
        }
    }

    /// Has a failure tell what was asked.
    fn named(&self, result: Result<Response<Body>>) -> Result<Response<Body>> {
        let Replay { method, uri, .. } = &self.replay;
        match result {
            Ok(response) if response.status().as_u16() < 400 => Ok(response),
            Ok(mut response) => {
                read::Asked::of(&mut response).what = Some((method.clone(), uri.clone()));
                Ok(response)
            }
            Err(error) => Err(error.with_request(method, uri)),
        }
    }

    /// How long to wait before try number `next`; `None` if there is to be none.
    fn next_delay(&self, result: &Result<Response<Body>>, next: u32) -> Option<Duration> {
        let call = self.replay.call();
        let policy = call
            .and_then(|c| c.options().retry.as_ref())
            .unwrap_or(&self.shared.policy);
        if next > policy.attempts || self.replay.is_spent() || call.is_some_and(Call::login_failed)
        {
            return None;
        }
        let idempotent = call
            .and_then(|c| c.options().idempotent)
            .unwrap_or_else(|| is_idempotent(&self.replay.method));
        let asked = match result {
            Ok(response) => {
                let asked = retry_after(response.headers());
                match response.status() {
                    StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
                        if idempotent || asked.is_some() => {}
                    StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT if idempotent => {}
                    _ => return None,
                }
                asked
            }
            Err(error) => {
                let transient = match error.kind() {
                    ErrorKind::Connect => true,
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
        self.shared
            .budget
            .withdraw()
            .then(|| policy.delay(next, asked))
    }
}

fn is_success(result: &Result<Response<Body>>) -> bool {
    matches!(result, Ok(response) if !response.status().is_server_error()
        && response.status() != StatusCode::TOO_MANY_REQUESTS)
}

fn is_idempotent(method: &Method) -> bool {
    !matches!(*method, Method::POST | Method::PATCH | Method::CONNECT)
}

/// How long a server asks to wait (RFC 9110, 10.2.3): seconds or a date, nothing else.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = jiff::fmt::rfc2822::DateTimeParser::new()
        .parse_timestamp(text)
        .ok()?;
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
