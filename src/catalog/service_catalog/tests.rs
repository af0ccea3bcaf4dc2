//! Tests of the service catalog.

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
