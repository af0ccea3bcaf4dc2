//! Property tests: arbitrary input from a server is parsed or refused, without a panic.

use bytes::Bytes;
use http::{HeaderMap, Uri};
use proptest::prelude::*;
use serde_json::{Map, Value};

use crate::catalog::{AccessInfo, EndpointQuery, Ids, ServiceCatalog, VersionDocument};

/// Texts similar to those that the parsers look for.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9/:.]{0,12}",
        "v?[0-9]{0,3}(\\.[0-9]{0,3}){0,2}",
        "(https?:)?(//)?[a-z]{0,3}(:[0-9]{0,6})?(/[a-z0-9%.]{0,4}){0,3}/?(\\?[a-z=]{0,4})?",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(Z|\\+[0-9]{2}:?[0-9]{2})?",
        prop::sample::select(vec![
            "self",
            "CURRENT",
            "stable",
            "public",
            "adminURL",
            "orchestration",
            "R",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ]
}

/// Documents similar to those that the parsers look for.
fn documents() -> impl Strategy<Value = Value> {
    let keys = prop::sample::select(vec![
        "versions",
        "version",
        "values",
        "id",
        "status",
        "links",
        "rel",
        "href",
        "min_version",
        "max_version",
        "token",
        "catalog",
        "endpoints",
        "type",
        "name",
        "interface",
        "region",
        "url",
        "user",
        "domain",
        "project",
        "roles",
        "system",
        "all",
        "expires_at",
        "issued_at",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        texts().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 128, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((keys.clone(), inner), 0..8).prop_map(|pairs| {
                let map: Map<_, _> = pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
                Value::from(map)
            }),
        ]
    })
}

fn version_entry() -> impl Strategy<Value = Value> {
    let id = prop_oneof!["v[1-4](\\.[0-9])?", texts()];
    (id, texts(), texts()).prop_map(|(id, status, href)| {
        serde_json::json!({"id": id, "status": status, "links": [{"rel": "self", "href": href}]})
    })
}

fn service() -> impl Strategy<Value = Value> {
    let interface = prop_oneof!["public", "internalURL", "admin", texts()];
    let region = prop_oneof!["", "One", "Two", texts()];
    let url = prop_oneof!["https?://[ab](:80)?/v1", texts()];
    let endpoint = (interface, region, url).prop_map(|(interface, region, url)| {
        serde_json::json!({"interface": interface, "region": region, "url": url})
    });
    let kind = prop_oneof!["orchestration", "volumev[23]", "block-storage", texts()];
    (kind, prop::collection::vec(endpoint, 0..5))
        .prop_map(|(kind, endpoints)| serde_json::json!({"type": kind, "endpoints": endpoints}))
}

proptest! {
    #[test]
    fn any_document_is_read_or_refused(document in documents()) {
        let body = Bytes::from(document.to_string());
        let mut headers = HeaderMap::new();
        let _ = VersionDocument::parse(&Uri::from_static("http://h/"), &headers, &body);
        let _ = ServiceCatalog::from_json(&document, Ids::default());
        headers.insert("x-subject-token", "gAAAA".parse().unwrap());
        let _ = AccessInfo::from_response(&headers, &body);
    }

    #[test]
    fn any_bytes_are_read_or_refused(body: Vec<u8>) {
        let body = Bytes::from(body);
        let headers = HeaderMap::new();
        prop_assert!(VersionDocument::parse(&Uri::from_static("http://h/"), &headers, &body).is_err());
        prop_assert!(AccessInfo::from_response(&headers, &body).is_err());
    }

    #[test]
    fn versions_stay_on_their_host(entries in prop::collection::vec(version_entry(), 0..8)) {
        let body = Bytes::from(serde_json::json!({"versions": entries}).to_string());
        let url = Uri::from_static("https://h:5000/identity");
        let document = VersionDocument::parse(&url, &HeaderMap::new(), &body).unwrap();
        for version in document.versions() {
            prop_assert_eq!(version.url.scheme(), url.scheme());
            prop_assert_eq!(version.url.authority(), url.authority());
        }
        prop_assert!(document.versions().is_sorted_by_key(|version| version.version));
    }

    #[test]
    fn what_is_in_the_catalog_is_found(services in prop::collection::vec(service(), 0..6)) {
        let catalog = ServiceCatalog::from_json(&Value::from(services), Ids::default());
        for endpoint in catalog.iter() {
            let query = EndpointQuery::new(endpoint.service_type()).interfaces([endpoint.interface()]);
            let query = EndpointQuery { region: endpoint.region().map(str::to_owned), ..query };
            let found = catalog.endpoints(&query);
            prop_assert!(found.iter().any(|found| std::ptr::eq(*found, endpoint)), "{:?}", query);
            let origins = catalog.origins();
            prop_assert!(origins.iter().any(|o| crate::uri::same_origin(o, endpoint.url())));
            prop_assert!(catalog.has_origin(endpoint.url()));
        }
    }
}
