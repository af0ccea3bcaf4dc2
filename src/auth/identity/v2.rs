//! Logins to the identity API v2.0, which few clouds still have.

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use serde::Serialize;

use super::login;
use crate::auth::{AuthContext, AuthData, AuthPlugin, CacheInputs};
use crate::catalog::{AccessInfo, trailing_version};
use crate::error::{Error, ErrorKind, Result};
use crate::secret::{Secret, sealed_json};
use crate::transport::{Body, CallOptions};
use crate::uri;

/// Logs in with a password to the identity API v2.0.
#[derive(Debug, Clone)]
pub struct V2Password {
    user: V2User,
    password: Secret,
    login: V2Login,
}

/// A user of the identity API v2.0, which has no domains.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum V2User {
    /// The user with this id.
    Id(String),
    /// The user with this name.
    Name(String),
}

/// Exchanges a token for another one at the identity API v2.0.
#[derive(Debug, Clone)]
pub struct V2Token {
    token: Secret,
    login: V2Login,
}

/// The scope of a token of the identity API v2.0. Without a tenant the token is unscoped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct V2Scope {
    /// The id of the tenant. It takes precedence over the name.
    #[serde(rename = "tenantId", skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// The name of the tenant.
    #[serde(rename = "tenantName", skip_serializing_if = "Option::is_none")]
    pub tenant_name: Option<String>,
    /// The id of the trust.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust_id: Option<String>,
}

impl V2Scope {
    /// The tenant with this id.
    pub fn tenant_id(id: impl Into<String>) -> Self {
        Self {
            tenant_id: Some(id.into()),
            ..Self::default()
        }
    }

    /// The tenant with this name.
    pub fn tenant_name(name: impl Into<String>) -> Self {
        Self {
            tenant_name: Some(name.into()),
            ..Self::default()
        }
    }

    /// Sets the trust.
    #[must_use]
    pub fn trust(mut self, id: impl Into<String>) -> Self {
        self.trust_id = Some(id.into());
        self
    }
}

impl V2Password {
    /// Logs in to the v2.0 API below `auth_url`; `/v2.0` may be omitted.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the URL is invalid or is for another version.
    pub fn new(auth_url: &str, user: V2User, password: impl Into<Secret>) -> Result<Self> {
        Ok(Self {
            user,
            password: password.into(),
            login: V2Login::new(auth_url)?,
        })
    }

    /// Sets the scope of the token.
    #[must_use]
    pub fn scope(mut self, scope: V2Scope) -> Self {
        self.login.scope = scope;
        self
    }
}

impl V2Token {
    /// Exchanges `token` at the v2.0 API below `auth_url`; `/v2.0` may be omitted.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the URL is invalid or is for another version.
    pub fn new(auth_url: &str, token: impl Into<Secret>) -> Result<Self> {
        Ok(Self {
            token: token.into(),
            login: V2Login::new(auth_url)?,
        })
    }

    /// Sets the scope of the new token.
    #[must_use]
    pub fn scope(mut self, scope: V2Scope) -> Self {
        self.login.scope = scope;
        self
    }
}

impl AuthPlugin for V2Password {
    async fn authenticate(&self, cx: &AuthContext) -> Result<AuthData> {
        let password = self.password.expose();
        let (who, user) = match &self.user {
            V2User::Id(id) => (id, NameOrId::Id(id)),
            V2User::Name(name) => (name, NameOrId::Name(name)),
        };
        let method = Credential::Password { user, password };
        self.login
            .send(&format!("as {who}"), method, None, cx)
            .await
    }

    fn auth_url(&self) -> Option<&Uri> {
        Some(&self.login.auth_url)
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![self.password.clone()]
    }

    fn cache_inputs(&self) -> Option<CacheInputs> {
        let inputs = self.login.cache_inputs("v2password");
        let inputs = match &self.user {
            V2User::Id(id) => inputs.with("user_id", id),
            V2User::Name(name) => inputs.with("username", name),
        };
        Some(inputs.with_secret("password", &self.password))
    }
}

