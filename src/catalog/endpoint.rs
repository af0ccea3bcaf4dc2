//! Which endpoint is wanted.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, ErrorKind};

/// The audience that an endpoint is meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Interface {
    /// For everybody.
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

    /// Reads `public` as well as the older `publicURL`, in any case.
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

/// Which endpoint is wanted: a service's type, and what narrows the choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointQuery {
    /// The service type, or one of its aliases: `orchestration`.
    pub service_type: String,
    /// The interfaces that will do, best first.
    pub interfaces: Vec<Interface>,
    /// The region; without one the first in the catalog is taken.
    pub region: Option<String>,
    /// The name of the service, where a type has several.
    pub service_name: Option<String>,
    /// The major version of the API.
    pub version: Option<u32>,
}

impl EndpointQuery {
    /// The public endpoint of a service type, in any region and version.
    pub fn new(service_type: impl Into<String>) -> Self {
        Self {
            service_type: service_type.into(),
            interfaces: vec![Interface::Public],
            region: None,
            service_name: None,
            version: None,
        }
    }
}
