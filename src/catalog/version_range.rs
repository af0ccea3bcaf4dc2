//! The API versions that a caller accepts.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::catalog::{ApiVersion, service_types};
use crate::error::{Error, ErrorKind, Result};

/// A range of accepted API versions, which includes both ends.
///
/// Without ends, every version is accepted, and the catalog's URL is used as it is.
///
/// ```
/// use heatclient::catalog::{ApiVersion, VersionRange};
///
/// let range = VersionRange::from(2);
/// assert!(range.contains((2, 9).into()) && !range.contains((3, 0).into()));
/// let range = VersionRange::between((1, 0), ApiVersion::latest_of(2))?;
/// assert_eq!(range.to_string(), "v1.0 to v2.latest");
/// # Ok::<(), heatclient::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct VersionRange {
    min: Option<ApiVersion>,
    max: Option<ApiVersion>,
}

impl VersionRange {
    /// Every version.
    pub const ANY: Self = Self {
        min: None,
        max: None,
    };

    /// The latest version that the service offers.
    pub const LATEST: Self = Self {
        min: Some(ApiVersion::LATEST),
        max: Some(ApiVersion::LATEST),
    };

    /// The versions from `min` to `max`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if `min` is higher than `max`.
    pub fn between(min: impl Into<ApiVersion>, max: impl Into<ApiVersion>) -> Result<Self> {
        Self::new(Some(min.into()), Some(max.into()))
    }

    /// The versions from `min`.
    pub fn at_least(min: impl Into<ApiVersion>) -> Self {
        Self {
            min: Some(min.into()),
            max: Some(ApiVersion::LATEST),
        }
    }

    /// The versions up to `max`.
    ///
    /// `2` does not include 2.1. Use [`ApiVersion::latest_of`] for all versions with a major number.
    pub fn at_most(max: impl Into<ApiVersion>) -> Self {
        Self {
            min: None,
            max: Some(max.into()),
        }
    }

    /// The range of the options `version`, `min_version` and `max_version`, as keystoneauth has them.
    /// Empty texts are unset options.
    ///
    /// `version` is the lowest accepted version, and all versions with its major number above are
    /// accepted, too. A `min_version` without a `max_version` has no upper end.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if a text is no version, if `version` is set together with another, or if
    /// `min_version` is higher than `max_version`.
    pub fn from_options(
        version: Option<&str>,
        min_version: Option<&str>,
        max_version: Option<&str>,
    ) -> Result<Self> {
        let read = |text: Option<&str>| -> Result<Option<ApiVersion>> {
            let text = text.filter(|text| !text.trim().is_empty());
            text.map(str::parse).transpose()
        };
        let (version, min, max) = (read(version)?, read(min_version)?, read(max_version)?);
        match version {
            Some(_) if min.is_some() || max.is_some() => Err(Error::new(
                ErrorKind::Config,
                "version and min_version or max_version exclude each other; use version for one major version",
            )),
            Some(version) => Ok(version.into()),
            None if min.is_some() => Self::new(min, max.or(Some(ApiVersion::LATEST))),
            None => Self::new(None, max),
        }
    }

    fn new(min: Option<ApiVersion>, max: Option<ApiVersion>) -> Result<Self> {
        match (min, max) {
            (Some(min), Some(max)) if min > max => Err(Error::new(
                ErrorKind::Config,
                format!("the minimum version {min} is higher than the maximum version {max}"),
            )),
            _ => Ok(Self { min, max }),
        }
    }

    /// The lower end.
    pub const fn min(self) -> Option<ApiVersion> {
        self.min
    }

    /// The upper end.
    pub const fn max(self) -> Option<ApiVersion> {
        self.max
    }

    /// The versions in both ranges. `None` if there are none.
    pub(crate) fn and(self, other: Self) -> Option<Self> {
        let max = match (self.max, other.max) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        // `None` is lower than every version.
        Self::new(self.min.max(other.min), max).ok()
    }

    /// Whether every version is accepted.
    pub const fn is_any(self) -> bool {
        self.min.is_none() && self.max.is_none()
    }

    /// Whether the newest version is wanted, whatever its number.
    pub(super) fn is_newest(self) -> bool {
        self.max == Some(ApiVersion::LATEST) && self.min.is_none_or(ApiVersion::is_latest)
    }

