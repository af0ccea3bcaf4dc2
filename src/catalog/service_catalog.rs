//! The service catalog.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use http::Uri;
use serde_json::Value;

use crate::catalog::access::{items, text};
use crate::catalog::origins::Origins;
use crate::catalog::placeholders::{self, Ids};
use crate::catalog::{EndpointQuery, Interface, service_types};
use crate::error::{Error, ErrorKind, Result};
use crate::suggest::listed;
use crate::uri;

/// The maximum number of endpoints: four times as many as a cloud of 30 services in 25 regions has.
const MOST_ENDPOINTS: usize = 10_000;

/// The service catalog of a token: the services of a cloud and their endpoints.
///
/// The catalog is indexed once, and a lookup copies nothing. Endpoints after the first 10,000 are
/// ignored. Placeholders in URLs (`%(project_id)s`, `$(tenant_id)s` …) are replaced by the ids of the
/// token.
///
/// ```no_run
/// # async fn example(session: heatclient::Session) -> heatclient::Result<()> {
/// use heatclient::catalog::EndpointQuery;
///
/// if let Some(access) = session.access().await? {
///     let endpoint = access.catalog().endpoint(&EndpointQuery::new("orchestration"))?;
///     println!("Heat is at {}", endpoint.url());
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Default)]
pub struct ServiceCatalog {
    endpoints: Vec<Endpoint>,
    /// The indexes into `endpoints` by service type.
    by_type: HashMap<String, Vec<usize>>,
    origins: Origins,
    /// The service types with an invalid endpoint, and the reason.
    unusable: BTreeMap<String, String>,
    /// Whether the token has no project. The catalog lacks services with a project in their URL then.
    is_projectless: bool,
    /// Whether the catalog has more endpoints than were read.
    is_truncated: bool,
    /// The catalog as Keystone sent it.
    sent: Box<str>,
}

/// An endpoint of a service.
#[derive(Debug)]
pub struct Endpoint {
    service: Arc<Service>,
    id: Option<String>,
    interface: Interface,
    region: Option<String>,
    url: Uri,
}

#[derive(Debug)]
struct Service {
    service_type: String,
    name: Option<String>,
    id: Option<String>,
}

impl Endpoint {
    /// The URL.
    pub fn url(&self) -> &Uri {
        &self.url
    }

    /// The interface.
    pub fn interface(&self) -> Interface {
        self.interface
    }

    /// The region.
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// The id of the endpoint.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The type of its service, as in the catalog.
    pub fn service_type(&self) -> &str {
        &self.service.service_type
    }

    /// The name of its service: `heat`.
    pub fn service_name(&self) -> Option<&str> {
        self.service.name.as_deref()
    }

    /// The id of its service.
    pub fn service_id(&self) -> Option<&str> {
        self.service.id.as_deref()
    }

    /// A catalog entry without a name matches every name.
    pub(super) fn is_named(&self, wanted: Option<&str>) -> bool {
        match (wanted, self.service_name()) {
            (Some(wanted), Some(name)) => wanted == name,
            _ => true,
        }
    }

    /// A service without an id matches every id.
    pub(super) fn is_of_service(&self, wanted: Option<&str>) -> bool {
        match (wanted, self.service_id()) {
            (Some(wanted), Some(id)) => wanted == id,
            _ => true,
        }
    }

    pub(super) fn has_id(&self, wanted: Option<&str>) -> bool {
        wanted.is_none_or(|id| self.id() == Some(id))
    }

    pub(super) fn is_in(&self, wanted: Option<&str>) -> bool {
        wanted.is_none_or(|region| self.region() == Some(region))
    }
}

