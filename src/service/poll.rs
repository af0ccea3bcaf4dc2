//! Polling: repeats a request until a condition is met.

use std::fmt;
use std::time::Duration;

use http::StatusCode;
use tokio::time::{sleep, timeout_at};

use crate::clock;
use crate::error::{Error, ErrorKind, Result};

/// Repeats a request until its response meets a condition.
///
/// Up to five transient errors in a row are tolerated.
///
/// ```no_run
/// # async fn example(heat: heatclient::Client) -> heatclient::Result<()> {
/// use std::time::Duration;
/// use heatclient::service::Poll;
///
/// let stack = Poll::new(|| heat.stacks().get("web"))
///     .timeout(Duration::from_secs(600))
///     .until(|stack| Ok(stack.outputs.iter().any(|output| output.key == "address")))
///     .await?;
/// # let _ = stack;
/// # Ok(()) }
/// ```
#[must_use = "nothing is sent before until is awaited"]
pub struct Poll<F> {
    send: F,
    pace: Pace,
    timeout: Option<Duration>,
}

impl<F, Fut, T> Poll<F>
where
    F: FnMut() -> Fut,
    Fut: IntoFuture<Output = Result<T>>,
{
    /// Polls with `send`, which sends a request.
    pub fn new(send: F) -> Self {
        Self {
            send,
            pace: Pace::growing(),
            timeout: None,
        }
    }

    /// Sets the interval between two requests. By default it grows from 0.5 s to 5 s.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.pace = Pace::fixed(interval);
        self
    }

    /// Sets the maximum total time; unlimited by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sends requests until `is_done` returns `true` for a response, and returns that response. An error
    /// of `is_done` ends the polling.
    ///
    /// # Errors
    /// [`ErrorKind::WaitTimeout`] after the timeout; the error of `is_done`; an error of the request that
    /// is not transient, or the sixth transient one in a row.
    pub async fn until(mut self, is_done: impl FnMut(&T) -> Result<bool>) -> Result<T> {
        let Some(timeout) = self.timeout else {
            return self.run(is_done).await;
        };
        match timeout_at(clock::after(timeout), self.run(is_done)).await {
            Ok(result) => result,
            Err(_) => Err(Error::new(
                ErrorKind::WaitTimeout,
                format!("timed out after {timeout:?}"),
            )),
        }
    }

    async fn run(&mut self, mut is_done: impl FnMut(&T) -> Result<bool>) -> Result<T> {
        let mut tolerance = ErrorTolerance::default();
        loop {
            match (self.send)().await {
                Ok(answer) => {
                    tolerance = ErrorTolerance::default();
                    if is_done(&answer)? {
                        return Ok(answer);
                    }
                }
                Err(error) => tolerance.tolerate(error)?,
            }
            sleep(self.pace.step()).await;
        }
    }
}

impl<F> fmt::Debug for Poll<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Poll")
            .field("pace", &self.pace)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
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
        self.next = now.mul_f64(1.5).min(self.longest);
        now
    }
}

/// How many transient errors were tolerated in a row.
#[derive(Debug, Default)]
pub(crate) struct ErrorTolerance {
    errors: u32,
}

impl ErrorTolerance {
    /// The errors in a row that are tolerated. The session has retried each several times.
    const MOST: u32 = 5;

    /// Tolerates a transient error.
    ///
    /// # Errors
    /// The error itself, if it is likely to stay or there were too many.
    pub(crate) fn tolerate(&mut self, error: Error) -> Result<()> {
        // A request that timed out after two attempts took two minutes.
        self.errors += match error.is_timeout() && error.may_have_been_sent() {
            true => 3,
            false => 1,
        };
        if self.errors > Self::MOST || !is_tolerable(&error) {
            Err(error)
        } else {
            Ok(())
        }
    }
}

