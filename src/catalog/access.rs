//! Access info: the token and the data that Keystone returns with it.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, header};
use jiff::Timestamp;
use serde_json::Value;

use crate::catalog::access_v2;
use crate::catalog::lifetime::{date, lifetime, timestamp};
use crate::catalog::{Ids, ServiceCatalog};
use crate::clock;
use crate::error::{Error, ErrorKind, Result};
use crate::json;
use crate::secret::Secret;
use crate::transport::read;

/// A token, with its user, scope, roles, expiry and service catalog.
///
/// A field is `None` if Keystone did not send it or sent an invalid value. The token can be used
/// without it.
pub struct AccessInfo {
    token: Secret,
    expires: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    issued_at: Option<Timestamp>,
    user: Party,
    project: Option<Party>,
    domain: Option<Party>,
    system: bool,
    roles: Vec<Role>,
    trust_id: Option<String>,
    application_credential_id: Option<String>,
    audit_ids: Vec<String>,
    methods: Vec<String>,
    catalog: ServiceCatalog,
}

/// A role that the token carries.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Role {
    /// The id of the role.
    pub id: Option<String>,
    /// The name of the role: `member`.
    pub name: Option<String>,
}

/// A user or project with its domain, or a domain.
#[derive(Debug, Default)]
struct Party {
    id: Option<String>,
    name: Option<String>,
    domain_id: Option<String>,
    domain_name: Option<String>,
}

impl AccessInfo {
    /// Parses Keystone's response to `POST /v3/auth/tokens`.
    ///
    /// # Errors
    /// [`ErrorKind::Auth`] if it contains no token. The error never quotes the body.
    pub fn from_response(headers: &HeaderMap, body: &Bytes) -> Result<Self> {
        let Ok(document) = json::from_slice::<Value>(body) else {
            return Err(not_a_token(headers, not_json(headers, body)));
        };
        let Some(token) = document.get("token").filter(|token| token.is_object()) else {
            return Err(not_a_token(headers, "other JSON"));
        };
        let id = headers
            .get("x-subject-token")
            .and_then(|value| value.to_str().ok())
            .filter(|id| !id.is_empty())
            .ok_or_else(|| {
                refuse(headers, "the identity service's response has no X-Subject-Token header; a proxy may have removed it".to_owned())
            })?;
        Ok(Self::new(id, token, headers))
    }

    /// Parses the response to `POST /v2.0/tokens` of the identity API v2.0. A tenant is a project.
    ///
    /// # Errors
    /// [`ErrorKind::Auth`] if it contains no token. The error never quotes the body.
    pub fn from_v2_response(headers: &HeaderMap, body: &Bytes) -> Result<Self> {
        let Ok(document) = json::from_slice::<Value>(body) else {
            return Err(not_a_token(headers, not_json(headers, body)));
        };
        match access_v2::as_v3(&document) {
            Some((id, token)) => Ok(Self::new(&id, &token, headers)),
            None => Err(not_a_token(headers, "other JSON")),
        }
    }

    /// The token with this id, and these details as Keystone's v3 API has them.
    fn new(id: &str, token: &Value, headers: &HeaderMap) -> Self {
        let expires_at = timestamp(token.get("expires_at"));
        let issued_at = timestamp(token.get("issued_at"));
        let id_of = |key: &str| token.get(key).and_then(|value| text(value, "id"));
        let user = token.get("user").and_then(Party::read).unwrap_or_default();
        let project = token.get("project").and_then(Party::read);
        let ids = Ids {
            project: project.as_ref().and_then(|project| project.id.as_deref()),
            user: user.id.as_deref(),
        };
        let catalog = token.get("catalog").unwrap_or(&Value::Null);
        let catalog = ServiceCatalog::from_json(catalog, ids);
        Self {
            token: Secret::from(id),
            expires: expires_at
                .map(|end| clock::wall_after(lifetime(end, issued_at, date(headers)))),
            expires_at,
            issued_at,
            user,
            project,
            domain: token.get("domain").and_then(Party::read),
            system: token
                .pointer("/system/all")
                .and_then(Value::as_bool)
                .unwrap_or(false),
            roles: items(token, "roles")
                .filter(|role| role.is_object())
                .map(|role| Role {
                    id: text(role, "id"),
                    name: text(role, "name"),
                })
                .collect(),
            trust_id: id_of("OS-TRUST:trust"),
            application_credential_id: id_of("application_credential"),
            audit_ids: texts(token, "audit_ids"),
            methods: texts(token, "methods"),
            catalog,
        }
    }

