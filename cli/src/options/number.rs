//! Parsers for numbers and paths.

use std::convert::Infallible;
use std::ffi::OsString;
use std::num::IntErrorKind;
use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser};

/// Parses a whole number, 0 or more.
pub(crate) fn whole<T: TryFrom<u64>>(text: &str) -> Result<T, String> {
    let too_large = "the number is too large";
    let number = text
        .trim()
        .parse::<u64>()
        .map_err(|error| match error.kind() {
            IntErrorKind::PosOverflow => too_large,
            _ => "expected a whole number, 0 or more",
        })?;
    T::try_from(number).map_err(|_| too_large.to_owned())
}

/// Parses a number of minutes that Heat can store.
pub(crate) fn minutes(text: &str) -> Result<u64, String> {
    const MAX: u64 = 2_147_483_647;
    match text.trim().parse() {
        Ok(minutes) if (1..=MAX).contains(&minutes) => Ok(minutes),
        _ => Err(format!(
            "expected a whole number of minutes from 1 to {MAX}"
        )),
    }
}

/// Parses a number of seconds above 0.
pub(crate) fn seconds(text: &str) -> Result<f64, String> {
    match seconds_or_none(text) {
        Ok(seconds) if seconds > 0.0 => Ok(seconds),
        _ => Err("expected a number of seconds above 0 and up to 1000000000".to_owned()),
    }
}

/// Parses a number of seconds, 0 or more.
pub(crate) fn seconds_or_none(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        // A larger value would overflow clocks.
        Ok(seconds) if (0.0..=1e9).contains(&seconds) => Ok(seconds),
        _ => Err("expected a number of seconds from 0 to 1000000000".to_owned()),
    }
}

/// Parses the number of a port; 0 is a free one.
pub(crate) fn port(text: &str) -> Result<u16, String> {
    text.trim()
        .parse()
        .map_err(|_| "expected a whole number from 0 to 65535".to_owned())
}

/// Parses a path. An empty path counts as not given: scripts pass variables that are not set.
pub(crate) fn path_or_none() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().try_map(|path: OsString| Ok::<_, Infallible>(PathBuf::from(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_bounds() {
        for (text, number) in [
            ("0", Some(0)),
            ("007", Some(7)),
            ("4294967295", Some(u32::MAX)),
        ] {
            assert_eq!(whole::<u32>(text).ok(), number, "{text}");
        }
        for text in ["", "-1", "1.5", "1e3", "x", "4294967296", "0x10"] {
            assert!(whole::<u32>(text).is_err(), "{text}");
        }
        for (text, good) in [
            ("1", true),
            ("2147483647", true),
            ("0", false),
            ("2147483648", false),
            ("-1", false),
        ] {
            assert_eq!(minutes(text).is_ok(), good, "{text}");
        }
        for text in ["0.001", "1", "1e9", "1000000000"] {
            assert!(seconds(text).is_ok(), "{text}");
        }
        for text in ["", "0", "-0", "-1", "inf", "NaN", "1e10", "5s", "1e-400"] {
            assert!(seconds(text).is_err(), "{text}");
        }
        for (text, good) in [
            ("0", true),
            ("0.0", true),
            ("-1", false),
            ("NaN", false),
            ("2", true),
        ] {
            assert_eq!(seconds_or_none(text).is_ok(), good, "{text}");
        }
    }
}
