//! Any body as the answer to a login, v3 and v2: it is refused, or can be read and looked up. No secret is shown, and
//! no endpoint has a user name or a relative URL.

#![no_main]

use bytes::Bytes;
use heatclient::auth::AuthData;
use heatclient::catalog::{AccessInfo, EndpointQuery, Interface};
use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;

const TOKEN: &str = "gAAAA-swordfish-of-the-fuzzer";

fuzz_target!(|body: &[u8]| {
    let body = Bytes::copy_from_slice(body);
    let mut headers = HeaderMap::new();
    headers.insert("x-subject-token", HeaderValue::from_static(TOKEN));
    for answer in [
        AccessInfo::from_response(&headers, &body),
        AccessInfo::from_v2_response(&headers, &body),
    ] {
        match answer {
            Ok(access) => read(access),
            Err(error) => assert!(!format!("{error} {error:?}").contains(TOKEN)),
        }
    }
});

fn read(access: AccessInfo) {
    assert!(!format!("{access:?}").contains(TOKEN));
    let catalog = access.catalog();
    let types = catalog.iter().map(|endpoint| endpoint.service_type());
    let types: Vec<_> = types.take(3).chain(["orchestration", "volume"]).collect();
    for service_type in types {
        for interfaces in [vec![Interface::Public], vec![], vec![Interface::Admin, Interface::Internal]] {
            let query = EndpointQuery::new(service_type).interfaces(interfaces);
            let Ok(found) = catalog.endpoint(&query) else {
                continue;
            };
            let url = found.url();
            let authority = url.authority().expect("an absolute URL");
            assert!(!authority.as_str().contains('@'), "{url}");
            assert!(catalog.endpoints(&query).iter().any(|endpoint| endpoint.url() == url));
        }
    }
    let expires = access.expires();
    // The lifetime of a token is computed from its dates.
    if let Ok(data) = AuthData::access(access) {
        assert!(!format!("{data:?} {expires:?}").contains(TOKEN));
    }
}
