//! Polling: repeats a request until a condition is met.

use std::fmt;
use std::time::Duration;

use tokio::time::timeout_at;

use crate::clock;
use crate::error::{Error, ErrorKind, Result};
use crate::service::{Pace, Rounds};

/// Repeats a request until its response meets a condition.
///
/// Transient errors are tolerated for five minutes, see [`tolerate_errors_for`](Self::tolerate_errors_for).
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
    rounds: Rounds,
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
            rounds: Rounds::new(Pace::growing()),
            timeout: None,
        }
    }

    /// Sets the interval between two requests. By default it grows from 0.5 s to 5 s.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.rounds.interval(interval);
        self
    }

    /// Sets how long errors are tolerated while no request succeeds: no connection, a broken or late
    /// response, 408, 429, or a server error other than 501, also of a login. By default 5 minutes. Requests
    /// are repeated after delays that grow to 10 s. Other errors, such as refused credentials, are never
    /// tolerated. With zero, the first error ends the polling, after the retries of its
    /// own request.
    pub fn tolerate_errors_for(mut self, time: Duration) -> Self {
        self.rounds.tolerate_errors_for(time);
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
    /// is not transient, or a transient one after the time for which these are tolerated.
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
        loop {
            self.rounds.pause().await;
            let result = (self.send)().await;
            if let Some(answer) = self.rounds.heard(result)?
                && is_done(&answer)?
            {
                return Ok(answer);
            }
        }
    }
}

impl<F> fmt::Debug for Poll<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Poll")
            .field("rounds", &self.rounds)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use http::StatusCode;

    use super::*;

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
    async fn transient_errors_are_tolerated_for_a_time() {
        let look = |n| if n == 7 { Ok(n) } else { Err(busy()) };
        let (result, requests, _) = polled(look, 7, None).await;
        assert_eq!((result.unwrap(), requests), (7, 7));
        let (result, _, time) = polled(|_| Err(busy()), 1, None).await;
        assert_eq!(result.unwrap_err().to_string(), "busy");
        assert_eq!(time, 300 * SECOND);
        let mut requests = 0;
        let poll = Poll::new(|| {
            requests += 1;
            std::future::ready(Err::<(), _>(busy()))
        });
        let strict = poll.tolerate_errors_for(Duration::ZERO);
        assert!(strict.until(|()| Ok(true)).await.is_err());
        assert_eq!(requests, 1);
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
}
