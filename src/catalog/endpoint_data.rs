//! What is known about the endpoint of a service.

use http::Uri;
use serde::Serialize;

use crate::catalog::locate::Located;
use crate::catalog::version::{as_optional_text, as_text};
use crate::catalog::{ApiVersion, Endpoint, EndpointQuery, Interface, VersionStatus};

/// What the service catalog and the version document say about an endpoint.
///
/// A field is `None` if nobody says it. Without a version document, `api_version` is the one in the URL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EndpointData {
    /// The URL that paths of the API are appended to.
    #[serde(serialize_with = "as_text")]
    pub url: Uri,
    /// The URL in the catalog.
    #[serde(serialize_with = "as_optional_text")]
    pub catalog_url: Option<Uri>,
    /// The type of the service, as in the catalog.
    pub service_type: String,
    /// The name of the service: `heat`.
    pub service_name: Option<String>,
    /// The id of the service.
    pub service_id: Option<String>,
    /// The id of the endpoint.
    pub endpoint_id: Option<String>,
    /// The interface.
    pub interface: Option<Interface>,
    /// The region.
    pub region: Option<String>,
    /// The version of the API.
    pub api_version: Option<ApiVersion>,
    /// The support status of the version.
    pub status: Option<VersionStatus>,
    /// The lowest microversion.
    pub min_microversion: Option<ApiVersion>,
    /// The highest microversion.
    pub max_microversion: Option<ApiVersion>,
    /// The lowest microversion of a future release.
    pub next_min_version: Option<ApiVersion>,
    /// The earliest date of that release, as the service writes it: `2027-04-01`.
    pub not_before: Option<String>,
}

impl EndpointData {
    /// Data of a configured endpoint, for which the query is all that is known.
    pub(crate) fn configured(query: &EndpointQuery, located: Located) -> Self {
        let data = Self {
            url: located.url.clone(),
            catalog_url: None,
            service_type: query.service_type.clone(),
            service_name: query.service_name.clone(),
            service_id: query.service_id.clone(),
            endpoint_id: query.endpoint_id.clone(),
            interface: match query.interfaces.as_slice() {
                [only] => Some(*only),
                _ => None,
            },
            region: query.region.clone(),
            api_version: None,
            status: None,
            min_microversion: None,
            max_microversion: None,
            next_min_version: None,
            not_before: None,
        };
        data.with_version(located)
    }

    /// Data of an endpoint in the catalog.
    pub(crate) fn listed(endpoint: &Endpoint, located: Located) -> Self {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let data = Self {
            url: located.url.clone(),
            catalog_url: Some(endpoint.url().clone()),
            service_type: endpoint.service_type().to_owned(),
            service_name: owned(endpoint.service_name()),
            service_id: owned(endpoint.service_id()),
            endpoint_id: owned(endpoint.id()),
            interface: Some(endpoint.interface()),
            region: owned(endpoint.region()),
            api_version: None,
            status: None,
            min_microversion: None,
            max_microversion: None,
            next_min_version: None,
            not_before: None,
        };
        data.with_version(located)
    }

    fn with_version(mut self, located: Located) -> Self {
        self.api_version = located.api_version;
        if let Some(version) = located.version {
            self.status = Some(version.status);
            self.min_microversion = version.min_microversion;
            self.max_microversion = version.max_microversion;
            self.next_min_version = version.next_min_version;
            self.not_before = version.not_before;
        }
        self
    }

    /// Whether the service supports a microversion. `None` if it does not say which it supports.
    ///
    /// `latest` is supported by every service with microversions.
    pub fn supports_microversion(&self, microversion: ApiVersion) -> Option<bool> {
        let (min, max) = (self.min_microversion?, self.max_microversion?);
        Some(microversion.is_latest() || min <= microversion && microversion <= max)
    }
}
