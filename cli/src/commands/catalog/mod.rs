//! The service catalog of the token.

pub(super) mod list;
pub(super) mod show;

use heatclient::catalog::ServiceCatalog;
use serde_json::{Map, Value};

/// The services as Keystone sent them.
fn services(catalog: &ServiceCatalog) -> Vec<Map<String, Value>> {
    let Value::Array(services) = catalog.to_json() else {
        return Vec::new();
    };
    let services = services.into_iter().filter_map(|service| match service {
        Value::Object(service) => Some(service),
        _ => None,
    });
    services.collect()
}
