//! When to poll: the interval between two requests, and how long transient errors are tolerated.

use std::time::Duration;

use http::StatusCode;
use tokio::time::sleep;

use crate::clock::{self, Instant};
use crate::error::{Error, ErrorKind, Result};

/// How long transient errors are tolerated by default: a restart of Heat or of Keystone, or of the
/// load balancer before them, takes less.
const TOLERATED: Duration = Duration::from_secs(5 * 60);

/// The first and the longest delay after an error. The first one is shorter if the polling interval
/// is.
const BACKOFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(10));
const SHORTEST_BACKOFF: Duration = Duration::from_millis(100);
/// The longest delay that a server may ask for.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(30);

/// The rounds of polling: a pause before each request but the first, and what to do after an error.
///
/// ```text
/// loop {
///     rounds.pause().await;
///     if let Some(answer) = rounds.heard(request.await)? { … }
/// }
/// ```
#[derive(Debug, Clone)]
pub(crate) struct Rounds {
    pace: Pace,
    tolerated: Duration,
    /// The pause before the next request; `None` before the first.
    pause: Option<Duration>,
    /// When the request in progress was sent.
    asked: Option<Instant>,
    failing: Option<Failing>,
}

/// A series of errors without an answer in between.
#[derive(Debug, Clone)]
struct Failing {
    since: Instant,
    backoff: Duration,
    last: Error,
}

impl Rounds {
    pub(crate) fn new(pace: Pace) -> Self {
        Self {
            pace,
            tolerated: TOLERATED,
            pause: None,
            asked: None,
            failing: None,
        }
    }

    /// Sets a fixed interval between two requests.
    pub(crate) fn interval(&mut self, interval: Duration) {
        self.pace = Pace::fixed(interval);
    }

    /// Sets how long transient errors are tolerated.
    pub(crate) fn tolerate_errors_for(&mut self, time: Duration) {
        self.tolerated = time;
    }

    /// Waits until the next request is due. The first one is due at once.
    pub(crate) async fn pause(&mut self) {
        if let Some(pause) = self.pause {
            sleep(pause).await;
        }
        self.asked = Some(clock::now());
    }

    /// Shortens the next pause.
    pub(crate) fn pause_at_most(&mut self, longest: Duration) {
        self.pause = self.pause.map(|pause| pause.min(longest));
    }

    /// Takes the result of a request. `None` if it is an error that is tolerated.
    ///
    /// # Errors
    /// The error, if it is not transient or if transient errors have lasted too long.
    pub(crate) fn heard<T>(&mut self, result: Result<T>) -> Result<Option<T>> {
        match result {
            Ok(answer) => {
                self.went_well();
                Ok(Some(answer))
            }
            Err(error) => self.tolerate(error).map(|()| None),
        }
    }

    /// Ends a series of errors.
    pub(crate) fn went_well(&mut self) {
        self.failing = None;
        self.pause = Some(self.pace.step());
    }

    /// The last error, if there was no answer since.
    pub(crate) fn last_error(&self) -> Option<&Error> {
        self.failing.as_ref().map(|failing| &failing.last)
    }

    fn tolerate(&mut self, error: Error) -> Result<()> {
        if !is_tolerable(&error) {
            return Err(error);
        }
        let now = clock::now();
        let (since, backoff) = match &self.failing {
            Some(failing) => (failing.since, failing.backoff),
            None => (self.asked.unwrap_or(now), self.first_backoff()),
        };
        let left = self
            .tolerated
            .saturating_sub(now.saturating_duration_since(since));
        if left.is_zero() {
            return Err(error);
        }
        if self.failing.is_none() {
            tracing::warn!(target: "heatclient::poll", %error, "polling continues after an error");
        }
        // Half of the delay is random, so that many clients do not return at the same moment.
        let delay = backoff / 2 + clock::jittered(backoff / 2);
        let wanted = error.retry_after().unwrap_or_default();
        // The last request is sent when the time is over.
        self.pause = Some(delay.max(wanted.min(LONGEST_RETRY_AFTER)).min(left));
        self.failing = Some(Failing {
            since,
            backoff: (backoff * 2).min(self.pace.next.max(BACKOFF.1)),
            last: error,
        });
        Ok(())
    }

