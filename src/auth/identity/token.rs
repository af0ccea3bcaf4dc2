//! The method `token`.

use http::{HeaderName, Uri};
use serde::Serialize;

use super::login::Login;
use super::method::LoginMethod;
use super::url::AuthUrl;
use crate::auth::{AuthContext, AuthData, AuthPlugin, CacheInputs, Scope};
use crate::error::Result;
use crate::secret::Secret;

/// Exchanges a token for another one, for example with another scope.
///
/// The new token expires with the old one.
#[derive(Debug, Clone)]
pub struct Token {
    auth_url: AuthUrl,
    token: Secret,
    scope: Scope,
}

impl Token {
    /// Exchanges `token` at the v3 API below `auth_url`; `/v3` may be omitted.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if the URL is invalid.
    pub fn new(auth_url: &str, token: impl Into<Secret>) -> Result<Self> {
        Ok(Self {
            auth_url: AuthUrl::parse(auth_url)?,
            token: token.into(),
            scope: Scope::Default,
        })
    }

    /// Sets the scope of the new token.
    #[must_use]
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// Sets whether to discover the v3 API at the auth URL, unless the URL ends in `/v3`. Off by default.
    #[must_use]
    pub fn discover(mut self, discover: bool) -> Self {
        self.auth_url = self.auth_url.discover(discover);
        self
    }
}

impl AuthPlugin for Token {
    async fn authenticate(&self, cx: &AuthContext) -> Result<AuthData> {
        let token = method(&self.token)?;
        let login = Login::new("with a token", &self.auth_url);
        login.scope(&self.scope).method(token).send(cx).await
    }

    fn auth_url(&self) -> Option<&Uri> {
        Some(self.auth_url.uri())
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![self.token.clone()]
    }

    fn cache_inputs(&self) -> Option<CacheInputs> {
        let inputs = CacheInputs::new("token")
            .with("auth_url", &self.auth_url.uri().to_string())
            .with("scope", &self.scope);
        Some(inputs.with_secret("token", &self.token))
    }
}

/// The method `token`. Keystone also expects the token in a header.
pub(super) fn method(token: &Secret) -> Result<LoginMethod> {
    let header = token.to_header_value()?;
    let id = token.expose();
    let method = LoginMethod::new("token", &Body { id })?;
    Ok(method.header(HeaderName::from_static("x-auth-token"), header))
}

#[derive(Serialize)]
struct Body<'a> {
    id: &'a str,
}

#[cfg(test)]
mod tests {
    use super::super::login::tests::sent;
    use super::*;
    use crate::auth::testing::Server;
    use serde_json::json;

    #[tokio::test(start_paused = true)]
    async fn wire_shape() {
        let plugin = Token::new("http://id", "gBBBB")
            .unwrap()
            .scope(Scope::project_id("p1"));
        let (headers, body) = sent(&plugin).await;
        assert_eq!(headers["x-auth-token"], "gBBBB");
        assert!(headers["x-auth-token"].is_sensitive());
        let expected = json!({"auth": {
            "identity": {"methods": ["token"], "token": {"id": "gBBBB"}},
            "scope": {"project": {"id": "p1"}}}});
        assert_eq!(body, expected);
        assert!(!format!("{plugin:?}").contains("gBBBB"), "{plugin:?}");
    }

    #[tokio::test]
    async fn a_token_that_no_header_can_carry_is_not_sent() {
        let server = Server::new(|_| panic!("nothing may be sent"));
        let plugin = Token::new("http://id", "g\nBBBB").unwrap();
        let error = plugin.authenticate(&server.context()).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the token contains characters that are not allowed in HTTP headers"
        );
    }
}
