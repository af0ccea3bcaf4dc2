//! Asking again and again: how often, and how much trouble is borne with.

use std::time::Duration;

use http::StatusCode;

use crate::error::{Error, ErrorKind, Result};

/// How long to wait between two requests: longer each time, up to a limit.
#[derive(Debug, Clone)]
pub(super) struct Pace {
    next: Duration,
    longest: Duration,
}

impl Pace {
    /// Short at first, since small stacks are quick; 5 s in the long run, since large ones are not.
    pub(super) fn growing() -> Self {
        Self {
            next: Duration::from_millis(500),
            longest: Duration::from_secs(5),
        }
    }

    pub(super) fn fixed(interval: Duration) -> Self {
        Self {
            next: interval,
            longest: interval,
        }
    }

    /// The next interval.
    pub(super) fn step(&mut self) -> Duration {
        let now = self.next;
        self.next = now.mul_f64(1.5).min(self.longest);
        now
    }
}

/// How much trouble was borne with, request after request.
#[derive(Debug, Default)]
pub(super) struct Patience {
    errors: u32,
}

impl Patience {
    /// Errors in a row after which Heat counts as gone. The session has retried each several times.
    const MOST: u32 = 5;

    /// Passes over an error that will likely be gone the next time.
    pub(super) fn bear(&mut self, error: Error) -> Result<()> {
        // A request without an answer has taken two minutes.
        self.errors += match error.is_timeout() && error.may_have_been_sent() {
            true => 3,
            false => 1,
        };
        if self.errors > Self::MOST || !is_transient(&error) {
            Err(error)
        } else {
            Ok(())
        }
    }
}

fn is_transient(error: &Error) -> bool {
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
    fn only_trouble_that_passes_is_borne_with_and_not_for_ever() {
        let busy =
            || Error::new(ErrorKind::Status, "busy").with_status(StatusCode::SERVICE_UNAVAILABLE);
        let not_found = |sender| {
            Error::new(ErrorKind::Status, "")
                .with_status(StatusCode::NOT_FOUND)
                .with_sender(Some(sender))
        };
        let mut patience = Patience::default();
        for _ in 0..Patience::MOST {
            assert!(patience.bear(busy()).is_ok());
        }
        assert!(patience.bear(busy()).is_err());
        for (error, borne) in [
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
                Patience::default().bear(error.clone()).is_ok(),
                borne,
                "{error:?}"
            );
        }
    }
}
