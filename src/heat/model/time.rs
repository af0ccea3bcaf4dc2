use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A time in Heat's format, in UTC: `2026-01-01T00:00:00Z`.
///
/// A time in this format needs no allocation. Any other text is kept and [displayed](fmt::Display)
/// unchanged; [`timestamp`](Self::timestamp) also reads other formats.
///
/// ```
/// use heatclient::heat::Time;
///
/// let time = Time::from("2026-01-01T00:00:00Z");
/// assert_eq!(time.timestamp().unwrap().as_second(), 1_767_225_600);
/// assert_eq!(time.to_string(), "2026-01-01T00:00:00Z");
/// assert_eq!(Time::from("soon").timestamp(), None);
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Time(Repr);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Repr {
    /// Seconds since 1970, written as `2026-01-01T00:00:00Z`.
    Seconds(i64),
    /// Boxed twice, so that an optional time takes 16 bytes.
    Text(Box<Box<str>>),
}

impl Time {
    /// The time; `None` if the text is not a time. A time without an offset is read as UTC.
    pub fn timestamp(&self) -> Option<Timestamp> {
        match &self.0 {
            Repr::Seconds(seconds) => Timestamp::from_second(*seconds).ok(),
            Repr::Text(text) => text.parse().ok().or_else(|| {
                let civil: DateTime = text.parse().ok()?;
                Offset::UTC.to_timestamp(civil).ok()
            }),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        matches!(&self.0, Repr::Text(text) if text.is_empty())
    }
}

impl From<&str> for Time {
    fn from(text: &str) -> Self {
        Self(match seconds(text) {
            Some(seconds) => Repr::Seconds(seconds),
            None => Repr::Text(Box::new(text.into())),
        })
    }
}

/// Reads `2026-01-01T00:00:00Z`, and only text that would be written the same.
fn seconds(text: &str) -> Option<i64> {
    let &[
        y1,
        y2,
        y3,
        y4,
        b'-',
        m1,
        m2,
        b'-',
        d1,
        d2,
        b'T',
        h1,
        h2,
        b':',
        n1,
        n2,
        b':',
        s1,
        s2,
        b'Z',
    ] = text.as_bytes()
    else {
        return None;
    };
    let digit = |byte: u8| byte.is_ascii_digit().then(|| byte - b'0');
    let two = |a, b| Some((digit(a)? * 10 + digit(b)?).cast_signed());
    let year = i16::from(two(y1, y2)?) * 100 + i16::from(two(y3, y4)?);
    if year < 1000 {
        return None;
    }
    let civil = DateTime::new(
        year,
        two(m1, m2)?,
        two(d1, d2)?,
        two(h1, h2)?,
        two(n1, n2)?,
        two(s1, s2)?,
        0,
    );
    Some(Offset::UTC.to_timestamp(civil.ok()?).ok()?.as_second())
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.0, self.timestamp()) {
            (Repr::Text(text), _) => f.pad(text),
            (Repr::Seconds(_), Some(time)) => f.pad(&time.to_string()),
            // Cannot happen: the seconds come from a valid time.
            (Repr::Seconds(seconds), None) => write!(f, "{seconds}"),
        }
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_string(), f)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Text;

        impl serde::de::Visitor<'_> for Text {
            type Value = Time;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time such as 2026-01-01T00:00:00Z")
            }

            fn visit_str<E>(self, text: &str) -> Result<Time, E> {
                Ok(Time::from(text))
            }
        }

        d.deserialize_str(Text)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_comes_back_as_it_was() {
        for (text, second) in [
            ("2026-01-01T00:00:00Z", Some(1_767_225_600)),
            ("2024-02-29T23:59:59Z", Some(1_709_251_199)),
            ("1969-12-31T23:59:59Z", Some(-1)),
            ("9998-12-31T23:59:59Z", Some(253_370_764_799)),
            ("0999-01-01T00:00:00Z", Some(-30_641_760_000)),
            ("2026-01-01T00:00:00", Some(1_767_225_600)),
            ("2026-01-01T01:00:00+01:00", Some(1_767_225_600)),
            ("2026-01-01 00:00:00.500000", Some(1_767_225_600)),
            ("2023-02-29T00:00:00Z", None),
            ("2026-01-01T00:00:0:Z", None),
            ("20260-1-01T00:00:00Z", None),
            ("later", None),
            ("", None),
            ("2026-01-01T00:00:0\u{e9}", None),
        ] {
            let time = Time::from(text);
            assert_eq!(time.to_string(), text);
            assert_eq!(time.timestamp().map(|t| t.as_second()), second, "{text}");
            assert_eq!(serde_json::to_value(&time).unwrap(), text);
            assert_eq!(serde_json::from_value::<Time>(text.into()).unwrap(), time);
        }
    }

    #[test]
    fn the_usual_form_takes_no_memory_of_its_own() {
        assert_eq!(size_of::<Option<Time>>(), 16);
        assert!(matches!(
            Time::from("2026-01-01T00:00:00Z").0,
            Repr::Seconds(_)
        ));
    }
}