/// Whether the next request may succeed where this one failed.
///
/// Not [`Error::is_transient`], which speaks of any request once more. Here a request that only reads is
/// repeated anyway: an answer of 408 or of any server error but 501 is tolerated too, and so is a 404 about
/// a row that was just replaced. A login that failed is not, whatever its status: repeated logins may lock
/// the account.
fn is_tolerable(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Status if error.is_not_found_of_other() || error.is_from_intermediary() => true,
        ErrorKind::Connect | ErrorKind::Timeout | ErrorKind::Interrupted => true,
        ErrorKind::Status => error.status().is_some_and(|status| {
            matches!(
                status,
                StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS
            ) || status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::error::Sender;

    fn busy() -> Error {
        Error::new(ErrorKind::Status, "busy").with_status(StatusCode::SERVICE_UNAVAILABLE)
    }

    const SECOND: Duration = Duration::from_secs(1);

    /// Polls every second until a response is `done`; request number `n` (from 1) gets the result of `look`.
    /// Returns the result, the number of requests and the time taken.
    async fn polled(
        look: impl Fn(u32) -> Result<u32>,
        done: u32,
        timeout: Option<Duration>,
    ) -> (Result<u32>, u32, Duration) {
        let (began, requests) = (clock::now(), Cell::new(0));
        let mut poll = Poll::new(|| {
            requests.set(requests.get() + 1);
            std::future::ready(look(requests.get()))
        });
        poll = poll.interval(SECOND);
        if let Some(timeout) = timeout {
            poll = poll.timeout(timeout);
        }
        let result = poll.until(|answer| Ok(*answer == done)).await;
        (result, requests.get(), clock::now() - began)
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_answer_that_is_as_wanted_ends_the_polling() {
        let (result, requests, time) = polled(Ok, 1, None).await;
        assert_eq!((result.unwrap(), requests, time), (1, 1, Duration::ZERO));
        let (result, requests, time) = polled(Ok, 4, Some(4 * SECOND)).await;
        assert_eq!((result.unwrap(), requests, time), (4, 4, 3 * SECOND));
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_for_polling_is_limited() {
        let timeout = Duration::from_millis(2500);
        let (result, requests, time) = polled(Ok, 9, Some(timeout)).await;
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WaitTimeout);
        assert_eq!(error.to_string(), "timed out after 2.5s");
        assert_eq!((requests, time), (3, timeout));
        // A request without a response is cancelled.
        let poll = Poll::new(std::future::pending::<Result<()>>).timeout(timeout);
        let error = poll.until(|()| Ok(true)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WaitTimeout);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_forgives_the_errors_before_it() {
        // Five errors after each response.
        let look = |n| if n % 6 == 1 { Ok(n) } else { Err(busy()) };
        let (result, requests, _) = polled(look, 19, None).await;
        assert_eq!((result.unwrap(), requests), (19, 19));
        // Six.
        let look = |n| if n == 1 { Ok(n) } else { Err(busy()) };
        let (result, requests, _) = polled(look, 19, None).await;
        assert_eq!(result.unwrap_err().to_string(), "busy");
        assert_eq!(requests, 7);
    }

    #[tokio::test(start_paused = true)]
    async fn other_errors_end_the_polling_at_once() {
        let look = |_| Err(Error::new(ErrorKind::Decode, "no such answer"));
        let (result, requests, _) = polled(look, 1, None).await;
        assert_eq!(
            (result.unwrap_err().kind(), requests),
            (ErrorKind::Decode, 1)
        );
        let poll = Poll::new(|| std::future::ready(Ok(1)));
        let refuse = |_: &u32| Err(Error::new(ErrorKind::Other, "it went wrong"));
        assert_eq!(
            poll.until(refuse).await.unwrap_err().to_string(),
            "it went wrong"
        );
    }

    #[test]
    fn intervals_grow_to_a_limit() {
        let mut pace = Pace::growing();
        let total: Duration = (0..10).map(|_| pace.step()).sum();
        assert!((25..35).contains(&total.as_secs()), "{total:?}");
        assert_eq!(pace.step(), Duration::from_secs(5));
        let mut fixed = Pace::fixed(Duration::from_secs(1));
        assert_eq!(
            (fixed.step(), fixed.step()),
            (Duration::from_secs(1), Duration::from_secs(1))
        );
    }

    #[test]
    fn transient_errors_are_tolerated_up_to_a_limit() {
        let not_found = |sender| {
            Error::new(ErrorKind::Status, "")
                .with_status(StatusCode::NOT_FOUND)
                .with_sender(Some(sender))
        };
        let mut tolerance = ErrorTolerance::default();
        for _ in 0..ErrorTolerance::MOST {
            assert!(tolerance.tolerate(busy()).is_ok());
        }
        assert!(tolerance.tolerate(busy()).is_err());
        for (error, tolerated) in [
            (Error::new(ErrorKind::Connect, ""), true),
            (
                Error::new(ErrorKind::Status, "").with_status(StatusCode::TOO_MANY_REQUESTS),
                true,
            ),
            (
                Error::new(ErrorKind::Status, "").with_status(StatusCode::FORBIDDEN),
                false,
            ),
            (
                Error::new(ErrorKind::Status, "").with_status(StatusCode::NOT_IMPLEMENTED),
                false,
            ),
            (not_found(Sender::Service), false),
            (not_found(Sender::ServiceOfOther), true),
            (not_found(Sender::Router), false),
            (not_found(Sender::Intermediary), true),
            (Error::new(ErrorKind::Auth, ""), false),
            (Error::new(ErrorKind::Decode, ""), false),
        ] {
            assert_eq!(
                ErrorTolerance::default().tolerate(error.clone()).is_ok(),
                tolerated,
                "{error:?}"
            );
        }
    }
}