    /// Whether the version is in the range. A range that begins at `2.latest` includes the newest version
    /// of 2, which only a list of versions shows; this function returns `false` for it.
    pub fn contains(self, version: ApiVersion) -> bool {
        self.min.is_none_or(|min| min <= version) && self.max.is_none_or(|max| version <= max)
    }

    /// Whether the newest of several versions with the same major number is accepted.
    pub(super) fn accepts_newest(self, version: ApiVersion) -> bool {
        let begins_at_latest = self.min.is_some_and(|min| {
            min.is_latest() || min.minor().is_none() && min.major() == version.major()
        });
        self.is_newest() || begins_at_latest || self.contains(version)
    }

    /// Restricts the range to the version that the name of a service type implies: `volumev2` to 2.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the range is for another major version.
    pub(crate) fn for_service_type(self, service_type: &str) -> Result<Self> {
        let Some(implied) = service_types::implied_version(service_type) else {
            return Ok(self);
        };
        let other = |version: &ApiVersion| version.major() != Some(implied);
        let max = self.max.filter(|max| !max.is_latest());
        if let Some(given) = self.min.filter(other).or_else(|| max.filter(other)) {
            return Err(Error::new(
                ErrorKind::Config,
                format!(
                    "version {given} does not fit the service type {service_type}, which is for version {implied}"
                ),
            ));
        }
        Ok(Self {
            min: self.min.or_else(|| Some(implied.into())),
            max: max.or_else(|| Some(ApiVersion::latest_of(implied))),
        })
    }
}

impl From<ApiVersion> for VersionRange {
    /// The version and all later ones with the same major number.
    fn from(version: ApiVersion) -> Self {
        Self {
            min: Some(version),
            max: Some(
                version
                    .major()
                    .map_or(ApiVersion::LATEST, ApiVersion::latest_of),
            ),
        }
    }
}

impl From<u32> for VersionRange {
    /// All versions with this major number.
    fn from(major: u32) -> Self {
        ApiVersion::from(major).into()
    }
}

/// As in error messages: `v2`, `v1.0 to v2.latest`, `any version`.
impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.min, self.max) {
            (None, None) => f.write_str("any version"),
            _ if self.is_newest() => f.write_str("the latest version"),
            (None, Some(max)) => write!(f, "v{max} or lower"),
            (Some(min), None | Some(ApiVersion::LATEST)) => write!(f, "v{min} or higher"),
            (Some(min), Some(max)) => match min.major() {
                Some(major) if min.minor() == Some(0) && max == ApiVersion::latest_of(major) => {
                    write!(f, "v{major}")
                }
                _ if min == max => write!(f, "v{min}"),
                _ => write!(f, "v{min} to v{max}"),
            },
        }
    }
}

