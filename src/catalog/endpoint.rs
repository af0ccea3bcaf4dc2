//! Queries for an endpoint.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::catalog::{ApiVersion, DiscoveryOptions, VersionRange};
use crate::error::{Error, ErrorKind};

/// The interface of an endpoint: its audience.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Interface {
    /// For all users.
    #[default]
    Public,
    /// For services and clients inside the cloud.
    Internal,
    /// For administrators.
    Admin,
}

impl Interface {
    /// The name as Keystone writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Internal => "internal",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Interface {
    type Err = Error;

    /// Parses `public` and the older `publicURL`, ignoring case.
    fn from_str(text: &str) -> Result<Self, Error> {
        let lower = text.to_ascii_lowercase();
        match lower.strip_suffix("url").unwrap_or(&lower) {
            "public" => Ok(Self::Public),
            "internal" => Ok(Self::Internal),
            "admin" => Ok(Self::Admin),
            _ => Err(Error::new(
                ErrorKind::Config,
                format!("unknown interface {text:?}; expected public, internal or admin"),
            )),
        }
    }
}

/// A query for an endpoint: the service type and further criteria.
///
/// ```
/// use heatclient::catalog::{EndpointQuery, Interface};
///
/// let query = EndpointQuery::new("orchestration")
///     .interfaces([Interface::Internal, Interface::Public])
///     .region("RegionOne");
/// assert_eq!(query.to_string(), "internal or public endpoint of type orchestration in region RegionOne");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EndpointQuery {
    /// The service type, or one of its aliases: `orchestration`.
    pub service_type: String,
    /// The accepted interfaces in order of preference; all if empty.
    pub interfaces: Vec<Interface>,
    /// The region; `None` takes the first endpoint in the catalog.
    pub region: Option<String>,
    /// The name of the service, if several have the same type.
    pub service_name: Option<String>,
    /// The id of the service.
    pub service_id: Option<String>,
    /// The id of the endpoint.
    pub endpoint_id: Option<String>,
    /// The accepted versions of the API.
    pub versions: VersionRange,
    /// How the endpoint of an accepted version is looked for.
    pub discovery: DiscoveryOptions,
}

impl EndpointQuery {
    /// The public endpoint of a service type, in any region and version.
    pub fn new(service_type: impl Into<String>) -> Self {
        Self {
            service_type: service_type.into(),
            interfaces: vec![Interface::Public],
            region: None,
            service_name: None,
            service_id: None,
            endpoint_id: None,
            versions: VersionRange::ANY,
            discovery: DiscoveryOptions::new(),
        }
    }

    /// Sets the accepted interfaces in order of preference.
    #[must_use]
    pub fn interfaces(mut self, interfaces: impl IntoIterator<Item = Interface>) -> Self {
        self.interfaces = interfaces.into_iter().collect();
        self
    }

    /// Sets the region.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Sets the name of the service.
    #[must_use]
    pub fn service_name(mut self, name: impl Into<String>) -> Self {
        self.service_name = Some(name.into());
        self
    }

    /// Sets the id of the service.
    #[must_use]
    pub fn service_id(mut self, id: impl Into<String>) -> Self {
        self.service_id = Some(id.into());
        self
    }

    /// Sets the id of the endpoint.
    #[must_use]
    pub fn endpoint_id(mut self, id: impl Into<String>) -> Self {
        self.endpoint_id = Some(id.into());
        self
    }

    /// Sets the version of the API. Later versions with the same major number are accepted, too.
    #[must_use]
    pub fn version(self, version: impl Into<ApiVersion>) -> Self {
        self.versions(version.into())
    }

    /// Sets the accepted versions of the API.
    #[must_use]
    pub fn versions(mut self, versions: impl Into<VersionRange>) -> Self {
        self.versions = versions.into();
        self
    }

    /// Sets how the endpoint of an accepted version is looked for.
    #[must_use]
    pub fn discovery(mut self, options: DiscoveryOptions) -> Self {
        self.discovery = options;
        self
    }
}

/// The query as in error messages: `public endpoint of type orchestration in region RegionOne`.
impl fmt::Display for EndpointQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, interface) in self.interfaces.iter().enumerate() {
            write!(f, "{}{interface}", if index == 0 { "" } else { " or " })?;
        }
        let space = if self.interfaces.is_empty() { "" } else { " " };
        write!(f, "{space}endpoint of type {}", self.service_type)?;
        if let Some(name) = &self.service_name {
            write!(f, " and name {name}")?;
        }
        if let Some(id) = &self.service_id {
            write!(f, " and service id {id}")?;
        }
        if let Some(id) = &self.endpoint_id {
            write!(f, " and endpoint id {id}")?;
        }
        if let Some(region) = &self.region {
            write!(f, " in region {region}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_are_read_in_every_spelling() {
        for (text, interface) in [
            ("public", Interface::Public),
            ("publicURL", Interface::Public),
            ("PUBLIC", Interface::Public),
            ("internalURL", Interface::Internal),
            ("adminurl", Interface::Admin),
        ] {
            assert_eq!(text.parse::<Interface>().unwrap(), interface, "{text}");
        }
        assert_eq!(
            "publik".parse::<Interface>().unwrap_err().to_string(),
            "unknown interface \"publik\"; expected public, internal or admin"
        );
        assert!("".parse::<Interface>().is_err());
    }
}
