//! What a token says, and where services are: access info, service catalog, version discovery.

mod access;
mod discovery;
mod endpoint;

pub use access::AccessInfo;
pub use discovery::{Discovery, VersionDocument};
pub use endpoint::{EndpointQuery, Interface};