impl ServiceCatalog {
    /// Parses the `catalog` of a token's body. Invalid entries are left out.
    pub(super) fn from_json(catalog: &Value, ids: Ids<'_>) -> Self {
        let mut endpoints = Vec::new();
        let mut unusable = BTreeMap::new();
        let mut left = MOST_ENDPOINTS;
        let mut is_truncated = false;
        for entry in catalog.as_array().into_iter().flatten() {
            let Some(service_type) = text(entry, "type") else {
                continue;
            };
            let service = Arc::new(Service {
                service_type,
                name: text(entry, "name"),
                id: text(entry, "id"),
            });
            for item in items(entry, "endpoints") {
                if left == 0 {
                    is_truncated = true;
                    break;
                }
                left -= 1;
                match endpoint(&service, item, ids) {
                    Ok(endpoint) => endpoints.push(endpoint),
                    Err(why) => {
                        unusable.insert(service.service_type.clone(), why);
                    }
                }
            }
        }
        let mut by_type: HashMap<String, Vec<usize>> = HashMap::new();
        let mut origins = Origins::default();
        for (index, endpoint) in endpoints.iter().enumerate() {
            by_type
                .entry(service_types::normalized(endpoint.service_type()).into_owned())
                .or_default()
                .push(index);
            origins.add(&endpoint.url);
        }
        Self {
            endpoints,
            by_type,
            origins,
            unusable,
            is_projectless: ids.project.is_none(),
            is_truncated,
            sent: catalog.to_string().into(),
        }
    }

    /// The best match.
    ///
    /// # Errors
    /// [`ErrorKind::Catalog`] if nothing matches. The message lists what is available.
    pub fn endpoint(&self, query: &EndpointQuery) -> Result<&Endpoint> {
        self.endpoints(query)
            .first()
            .copied()
            .ok_or_else(|| self.no_match(query))
    }

    /// All matches, best first.
    ///
    /// All of them have the same service type and interface: the most preferred ones with a match.
    pub fn endpoints(&self, query: &EndpointQuery) -> Vec<&Endpoint> {
        let candidates = service_types::candidates(&query.service_type);
        let mut matches = candidates.map(|service_type| self.matches(service_type, query));
        matches.find(|found| !found.is_empty()).unwrap_or_default()
    }

    /// The matches of each service type, whatever the query's, in the catalog's order.
    pub(crate) fn of_all_types(&self, query: &EndpointQuery) -> Vec<&Endpoint> {
        let mut seen = HashSet::new();
        let types = self
            .iter()
            .map(|endpoint| service_types::normalized(endpoint.service_type()));
        let types = types.filter(|service_type| seen.insert(service_type.clone()));
        types
            .flat_map(|service_type| self.matches(&service_type, query))
            .collect()
    }

    /// The matches of exactly this service type.
    fn matches(&self, service_type: &str, query: &EndpointQuery) -> Vec<&Endpoint> {
        let matches: Vec<_> = self
            .of_type(service_type)
            .filter(|endpoint| endpoint.is_named(query.service_name.as_deref()))
            .filter(|endpoint| endpoint.is_of_service(query.service_id.as_deref()))
            .filter(|endpoint| endpoint.has_id(query.endpoint_id.as_deref()))
            .filter(|endpoint| endpoint.is_in(query.region.as_deref()))
            .collect();
        if query.interfaces.is_empty() {
            return matches;
        }
        let of = |interface: &Interface| -> Vec<&Endpoint> {
            let matches = matches.iter().copied();
            matches.filter(|e| e.interface == *interface).collect()
        };
        let mut by_interface = query.interfaces.iter().map(of);
        by_interface
            .find(|found| !found.is_empty())
            .unwrap_or_default()
    }

    /// All endpoints in the catalog's order.
    pub fn iter(&self) -> impl Iterator<Item = &Endpoint> {
        self.endpoints.iter()
    }

    /// Whether there are no endpoints. The catalog of an unscoped token is empty.
    pub fn is_empty(&self) -> bool {
        self.endpoints.is_empty()
    }

    /// The catalog as Keystone sent it: a list of services with `type`, `name`, `id` and `endpoints`. It also
    /// has services without endpoints, invalid entries and placeholders. `null` without a catalog.
    pub fn to_json(&self) -> Value {
        serde_json::from_str(&self.sent).unwrap_or_default()
    }

    /// The origins (scheme, host and port) of all endpoints, without duplicates. They may receive the token.
    pub fn origins(&self) -> &[Uri] {
        self.origins.as_slice()
    }

    /// Whether an endpoint has the same origin as `url`.
    pub(crate) fn has_origin(&self, url: &Uri) -> bool {
        self.origins.contains(url)
    }

