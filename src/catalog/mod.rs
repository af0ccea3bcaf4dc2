//! Access info of a token, the service catalog and version discovery.

mod access;
mod access_v2;
mod discovery;
mod endpoint;
mod lifetime;
mod links;
mod origins;
mod placeholders;
mod service_catalog;
mod service_types;
#[cfg(test)]
mod totality;
mod version;
mod versioned;

pub use access::{AccessInfo, Role};
pub(crate) use discovery::Discovery;
pub use endpoint::{EndpointQuery, Interface};
pub(crate) use lifetime::timestamp;
pub(crate) use placeholders::{Ids, expand, is_template};
pub use service_catalog::{Endpoint, ServiceCatalog};
pub use version::{Version, VersionDocument, VersionStatus};
pub(crate) use versioned::{service_root, trailing_version, versioned_endpoint};
