//! The lifetime of a token, computed from the times in a response.

use std::time::Duration;

use http::{HeaderMap, header};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::clock;
use crate::transport::date;

/// A local clock that is ahead of the server's response by less than this is still trusted.
const TOLERANCE: SignedDuration = SignedDuration::from_secs(2);

/// The remaining lifetime of a token that was just issued, by the server's clock.
///
/// The `Date` of the response is the server's current time. A `Date` after the expiry is a proxy's
/// error and is ignored.
pub(super) fn lifetime(
    end: Timestamp,
    issued: Option<Timestamp>,
    date: Option<Timestamp>,
) -> Duration {
    let present = match (date.filter(|date| *date < end), issued) {
        (Some(date), Some(issued)) => date.max(issued),
        (Some(date), None) => date,
        (None, Some(issued)) => issued,
        (None, None) => clock::wall(),
    };
    // Servers send whole seconds. A local clock that agrees with them is more precise.
    let local = clock::wall();
    let behind = local.duration_since(present);
    let present = if behind.is_positive() && behind < TOLERANCE {
        local
    } else {
        present
    };
    Duration::try_from(end.duration_since(present)).unwrap_or_default()
}

pub(super) fn date(headers: &HeaderMap) -> Option<Timestamp> {
    date::parse(headers.get(header::DATE)?.to_str().ok()?)
}

/// Parses ISO 8601 as services write it: fraction, `T` and zone (default UTC) are optional.
pub(crate) fn timestamp(value: Option<&Value>) -> Option<Timestamp> {
    let text = value?.as_str()?.trim();
    text.parse().ok().or_else(|| {
        let local: DateTime = text.parse().ok()?;
        local
            .to_zoned(TimeZone::UTC)
            .ok()
            .map(|zoned| zoned.timestamp())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn timestamps_are_read_liberally() {
        let expected = Some("2026-11-23T11:00:00Z".parse().unwrap());
        for text in [
            "2026-11-23T11:00:00Z",
            "2026-11-23T11:00:00.000000Z",
            "2026-11-23 11:00:00",
            "2026-11-23T11:00:00",
            "2026-11-23T11:00:00.000",
            "2026-11-23T13:00:00+02:00",
            "2026-11-23T11:00:00+0000",
        ] {
            assert_eq!(timestamp(Some(&json!(text))), expected, "{text}");
        }
        for garbage in [json!("soon"), json!(""), json!(null), json!(1e300)] {
            assert_eq!(timestamp(Some(&garbage)), None, "{garbage}");
        }
    }
}