    fn first_backoff(&self) -> Duration {
        self.pace.next.clamp(SHORTEST_BACKOFF, BACKOFF.0)
    }
}

/// The interval between two requests: longer each time, up to a limit.
#[derive(Debug, Clone)]
pub(crate) struct Pace {
    next: Duration,
    longest: Duration,
}

impl Pace {
    /// Short at first for small stacks, up to 5 s for large ones.
    pub(crate) fn growing() -> Self {
        Self {
            next: Duration::from_millis(500),
            longest: Duration::from_secs(5),
        }
    }

    pub(crate) fn fixed(interval: Duration) -> Self {
        Self {
            next: interval,
            longest: interval,
        }
    }

    /// The next interval.
    pub(crate) fn step(&mut self) -> Duration {
        let now = self.next;
        self.next = now.saturating_add(now / 2).min(self.longest);
        now
    }
}

/// Whether the next request may succeed where this one failed.
///
/// Not [`Error::is_transient`], which speaks of any request once more. Here a request that only reads is
/// repeated anyway: an answer of 408 or of any server error but 501 is tolerated too, and so is a 404 about
/// a row that was just replaced. The same holds for a login: it is repeated if Keystone cannot be reached or
/// answers with such an error, but never after refused credentials, since that may lock the account.
fn is_tolerable(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Connect | ErrorKind::Timeout | ErrorKind::Interrupted => true,
        ErrorKind::Status if error.is_not_found_of_other() => true,
        ErrorKind::Status | ErrorKind::Auth | ErrorKind::Discovery => {
            error.is_from_intermediary() || error.status().is_some_and(is_of_overload)
        }
        _ => false,
    }
}

