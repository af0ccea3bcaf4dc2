//! Why the catalog's lookup chose an endpoint and no other.

use crate::catalog::explanation::{ConsideredEndpoint, Verdict};
use crate::catalog::{Endpoint, EndpointQuery, ServiceCatalog};

impl ServiceCatalog {
    /// All endpoints with a matching service type, and why each was or was not chosen.
    pub(crate) fn considered(&self, query: &EndpointQuery) -> Vec<ConsideredEndpoint> {
        let chosen = self.endpoints(query).first().copied();
        let of_type = self
            .iter()
            .filter(|endpoint| self.is_of_type(endpoint, query));
        of_type
            .map(|endpoint| {
                let (verdict, reason) = verdict(endpoint, query, chosen);
                ConsideredEndpoint::new(endpoint, verdict, reason)
            })
            .collect()
    }
}

fn verdict(
    endpoint: &Endpoint,
    query: &EndpointQuery,
    chosen: Option<&Endpoint>,
) -> (Verdict, String) {
    let is_not = |what: &str, own: Option<&str>, wanted: &Option<String>| {
        let wanted = wanted.as_deref().unwrap_or_default();
        match own {
            Some(own) => format!("its {what} {own} is not {wanted}"),
            None => format!("it has no {what}; {wanted} is wanted"),
        }
    };
    if !endpoint.is_named(query.service_name.as_deref()) {
        let reason = is_not("service name", endpoint.service_name(), &query.service_name);
        return (Verdict::OtherServiceName, reason);
    }
    if !endpoint.is_of_service(query.service_id.as_deref()) {
        let reason = is_not("service id", endpoint.service_id(), &query.service_id);
        return (Verdict::OtherServiceId, reason);
    }
    if !endpoint.has_id(query.endpoint_id.as_deref()) {
        let reason = is_not("id", endpoint.id(), &query.endpoint_id);
        return (Verdict::OtherEndpointId, reason);
    }
    if !endpoint.is_in(query.region.as_deref()) {
        let reason = is_not("region", endpoint.region(), &query.region);
        return (Verdict::OtherRegion, reason);
    }
    let interface = endpoint.interface();
    if !query.interfaces.is_empty() && !query.interfaces.contains(&interface) {
        let wanted: Vec<_> = query.interfaces.iter().map(|i| i.as_str()).collect();
        let wanted = wanted.join(" or ");
        let reason = format!("its interface {interface} is not {wanted}");
        return (Verdict::OtherInterface, reason);
    }
    match chosen {
        Some(chosen) if std::ptr::eq(chosen, endpoint) => (Verdict::Chosen, "chosen".to_owned()),
        Some(chosen) if chosen.service_type() != endpoint.service_type() => {
            let reason = format!("the service type {} is preferred", chosen.service_type());
            (Verdict::LessPreferredType, reason)
        }
        Some(chosen) if chosen.interface() != interface && !query.interfaces.is_empty() => {
            let reason = format!("the interface {} is preferred", chosen.interface());
            (Verdict::LessPreferredInterface, reason)
        }
        _ => {
            let reason = "an endpoint before it in the catalog matches, too".to_owned();
            (Verdict::LaterInCatalog, reason)
        }
    }
}
