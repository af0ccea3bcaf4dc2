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
                    let error = error.to_string();
                    let error = match self.replay.call() {
                        Some(call) => call.masked(&error),
                        None => error.into(),
                    };
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
        let delay = policy.delay(next, asked);
        // The answer at hand tells more than a deadline that passes in sleep.
        let deadline = call.and_then(Call::deadline);
        let too_late = deadline.is_some_and(|at| clock::after(delay) >= at);
        (!too_late && self.shared.budget.withdraw()).then_some(delay)
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

#[cfg(test)]
mod tests {
    use futures::StreamExt as _;

    use super::*;
    use crate::clock::Instant;
    use crate::http::testing::{
        Wire, answer, answer_with, interrupted, refused, request, request_with, stream,
    };
    use crate::session::CallOptions;

    const URL: &str = "http://heat/stacks?secret=1";

    fn sent_timeout() -> Error {
        Error::new(ErrorKind::Timeout, "no answer").after_sending()
    }

    fn unsent_timeout() -> Error {
        Error::new(ErrorKind::Timeout, "no connection")
    }

    fn tls() -> Error {
        Error::new(ErrorKind::Tls, "not to be trusted")
    }

    /// How often a request is sent to a server that always answers so.
    async fn sent(
        request: Request<Body>,
        script: fn() -> Result<Response<Body>>,
    ) -> (usize, Result<Response<Body>>) {
        let (wire, log) = Wire::new(Duration::ZERO, move |_, _| script());
        let stack = RetryLayer::new(RetryPolicy::default()).layer(wire);
        let result = stack.oneshot(request).await;
        (log.count(), result)
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_repeated() {
        type Script = fn() -> Result<Response<Body>>;
        // name, script, tries of a GET, tries of a POST
        let table: [(&str, Script, usize, usize); 16] = [
            ("no connection", || Err(refused()), 4, 4),
            ("no connection in time", || Err(unsent_timeout()), 4, 4),
            ("tls", || Err(tls()), 1, 1),
            ("broken connection", || Err(interrupted()), 4, 1),
            ("no answer in time", || Err(sent_timeout()), 4, 1),
            ("429", || answer(429), 4, 1),
            ("502", || answer(502), 4, 1),
            ("503", || answer(503), 4, 1),
            ("504", || answer(504), 4, 1),
            (
                "429 told",
                || answer_with(429, &[("retry-after", "1")]),
                4,
                4,
            ),
            (
                "503 told",
                || answer_with(503, &[("retry-after", "1")]),
                4,
                4,
            ),
            (
                "502 told",
                || answer_with(502, &[("retry-after", "1")]),
                4,
                1,
            ),
            (
                "503 with garbage",
                || answer_with(503, &[("retry-after", "soon")]),
                4,
                1,
            ),
            ("500", || answer(500), 1, 1),
            ("404", || answer(404), 1, 1),
            (
                "409 told",
                || answer_with(409, &[("retry-after", "1")]),
                1,
                1,
            ),
        ];
        for (name, script, get, post) in table {
            for (method, tries) in [
                ("GET", get),
                ("HEAD", get),
                ("PUT", get),
                ("DELETE", get),
                ("POST", post),
                ("PATCH", post),
            ] {
                let method: Method = method.parse().unwrap();
                let (count, result) = sent(request(method.clone(), URL, "body"), script).await;
                assert_eq!(count, tries, "{method} after {name}");
                if let Err(error) = result {
                    assert_eq!(error.method(), Some(&method));
                    assert_eq!(error.uri().unwrap(), "http://heat/stacks");
                }
            }
            for (method, idempotent, tries) in [("POST", true, get), ("GET", false, post)] {
                let options = CallOptions {
                    idempotent: Some(idempotent),
                    ..CallOptions::default()
                };
                let request = request_with(method.parse().unwrap(), URL, "", options);
                let (count, _) = sent(request, script).await;
                assert_eq!(
                    count, tries,
                    "{method} said to be {idempotent} after {name}"
                );
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_try_that_succeeds_ends_it_and_each_sends_the_same() {
        let (wire, log) = Wire::new(Duration::ZERO, |n, _| match n {
            0 => Err(refused()),
            1 => answer(503),
            _ => answer(200),
        });
        let stack = RetryLayer::new(RetryPolicy::default()).layer(wire);
        let response = stack.oneshot(request(Method::PUT, URL, "body")).await;
        assert_eq!(response.unwrap().status(), 200);
        let seen = log.seen();
        assert_eq!(seen.len(), 3);
        assert!(
            seen.iter()
                .all(|s| s.body == "body" && s.uri == URL && s.method == "PUT")
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_spent_body_is_never_sent_empty() {
        let (count, result) = sent(request(Method::PUT, URL, stream("once")), || {
            Err(interrupted())
        })
        .await;
        assert_eq!(count, 1);
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Interrupted);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_may_bring_its_own_policy() {
        for (policy, tries) in [
            (RetryPolicy::none(), 1),
            (RetryPolicy::new(0), 1),
            (RetryPolicy::new(7), 7),
        ] {
            let options = CallOptions {
                retry: Some(policy),
                ..CallOptions::default()
            };
            let request = request_with(Method::GET, URL, "", options);
            assert_eq!(sent(request, || answer(503)).await.0, tries);
        }
    }

    #[test]
    fn backoff_is_full_jitter_below_a_doubling_bound() {
        let policy = RetryPolicy::new(50);
        for (next, bound) in [
            (2, 250),
            (3, 500),
            (4, 1000),
            (5, 2000),
            (7, 8000),
            (8, 8000),
            (40, 8000),
            (u32::MAX, 8000),
        ] {
            let bound = Duration::from_millis(bound);
            let delays: Vec<_> = (0..500).map(|_| policy.delay(next, None)).collect();
            assert!(delays.iter().all(|delay| *delay <= bound));
            assert!(delays.iter().any(|delay| *delay < bound / 4), "of {next}");
            assert!(
                delays.iter().any(|delay| *delay > bound * 3 / 4),
                "of {next}"
            );
        }
        let endless = RetryPolicy::new(2).retry_after_cap(Duration::MAX);
        assert_eq!(endless.delay(2, Some(Duration::MAX)), Duration::MAX);
    }

    #[tokio::test(start_paused = true)]
    async fn retry_after_is_waited_for_and_clamped() {
        for (asked, least, most) in [
            ("3", 3.0, 3.25),
            ("0", 0.0, 0.25),
            ("86400", 30.0, 30.25),
            ("18446744073709551615", 30.0, 30.25),
        ] {
            let (wire, log) = Wire::new(Duration::ZERO, move |n, _| match n {
                0 => answer_with(503, &[("retry-after", asked)]),
                _ => answer(200),
            });
            let stack = RetryLayer::new(RetryPolicy::default()).layer(wire);
            stack.oneshot(request(Method::POST, URL, "")).await.unwrap();
            let at: Vec<Instant> = log.seen().iter().map(|seen| seen.at).collect();
            let waited = (at[1] - at[0]).as_secs_f64();
            assert!(
                (least..=most + 0.01).contains(&waited),
                "{waited} for {asked}"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn retry_after_is_seconds_or_a_date() {
        let parse = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().unwrap());
            retry_after(&headers)
        };
        for (text, seconds) in [
            ("0", 0),
            ("7", 7),
            (" 120 ", 120),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 0),
        ] {
            assert_eq!(parse(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        for text in [
            "",
            "-5",
            "1.5",
            "soon",
            "1e3",
            "99999999999999999999",
            "1994-11-06",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        let later = clock::wall() + Duration::from_secs(90);
        let date = jiff::fmt::rfc2822::DateTimePrinter::new()
            .timestamp_to_rfc9110_string(&later)
            .unwrap();
        let asked = parse(&date).unwrap().as_secs_f64();
        assert!((88.9..=90.0).contains(&asked), "{asked}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_budget_keeps_a_service_from_being_kept_down() {
        let (wire, log) = Wire::new(Duration::ZERO, |n, _| match n {
            0..200 => answer(503),
            _ => answer(200),
        });
        let stack = RetryLayer::new(RetryPolicy::default()).layer(wire);
        let mut calls = 0;
        while log.count() < 200 {
            calls += 1;
            let _ = stack.clone().oneshot(request(Method::GET, URL, "")).await;
        }
        // 100 retries were all there was.
        assert_eq!(calls, 100);
        for _ in 0..5 {
            stack
                .clone()
                .oneshot(request(Method::GET, URL, ""))
                .await
                .unwrap();
        }
        assert!(
            stack.shared.budget.withdraw(),
            "five successes pay for a retry"
        );
        assert!(!stack.shared.budget.withdraw());
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_is_passed_over_is_read_to_its_end() {
        let read_to_end = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let flag = Arc::clone(&read_to_end);
        let (wire, _) = Wire::new(Duration::ZERO, move |n, _| {
            if n > 0 {
                return answer(200);
            }
            let flag = Arc::clone(&flag);
            let frames = futures::stream::iter(["a", "b"])
                .map(|text| Ok::<_, Error>(http_body::Frame::data(bytes::Bytes::from(text))))
                .chain(futures::stream::poll_fn(move |_| {
                    flag.store(true, Ordering::SeqCst);
                    Poll::Ready(None)
                }));
            let mut response = Response::new(Body::stream(http_body_util::StreamBody::new(frames)));
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            Ok(response)
        });
        let stack = RetryLayer::new(RetryPolicy::default()).layer(wire);
        stack.oneshot(request(Method::GET, URL, "")).await.unwrap();
        assert!(read_to_end.load(Ordering::SeqCst));
    }
}
