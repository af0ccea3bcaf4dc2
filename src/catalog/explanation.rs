//! Why an endpoint was chosen.

use std::fmt;

use http::Uri;
use serde::Serialize;

use crate::catalog::locate::Probe;
use crate::catalog::version::as_text;
use crate::catalog::{ApiVersion, Endpoint, EndpointData, EndpointQuery, Interface};
use crate::suggest::listed;

/// Why an adapter uses an endpoint and no other: see
/// [`Adapter::explain`](crate::session::Adapter::explain).
///
/// It is displayed as text of several lines. Serialized, it has a key for each method.
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    pub(crate) query: EndpointQuery,
    pub(crate) source: Option<EndpointSource>,
    pub(crate) considered: Vec<ConsideredEndpoint>,
    pub(crate) probes: Vec<Probe>,
    pub(crate) notes: Vec<String>,
    pub(crate) endpoint: Option<EndpointData>,
    pub(crate) default_microversion: Option<ApiVersion>,
    pub(crate) problem: Option<String>,
    pub(crate) advice: Option<String>,
}

/// Where an endpoint comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EndpointSource {
    /// The configured endpoint of the service:
    /// [`AdapterBuilder::endpoint_override`](crate::session::AdapterBuilder::endpoint_override).
    Override,
    /// The auth plugin, which has one endpoint for all services.
    Plugin,
    /// The service catalog of the token.
    Catalog,
    /// The auth URL, since the token has no catalog.
    AuthUrl,
}

/// An endpoint in the catalog with the wanted service type, and why it was or was not chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ConsideredEndpoint {
    /// The id of the endpoint.
    pub endpoint_id: Option<String>,
    /// The type of its service, as in the catalog.
    pub service_type: String,
    /// The name of its service.
    pub service_name: Option<String>,
    /// The id of its service.
    pub service_id: Option<String>,
    /// The interface.
    pub interface: Interface,
    /// The region.
    pub region: Option<String>,
    /// The URL in the catalog.
    #[serde(serialize_with = "as_text")]
    pub url: Uri,
    /// Whether it was chosen, or the criterion that excluded it.
    pub verdict: Verdict,
    /// The verdict as a sentence for people, without a full stop.
    pub reason: String,
}

/// Whether an endpoint was chosen, or the criterion that excluded it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// It was chosen.
    Chosen,
    /// Its service has another name.
    OtherServiceName,
    /// Its service has another id.
    OtherServiceId,
    /// It has another id.
    OtherEndpointId,
    /// It is in another region.
    OtherRegion,
    /// Its interface is not accepted.
    OtherInterface,
    /// Another service type is preferred.
    LessPreferredType,
    /// Another interface is preferred.
    LessPreferredInterface,
    /// Another endpoint that matches is before it in the catalog.
    LaterInCatalog,
}

impl ConsideredEndpoint {
    pub(super) fn new(endpoint: &Endpoint, verdict: Verdict, reason: String) -> Self {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Self {
            endpoint_id: owned(endpoint.id()),
            service_type: endpoint.service_type().to_owned(),
            service_name: owned(endpoint.service_name()),
            service_id: owned(endpoint.service_id()),
            interface: endpoint.interface(),
            region: owned(endpoint.region()),
            url: endpoint.url().clone(),
            verdict,
            reason,
        }
    }
}

impl Explanation {
    pub(crate) fn new(query: EndpointQuery, default_microversion: Option<ApiVersion>) -> Self {
        Self {
            query,
            source: None,
            considered: Vec::new(),
            probes: Vec::new(),
            notes: Vec::new(),
            endpoint: None,
            default_microversion,
            problem: None,
            advice: None,
        }
    }

    /// What was looked for.
    pub fn query(&self) -> &EndpointQuery {
        &self.query
    }

    /// Where the endpoint comes from. `None` if there is none.
    pub fn source(&self) -> Option<EndpointSource> {
        self.source
    }

    /// The endpoints in the catalog with the wanted service type, in the catalog's order. Empty if the
    /// endpoint does not come from the catalog.
    pub fn considered(&self) -> &[ConsideredEndpoint] {
        &self.considered
    }

    /// The version documents that were requested or cached, in order.
    pub fn probes(&self) -> &[Probe] {
        &self.probes
    }

    /// Remarks about the choice, such as settings that have no effect.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The endpoint that calls use. `None` if no endpoint can be used.
    pub fn endpoint(&self) -> Option<&EndpointData> {
        self.endpoint.as_ref()
    }

    /// The microversion of the adapter's requests, if they do not set their own.
    pub fn default_microversion(&self) -> Option<ApiVersion> {
        self.default_microversion
    }

    /// Why no endpoint can be used.
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// What to do about the problem.
    pub fn advice(&self) -> Option<&str> {
        self.advice.as_deref()
    }
}

impl fmt::Display for EndpointSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Override => "the configured endpoint of the service",
            Self::Plugin => "the auth plugin, which has one endpoint for all services",
            Self::Catalog => "the service catalog of the token",
            Self::AuthUrl => "the auth URL",
        })
    }
}

/// `http://heat/v1/p (public, RegionOne, heat): chosen`.
impl fmt::Display for ConsideredEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let region = self.region.as_deref().unwrap_or("no region");
        let name = self.service_name.as_deref().unwrap_or("no name");
        let (url, interface, service_type) = (&self.url, self.interface, &self.service_type);
        let reason = &self.reason;
        write!(
            f,
            "{url} ({interface}, {region}, {name}, {service_type}): {reason}"
        )
    }
}

/// `http://heat/: found v1.0`.
impl fmt::Display for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.url)?;
        match &self.error {
            Some(error) => f.write_str(error),
            None if self.versions.is_empty() => f.write_str("found no version"),
            None => {
                let versions = self.versions.iter();
                let versions = versions.map(|v| format!("v{} ({})", v.version, v.status));
                write!(f, "found {}", listed(versions))
            }
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Looked for: {}", self.query)?;
        match self.query.versions.is_any() {
            true => writeln!(f, ", any API version")?,
            false => writeln!(f, ", API {}", self.query.versions)?,
        }
        if let Some(source) = self.source {
            writeln!(f, "Source: {source}")?;
        }
        if !self.considered.is_empty() {
            writeln!(f, "Endpoints in the catalog:")?;
        }
        for endpoint in &self.considered {
            writeln!(f, "  {endpoint}")?;
        }
        if !self.probes.is_empty() {
            writeln!(f, "Version documents:")?;
        }
        for probe in &self.probes {
            writeln!(f, "  {probe}")?;
        }
        for note in &self.notes {
            writeln!(f, "Note: {note}")?;
        }
        if let Some(endpoint) = &self.endpoint {
            writeln!(f, "Endpoint: {}", endpoint.url)?;
            if let Some(version) = endpoint.api_version {
                write!(f, "API version: {version}")?;
                match endpoint.status {
                    Some(status) => writeln!(f, " ({status})")?,
                    None => writeln!(f)?,
                }
            }
            if let (Some(min), Some(max)) = (endpoint.min_microversion, endpoint.max_microversion) {
                writeln!(f, "Microversions: {min} to {max}")?;
            }
        }
        if let Some(microversion) = self.default_microversion {
            writeln!(f, "Microversion of requests: {microversion}")?;
        }
        if let Some(problem) = &self.problem {
            writeln!(f, "Problem: {problem}")?;
        }
        if let Some(advice) = &self.advice {
            writeln!(f, "Advice: {advice}")?;
        }
        Ok(())
    }
}