    /// The token.
    pub fn token(&self) -> &Secret {
        &self.token
    }

    /// The expiry time by this machine's clock ([`clock::wall`]).
    ///
    /// It is computed from the token's lifetime, so that a wrong local clock does not matter.
    pub fn expires(&self) -> Option<Timestamp> {
        self.expires
    }

    /// The expiry time by Keystone's clock.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// The time of issue by Keystone's clock.
    pub fn issued_at(&self) -> Option<Timestamp> {
        self.issued_at
    }

    /// The id of the user.
    pub fn user_id(&self) -> Option<&str> {
        self.user.id.as_deref()
    }

    /// The name of the user.
    pub fn user_name(&self) -> Option<&str> {
        self.user.name.as_deref()
    }

    /// The id of the user's domain.
    pub fn user_domain_id(&self) -> Option<&str> {
        self.user.domain_id.as_deref()
    }

    /// The name of the user's domain.
    pub fn user_domain_name(&self) -> Option<&str> {
        self.user.domain_name.as_deref()
    }

    /// The id of the project that the token is scoped to.
    pub fn project_id(&self) -> Option<&str> {
        self.project.as_ref()?.id.as_deref()
    }

    /// The name of the project that the token is scoped to.
    pub fn project_name(&self) -> Option<&str> {
        self.project.as_ref()?.name.as_deref()
    }

    /// The id of the project's domain.
    pub fn project_domain_id(&self) -> Option<&str> {
        self.project.as_ref()?.domain_id.as_deref()
    }

    /// The name of the project's domain.
    pub fn project_domain_name(&self) -> Option<&str> {
        self.project.as_ref()?.domain_name.as_deref()
    }

    /// The id of the domain that the token is scoped to.
    pub fn domain_id(&self) -> Option<&str> {
        self.domain.as_ref()?.id.as_deref()
    }

    /// The name of the domain that the token is scoped to.
    pub fn domain_name(&self) -> Option<&str> {
        self.domain.as_ref()?.name.as_deref()
    }

    /// Whether the token is scoped to a project.
    pub fn is_project_scoped(&self) -> bool {
        self.project.is_some()
    }

    /// Whether the token is scoped to a domain.
    pub fn is_domain_scoped(&self) -> bool {
        self.domain.is_some()
    }

    /// Whether the token is scoped to the whole system.
    pub fn is_system_scoped(&self) -> bool {
        self.system
    }

    /// The roles that the user has in the scope.
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// The trust that the token was issued through.
    pub fn trust_id(&self) -> Option<&str> {
        self.trust_id.as_deref()
    }

    /// The application credential that the token was issued for.
    pub fn application_credential_id(&self) -> Option<&str> {
        self.application_credential_id.as_deref()
    }

    /// The token's ids in audit logs: its own, then that of the token it was derived from.
    pub fn audit_ids(&self) -> &[String] {
        &self.audit_ids
    }

    /// The auth methods that were used: `password`, `token`.
    pub fn methods(&self) -> &[String] {
        &self.methods
    }

    /// The service catalog.
    pub fn catalog(&self) -> &ServiceCatalog {
        &self.catalog
    }
}

impl fmt::Debug for AccessInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessInfo")
            .field("user", &self.user)
            .field("project", &self.project)
            .field("domain", &self.domain)
            .field("system", &self.system)
            .field("methods", &self.methods)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// The error of a response without a token.