    /// Whether an endpoint has the query's service type, or one that stands for it.
    pub(super) fn is_of_type(&self, endpoint: &Endpoint, query: &EndpointQuery) -> bool {
        let own = service_types::normalized(endpoint.service_type());
        service_types::candidates(&query.service_type).any(|wanted| wanted == own)
    }

    /// Why an endpoint with the query's service type cannot be used.
    pub(crate) fn unusable(&self, query: &EndpointQuery) -> Option<&str> {
        let mut candidates = service_types::candidates(&query.service_type);
        candidates.find_map(|service_type| self.unusable.get(service_type).map(String::as_str))
    }

    fn of_type(&self, service_type: &str) -> impl Iterator<Item = &Endpoint> {
        self.by_type
            .get(service_type)
            .into_iter()
            .flatten()
            .filter_map(|index| self.endpoints.get(*index))
    }

    /// The error for a query without a match: which criterion failed, and the available values.
    fn no_match(&self, query: &EndpointQuery) -> Error {
        let error = |why: String| Error::new(ErrorKind::Catalog, format!("no {query}{why}"));
        if self.is_truncated {
            return error(format!(
                " among the first {MOST_ENDPOINTS} endpoints of the catalog (the others are ignored); \
                 configure the endpoint URL"
            ));
        }
        if let Some(why) = self.unusable(query) {
            return error(format!("; the one in the catalog is not valid: {why}"));
        }
        if self.is_empty() {
            return error(
                ": the catalog of the token is empty; log in with a project (project_name or project_id)"
                    .to_owned(),
            );
        }
        let of_type: Vec<_> = service_types::candidates(&query.service_type)
            .flat_map(|service_type| self.of_type(service_type))
            .collect();
        if of_type.is_empty() {
            let types = list(self.iter().map(Endpoint::service_type));
            let hint = if self.is_projectless {
                "; the token has no project scope, log in with project_name or project_id"
            } else {
                ""
            };
            return error(format!("; available types: {types}{hint}"));
        }
        let named: Vec<_> = of_type
            .iter()
            .filter(|e| e.is_named(query.service_name.as_deref()))
            .collect();
        if named.is_empty() {
            let names = list(of_type.iter().filter_map(|e| e.service_name()));
            return error(format!("; available names: {names}"));
        }
        let with_id: Vec<_> = named
            .iter()
            .filter(|e| e.is_of_service(query.service_id.as_deref()))
            .filter(|e| e.has_id(query.endpoint_id.as_deref()))
            .collect();
        if with_id.is_empty() {
            let ids = list(named.iter().filter_map(|e| match query.endpoint_id {
                Some(_) => e.id(),
                None => e.service_id(),
            }));
            return error(format!("; available ids: {ids}"));
        }
        let near: Vec<_> = with_id
            .iter()
            .filter(|e| e.is_in(query.region.as_deref()))
            .collect();
        if near.is_empty() {
            let regions = list(with_id.iter().map(|e| e.region().unwrap_or("no region")));
            return error(format!("; available regions: {regions}"));
        }
        let interfaces = list(near.iter().map(|e| e.interface.as_str()));
        error(format!("; available interfaces: {interfaces}"))
    }
}

/// # Errors
/// The reason why the endpoint is not valid.
fn endpoint(service: &Arc<Service>, item: &Value, ids: Ids<'_>) -> Result<Endpoint, String> {
    let text_of = |key| item.get(key).and_then(Value::as_str);
    let interface = text_of("interface").and_then(|name| name.parse().ok());
    let url = text_of("url").ok_or("it has no URL")?;
    let url = placeholders::expand(url, ids)?;
    Ok(Endpoint {
        service: Arc::clone(service),
        id: text(item, "id"),
        interface: interface.ok_or("its interface is not public, internal or admin")?,
        region: text(item, "region_id").or_else(|| text(item, "region")),
        url: uri::parse_url(&url, "its URL").map_err(|error| error.to_string())?,
    })
}

fn list<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    listed(texts.collect::<BTreeSet<_>>())
}

#[cfg(test)]
mod tests;
