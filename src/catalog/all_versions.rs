//! The API versions of all services in a catalog.

use http::Uri;
use serde::Serialize;

use crate::catalog::candidates::Candidates;
use crate::catalog::locate::Locator;
use crate::catalog::service_types;
use crate::catalog::version::as_text;
use crate::catalog::versioned::version_in;
use crate::catalog::{Endpoint, Interface, Version, VersionRange, VersionStatus};
use crate::uri;

/// The API versions that a service offers at one of its endpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ServiceVersions {
    /// The region of the endpoint.
    pub region: Option<String>,
    /// The interface of the endpoint.
    pub interface: Interface,
    /// The official service type: `block-storage` for `volumev3`.
    pub service_type: String,
    /// The URL in the catalog.
    #[serde(serialize_with = "as_text")]
    pub url: Uri,
    /// Whether there is a version document. If not, `versions` has the version in the URL, if any.
    pub is_discovered: bool,
    /// The versions, oldest first.
    pub versions: Vec<Version>,
}

impl ServiceVersions {
    /// Requests the versions of the service at an endpoint.
    pub(crate) async fn of(endpoint: &Endpoint, locator: &Locator<'_>) -> Self {
        let url = endpoint.url();
        let candidates = Candidates::of(url, VersionRange::ANY, locator.project_id, true);
        let mut found = Self {
            region: endpoint.region().map(str::to_owned),
            interface: endpoint.interface(),
            service_type: service_types::official(endpoint.service_type()).into_owned(),
            url: url.clone(),
            is_discovered: false,
            versions: Vec::new(),
        };
        for candidate in &candidates.urls {
            if let Ok(document) = locator.document(candidate).await {
                let allowed = document.allowed(locator.options);
                found.versions = allowed.cloned().collect();
                found.versions.reverse();
                found.is_discovered = true;
                return found;
            }
        }
        let own = uri::with_path_and_query(url, format!("{}/", candidates.path));
        found.versions = inferred(url, own.ok()).into_iter().collect();
        found
    }
}

/// The version in a URL.
fn inferred(url: &Uri, own: Option<Uri>) -> Option<Version> {
    Some(Version {
        version: version_in(url)?,
        status: VersionStatus::Unknown,
        raw_status: String::new(),
        url: own?,
        collection: None,
        min_microversion: None,
        max_microversion: None,
        next_min_version: None,
        not_before: None,
    })
}
