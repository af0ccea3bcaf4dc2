//! Finds the URL of an accepted API version, from a service's URL in the catalog.

use std::sync::Arc;

use http::{StatusCode, Uri};
use serde::Serialize;

use crate::catalog::candidates::Candidates;
use crate::catalog::discovery::Authorize;
use crate::catalog::version::as_text;
use crate::catalog::versioned::version_in;
use crate::catalog::{
    ApiVersion, Discovery, DiscoveryOptions, Version, VersionDocument, VersionRange,
};
use crate::error::{Error, ErrorKind, Result};
use crate::transport::HttpClient;
use crate::uri;

/// A request for a version document, or a look at the one that is cached.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Probe {
    /// The URL.
    #[serde(serialize_with = "as_text")]
    pub url: Uri,
    /// The HTTP status of an answer without a usable document.
    pub status: Option<u16>,
    /// Why there is no usable document.
    pub error: Option<String>,
    /// The versions in the document, oldest first.
    pub versions: Vec<Version>,
}

impl Probe {
    fn of(url: &Uri, outcome: &Result<Arc<VersionDocument>>) -> Self {
        let mut probe = Self {
            url: uri::shown(url),
            status: None,
            error: None,
            versions: Vec::new(),
        };
        match outcome {
            Ok(document) => probe.versions = document.versions().to_vec(),
            Err(error) => {
                probe.status = error.status().map(|status| status.as_u16());
                let text = error.to_string();
                let reason = text.strip_prefix(&format!("discovering versions at {}: ", probe.url));
                probe.error = Some(reason.unwrap_or(&text).to_owned());
            }
        }
        probe
    }
}

/// The endpoint of an accepted version.
#[derive(Debug, Clone)]
pub(crate) struct Located {
    pub(crate) url: Uri,
    pub(crate) api_version: Option<ApiVersion>,
    /// The version in the document, if there is one.
    pub(crate) version: Option<Version>,
    /// Why the catalog's URL is used although its version may be another.
    pub(crate) fallback: Option<String>,
    /// Whether the next lookup may have another result although the token is the same.
    pub(crate) is_temporary: bool,
}

/// Looks for the endpoint of an accepted version of one service.
pub(crate) struct Locator<'a> {
    pub(crate) client: &'a HttpClient,
    pub(crate) discovery: &'a Arc<Discovery>,
    pub(crate) authorize: Option<&'a Authorize>,
    pub(crate) versions: VersionRange,
    pub(crate) options: DiscoveryOptions,
    /// The project of the token.
    pub(crate) project_id: Option<&'a str>,
}

impl Locator<'_> {
    /// The endpoint of an accepted version of the service at `listed`, as keystoneauth chooses it.
    /// Records each probe.
    ///
    /// # Errors
    /// [`ErrorKind::Discovery`] if a version document does not list an accepted version, or if there is
    /// none and the options require one. Those of the connection.
    pub(crate) async fn locate(&self, listed: &Uri, probes: &mut Vec<Probe>) -> Result<Located> {
        let (versions, options) = (self.versions, self.options);
        let is_any = versions.is_any();
        if options.skip_discovery || is_any && !options.discover_versions {
            return Ok(Located::as_listed(listed));
        }
        // Without a wanted version the catalog's URL is described, and no other is looked for.
        let above = options.allow_version_hack && !is_any;
        let candidates = Candidates::of(listed, versions, self.project_id, above);
        if candidates.is_best && !options.discover_versions {
            return Ok(Located::as_listed(listed));
        }
        let first = probes.len();
        let mut is_temporary = false;
        for url in &candidates.urls {
            let outcome = self.document(url).await;
            probes.push(Probe::of(url, &outcome));
            match outcome {
                Ok(document) => {
                    return match self.choose(&document, &candidates) {
                        Some(version) => Located::at(version, &candidates),
                        None if is_any => Ok(Located::as_listed(listed)),
                        None => Err(not_offered(versions, url, &document)),
                    };
                }
                Err(error) if error.kind() == ErrorKind::Discovery => {
                    let is_server_error = |status: StatusCode| status.is_server_error();
                    is_temporary |= error.status().is_some_and(is_server_error);
                }
                // All candidates are on one server: it cannot be reached.
                Err(error) if !is_any && !candidates.is_accepted => return Err(error),
                Err(_) => {
                    is_temporary = true;
                    break;
                }
            }
        }
        let mut located = Located::as_listed(listed);
        located.is_temporary = is_temporary;
        if is_any || candidates.is_accepted {
            return Ok(located);
        }
        let tried = probes.get(first..).unwrap_or_default();
        let tried = listed_probes(tried);
        let shown = uri::shown(listed);
        if options.strict || !options.allow_version_hack {
            return Err(Error::new(
                ErrorKind::Discovery,
                format!(
                    "no version document of the service at {shown} that lists {versions}; tried {tried}"
                ),
            ));
        }
        let mask = self.client.mask();
        tracing::warn!(
            target: "heatclient::catalog",
            url = %mask.text(&shown.to_string()),
            wanted = %versions,
            tried = %mask.text(&tried),
            "found no version document; the URL of the catalog is used, whatever its version"
        );
        located.fallback = Some(format!(
            "no version document was found for {versions}; the catalog's URL is used, whatever its version"
        ));
        Ok(located)
    }

    /// The version document at a URL.
    pub(crate) async fn document(&self, url: &Uri) -> Result<Arc<VersionDocument>> {
        self.discovery
            .versions(self.client, url, self.authorize)
            .await
    }

    /// The version in a document that is accepted, or that has the catalog's URL.
    fn choose<'d>(
        &self,
        document: &'d VersionDocument,
        candidates: &Candidates,
    ) -> Option<&'d Version> {
        if !self.versions.is_any() {
            return document.choose_with(self.versions, self.options);
        }
        let path = candidates.path.as_str();
        let is_same = |version: &&Version| version.url.path().trim_end_matches('/') == path;
        let mut allowed = document.allowed(self.options);
        let same = document.allowed(self.options).find(is_same);
        same.or_else(|| allowed.next())
    }
}

impl Located {
    /// The catalog's URL as it is.
    pub(crate) fn as_listed(url: &Uri) -> Self {
        Self {
            url: url.clone(),
            api_version: version_in(url),
            version: None,
            fallback: None,
            is_temporary: false,
        }
    }

    fn at(version: &Version, candidates: &Candidates) -> Result<Self> {
        Ok(Self {
            url: match &candidates.project {
                Some(project) => uri::join(&version.url, project)?,
                None => version.url.clone(),
            },
            api_version: Some(version.version),
            version: Some(version.clone()),
            fallback: None,
            is_temporary: false,
        })
    }
}

fn not_offered(versions: VersionRange, url: &Uri, document: &VersionDocument) -> Error {
    let shown = uri::shown(url);
    let offer = document.offer();
    let message = match versions.is_newest() {
        true => format!("no usable API version at {shown} (found {offer})"),
        false => format!("no API {versions} at {shown} (found {offer})"),
    };
    Error::new(ErrorKind::Discovery, message)
}

/// The probes that found no document, for messages.
fn listed_probes(probes: &[Probe]) -> String {
    let shown = |probe: &Probe| {
        let status = probe
            .status
            .and_then(|status| StatusCode::from_u16(status).ok());
        match (status, &probe.error) {
            (Some(status), _) => format!("{} ({status})", probe.url),
            (None, error) => format!("{} ({})", probe.url, error.as_deref().unwrap_or_default()),
        }
    };
    probes.iter().map(shown).collect::<Vec<_>>().join(", ")
}
