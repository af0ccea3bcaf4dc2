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
        self.errors += 1;
        if self.errors > Self::MOST || !is_transient(&error) {
            Err(error)
        } else {
            Ok(())
        }
    }
}

/// Whether it is the stack that does not exist any more.
///
/// While a stack changes, Heat answers 404 now and then because of a row of its database that was
/// just replaced; the type of such an error is a bare `NotFound`.
pub(super) fn is_gone(error: &Error) -> bool {
    let kind = error.fault().and_then(|fault| fault.error_type.as_deref());
    error.is_not_found() && kind != Some("NotFound")
}

fn is_transient(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Status if error.is_not_found() => !is_gone(error),
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
    use bytes::Bytes;
    use http::header::CONTENT_TYPE;
    use http::{HeaderMap, HeaderValue};

    use super::*;
    use crate::http::read::status_error;

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

    #[test]
    fn not_every_404_is_about_the_stack() {
        let error = |body: &'static str| {
            let headers = HeaderMap::from_iter([(
                CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            )]);
            status_error(
                StatusCode::NOT_FOUND,
                &headers,
                &Bytes::from_static(body.as_bytes()),
            )
        };
        for (body, gone) in [
            (
                r#"{"code":404,"error":{"type":"EntityNotFound","message":"The Stack (web) could not be found."}}"#,
                true,
            ),
            (
                r#"{"code":404,"error":{"type":"NotFound","message":"ResourcePropertiesData with id 1 not found"}}"#,
                false,
            ),
            ("", true),
        ] {
            assert_eq!(is_gone(&error(body)), gone, "{body}");
            assert_eq!(
                Patience::default().bear(error(body)).is_err(),
                gone,
                "{body}"
            );
        }
    }
}
