//! Repeating a request until its answer is as wanted.

use std::fmt;
use std::time::Duration;

use http::StatusCode;
use tokio::time::{sleep, timeout_at};

use crate::clock;
use crate::error::{Error, ErrorKind, Result};

/// Repeats a request until its answer is as wanted.
///
/// Errors that are likely to pass are tolerated: five in a row by default.
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
    look: F,
    pace: Pace,
    timeout: Option<Duration>,
}

impl<F, Fut, T> Poll<F>
where
    F: FnMut() -> Fut,
    Fut: IntoFuture<Output = Result<T>>,
{
    /// Polls by `look`, which sends a request.
    pub fn new(look: F) -> Self {
        Self {
            look,
            pace: Pace::growing(),
            timeout: None,
        }
    }

    /// The interval between two requests. By default it grows from half a second to 5 s.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.pace = Pace::fixed(interval);
        self
    }

    /// The maximum time in all; unlimited by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sends requests until `is_done` accepts an answer, and returns that answer. An error of `is_done`
    /// ends the polling.
    ///
    /// # Errors
    /// [`ErrorKind::WaitTimeout`] when the time is over; the error of `is_done`; an error of the request
    /// that is not transient or the sixth in a row.
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
            match (self.look)().await {
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
    /// Short at first, since small stacks are quick; 5 s in the long run, since large ones are not.
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

    /// Tolerates an error that is likely to be gone the next time.
    ///
    /// # Errors
    /// The error itself, if it is likely to stay or there were too many.
    pub(crate) fn tolerate(&mut self, error: Error) -> Result<()> {
        // A request without an answer has taken two minutes.
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
    use super::*;
    use crate::error::Sender;

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
        let busy =
            || Error::new(ErrorKind::Status, "busy").with_status(StatusCode::SERVICE_UNAVAILABLE);
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
