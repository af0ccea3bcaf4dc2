//! Settings that select the endpoint of the orchestration service.

use http::Uri;

use crate::catalog::{ApiVersion, Interface, VersionRange};
use crate::config::auth::is_no;
use crate::config::keys::{
    ENDPOINT, HAS_ORCHESTRATION, IDENTITY_ENDPOINT, IDENTITY_INTERFACE, IDENTITY_REGION,
    IDENTITY_SERVICE_NAME, IDENTITY_SERVICE_TYPE, INTERFACE, REGION, RetryKeys, SERVICE_NAME,
    SERVICE_TYPE,
};
use crate::config::retry;
use crate::config::setting::Setting;
use crate::config::source::{Found, Key, Sources};
use crate::error::{Error, ErrorKind, Result};
use crate::session::AdapterBuilder;
use crate::transport::layers::{RateLimit, RetryPolicy};
use crate::uri::parse_url;

/// The keys of a service.
pub(super) struct Service {
    /// Its type in catalogs.
    kind: &'static str,
    /// The supported major version of its API.
    version: u32,
    /// What its URL is called in errors.
    url: &'static str,
    endpoint: Key,
    region: Key,
    interface: Key,
    service_type: Key,
    service_name: Key,
    retry: RetryKeys,
}

pub(super) const ORCHESTRATION: Service = Service {
    kind: "orchestration",
    version: 1,
    url: "the URL of Heat",
    endpoint: ENDPOINT,
    region: REGION,
    interface: INTERFACE,
    service_type: SERVICE_TYPE,
    service_name: SERVICE_NAME,
    retry: RetryKeys::ORCHESTRATION,
};

pub(super) const IDENTITY: Service = Service {
    kind: "identity",
    version: 3,
    url: "the URL of Keystone",
    endpoint: IDENTITY_ENDPOINT,
    region: IDENTITY_REGION,
    interface: IDENTITY_INTERFACE,
    service_type: IDENTITY_SERVICE_TYPE,
    service_name: IDENTITY_SERVICE_NAME,
    retry: RetryKeys::IDENTITY,
};

/// Settings for one service: its endpoint, its retries and its limits.
///
/// ```
/// use heatclient::catalog::Interface;
/// use heatclient::config::ConfigBuilder;
///
/// let cloud = ConfigBuilder::new().explicit([("interface", "internalURL")]).build()?;
/// assert_eq!(cloud.adapter_settings().interfaces, [Interface::Internal]);
/// assert_eq!(cloud.adapter_settings().region, None);
/// # Ok::<(), heatclient::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AdapterSettings {
    /// Type of the service in the catalog: `orchestration`.
    pub service_type: String,
    /// Name of the service in the catalog, if it has several services of this type.
    pub service_name: Option<String>,
    /// The region. By default the first region in the catalog that matches.
    pub region: Option<String>,
    /// The accepted interfaces, in order of preference; by default the public one.
    pub interfaces: Vec<Interface>,
    /// The endpoint to use instead of the catalog's.
    pub endpoint_override: Option<Uri>,
    /// The accepted versions of the API.
    pub versions: VersionRange,
    /// The microversion of requests that do not set their own.
    pub default_microversion: Option<ApiVersion>,
    /// The retries, if they are configured for this service. By default those of the session apply.
    pub retry: Option<RetryPolicy>,
    /// The maximum rate of requests. Unlimited by default.
    pub rate_limit: Option<RateLimit>,
    /// The maximum number of concurrent requests. Unlimited by default.
    pub concurrency: Option<usize>,
}

impl AdapterSettings {
    /// Applies these settings to an adapter, except for the service type, which the adapter has
    /// already.
    ///
    /// [`CloudConfig::adapter`](super::CloudConfig::adapter) also creates the adapter.
    pub fn apply(&self, adapter: AdapterBuilder) -> AdapterBuilder {
        let interfaces = self.interfaces.iter().copied();
        let mut adapter = adapter.interfaces(interfaces).versions(self.versions);
        if let Some(region) = &self.region {
            adapter = adapter.region(region);
        }
        if let Some(name) = &self.service_name {
            adapter = adapter.service_name(name);
        }
        if let Some(microversion) = self.default_microversion {
            adapter = adapter.default_microversion(microversion);
            adapter = adapter.check_microversion(true);
        }
        if let Some(policy) = &self.retry {
            adapter = adapter.retry(policy.clone());
        }
        if let Some(limit) = self.rate_limit {
            adapter = adapter.rate_limit(limit);
        }
        if let Some(limit) = self.concurrency {
            adapter = adapter.concurrency(limit);
        }
        match &self.endpoint_override {
            Some(endpoint) => adapter.endpoint_override(endpoint.clone()),
            None => adapter,
        }
    }

    pub(super) fn resolve(
        sources: &Sources<'_>,
        service: &Service,
    ) -> Result<(Self, Vec<Setting>)> {
        let interface = sources.find(&service.interface);
        let endpoint = sources.find(&service.endpoint);
        let region = sources.find(&service.region);
        let service_type = sources.find(&service.service_type);
        let service_name = sources.find(&service.service_name);
        let text = |found: &Found| found.text().to_owned();
        let (retry, retry_settings) = retry::of_service(sources, service.kind, &service.retry)?;
        let limit = |key| sources.limit(key, service.kind);
        let rate_limit = limit("rate_limit").map(|found| retry::rate_limit(&found));
        let concurrency = limit("concurrency").map(|found| retry::concurrency(&found));
        let adapter = Self {
            retry,
            rate_limit: rate_limit.transpose()?.flatten(),
            concurrency: concurrency.transpose()?.flatten(),
            service_type: service_type
                .as_ref()
                .map_or_else(|| service.kind.to_owned(), text),
            service_name: service_name.as_ref().map(text),
            region: region.as_ref().map(text),
            interfaces: match &interface {
                Some(found) => interfaces(found)?,
                None => vec![Interface::default()],
            },
            versions: VersionRange::from(service.version),
            default_microversion: None,
            endpoint_override: match &endpoint {
                Some(found) => Some(
                    parse_url(found.text(), service.url)
                        .map_err(|error| found.located(Error::from(error)))?,
                ),
                None => None,
            },
        };
        let interface = match interface {
            Some(found) => Setting::named("interface", found),
            None => Setting::default("interface", Interface::default().as_str()),
        };
        let others = [
            ("endpoint_override", endpoint),
            ("region_name", region),
            ("service_type", service_type),
            ("service_name", service_name),
        ];
        let others = others
            .into_iter()
            .filter_map(|(name, found)| Some(Setting::named(name, found?)))
            .chain(retry_settings);
        Ok((adapter, [interface].into_iter().chain(others).collect()))
    }
}

fn interfaces(found: &Found) -> Result<Vec<Interface>> {
    let names = found.text().split(',').map(str::trim);
    let interfaces: Result<Vec<Interface>> = names.map(str::parse).collect();
    interfaces.map_err(|error| found.located(error))
}

/// The error for a cloud without orchestration service (`has_orchestration: false`).
pub(super) fn disabled(sources: &Sources<'_>) -> Option<Error> {
    let found = sources.find(&HAS_ORCHESTRATION)?;
    let message = "the cloud has no orchestration service: has_orchestration is false";
    let error = || found.located(Error::new(ErrorKind::Config, message));
    is_no(found.text()).then(error)
}
