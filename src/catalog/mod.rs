//! Access info of a token, the service catalog and version discovery.

mod access;
mod access_v2;
mod all_versions;
mod api_version;
mod candidates;
mod discovery;
mod discovery_options;
mod endpoint;
mod endpoint_data;
mod explanation;
mod lifetime;
mod links;
mod locate;
mod origins;
mod placeholders;
#[cfg(test)]
mod recorded;
mod service_catalog;
mod service_types;
#[cfg(test)]
mod totality;
mod verdict;
mod version;
mod version_range;
mod versioned;

pub use access::{AccessInfo, Role};
pub use all_versions::ServiceVersions;
pub use api_version::ApiVersion;
pub(crate) use discovery::{Authorize, Discovery};
pub use discovery_options::DiscoveryOptions;
pub use endpoint::{EndpointQuery, Interface};
pub use endpoint_data::EndpointData;
pub use explanation::{ConsideredEndpoint, EndpointSource, Explanation, Verdict};
pub(crate) use lifetime::timestamp;
pub use locate::Probe;
pub(crate) use locate::{Located, Locator};
pub(crate) use placeholders::{Ids, expand, is_template};
pub use service_catalog::{Endpoint, ServiceCatalog};
pub use version::{Version, VersionDocument, VersionStatus};
pub use version_range::VersionRange;
pub(crate) use versioned::{service_root, trailing_version};
