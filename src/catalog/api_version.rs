//! Versions of APIs, and microversions.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::error::{Error, ErrorKind};

/// The version of an API, or a microversion: `2`, `2.1`, `2.latest` or `latest`.
///
/// Versions are ordered by their numbers; `latest` is higher than every number.
///
/// ```
/// use heatclient::catalog::ApiVersion;
///
/// let version: ApiVersion = "v2.10".parse()?;
/// assert_eq!(version, ApiVersion::new(2, 10));
/// assert!(version > ApiVersion::from((2, 9)));
/// assert!(version < "2.latest".parse()?);
/// assert_eq!(ApiVersion::from(3).to_string(), "3.0");
/// # Ok::<(), heatclient::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiVersion {
    major: Part,
    minor: Part,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Part {
    Number(u32),
    Latest,
}

impl ApiVersion {
    /// The latest version.
    pub const LATEST: Self = Self {
        major: Part::Latest,
        minor: Part::Latest,
    };

    /// A version of two numbers.
    pub const fn new(major: u32, minor: u32) -> Self {
        Self {
            major: Part::Number(major),
            minor: Part::Number(minor),
        }
    }

    /// The latest version with this major number: `2.latest`.
    pub const fn latest_of(major: u32) -> Self {
        Self {
            major: Part::Number(major),
            minor: Part::Latest,
        }
    }

    /// The major number; `None` for `latest`.
    pub const fn major(self) -> Option<u32> {
        match self.major {
            Part::Number(number) => Some(number),
            Part::Latest => None,
        }
    }

    /// The minor number; `None` for `latest` and `2.latest`.
    pub const fn minor(self) -> Option<u32> {
        match self.minor {
            Part::Number(number) => Some(number),
            Part::Latest => None,
        }
    }

    /// Whether it is `latest`, without a major number.
    pub const fn is_latest(self) -> bool {
        matches!(self.major, Part::Latest)
    }

    /// Parses a version as it is in URLs and documents. `None` for `latest` and everything else that has
    /// no numbers.
    pub(super) fn number(text: &str) -> Option<Self> {
        let version: Self = text.parse().ok()?;
        version.minor().is_some().then_some(version)
    }
}

impl From<u32> for ApiVersion {
    /// The version with this major number, and 0 as its minor number.
    fn from(major: u32) -> Self {
        Self::new(major, 0)
    }
}

impl From<(u32, u32)> for ApiVersion {
    fn from((major, minor): (u32, u32)) -> Self {
        Self::new(major, minor)
    }
}

impl FromStr for ApiVersion {
    type Err = Error;

    /// Parses `2`, `v2`, `2.1`, `2.latest` or `latest`. Numbers after the second are ignored.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for any other text.
    fn from_str(text: &str) -> Result<Self, Error> {
        parse(text).ok_or_else(|| {
            let shown: String = text.chars().take(40).collect();
            Error::new(
                ErrorKind::Config,
                format!("invalid version {shown:?}; expected a version such as 2, 2.1, 2.latest or latest"),
            )
        })
    }
}

fn parse(text: &str) -> Option<ApiVersion> {
    let text = text.trim().trim_start_matches(['v', 'V']);
    if text == "latest" {
        return Some(ApiVersion::LATEST);
    }
    let mut parts = text.split('.').map(part);
    let major = parts.next()??;
    let minor = parts.next().unwrap_or(Some(Part::Number(0)))?;
    let is_number = matches!(major, Part::Number(_));
    let rest_is_valid = parts.all(|part| part.is_some());
    (is_number && rest_is_valid).then_some(ApiVersion { major, minor })
}

fn part(text: &str) -> Option<Part> {
    if text == "latest" {
        return Some(Part::Latest);
    }
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| text.parse().ok().map(Part::Number))?
}

/// `2.1`, `2.latest` or `latest`.
impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.major, self.minor) {
            (Part::Latest, _) => f.write_str("latest"),
            (Part::Number(major), Part::Latest) => write!(f, "{major}.latest"),
            (Part::Number(major), Part::Number(minor)) => write!(f, "{major}.{minor}"),
        }
    }
}

/// The version as text.
impl Serialize for ApiVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values of keystoneauth's `normalize_version_number` that are texts.
    #[test]
    fn versions_are_read_as_keystoneauth_reads_them() {
        for (text, shown) in [
            ("1", "1.0"),
            ("v1", "1.0"),
            ("v1.2", "1.2"),
            ("v11", "11.0"),
            ("5.2", "5.2"),
            ("3.20", "3.20"),
            ("latest", "latest"),
            ("vlatest", "latest"),
            ("10.latest", "10.latest"),
            ("v2.latest", "2.latest"),
            (" V3 ", "3.0"),
            // keystoneauth keeps the third number. No service has one.
            ("1.5.1", "1.5"),
        ] {
            assert_eq!(
                text.parse::<ApiVersion>().unwrap().to_string(),
                shown,
                "{text}"
            );
        }
        for text in [
            "",
            "v",
            "hello",
            "1.a",
            "1.",
            ".1",
            "1..2",
            "latest.1",
            "-1",
            "+1",
            "1.2.x",
            "99999999999",
            "1 2",
        ] {
            let error = text.parse::<ApiVersion>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert_eq!(
                error.to_string(),
                format!(
                    "invalid version {text:?}; expected a version such as 2, 2.1, 2.latest or latest"
                )
            );
        }
    }

    #[test]
    fn versions_are_ordered() {
        let ordered = [
            "1.0", "1.2", "1.10", "1.latest", "2.0", "2.latest", "latest",
        ];
        let versions: Vec<ApiVersion> = ordered.iter().map(|text| text.parse().unwrap()).collect();
        assert!(versions.is_sorted() && versions.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
