//! Settings that select the endpoint of the orchestration service.

use http::Uri;

use crate::catalog::Interface;
use crate::config::setting::{ENDPOINT, INTERFACE, REGION, SERVICE_NAME, SERVICE_TYPE, Setting};
use crate::config::source::{Found, Sources};
use crate::error::Result;
use crate::session::AdapterBuilder;
use crate::uri::parse_url;

/// The service type of orchestration in catalogs.
const ORCHESTRATION: &str = "orchestration";

/// Settings that select the endpoint of the orchestration service.
///
/// ```
/// use heatclient::catalog::Interface;
/// use heatclient::config::ConfigBuilder;
///
/// let cloud = ConfigBuilder::new().explicit([("interface", "internalURL")]).build()?;
/// assert_eq!(cloud.adapter_settings().interface, Interface::Internal);
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
    /// The interface; by default the public one.
    pub interface: Interface,
    /// The endpoint to use instead of the catalog's.
    pub endpoint_override: Option<Uri>,
}

impl AdapterSettings {
    /// Applies these settings to an adapter, except for the service type, which the adapter has
    /// already.
    ///
    /// [`CloudConfig::adapter`](super::CloudConfig::adapter) also creates the adapter.
    pub fn apply(&self, adapter: AdapterBuilder) -> AdapterBuilder {
        let mut adapter = adapter.interfaces([self.interface]);
        if let Some(region) = &self.region {
            adapter = adapter.region(region);
        }
        if let Some(name) = &self.service_name {
            adapter = adapter.service_name(name);
        }
        match &self.endpoint_override {
            Some(endpoint) => adapter.endpoint_override(endpoint.clone()),
            None => adapter,
        }
    }

    pub(super) fn resolve(sources: &Sources<'_>) -> Result<(Self, Vec<Setting>)> {
        let interface = sources.find(&INTERFACE);
        let endpoint = sources.find(&ENDPOINT);
        let region = sources.find(&REGION);
        let service_type = sources.find(&SERVICE_TYPE);
        let service_name = sources.find(&SERVICE_NAME);
        let text = |found: &Found| found.text().to_owned();
        let adapter = Self {
            service_type: service_type
                .as_ref()
                .map_or_else(|| ORCHESTRATION.to_owned(), text),
            service_name: service_name.as_ref().map(text),
            region: region.as_ref().map(text),
            interface: match &interface {
                Some(found) => found.text().parse()?,
                None => Interface::default(),
            },
            endpoint_override: match &endpoint {
                Some(found) => Some(parse_url(found.text(), "the URL of Heat")?),
                None => None,
            },
        };
        let interface = match interface {
            Some(found) => Setting::new("interface", found),
            None => Setting::default("interface", adapter.interface.as_str()),
        };
        let others = [
            ("endpoint_override", endpoint),
            ("region_name", region),
            ("service_type", service_type),
            ("service_name", service_name),
        ];
        let others = others
            .into_iter()
            .filter_map(|(name, found)| Some(Setting::new(name, found?)));
        Ok((adapter, [interface].into_iter().chain(others).collect()))
    }
}