fn is_of_overload(status: StatusCode) -> bool {
    let is_busy = matches!(
        status,
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS
    );
    is_busy || status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Sender;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_longest_interval_stays() {
        let mut pace = Pace::fixed(Duration::MAX);
        assert_eq!((pace.step(), pace.step()), (Duration::MAX, Duration::MAX));
    }

    fn busy() -> Error {
        Error::new(ErrorKind::Status, "busy").with_status(StatusCode::SERVICE_UNAVAILABLE)
    }

    fn failing(mut rounds: Rounds, error: &Error) -> bool {
        rounds.heard::<()>(Err(error.clone())).is_err()
    }

    /// Fails until the error is returned. The result is the number of requests and the time.
    async fn endured(mut rounds: Rounds) -> (u32, Duration) {
        let (began, mut requests) = (clock::now(), 0);
        loop {
            rounds.pause().await;
            requests += 1;
            if rounds.heard::<()>(Err(busy())).is_err() {
                return (requests, clock::now() - began);
            }
        }
    }

    #[test]
    fn intervals_grow_to_a_limit() {
        let mut pace = Pace::growing();
        let total: Duration = (0..10).map(|_| pace.step()).sum();
        assert!((25..35).contains(&total.as_secs()), "{total:?}");
        assert_eq!(pace.step(), 5 * SECOND);
        let mut fixed = Pace::fixed(SECOND);
        assert_eq!((fixed.step(), fixed.step()), (SECOND, SECOND));
    }

    #[tokio::test(start_paused = true)]
    async fn errors_are_tolerated_for_a_time_and_with_growing_delays() {
        // 1, 2, 4, 8 and then 10 s, each between half and whole.
        let (requests, time) = endured(Rounds::new(Pace::fixed(SECOND))).await;
        assert_eq!(time, TOLERATED);
        assert!((32..=66).contains(&requests), "{requests}");
        // Many errors in a short time are tolerated, too.
        let (requests, time) = endured(Rounds::new(Pace::fixed(Duration::ZERO))).await;
        assert_eq!(time, TOLERATED);
        assert!((35..=75).contains(&requests), "{requests}");
        // An interval that is longer than the delays is the limit of the delays.
        let (requests, time) = endured(Rounds::new(Pace::fixed(60 * SECOND))).await;
        assert_eq!(time, TOLERATED);
        assert!((9..=20).contains(&requests), "{requests}");
        let mut strict = Rounds::new(Pace::growing());
        strict.tolerate_errors_for(Duration::ZERO);
        assert_eq!(endured(strict).await, (1, Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_hangs_counts_with_its_whole_time() {
        let mut rounds = Rounds::new(Pace::fixed(SECOND));
        let began = clock::now();
        let requests = async {
            for n in 1.. {
                rounds.pause().await;
                sleep(120 * SECOND).await;
                let late = Error::new(ErrorKind::Timeout, "late").after_sending();
                if rounds.heard::<()>(Err(late)).is_err() {
                    return n;
                }
            }
            0
        };
        assert_eq!(requests.await, 3);
        assert!(clock::now() - began < 370 * SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_ends_a_series_of_errors() {
        let mut rounds = Rounds::new(Pace::fixed(SECOND));
        for _ in 0..10 {
            let mut passed = Duration::ZERO;
            while passed < TOLERATED - 20 * SECOND {
                let before = clock::now();
                rounds.pause().await;
                passed += clock::now() - before;
                assert!(rounds.heard::<()>(Err(busy())).unwrap().is_none());
            }
            assert!(rounds.last_error().is_some());
            rounds.pause().await;
            assert_eq!(rounds.heard(Ok(1)).unwrap(), Some(1));
            assert!(rounds.last_error().is_none());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_may_ask_for_a_longer_delay() {
        for (wanted, delay) in [(20, 20), (3600, 30)] {
            let mut rounds = Rounds::new(Pace::fixed(SECOND));
            rounds.pause().await;
            let error = busy().with_retry_after(Some(wanted * SECOND));
            assert!(rounds.heard::<()>(Err(error)).is_ok());
            let before = clock::now();
            rounds.pause().await;
            assert_eq!(clock::now() - before, delay * SECOND);
        }
    }

    #[test]
    fn only_what_may_pass_is_tolerated() {
        let status = |kind, status: u16| {
            Error::new(kind, "").with_status(StatusCode::from_u16(status).unwrap())
        };
        let not_found = |kind, sender| status(kind, 404).with_sender(Some(sender));
        for (error, tolerated) in [
            (Error::new(ErrorKind::Connect, ""), true),
            (Error::new(ErrorKind::Interrupted, ""), true),
            (Error::new(ErrorKind::Timeout, ""), true),
            (Error::new(ErrorKind::Tls, ""), false),
            (Error::new(ErrorKind::Decode, ""), false),
            (Error::new(ErrorKind::Catalog, ""), false),
            (Error::new(ErrorKind::Interaction, ""), false),
            (Error::new(ErrorKind::Cancelled, ""), false),
            (status(ErrorKind::Status, 401), false),
            (status(ErrorKind::Status, 403), false),
            (status(ErrorKind::Status, 408), true),
            (status(ErrorKind::Status, 429), true),
            (status(ErrorKind::Status, 500), true),
            (status(ErrorKind::Status, 501), false),
            (status(ErrorKind::Status, 503), true),
            (not_found(ErrorKind::Status, Sender::Service), false),
            (not_found(ErrorKind::Status, Sender::ServiceOfOther), true),
            (not_found(ErrorKind::Status, Sender::Router), false),
            (not_found(ErrorKind::Status, Sender::Intermediary), true),
            // Logins: refused, or Keystone is down.
            (
                Error::new(ErrorKind::Auth, "more methods are needed"),
                false,
            ),
            (status(ErrorKind::Auth, 401), false),
            (status(ErrorKind::Auth, 403), false),
            (status(ErrorKind::Auth, 404), false),
            (not_found(ErrorKind::Auth, Sender::Intermediary), true),
            (status(ErrorKind::Auth, 500), true),
            (status(ErrorKind::Auth, 503), true),
            (status(ErrorKind::Auth, 429), true),
            (
                Error::new(ErrorKind::Discovery, "no version document"),
                false,
            ),
            (status(ErrorKind::Discovery, 404), false),
            (status(ErrorKind::Discovery, 503), true),
        ] {
            let is_error = failing(Rounds::new(Pace::growing()), &error);
            assert_eq!(is_error, !tolerated, "{error:?}");
        }
    }
}
