//! Access info of the identity API v2.0, rewritten as that of v3.

use serde_json::{Map, Value, json};

use crate::catalog::access::{items, text};

const INTERFACES: [(&str, &str); 3] = [
    ("public", "publicURL"),
    ("internal", "internalURL"),
    ("admin", "adminURL"),
];

/// The id and the details of a token, from the body of `POST /v2.0/tokens`. The details are those that
/// v3 has under `token`. `None` if there is no token.
pub(super) fn as_v3(document: &Value) -> Option<(String, Value)> {
    let access = document.get("access")?;
    let token = access.get("token")?;
    let id = text(token, "id")?;
    let mut v3 = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            v3.insert(key.to_owned(), value);
        }
    };
    put("expires_at", token.get("expires").cloned());
    put("issued_at", token.get("issued_at").cloned());
    put("audit_ids", token.get("audit_ids").cloned());
    let nothing = Value::Null;
    let user = access.get("user").unwrap_or(&nothing);
    put(
        "user",
        Some(json!({
            "id": text(user, "id"),
            "name": text(user, "name").or_else(|| text(user, "username")),
        })),
    );
    put("project", project(token, user));
    put("roles", user.get("roles").cloned());
    let trust = access.get("trust").and_then(|trust| text(trust, "id"));
    put("OS-TRUST:trust", trust.map(|id| json!({"id": id})));
    let services = items(access, "serviceCatalog").map(service);
    put("catalog", Some(services.collect()));
    Some((id, Value::Object(v3)))
}

/// The tenant. Servers of various ages put it into various places.
fn project(token: &Value, user: &Value) -> Option<Value> {
    let tenant = token.get("tenant").unwrap_or(&Value::Null);
    let id = text(tenant, "id")
        .or_else(|| text(user, "tenantId"))
        .or_else(|| text(token, "tenantId"))?;
    let name = text(tenant, "name").or_else(|| text(user, "tenantName"));
    Some(json!({"id": id, "name": name}))
}

/// A service, with one endpoint for each URL.
fn service(service: &Value) -> Value {
    let endpoints = items(service, "endpoints").flat_map(|endpoint| {
        INTERFACES.iter().filter_map(|(interface, key)| {
            let url = text(endpoint, key)?;
            Some(json!({
                "id": text(endpoint, "id"),
                "interface": interface,
                "region": text(endpoint, "region"),
                "url": url,
            }))
        })
    });
    json!({
        "type": text(service, "type"),
        "name": text(service, "name"),
        "endpoints": endpoints.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::HeaderMap;

    use super::*;
    use crate::catalog::{AccessInfo, EndpointQuery, Interface};
    use crate::error::ErrorKind;

    fn read(body: &Value) -> crate::error::Result<AccessInfo> {
        AccessInfo::from_v2_response(&HeaderMap::new(), &Bytes::from(body.to_string()))
    }

    #[test]
    fn every_field_is_read() {
        let access = read(&json!({"access": {
            "token": {
                "id": "gV2", "expires": "2100-01-01T00:00:00Z", "issued_at": "2026-01-01T00:00:00.5",
                "tenant": {"id": "t1", "name": "web", "enabled": true}, "audit_ids": ["a"],
            },
            "user": {"id": "u1", "username": "demo", "name": "demo", "roles": [{"name": "member"}]},
            "metadata": {"roles": ["r1"]},
            "trust": {"id": "tr1"},
            "serviceCatalog": [{
                "type": "orchestration", "name": "heat", "endpoints_links": [],
                "endpoints": [{
                    "region": "RegionOne", "id": "e1",
                    "publicURL": "http://h:8004/v1/t1", "internalURL": "http://i:8004/v1/t1",
                    "adminURL": "",
                }],
            }, 17],
        }}))
        .unwrap();
        assert_eq!(access.token().expose(), "gV2");
        assert_eq!(access.user_id(), Some("u1"));
        assert_eq!(access.user_name(), Some("demo"));
        assert_eq!(access.user_domain_id(), None);
        assert_eq!(access.project_id(), Some("t1"));
        assert_eq!(access.project_name(), Some("web"));
        assert_eq!(access.trust_id(), Some("tr1"));
        assert_eq!(access.roles()[0].name.as_deref(), Some("member"));
        assert_eq!(access.audit_ids(), ["a"]);
        assert!(access.expires().is_some() && access.issued_at().is_some());
        let query = EndpointQuery::new("orchestration").region("RegionOne");
        for (interface, url) in [
            (Interface::Public, "http://h:8004/v1/t1"),
            (Interface::Internal, "http://i:8004/v1/t1"),
        ] {
            let query = query.clone().interfaces([interface]);
            assert_eq!(access.catalog().endpoint(&query).unwrap().url(), url);
        }
        let admin = query.interfaces([Interface::Admin]);
        assert!(access.catalog().endpoint(&admin).is_err());
    }

    #[test]
    fn old_and_poor_answers_are_read() {
        let access = read(&json!({"access": {
            "token": {"id": "gV2", "tenantId": "t1"},
            "user": {"id": "u1", "username": "demo", "tenantName": "web"},
        }}));
        let access = access.unwrap();
        assert_eq!(
            (access.project_id(), access.project_name()),
            (Some("t1"), Some("web"))
        );
        assert_eq!(access.user_name(), Some("demo"));
        let unscoped = read(&json!({"access": {"token": {"id": "gV2"}}})).unwrap();
        assert!(!unscoped.is_project_scoped());
        for body in [
            json!({}),
            json!({"access": 17}),
            json!({"access": {"token": {}}}),
            json!({"token": {"id": "gV3"}}),
            json!("gV2"),
        ] {
            let error = read(&body).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Auth);
            assert!(!format!("{error:?}").contains("gV"), "{error:?}");
        }
    }
}
