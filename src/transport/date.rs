//! Dates in HTTP headers (RFC 9110, 5.6.7).

use jiff::civil::DateTime;
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use crate::clock;

/// Parses a date in any of the three formats: `Sun, 06 Nov 1994 08:49:37 GMT`,
/// `Sunday, 06-Nov-94 08:49:37 GMT` (RFC 850) and `Sun Nov  6 08:49:37 1994` (asctime).
///
/// The day of the week is ignored, since some servers send a wrong one. `UTC` and offsets are
/// accepted. A leap second is read as the second before it.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let fixed = DateTimeParser::new().relaxed_weekday(true);
    fixed
        .parse_timestamp(text)
        .ok()
        .or_else(|| rfc_850(text))
        .or_else(|| utc("%b %d %H:%M:%S %Y", text.split_once(' ')?.1))
}

/// A two-digit year more than 50 years in the future means the latest matching year in the past.
fn rfc_850(text: &str) -> Option<Timestamp> {
    let (_, date) = text.split_once(", ")?;
    let at = utc("%d-%b-%y %H:%M:%S GMT", date)?.to_zoned(TimeZone::UTC);
    let present = clock::wall().to_zoned(TimeZone::UTC);
    let century = (present.year() / 100) * 100;
    let at = at.with().year(century + at.year().rem_euclid(100));
    let at = at.build().ok()?;
    let latest = present.checked_add(50.years()).ok()?;
    let at = if at > latest {
        at.checked_sub(100.years()).ok()?
    } else {
        at
    };
    Some(at.timestamp())
}

fn utc(form: &str, text: &str) -> Option<Timestamp> {
    let at: DateTime = strtime::parse(form, text).ok()?.to_datetime().ok()?;
    Some(at.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn all_three_forms_are_read() {
        let nov_6 = Some("1994-11-06T08:49:37Z");
        for (text, expected) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", nov_6),
            ("Sunday, 06-Nov-94 08:49:37 GMT", nov_6),
            ("Sun Nov  6 08:49:37 1994", nov_6),
            ("Sun Nov 06 08:49:37 1994", nov_6),
            (" Sun, 06 Nov 1994 08:49:37 GMT ", nov_6),
            // Not in the RFC's format, but unambiguous.
            ("Sun, 6 Nov 1994 08:49:37 GMT", nov_6),
            ("Sun, 06 Nov 1994 08:49:37 UTC", nov_6),
            ("Sun, 06 Nov 1994 09:49:37 +0100", nov_6),
            ("Mon, 06 Nov 1994 08:49:37 GMT", nov_6),
            ("Monday, 06-Nov-94 08:49:37 GMT", nov_6),
            ("Mon Nov  6 08:49:37 1994", nov_6),
            (
                "Sat, 31 Dec 2016 23:59:60 GMT",
                Some("2016-12-31T23:59:59Z"),
            ),
            (
                "Thu, 29 Feb 2024 00:00:00 GMT",
                Some("2024-02-29T00:00:00Z"),
            ),
            (
                "Thursday, 29-Feb-24 00:00:00 GMT",
                Some("2024-02-29T00:00:00Z"),
            ),
            (
                "Thursday, 01-Jan-70 00:00:00 GMT",
                Some("2070-01-01T00:00:00Z"),
            ),
            (
                "Saturday, 01-Jan-00 00:00:00 GMT",
                Some("2000-01-01T00:00:00Z"),
            ),
            ("", None),
            ("now", None),
            ("7", None),
            ("1994-11-06T08:49:37Z", None),
            ("Sun, 99 Nov 1994 08:49:37 GMT", None),
            ("Sun, 29 Feb 2023 00:00:00 GMT", None),
            ("Sunday, 29-Feb-23 00:00:00 GMT", None),
            ("Sun, 06 Nov 1994 25:49:37 GMT", None),
            ("Sunday, 06-Nov-94 08:49:37", None),
            ("Sunday, 06-Nov-94 08:49:37 GMT x", None),
            ("Sun Nov  6 08:49:37", None),
            ("Sun Nov  6 08:49:37 1994 GMT", None),
            ("Sun Nov  6 08:49:37 99999", None),
        ] {
            let expected = expected.map(|text| text.parse().unwrap());
            assert_eq!(parse(text), expected, "{text:?}");
        }
    }

    #[test]
    fn years_of_two_digits_are_near() {
        let present = clock::wall().to_zoned(TimeZone::UTC);
        for years in [-49, 0, 49] {
            let at = present.checked_add(years.years()).unwrap();
            let at = at
                .with()
                .month(1)
                .day(1)
                .hour(0)
                .minute(0)
                .second(0)
                .subsec_nanosecond(0);
            let at = at.build().unwrap();
            let text = strtime::format("%A, %d-%b-%y %H:%M:%S GMT", &at).unwrap();
            assert_eq!(parse(&text), Some(at.timestamp()), "{text}");
        }
    }
}