/// The range as text: `v2`.
impl Serialize for VersionRange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The arguments `version`, `min_version`, `max_version` and the service type; the bounds that
    /// keystoneauth makes of them, or the error.
    type Case = (
        [Option<&'static str>; 3],
        &'static str,
        Result<[Option<&'static str>; 2], &'static str>,
    );

    const EXCLUDED: &str = "version and min_version or max_version exclude each other; use version for one major version";

    const TABLE: &[Case] = &[
        ([None, None, None], "compute", Ok([None, None])),
        (
            [None, None, Some("v1.2")],
            "compute",
            Ok([None, Some("1.2")]),
        ),
        (
            [None, Some("v1.2"), Some("latest")],
            "compute",
            Ok([Some("1.2"), Some("latest")]),
        ),
        (
            [None, Some("v1.2"), Some("1.latest")],
            "compute",
            Ok([Some("1.2"), Some("1.latest")]),
        ),
        (
            [None, Some("latest"), None],
            "compute",
            Ok([Some("latest"), Some("latest")]),
        ),
        (
            [None, Some("latest"), Some("latest")],
            "compute",
            Ok([Some("latest"), Some("latest")]),
        ),
        (
            [None, Some("1.2"), None],
            "compute",
            Ok([Some("1.2"), Some("latest")]),
        ),
        ([None, Some(""), Some("")], "compute", Ok([None, None])),
        (
            [Some("v1.2"), None, None],
            "compute",
            Ok([Some("1.2"), Some("1.latest")]),
        ),
        (
            [Some("v1"), None, None],
            "compute",
            Ok([Some("1.0"), Some("1.latest")]),
        ),
        (
            [Some("1.latest"), None, None],
            "compute",
            Ok([Some("1.latest"), Some("1.latest")]),
        ),
        (
            [Some("latest"), None, None],
            "compute",
            Ok([Some("latest"), Some("latest")]),
        ),
        ([Some("v1"), Some("v1"), None], "compute", Err(EXCLUDED)),
        ([Some("v1"), None, Some("v1")], "compute", Err(EXCLUDED)),
        (
            [None, Some("latest"), Some("v1")],
            "compute",
            Err("the minimum version latest is higher than the maximum version 1.0"),
        ),
        (
            [None, Some("2.1"), Some("2")],
            "compute",
            Err("the minimum version 2.1 is higher than the maximum version 2.0"),
        ),
        (
            [Some("two"), None, None],
            "compute",
            Err("invalid version \"two\"; expected a version such as 2, 2.1, 2.latest or latest"),
        ),
        (
            [None, None, None],
            "volumev2",
            Ok([Some("2.0"), Some("2.latest")]),
        ),
        (
            [None, None, Some("latest")],
            "volumev2",
            Ok([Some("2.0"), Some("2.latest")]),
        ),
        (
            [None, None, Some("2.5")],
            "volumev2",
            Ok([Some("2.0"), Some("2.5")]),
        ),
        (
            [None, Some("2.1"), None],
            "volumev2",
            Ok([Some("2.1"), Some("2.latest")]),
        ),
        (
            [Some("2"), None, None],
            "volumev2",
            Ok([Some("2.0"), Some("2.latest")]),
        ),
        (
            [None, None, None],
            "workflowv2",
            Ok([Some("2.0"), Some("2.latest")]),
        ),
        ([None, None, None], "madeupv2", Ok([None, None])),
        (
            [Some("v2"), None, None],
            "volumev3",
            Err("version 2.0 does not fit the service type volumev3, which is for version 3"),
        ),
        (
            [Some("latest"), None, None],
            "volumev3",
            Err("version latest does not fit the service type volumev3, which is for version 3"),
        ),
        (
            [None, Some("v2"), None],
            "volumev3",
            Err("version 2.0 does not fit the service type volumev3, which is for version 3"),
        ),
        (
            [None, None, Some("v3")],
            "volumev2",
            Err("version 3.0 does not fit the service type volumev2, which is for version 2"),
        ),
    ];

    #[test]
    fn options_are_folded_as_keystoneauth_folds_them() {
        for ([version, min, max], service_type, expected) in TABLE {
            let found = VersionRange::from_options(*version, *min, *max)
                .and_then(|range| range.for_service_type(service_type));
            let shown = |version: Option<ApiVersion>| version.map(|version| version.to_string());
            let found = found.map(|range| [shown(range.min()), shown(range.max())]);
            let expected = expected.map(|bounds| bounds.map(|bound| bound.map(str::to_owned)));
            assert_eq!(
                found.map_err(|error| error.to_string()),
                expected.map_err(str::to_owned),
                "{version:?} {min:?} {max:?} {service_type}"
            );
        }
    }

    #[test]
    fn ranges_are_shown_as_people_write_them() {
        let range = |version, min, max| VersionRange::from_options(version, min, max).unwrap();
        for (range, shown) in [
            (VersionRange::ANY, "any version"),
            (VersionRange::from(2), "v2"),
            (range(Some("2.5"), None, None), "v2.5 to v2.latest"),
            (range(Some("2.latest"), None, None), "v2.latest"),
            (VersionRange::LATEST, "the latest version"),
            (
                VersionRange::at_most(ApiVersion::LATEST),
                "the latest version",
            ),
            (VersionRange::at_most(2), "v2.0 or lower"),
            (VersionRange::at_least((1, 3)), "v1.3 or higher"),
            (range(None, Some("1"), Some("2")), "v1.0 to v2.0"),
        ] {
            assert_eq!(range.to_string(), shown);
        }
    }

    #[test]
    fn the_newest_accepted_version_is_found() {
        let accepts =
            |range: VersionRange, version: (u32, u32)| range.accepts_newest(version.into());
        let latest_two = VersionRange::from(ApiVersion::latest_of(2));
        assert!(accepts(latest_two, (2, 9)) && !accepts(latest_two, (3, 0)));
        assert!(accepts(VersionRange::LATEST, (9, 9)));
        // keystoneauth accepts nothing below an upper end alone.
        assert!(
            accepts(VersionRange::at_most(2), (1, 9)) && !accepts(VersionRange::at_most(2), (2, 1))
        );
        assert!(accepts(VersionRange::from(2), (2, 1)) && !accepts(VersionRange::from(2), (1, 9)));
    }
}
