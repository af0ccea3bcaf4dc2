//! The service catalog.

use std::collections::{BTreeMap, BTreeSet, HashMap};
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
    fn is_named(&self, wanted: Option<&str>) -> bool {
        match (wanted, self.service_name()) {
            (Some(wanted), Some(name)) => wanted == name,
            _ => true,
        }
    }

    fn is_in(&self, wanted: Option<&str>) -> bool {
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
                .entry(endpoint.service_type().to_owned())
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
        for service_type in service_types::candidates(&query.service_type) {
            let matches: Vec<_> = self
                .of_type(service_type)
                .filter(|endpoint| endpoint.is_named(query.service_name.as_deref()))
                .filter(|endpoint| endpoint.is_in(query.region.as_deref()))
                .collect();
            if matches.is_empty() {
                continue;
            }
            if query.interfaces.is_empty() {
                return matches;
            }
            for interface in &query.interfaces {
                let found: Vec<_> = matches
                    .iter()
                    .copied()
                    .filter(|e| e.interface == *interface)
                    .collect();
                if !found.is_empty() {
                    return found;
                }
            }
        }
        Vec::new()
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
        let mut candidates = service_types::candidates(&query.service_type);
        if let Some(why) = candidates.find_map(|service_type| self.unusable.get(service_type)) {
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
        let near: Vec<_> = named
            .iter()
            .filter(|e| e.is_in(query.region.as_deref()))
            .collect();
        if near.is_empty() {
            let regions = list(named.iter().map(|e| e.region().unwrap_or("no region")));
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
mod tests {
    use super::*;
    use crate::hang::ends;
    use Interface::{Admin, Internal, Public};
    use serde_json::json;

    const IDS: Ids<'static> = Ids {
        project: Some("p1"),
        user: Some("u1"),
    };

    fn item(interface: &str, region: &str, url: &str) -> Value {
        json!({"id": url, "interface": interface, "region": region, "region_id": region, "url": url})
    }

    fn catalog() -> ServiceCatalog {
        ServiceCatalog::from_json(
            &json!([
                {"type": "identity", "name": "keystone", "id": "i", "endpoints": [
                    item("public", "One", "http://id/v3"),
                    item("admin", "One", "http://id/v3"),
                ]},
                {"type": "orchestration", "name": "heat", "id": "h", "endpoints": [
                    item("publicURL", "One", "http://heat1/v1/p"),
                    item("internal", "One", "http://heat1-int:8004/v1/p"),
                    item("public", "Two", "https://heat2/v1/p"),
                ]},
                {"type": "orchestration", "name": "heat-next", "endpoints": [
                    item("public", "One", "http://next/v1/p"),
                ]},
                {"type": "volumev2", "endpoints": [item("public", "One", "http://vol/v2/p")]},
                {"type": "volumev3", "endpoints": [
                    item("public", "One", "http://vol/v3/p"),
                    {"interface": "public", "region": "Old", "region_id": "", "url": "http://vol-old/v3/p"},
                ]},
            ]),
            IDS,
        )
    }

    fn heat() -> EndpointQuery {
        EndpointQuery::new("orchestration")
    }

    #[test]
    fn the_best_endpoint_is_found() {
        let catalog = catalog();
        let cases = [
            (heat(), "http://heat1/v1/p"),
            (heat().region("Two"), "https://heat2/v1/p"),
            (heat().interfaces([Internal]), "http://heat1-int:8004/v1/p"),
            (
                heat().interfaces([Internal, Public]),
                "http://heat1-int:8004/v1/p",
            ),
            (
                heat().interfaces([Internal, Public]).region("Two"),
                "https://heat2/v1/p",
            ),
            (heat().interfaces([Admin, Public]), "http://heat1/v1/p"),
            (heat().interfaces([]), "http://heat1/v1/p"),
            (heat().service_name("heat-next"), "http://next/v1/p"),
            // A service without a name matches every name.
            (
                EndpointQuery::new("volumev2").service_name("cinder"),
                "http://vol/v2/p",
            ),
            (EndpointQuery::new("block-storage"), "http://vol/v3/p"),
            (
                EndpointQuery::new("block-storage").region("Old"),
                "http://vol-old/v3/p",
            ),
            (EndpointQuery::new("volumev2"), "http://vol/v2/p"),
        ];
        for (query, url) in cases {
            assert_eq!(catalog.endpoint(&query).unwrap().url(), url, "{query:?}");
        }
        let endpoint = catalog.endpoint(&heat()).unwrap();
        assert_eq!(endpoint.service_type(), "orchestration");
        assert_eq!(
            (endpoint.service_name(), endpoint.service_id()),
            (Some("heat"), Some("h"))
        );
        assert_eq!(
            (endpoint.region(), endpoint.interface()),
            (Some("One"), Public)
        );
        assert_eq!(endpoint.id(), Some("http://heat1/v1/p"));
        let all: Vec<_> = catalog
            .endpoints(&heat())
            .iter()
            .map(|e| e.url().to_string())
            .collect();
        assert_eq!(
            all,
            [
                "http://heat1/v1/p",
                "https://heat2/v1/p",
                "http://next/v1/p"
            ]
        );
    }

    #[test]
    fn errors_say_what_there_is() {
        let catalog = catalog();
        let cases = [
            (
                heat().region("Mars"),
                "no public endpoint of type orchestration in region Mars; available regions: One, Two",
            ),
            (
                heat().interfaces([Admin]),
                "no admin endpoint of type orchestration; available interfaces: internal, public",
            ),
            (
                heat().interfaces([Admin, Internal]).region("Two"),
                "no admin or internal endpoint of type orchestration in region Two; available interfaces: public",
            ),
            (
                heat().service_name("magma"),
                "no public endpoint of type orchestration and name magma; available names: heat, heat-next",
            ),
            (
                EndpointQuery::new("compute"),
                "no public endpoint of type compute; available types: identity, orchestration, volumev2, volumev3",
            ),
            // An alias does not match another alias.
            (
                EndpointQuery::new("volume"),
                "no public endpoint of type volume; available types: identity, orchestration, volumev2, volumev3",
            ),
        ];
        for (query, message) in cases {
            let error = catalog.endpoint(&query).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Catalog);
            assert_eq!(error.to_string(), message);
            assert!(catalog.endpoints(&query).is_empty());
        }
        let item = item("public", "One", "http://id/v3");
        let system = json!([{"type": "identity", "endpoints": [item]}]);
        assert_eq!(
            ServiceCatalog::from_json(&system, Ids::default())
                .endpoint(&heat())
                .unwrap_err()
                .to_string(),
            "no public endpoint of type orchestration; available types: identity; the token has no project scope, log in with project_name or project_id"
        );
        assert_eq!(
            ServiceCatalog::default()
                .endpoint(&heat())
                .unwrap_err()
                .to_string(),
            "no public endpoint of type orchestration: the catalog of the token is empty; \
             log in with a project (project_name or project_id)"
        );
    }

    #[test]
    fn origins_are_listed_once() {
        let origins: Vec<_> = catalog().origins().iter().map(Uri::to_string).collect();
        assert_eq!(
            origins,
            [
                "http://id/",
                "http://heat1/",
                "http://heat1-int:8004/",
                "https://heat2/",
                "http://next/",
                "http://vol/",
                "http://vol-old/"
            ]
        );
    }

    #[test]
    fn large_catalogs_are_cut_and_take_linear_time() {
        let regions = 0..200_000;
        let endpoints: Vec<_> = regions
            .map(|n| item("public", &format!("Region{n}"), &format!("http://h{n}/")))
            .collect();
        let last = item("public", "One", "http://last/");
        let services = json!([
            {"type": "object-store", "endpoints": endpoints},
            {"type": "orchestration", "endpoints": [last]},
        ]);
        let catalog = ends(move || ServiceCatalog::from_json(&services, IDS));
        assert_eq!(catalog.iter().count(), MOST_ENDPOINTS);
        assert_eq!(catalog.origins().len(), MOST_ENDPOINTS);
        for (url, is_known) in [
            ("http://h0/", true),
            ("http://H0:80/v1", true),
            ("https://h0/", false),
            ("http://h10000/", false),
            ("http://last/", false),
        ] {
            assert_eq!(catalog.has_origin(&url.parse().unwrap()), is_known, "{url}");
        }
        assert_eq!(
            catalog.endpoint(&heat()).unwrap_err().to_string(),
            "no public endpoint of type orchestration among the first 10000 endpoints of the catalog \
             (the others are ignored); configure the endpoint URL"
        );
    }

    #[test]
    fn origins_take_linear_time() {
        let origins = ends(|| {
            let mut origins = Origins::default();
            for n in 0..200_000 {
                origins.add(&format!("http://h{n}/x").parse().unwrap());
                origins.add(&format!("http://H{n}:80/y").parse().unwrap());
            }
            origins
        });
        assert_eq!(origins.as_slice().len(), 200_000);
    }

    #[test]
    fn errors_name_a_few_of_many() {
        let regions = 0..5000;
        let endpoints: Vec<_> = regions
            .map(|n| {
                item(
                    "public",
                    &format!("{n:04}{}", "x".repeat(1000)),
                    "http://heat/",
                )
            })
            .collect();
        let services = json!([{"type": "orchestration", "endpoints": endpoints}]);
        let catalog = ServiceCatalog::from_json(&services, IDS);
        let error = catalog.endpoint(&heat().region("Mars")).unwrap_err();
        let message = error.to_string();
        assert!(message.contains("regions: 0000xxx"), "{message}");
        assert!(message.ends_with("… and 4990 more"), "{message}");
        assert!(message.len() < 1000, "{message}");
    }

    #[test]
    fn malformed_entries_are_left_out() {
        let catalog = ServiceCatalog::from_json(
            &json!([
                17,
                null,
                {"endpoints": [item("public", "One", "http://typeless/")]},
                {"type": 17, "endpoints": [item("public", "One", "http://numbered/")]},
                {"type": "a", "endpoints": {"interface": "public"}},
                {"type": "a"},
                {"type": "orchestration", "endpoints": [
                    null,
                    {"region": "One", "url": "http://no-interface/"},
                    {"interface": "secret", "url": "http://odd-interface/"},
                    {"interface": "public"},
                    {"interface": "public", "url": null},
                    {"interface": "public", "url": ""},
                    {"interface": "public", "url": "heat:8004"},
                    {"interface": "public", "url": "http://heat/$(project id)s"},
                    {"interface": "public", "url": "ftp://heat/"},
                    {"interface": "public", "region": 3, "url": "http://good/v1"},
                ]},
            ]),
            IDS,
        );
        let urls: Vec<_> = catalog.iter().map(|e| e.url().to_string()).collect();
        assert_eq!(urls, ["http://good/v1"]);
        for odd in [json!(null), json!({}), json!("x"), json!([])] {
            assert!(ServiceCatalog::from_json(&odd, IDS).is_empty(), "{odd}");
        }
    }
}