impl AuthPlugin for V2Token {
    async fn authenticate(&self, cx: &AuthContext) -> Result<AuthData> {
        let id = self.token.expose();
        let header = self.token.to_header_value()?;
        let method = Credential::Token { id };
        self.login
            .send("with a token", method, Some(header), cx)
            .await
    }

    fn auth_url(&self) -> Option<&Uri> {
        Some(&self.login.auth_url)
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![self.token.clone()]
    }

    fn cache_inputs(&self) -> Option<CacheInputs> {
        let inputs = self.login.cache_inputs("v2token");
        Some(inputs.with_secret("token", &self.token))
    }
}

/// The request of both methods.
#[derive(Debug, Clone)]
struct V2Login {
    auth_url: Uri,
    tokens: Uri,
    scope: V2Scope,
}

#[derive(Serialize)]
struct Document<'a> {
    auth: Auth<'a>,
}

#[derive(Serialize)]
struct Auth<'a> {
    #[serde(flatten)]
    credential: Credential<'a>,
    #[serde(flatten)]
    scope: V2Scope,
}

#[derive(Serialize)]
enum Credential<'a> {
    #[serde(rename = "passwordCredentials")]
    Password {
        #[serde(flatten)]
        user: NameOrId<'a>,
        password: &'a str,
    },
    #[serde(rename = "token")]
    Token { id: &'a str },
}

