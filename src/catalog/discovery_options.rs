//! Options of version discovery.

use serde::Serialize;

use crate::catalog::VersionStatus;

/// How the endpoint of an API version is looked for. The names are those of keystoneauth.
///
/// ```
/// use heatclient::catalog::DiscoveryOptions;
///
/// let options = DiscoveryOptions::new().allow_experimental(true).strict(true);
/// assert!(options.allow_deprecated && !options.discover_versions);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct DiscoveryOptions {
    /// Whether the version in the catalog's URL may be removed to find the list of all versions. `true`
    /// by default. If not, only documents at the catalog's URL are used.
    pub allow_version_hack: bool,
    /// Whether the catalog's URL is used as it is, whatever its version. `false` by default.
    pub skip_discovery: bool,
    /// Whether the version document is requested even if the catalog's URL has an accepted version.
    /// `false` by default. [`Adapter::endpoint_data`](crate::session::Adapter::endpoint_data) always
    /// requests it.
    pub discover_versions: bool,
    /// Whether a lookup fails if no version document is found. By default the catalog's URL is used then,
    /// with a warning, even if its version is not accepted.
    pub strict: bool,
    /// Whether deprecated versions are used. `true` by default.
    pub allow_deprecated: bool,
    /// Whether experimental versions are used. `false` by default.
    pub allow_experimental: bool,
    /// Whether versions of an unknown status are used. `false` by default.
    pub allow_unknown: bool,
}

impl DiscoveryOptions {
    /// The defaults.
    pub const fn new() -> Self {
        Self {
            allow_version_hack: true,
            skip_discovery: false,
            discover_versions: false,
            strict: false,
            allow_deprecated: true,
            allow_experimental: false,
            allow_unknown: false,
        }
    }

    /// Sets [`allow_version_hack`](Self::allow_version_hack).
    #[must_use]
    pub const fn allow_version_hack(mut self, allow: bool) -> Self {
        self.allow_version_hack = allow;
        self
    }

    /// Sets [`skip_discovery`](Self::skip_discovery).
    #[must_use]
    pub const fn skip_discovery(mut self, skip: bool) -> Self {
        self.skip_discovery = skip;
        self
    }

    /// Sets [`discover_versions`](Self::discover_versions).
    #[must_use]
    pub const fn discover_versions(mut self, discover: bool) -> Self {
        self.discover_versions = discover;
        self
    }

    /// Sets [`strict`](Self::strict).
    #[must_use]
    pub const fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// Sets [`allow_deprecated`](Self::allow_deprecated).
    #[must_use]
    pub const fn allow_deprecated(mut self, allow: bool) -> Self {
        self.allow_deprecated = allow;
        self
    }

    /// Sets [`allow_experimental`](Self::allow_experimental).
    #[must_use]
    pub const fn allow_experimental(mut self, allow: bool) -> Self {
        self.allow_experimental = allow;
        self
    }

    /// Sets [`allow_unknown`](Self::allow_unknown).
    #[must_use]
    pub const fn allow_unknown(mut self, allow: bool) -> Self {
        self.allow_unknown = allow;
        self
    }

    pub(super) const fn allows(self, status: VersionStatus) -> bool {
        match status {
            VersionStatus::Current | VersionStatus::Supported => true,
            VersionStatus::Deprecated => self.allow_deprecated,
            VersionStatus::Experimental => self.allow_experimental,
            VersionStatus::Unknown => self.allow_unknown,
        }
    }
}

impl Default for DiscoveryOptions {
    fn default() -> Self {
        Self::new()
    }
}
