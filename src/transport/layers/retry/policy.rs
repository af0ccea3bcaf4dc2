//! Which requests are retried, how often and when.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

use crate::clock;

/// The retry policy.
///
/// - A request that was not sent is retried with any method.
/// - A request that was sent is retried if it is idempotent by its method (RFC 9110, 9.2.2: all but
///   POST and PATCH) or by the call's options. Reasons for a retry are a broken connection, an
///   interrupted response, 429, 502, 503, 504, a 404 that did not come from the service, and, once, a
///   read timeout.
/// - POST and PATCH are retried only after 429 and 503 with `Retry-After`, with which the server says
///   that it did not process the request.
///
/// A policy has either one number of attempts for all reasons, or numbers of retries by reason:
///
/// ```
/// use std::time::Duration;
/// use heatclient::transport::layers::RetryPolicy;
///
/// let three_attempts = RetryPolicy::new(3);
/// let patient = RetryPolicy::none()
///     .connect_retries(10)
///     .connect_retry_delay(Duration::from_secs(5));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The attempts for all reasons; `None` if only the numbers by reason count.
    pub(super) attempts: Option<u32>,
    connect: Rule,
    status: Rule,
    /// `None` for the default.
    pub(super) codes: Option<Arc<[StatusCode]>>,
    base: Duration,
    cap: Duration,
    retry_after_cap: Duration,
}

/// The retries for one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) retries: u32,
    /// The fixed delay; `None` for the back-off.
    delay: Option<Duration>,
}

/// The reason for a retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// There was no complete response.
    Connect,
    /// The status of the response.
    Status,
}

impl RetryPolicy {
    /// No retries.
    pub const fn none() -> Self {
        Self::new(1)
    }

    /// At most `attempts` attempts in total.
    pub const fn new(attempts: u32) -> Self {
        let rule = Rule {
            retries: attempts.saturating_sub(1),
            delay: None,
        };
        Self {
            attempts: Some(attempts),
            connect: rule,
            status: rule,
            codes: None,
            base: Duration::from_millis(250),
            cap: Duration::from_secs(8),
            retry_after_cap: Duration::from_secs(30),
        }
    }

    /// Sets the number of retries after failures without a complete response: no connection, a broken
    /// connection, a timeout.
    ///
    /// From then on, retries are counted by reason, and their sum is not limited. The number for the
    /// other reason stays the one of [`new`](Self::new).
    #[must_use]
    pub const fn connect_retries(mut self, retries: u32) -> Self {
        self.attempts = None;
        self.connect.retries = retries;
        self
    }

    /// Sets the number of retries after a response with a
    /// [retriable status](Self::retriable_status_codes). Retries are counted by reason from then on: see
    /// [`connect_retries`](Self::connect_retries).
    #[must_use]
    pub const fn status_code_retries(mut self, retries: u32) -> Self {
        self.attempts = None;
        self.status.retries = retries;
        self
    }

    /// Sets the statuses after which a request is retried. By default 429, 502, 503, 504, and 404 if an
    /// intermediary sent it.
    ///
    /// They do not change which methods are retried: a POST is retried only after 429 and 503 with
    /// `Retry-After`, unless the request is
    /// [idempotent](crate::session::RequestBuilder::idempotent).
    #[must_use]
    pub fn retriable_status_codes(mut self, codes: impl IntoIterator<Item = StatusCode>) -> Self {
        self.codes = Some(codes.into_iter().collect());
        self
    }

    /// Sets a fixed delay before retries after failures without a complete response, in place of the
    /// back-off.
    #[must_use]
    pub const fn connect_retry_delay(mut self, delay: Duration) -> Self {
        self.connect.delay = Some(delay);
        self
    }