#[derive(Serialize)]
enum NameOrId<'a> {
    #[serde(rename = "userId")]
    Id(&'a str),
    #[serde(rename = "username")]
    Name(&'a str),
}

impl V2Login {
    fn new(auth_url: &str) -> Result<Self> {
        let url = uri::shown(&uri::parse_url(auth_url, "the auth URL")?);
        let tokens = match trailing_version(&url) {
            Some(2) => "tokens",
            None => "v2.0/tokens",
            Some(_) => {
                let message = format!(
                    "the auth URL {:?} is not for identity API v2.0; use the plugins password, token or \
                     v3…",
                    url.to_string()
                );
                return Err(Error::new(ErrorKind::Config, message));
            }
        };
        Ok(Self {
            tokens: uri::join(&url, tokens)?,
            auth_url: url,
            scope: V2Scope::default(),
        })
    }

    async fn send(
        &self,
        who: &str,
        credential: Credential<'_>,
        token: Option<HeaderValue>,
        cx: &AuthContext,
    ) -> Result<AuthData> {
        let failed = |error| login::failed(error, who, &self.auth_url);
        let mut scope = self.scope.clone();
        if scope.tenant_id.is_some() {
            scope.tenant_name = None;
        }
        let auth = Auth { credential, scope };
        let mut request = Request::new(Body::from(sealed_json(&Document { auth })?));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.tokens.clone();
        let json = HeaderValue::from_static("application/json");
        let headers = request.headers_mut();
        headers.insert(ACCEPT, json.clone());
        headers.insert(CONTENT_TYPE, json);
        headers.extend(token.map(|token| (HeaderName::from_static("x-auth-token"), token)));
        let options = CallOptions {
            // A login can be repeated safely.
            idempotent: Some(true),
            ..CallOptions::default()
        };
        let answer = cx.exchange(request, options).await.map_err(failed)?;
        login::check(answer.response())
            .and_then(|r| AccessInfo::from_v2_response(r.headers(), r.body()))
            .and_then(AuthData::access)
            .map_err(|error| failed(answer.named(error)))
    }

    fn cache_inputs(&self, method: &str) -> CacheInputs {
        CacheInputs::new(method)
            .with("auth_url", &self.auth_url.to_string())
            .with("scope", &self.scope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Credentials;
    use crate::auth::testing::{Server, answer};
    use serde_json::{Value, json};

    const ACCESS: &str = r#"{"access": {"token": {"id": "gV2", "tenant": {"id": "t1"}}}}"#;

    async fn sent(plugin: &impl AuthPlugin) -> (http::request::Parts, Value) {
        let server = Server::new(|_| answer(200, "application/json", ACCESS));
        let data = plugin.authenticate(&server.context()).await.unwrap();
        assert_eq!(data.get("x-auth-token").unwrap(), "gV2");
        assert_eq!(data.access.unwrap().project_id(), Some("t1"));
        let (parts, body) = server.last();
        (parts, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn wire_shape() {
        let demo = || V2User::Name("demo".to_owned());
        let password = |user| V2Password::new("http://id/v2.0", user, "pw").unwrap();
        let both = V2Scope {
            tenant_name: Some("web".to_owned()),
            ..V2Scope::tenant_id("t1")
        };
        for (plugin, expected) in [
            (
                password(demo()),
                json!({"passwordCredentials": {"username": "demo", "password": "pw"}}),
            ),
            (
                password(demo()).scope(V2Scope::tenant_name("web")),
                json!({"passwordCredentials": {"username": "demo", "password": "pw"}, "tenantName": "web"}),
            ),
            (
                password(V2User::Id("u1".to_owned())).scope(both.trust("tr1")),
                json!({"passwordCredentials": {"userId": "u1", "password": "pw"}, "tenantId": "t1",
                    "trust_id": "tr1"}),
            ),
        ] {
            let (parts, body) = sent(&plugin).await;
            assert_eq!(parts.method, Method::POST);
            assert_eq!(parts.uri, "http://id/v2.0/tokens");
            assert_eq!(parts.headers["content-type"], "application/json");
            assert_eq!(parts.headers["accept"], "application/json");
            assert!(!parts.headers.contains_key("x-auth-token"));
            assert_eq!(body, json!({"auth": expected}));
            assert!(!format!("{plugin:?}").contains("pw"), "{plugin:?}");
        }
        let plugin = V2Token::new("http://id", "gOLD").unwrap();
        let plugin = plugin.scope(V2Scope::tenant_id("t1"));
        let (parts, body) = sent(&plugin).await;
        assert_eq!(parts.uri, "http://id/v2.0/tokens");
        assert!(
            parts.headers["x-auth-token"] == "gOLD" && parts.headers["x-auth-token"].is_sensitive()
        );
        assert_eq!(
            body,
            json!({"auth": {"token": {"id": "gOLD"}, "tenantId": "t1"}})
        );
        assert!(!format!("{plugin:?}").contains("gOLD"), "{plugin:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn failures_are_told_in_one_line() {
        const AT: &str = "login as demo at http://id/v2.0: ";
        for (status, body, message) in [
            (
                401,
                r#"{"error": {"code": 401, "title": "Unauthorized", "message": "Invalid user"}}"#,
                "401 Unauthorized: Invalid user",
            ),
            (
                404,
                "",
                "the server did not answer like Keystone (404 Not Found); check the auth URL",
            ),
            (
                200,
                "{}",
                "expected a token from the identity service, got other JSON; check the auth URL \
                 (OS_AUTH_URL)",
            ),
        ] {
            let server = Server::new(move |_| answer(status, "application/json", body));
            let user = V2User::Name("demo".to_owned());
            let plugin = V2Password::new("http://id/v2.0", user, "pw").unwrap();
            let error = plugin.authenticate(&server.context()).await.unwrap_err();
            assert_eq!(error.to_string(), format!("{AT}{message}"));
            assert_eq!(error.kind(), ErrorKind::Auth);
        }
        let error = V2Token::new("http://id/v3", "g").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(V2Token::new("id", "g").is_err());
    }

    #[test]
    fn each_input_changes_the_key() {
        let key = |plugin: Credentials| plugin.cache_key().unwrap();
        let demo = || V2User::Name("demo".to_owned());
        let password = |user, pw: &str| V2Password::new("http://id", user, pw).unwrap();
        let keys = [
            key(password(demo(), "pw").into()),
            key(password(demo(), "pw2").into()),
            key(password(V2User::Id("demo".to_owned()), "pw").into()),
            key(password(demo(), "pw").scope(V2Scope::tenant_id("t")).into()),
            key(password(demo(), "pw")
                .scope(V2Scope::tenant_name("t"))
                .into()),
            key(password(demo(), "pw")
                .scope(V2Scope::default().trust("t"))
                .into()),
            key(V2Token::new("http://id", "pw").unwrap().into()),
            key(V2Token::new("http://id2", "pw").unwrap().into()),
        ];
        for (i, one) in keys.iter().enumerate() {
            assert_eq!(keys.iter().position(|key| key == one), Some(i));
        }
    }
}
