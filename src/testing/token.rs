//! Descriptions of tokens and catalogs.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, Response};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::auth::{AuthContext, AuthData, AuthPlugin};
use crate::catalog::{AccessInfo, Interface};
use crate::clock;
use crate::error::Result;
use crate::secret::Secret;
use crate::testing::answer;
use crate::transport::{Body, read};

const X_SUBJECT_TOKEN: HeaderName = HeaderName::from_static("x-subject-token");

/// A token `test-token` of the user `test-user`, without a scope or a catalog, that lives for an hour.
pub fn token() -> Token {
    Token {
        id: Secret::from("test-token"),
        user: "test-user".to_owned(),
        scope: None,
        roles: Vec::new(),
        lifetime: Duration::from_secs(3600),
        catalog: Vec::new(),
    }
}

/// A description of a token. Created by [`token()`].
///
/// As an auth plugin it returns this token with a new lifetime each time, without a request. A session
/// with it uses the endpoints of its catalog.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> heatclient::Result<()> {
/// use heatclient::catalog::Interface;
/// use heatclient::{Session, testing};
///
/// let token = testing::token()
///     .project("p")
///     .role("member")
///     .endpoint("orchestration", "https://heat.example/v1/p")
///     .endpoint_in("orchestration", "RegionTwo", Interface::Internal, "http://heat.internal/v1/p");
/// let heat = Session::new(token).adapter("orchestration").region("RegionTwo");
/// let heat = heat.interfaces([Interface::Internal]).build();
/// assert_eq!(heat.endpoint().await?.to_string(), "http://heat.internal/v1/p");
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a description does nothing by itself"]
pub struct Token {
    id: Secret,
    user: String,
    scope: Option<(&'static str, Value)>,
    roles: Vec<String>,
    lifetime: Duration,
    catalog: Vec<(String, Vec<Value>)>,
}

impl Token {
    /// Sets the token.
    pub fn id(mut self, id: &str) -> Self {
        self.id = Secret::from(id);
        self
    }

    /// Sets the id and name of the user.
    pub fn user(mut self, id: impl Into<String>) -> Self {
        self.user = id.into();
        self
    }

    /// Scopes the token to the project with this id and name.
    pub fn project(mut self, id: &str) -> Self {
        self.scope = Some(("project", json!({"id": id, "name": id, "domain": domain()})));
        self
    }

    /// Scopes the token to the whole system.
    pub fn system(mut self) -> Self {
        self.scope = Some(("system", json!({"all": true})));
        self
    }

    /// Adds a role.
    pub fn role(mut self, name: impl Into<String>) -> Self {
        self.roles.push(name.into());
        self
    }

    /// Sets the lifetime of the token, which starts when it is issued.
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Adds a public endpoint in the region `RegionOne` to the catalog.
    pub fn endpoint(self, service_type: &str, url: &str) -> Self {
        self.endpoint_in(service_type, "RegionOne", Interface::Public, url)
    }

    /// Adds an endpoint to the catalog.
    pub fn endpoint_in(
        mut self,
        service_type: &str,
        region: &str,
        interface: Interface,
        url: &str,
    ) -> Self {
        let endpoint = json!({
            "id": format!("{service_type}-{region}-{interface}"),
            "interface": interface.as_str(),
            "region": region,
            "region_id": region,
            "url": url,
        });
        let known = self
            .catalog
            .iter_mut()
            .find(|(kind, _)| kind == service_type);
        match known {
            Some((_, endpoints)) => endpoints.push(endpoint),
            None => self.catalog.push((service_type.to_owned(), vec![endpoint])),
        }
        self
    }

    /// Keystone's response to the login that issues this token.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) for a token that no header may carry.
    pub fn answer(&self) -> Result<Response<Body>> {
        let mut answer = answer::json(201, json!({"token": self.document()}))?;
        let id = self.id.to_header_value()?;
        answer.headers_mut().insert(X_SUBJECT_TOKEN, id);
        Ok(answer)
    }

    /// The result of a login that issues this token.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) for a token that no header may carry.
    pub async fn auth_data(&self) -> Result<AuthData> {
        let (parts, body) = self.answer()?.into_parts();
        let body: Bytes = read::collect(body, usize::MAX).await?;
        AuthData::access(AccessInfo::from_response(&parts.headers, &body)?)
    }

    /// The body of Keystone's response.
    fn document(&self) -> Value {
        let issued = clock::wall();
        let mut token = Map::new();
        let mut put = |key: &str, value: Value| token.insert(key.to_owned(), value);
        put("methods", json!(["password"]));
        put(
            "user",
            json!({"id": self.user, "name": self.user, "domain": domain()}),
        );
        put("audit_ids", json!(["test-audit-id"]));
        put("issued_at", shown(issued));
        put("expires_at", shown(clock::wall_after(self.lifetime)));
        if let Some((scope, value)) = &self.scope {
            put(scope, value.clone());
            let roles = self
                .roles
                .iter()
                .map(|name| json!({"id": name, "name": name}));
            put("roles", roles.collect());
            let services = self.catalog.iter().map(|(kind, endpoints)| {
                json!({"type": kind, "name": kind, "id": kind, "endpoints": endpoints})
            });
            put("catalog", services.collect());
        }
        Value::Object(token)
    }
}

impl AuthPlugin for Token {
    async fn authenticate(&self, _: &AuthContext) -> Result<AuthData> {
        self.auth_data().await
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![self.id.clone()]
    }
}

fn domain() -> Value {
    json!({"id": "default", "name": "Default"})
}

/// A timestamp in Keystone's format.
fn shown(at: Timestamp) -> Value {
    at.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[tokio::test(start_paused = true)]
    async fn what_is_described_is_what_keystone_says() {
        let token = token()
            .id("gAAAA")
            .user("u1")
            .project("p1")
            .role("member")
            .role("reader")
            .lifetime(Duration::from_secs(90))
            .endpoint("identity", "http://keystone/v3")
            .endpoint("orchestration", "http://heat/v1/p1")
            .endpoint_in(
                "orchestration",
                "RegionTwo",
                Interface::Admin,
                "http://two/v1/p1",
            );
        let data = token.auth_data().await.unwrap();
        let access = data.access.as_ref().unwrap();
        assert_eq!(access.token().expose(), "gAAAA");
        assert_eq!(
            (access.user_id(), access.project_id()),
            (Some("u1"), Some("p1"))
        );
        let roles: Vec<_> = access
            .roles()
            .iter()
            .filter_map(|r| r.name.as_deref())
            .collect();
        assert_eq!(roles, ["member", "reader"]);
        let end = clock::wall_after(Duration::from_secs(90));
        let expires = access.expires().unwrap();
        assert_eq!(expires.as_microsecond(), end.as_microsecond());
        let urls: Vec<_> = access
            .catalog()
            .iter()
            .map(|e| e.url().to_string())
            .collect();
        assert_eq!(
            urls,
            [
                "http://keystone/v3",
                "http://heat/v1/p1",
                "http://two/v1/p1"
            ]
        );
        assert!(!format!("{token:?}").contains("gAAAA"));

        let system = super::token().system().auth_data().await.unwrap();
        assert!(system.access.unwrap().is_system_scoped());
        let error = super::token()
            .id("line\nbreak")
            .auth_data()
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
    }
}