    /// Sets a fixed delay before retries after a retriable status, in place of the back-off. A longer
    /// `Retry-After` replaces it.
    #[must_use]
    pub const fn status_code_retry_delay(mut self, delay: Duration) -> Self {
        self.status.delay = Some(delay);
        self
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

    pub(super) const fn rule(&self, reason: Reason) -> &Rule {
        match reason {
            Reason::Connect => &self.connect,
            Reason::Status => &self.status,
        }
    }

    /// Whether responses with this status are failures that may be retried.
    pub(super) fn is_retriable(&self, status: StatusCode) -> bool {
        match &self.codes {
            Some(codes) => codes.contains(&status),
            None => matches!(status.as_u16(), 429 | 502 | 503 | 504),
        }
    }

    /// The delay before attempt number `next` (2 is the first retry).
    pub(super) fn delay(&self, reason: Reason, next: u32, requested: Option<Duration>) -> Duration {
        if let Some(fixed) = self.rule(reason).delay {
            return requested.map_or(fixed, |wish| wish.min(self.retry_after_cap).max(fixed));
        }
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

#[cfg(test)]
mod tests {
    use http::{Method, Request, Response};
    use tower::{Layer as _, ServiceExt as _};

    use super::*;
    use crate::error::Result;
    use crate::transport::layers::{HttpService, RetryLayer};
    use crate::transport::testing::{Wire, answer, answer_with, refused, request, request_with};
    use crate::transport::{Body, CallOptions};

    const URL: &str = "http://heat/stacks";

    type Script = fn(usize) -> Result<Response<Body>>;

    /// When each attempt of a request was made, in milliseconds.
    async fn attempts(policy: RetryPolicy, request: Request<Body>, script: Script) -> Vec<u128> {
        let (wire, log) = Wire::new(Duration::ZERO, move |n, _| script(n));
        let start = clock::now();
        let stack = RetryLayer::new(policy).layer(wire);
        let _ = stack.oneshot(request).await;
        let at = |seen: &crate::transport::testing::Seen| (seen.at - start).as_millis();
        log.seen().iter().map(at).collect()
    }

    async fn count(policy: RetryPolicy, script: Script) -> usize {
        attempts(policy, request(Method::GET, URL, ""), script)
            .await
            .len()
    }

    #[tokio::test(start_paused = true)]
    async fn retries_are_counted_by_reason() {
        let down: Script = |_| Err(refused());
        let busy: Script = |_| answer(503);
        let both: Script = |n| match n % 2 {
            0 => Err(refused()),
            _ => answer(503),
        };
        let new = RetryPolicy::new;
        // Policy, attempts if the server is down, busy, both in turn.
        for (policy, when_down, when_busy, when_both) in [
            (RetryPolicy::default(), 4, 4, 4),
            (new(1).connect_retries(6), 7, 1, 2),
            (new(1).status_code_retries(6), 1, 7, 1),
            (new(4).connect_retries(1), 2, 4, 3),
            (new(4).connect_retries(2).status_code_retries(2), 3, 3, 5),
            (new(9).connect_retries(0).status_code_retries(0), 1, 1, 1),
            (new(0).connect_retries(0), 1, 1, 1),
        ] {
            assert_eq!(count(policy.clone(), down).await, when_down, "{policy:?}");
            assert_eq!(count(policy.clone(), busy).await, when_busy, "{policy:?}");
            assert_eq!(count(policy.clone(), both).await, when_both, "{policy:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn only_the_configured_statuses_are_retried() {
        let codes = |codes: &[u16]| {
            let codes = codes
                .iter()
                .map(|code| StatusCode::from_u16(*code).unwrap());
            RetryPolicy::new(3).retriable_status_codes(codes)
        };
        let told = [("retry-after", "0")];
        for (policy, status, get, post) in [
            (RetryPolicy::new(3), 503, 3, 3),
            (RetryPolicy::new(3), 500, 1, 1),
            (codes(&[500]), 500, 3, 1),
            (codes(&[500]), 503, 1, 1),
            (codes(&[409, 429]), 409, 3, 1),
            (codes(&[409, 429]), 429, 3, 3),
            (codes(&[]), 503, 1, 1),
            (codes(&[404]), 404, 3, 1),
        ] {
            for (method, options, expected) in [
                (Method::GET, None, get),
                (Method::POST, None, post),
                (Method::POST, Some(true), get),
            ] {
                let (wire, log) = Wire::new(Duration::ZERO, move |_, _| answer_with(status, &told));
                let options = CallOptions {
                    idempotent: options,
                    retry: Some(policy.clone()),
                    ..CallOptions::default()
                };
                let stack = RetryLayer::new(RetryPolicy::none()).layer(wire);
                let request = request_with(method.clone(), URL, "", options);
                assert_eq!(stack.oneshot(request).await.unwrap().status(), status);
                assert_eq!(log.count(), expected, "{method} {status} {policy:?}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn fixed_delays_are_exact_and_a_longer_retry_after_wins() {
        let secs = Duration::from_secs;
        let both: Script = |n| match n {
            0 | 1 => Err(refused()),
            2 => answer(503),
            3 => answer_with(503, &[("retry-after", "2")]),
            4 => answer_with(503, &[("retry-after", "20")]),
            _ => answer(200),
        };
        let policy = RetryPolicy::new(9)
            .connect_retry_delay(secs(3))
            .status_code_retry_delay(secs(5));
        let at = attempts(policy, request(Method::GET, URL, ""), both).await;
        assert_eq!(at, [0, 3000, 6000, 11_000, 16_000, 36_000]);
    }

    #[tokio::test(start_paused = true)]
    async fn numbers_by_reason_hold_for_the_call_not_for_each_hop() {
        // Two layers share the call, as the retries before and after a redirect or a 401 do.
        let (wire, log) = Wire::new(Duration::ZERO, |_, _| answer(503));
        let policy = RetryPolicy::none().status_code_retries(2);
        fn again(inner: impl HttpService, policy: RetryPolicy) -> impl HttpService {
            RetryLayer::new(policy).layer(inner)
        }
        let stack = again(again(wire, policy.clone()), policy);
        stack.oneshot(request(Method::GET, URL, "")).await.unwrap();
        assert_eq!(log.count(), 3);
    }
}