fn not_a_token(headers: &HeaderMap, what: &str) -> Error {
    refuse(
        headers,
        format!(
            "expected a token from the identity service, got {what}; check the auth URL (OS_AUTH_URL)"
        ),
    )
}

fn refuse(headers: &HeaderMap, message: String) -> Error {
    Error::new(ErrorKind::Auth, message)
        .with_request_id(read::request_id(headers))
        .after_sending()
}

/// Describes a response that is not JSON.
fn not_json<'a>(headers: &'a HeaderMap, body: &Bytes) -> &'a str {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok());
    match content_type {
        Some(other) if !other.contains("json") => other,
        _ if body.is_empty() => "an empty response",
        _ => "text that is not JSON",
    }
}

impl Party {
    fn read(value: &Value) -> Option<Self> {
        let domain = |key| value.get("domain").and_then(|domain| text(domain, key));
        value.is_object().then(|| Self {
            id: text(value, "id"),
            name: text(value, "name"),
            domain_id: domain("id"),
            domain_name: domain("name"),
        })
    }
}

pub(super) fn items<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

pub(super) fn text(value: &Value, key: &str) -> Option<String> {
    value
        .get(key)?
        .as_str()
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

fn texts(value: &Value, key: &str) -> Vec<String> {
    items(value, key)
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use serde_json::json;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    fn read(headers_of: &[(&'static str, &str)], token: Value) -> AccessInfo {
        let body = Bytes::from(json!({ "token": token }).to_string());
        let mut headers = headers(headers_of);
        headers.insert("x-subject-token", "gAAAA".parse().unwrap());
        AccessInfo::from_response(&headers, &body).unwrap()
    }

    #[tokio::test]
    async fn every_field_is_read() {
        let access = read(
            &[],
            json!({
                "methods": ["password", "token"],
                "user": {"id": "u1", "name": "demo", "domain": {"id": "default", "name": "Default"}},
                "project": {"id": "p1", "name": "web", "domain": {"id": "d1", "name": "acme"}},
                "roles": [{"id": "r1", "name": "member"}, 17],
                "audit_ids": ["a", "b"],
                "issued_at": "2026-11-23T10:00:00.000000Z",
                "expires_at": "2026-11-23T11:00:00.000000Z",
                "OS-TRUST:trust": {"id": "t1"},
                "application_credential": {"id": "ac1", "name": "ci"},
                "catalog": [{"type": "orchestration", "endpoints": [
                    {"interface": "public", "region": "R", "url": "http://heat/v1/p1"}]}],
            }),
        );
        assert_eq!(access.token().expose(), "gAAAA");
        assert_eq!(access.user_id(), Some("u1"));
        assert_eq!(access.user_name(), Some("demo"));
        assert_eq!(access.user_domain_id(), Some("default"));
        assert_eq!(access.user_domain_name(), Some("Default"));
        assert_eq!(access.project_id(), Some("p1"));
        assert_eq!(access.project_name(), Some("web"));
        assert_eq!(access.project_domain_id(), Some("d1"));
        assert_eq!(access.project_domain_name(), Some("acme"));
        assert_eq!((access.domain_id(), access.domain_name()), (None, None));
        assert!(
            access.is_project_scoped() && !access.is_domain_scoped() && !access.is_system_scoped()
        );
        assert_eq!(
            access.roles(),
            [Role {
                id: Some("r1".into()),
                name: Some("member".into())
            }]
        );
        assert_eq!(access.trust_id(), Some("t1"));
        assert_eq!(access.application_credential_id(), Some("ac1"));
        assert_eq!(access.audit_ids(), ["a", "b"]);
        assert_eq!(access.methods(), ["password", "token"]);
        assert_eq!(access.catalog().iter().count(), 1);
        assert!(!format!("{access:?}").contains("gAAAA"));
    }

    #[tokio::test]
    async fn scopes_are_told_apart() {
        let system = read(&[], json!({"system": {"all": true}}));
        assert!(system.is_system_scoped() && !system.is_project_scoped());
        let domain = read(&[], json!({"domain": {"id": "d1", "name": "acme"}}));
        assert!(domain.is_domain_scoped());
        assert_eq!(
            (domain.domain_id(), domain.domain_name()),
            (Some("d1"), Some("acme"))
        );
        let none = read(&[], json!({}));
        assert!(!none.is_system_scoped() && !none.is_domain_scoped() && !none.is_project_scoped());
        assert_eq!((none.expires(), none.user_id()), (None, None));
    }

    #[tokio::test(start_paused = true)]
    async fn lifetimes_follow_the_servers_clock() {
        let issued = "2026-11-23T10:00:00Z";
        let ends = "2026-11-23T11:00:00Z";
        let cases: &[(Option<&str>, Value, Option<i64>)] = &[
            (
                None,
                json!({"issued_at": issued, "expires_at": ends}),
                Some(3600),
            ),
            (
                Some("Mon, 23 Nov 2026 10:30:00 GMT"),
                json!({"issued_at": issued, "expires_at": ends}),
                Some(1800),
            ),
            (
                Some("Mon, 23 Nov 2026 10:30:00 GMT"),
                json!({"expires_at": ends}),
                Some(1800),
            ),
            // A `Date` before the issue or after the expiry is ignored.
            (
                Some("Thu, 01 Jan 1970 00:00:00 GMT"),
                json!({"issued_at": issued, "expires_at": ends}),
                Some(3600),
            ),
            (
                Some("Mon, 23 Nov 2099 10:30:00 GMT"),
                json!({"issued_at": issued, "expires_at": ends}),
                Some(3600),
            ),
            (
                Some("yesterday"),
                json!({"issued_at": issued, "expires_at": ends}),
                Some(3600),
            ),
            (
                None,
                json!({"issued_at": ends, "expires_at": issued}),
                Some(0),
            ),
            (
                None,
                json!({"issued_at": issued, "expires_at": "soon"}),
                None,
            ),
            (None, json!({"issued_at": issued, "expires_at": 17}), None),
            (None, json!({"issued_at": issued}), None),
        ];
        for (date, token, seconds) in cases {
            let headers: Vec<_> = date.iter().map(|date| ("date", *date)).collect();
            let left = read(&headers, token.clone())
                .expires()
                .map(|at| at.duration_since(clock::wall()));
            let seconds = seconds.map(SignedDuration::from_secs);
            assert_eq!(left, seconds, "{date:?} {token}");
        }
    }

    #[test]
    fn what_is_no_token_is_refused_without_quoting_it() {
        let cases = [
            (
                "text/html",
                "<html>swordfish</html>",
                "expected a token from the identity service, got text/html; check the auth URL (OS_AUTH_URL)",
            ),
            (
                "application/json",
                "{swordfish",
                "expected a token from the identity service, got text that is not JSON; check the auth URL (OS_AUTH_URL) (request req-1)",
            ),
            (
                "application/json",
                "",
                "expected a token from the identity service, got an empty response; check the auth URL (OS_AUTH_URL)",
            ),
            (
                "application/json",
                "[\"swordfish\"]",
                "expected a token from the identity service, got other JSON; check the auth URL (OS_AUTH_URL)",
            ),
            (
                "application/json",
                "{\"access\": \"swordfish\"}",
                "expected a token from the identity service, got other JSON; check the auth URL (OS_AUTH_URL)",
            ),
            (
                "application/json",
                "{\"token\": \"swordfish\"}",
                "expected a token from the identity service, got other JSON; check the auth URL (OS_AUTH_URL)",
            ),
            (
                "application/json",
                "{\"token\": {}}",
                "the identity service's response has no X-Subject-Token header; a proxy may have removed it",
            ),
        ];
        for (content_type, body, message) in cases {
            let headers = headers(&[
                ("content-type", content_type),
                ("x-openstack-request-id", "req-1"),
            ]);
            let error = AccessInfo::from_response(&headers, &Bytes::from(body)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Auth);
            assert!(error.to_string().starts_with(message), "{body}: {error}");
            assert!(!format!("{error:?}").contains("swordfish"), "{error:?}");
        }
    }
}
