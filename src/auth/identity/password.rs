//! The method `password`.

use http::Uri;
use serde::Serialize;

use super::UserRef;
use super::login::Login;
use super::method::LoginMethod;
use super::url::AuthUrl;
use crate::auth::{AuthContext, AuthData, AuthPlugin, CacheInputs, Scope};
use crate::error::Result;
use crate::secret::Secret;

/// Logs in with a user's password.
#[derive(Debug, Clone)]
pub struct Password {
    auth_url: AuthUrl,
    user: UserRef,
    password: Secret,
    scope: Scope,
}

impl Password {
    /// Logs in as `user` to the v3 API below `auth_url`; `/v3` may be omitted.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if the URL is invalid.
    pub fn new(auth_url: &str, user: UserRef, password: impl Into<Secret>) -> Result<Self> {
        Ok(Self {
            auth_url: AuthUrl::parse(auth_url)?,
            user,
            password: password.into(),
            scope: Scope::Default,
        })
    }

    /// Sets the scope of the token.
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

impl AuthPlugin for Password {
    async fn authenticate(&self, cx: &AuthContext) -> Result<AuthData> {
        let password = method(&self.user, &self.password)?;
        let login = Login::new(format!("as {}", self.user), &self.auth_url);
        login.scope(&self.scope).method(password).send(cx).await
    }

    fn auth_url(&self) -> Option<&Uri> {
        Some(self.auth_url.uri())
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![self.password.clone()]
    }

    fn cache_inputs(&self) -> Option<CacheInputs> {
        let inputs = CacheInputs::new("password")
            .with("auth_url", &self.auth_url.uri().to_string())
            .with("user", &self.user)
            .with("scope", &self.scope);
        Some(inputs.with_secret("password", &self.password))
    }
}

/// The method `password`.
pub(super) fn method(user: &UserRef, password: &Secret) -> Result<LoginMethod> {
    let password = password.expose();
    let user = User { user, password };
    LoginMethod::new("password", &Body { user })
}

#[derive(Serialize)]
struct Body<'a> {
    user: User<'a>,
}

#[derive(Serialize)]
struct User<'a> {
    #[serde(flatten)]
    user: &'a UserRef,
    password: &'a str,
}

#[cfg(test)]
mod tests {
    use super::super::login::tests::sent;
    use super::*;
    use crate::auth::DomainRef;
    use serde_json::json;

    #[tokio::test(start_paused = true)]
    async fn wire_shape() {
        let demo = || UserRef::name("demo", DomainRef::name("Default"));
        for (user, scope, expected) in [
            (
                UserRef::id("u1"),
                Scope::Default,
                json!({"auth": {"identity": {
                    "methods": ["password"],
                    "password": {"user": {"id": "u1", "password": "pw"}}}}}),
            ),
            (
                demo(),
                Scope::Unscoped,
                json!({"auth": {
                    "identity": {
                        "methods": ["password"],
                        "password": {"user": {"name": "demo", "domain": {"name": "Default"}, "password": "pw"}}},
                    "scope": "unscoped"}}),
            ),
            (
                UserRef::name("demo", DomainRef::id("default")),
                Scope::project_name("web", DomainRef::id("default")),
                json!({"auth": {
                    "identity": {
                        "methods": ["password"],
                        "password": {"user": {"name": "demo", "domain": {"id": "default"}, "password": "pw"}}},
                    "scope": {"project": {"name": "web", "domain": {"id": "default"}}}}}),
            ),
        ] {
            let plugin = Password::new("http://id/v3", user, "pw")
                .unwrap()
                .scope(scope);
            assert_eq!(sent(&plugin).await.1, expected);
            assert!(!format!("{plugin:?}").contains("pw"), "{plugin:?}");
        }
    }

    #[test]
    fn the_auth_url_is_known_beforehand() {
        let plugin = Password::new("http://id/v3", UserRef::id("u1"), "pw").unwrap();
        assert_eq!(plugin.auth_url().unwrap(), "http://id/v3");
        assert!(AuthPlugin::endpoint(&plugin).is_none() && plugin.is_renewable());
    }
}
