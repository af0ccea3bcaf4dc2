//! The method `application_credential`.

use std::fmt;

use http::Uri;
use serde::Serialize;

use super::UserRef;
use super::login::Login;
use super::method::LoginMethod;
use super::url::AuthUrl;
use crate::auth::{AuthContext, AuthData, AuthPlugin, CacheInputs};
use crate::error::Result;
use crate::secret::Secret;

/// Logs in with an application credential.
///
/// Its scope is the project of the credential: Keystone refuses a login that requests a scope.
#[derive(Debug, Clone)]
pub struct ApplicationCredential {
    auth_url: AuthUrl,
    credential: CredentialRef,
    secret: Secret,
}

/// An application credential, by id or by user and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum CredentialRef {
    /// The credential with this id.
    Id(String),
    /// The credential with this name.
    #[serde(untagged)]
    Name {
        /// The credential's name.
        name: String,
        /// The user who owns it.
        user: UserRef,
    },
}

impl CredentialRef {
    /// The credential with this id.
    pub fn id(id: impl Into<String>) -> Self {
        Self::Id(id.into())
    }

    /// The credential of `user` with this name.
    pub fn name(name: impl Into<String>, user: UserRef) -> Self {
        Self::Name {
            name: name.into(),
            user,
        }
    }
}

/// Formats the credential for errors.
impl fmt::Display for CredentialRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "application credential {id}"),
            Self::Name { name, user } => write!(f, "application credential {name} of {user}"),
        }
    }
}

impl ApplicationCredential {
    /// Logs in to the v3 API below `auth_url`; `/v3` may be omitted.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if the URL is invalid.
    pub fn new(
        auth_url: &str,
        credential: CredentialRef,
        secret: impl Into<Secret>,
    ) -> Result<Self> {
        Ok(Self {
            auth_url: AuthUrl::parse(auth_url)?,
            credential,
            secret: secret.into(),
        })
    }
}

impl AuthPlugin for ApplicationCredential {
    async fn authenticate(&self, cx: &AuthContext) -> Result<AuthData> {
        let method = method(&self.credential, &self.secret)?;
        let login = Login::new(format!("with {}", self.credential), &self.auth_url);
        login.method(method).send(cx).await
    }

    fn auth_url(&self) -> Option<&Uri> {
        Some(self.auth_url.uri())
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![self.secret.clone()]
    }

    fn cache_inputs(&self) -> Option<CacheInputs> {
        let inputs = CacheInputs::new("application_credential")
            .with("auth_url", &self.auth_url.uri().to_string())
            .with("credential", &self.credential);
        Some(inputs.with_secret("secret", &self.secret))
    }
}

/// The method `application_credential`.
pub(super) fn method(credential: &CredentialRef, secret: &Secret) -> Result<LoginMethod> {
    let secret = secret.expose();
    LoginMethod::new("application_credential", &Body { credential, secret })
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(flatten)]
    credential: &'a CredentialRef,
    secret: &'a str,
}

#[cfg(test)]
mod tests {
    use super::super::login::tests::sent;
    use super::*;
    use crate::auth::DomainRef;
    use serde_json::json;

    #[tokio::test(start_paused = true)]
    async fn wire_shape() {
        let demo = UserRef::name("demo", DomainRef::name("Default"));
        for (credential, expected, text) in [
            (
                CredentialRef::id("ac1"),
                json!({"id": "ac1", "secret": "pw"}),
                "application credential ac1",
            ),
            (
                CredentialRef::name("ci", UserRef::id("u1")),
                json!({"name": "ci", "user": {"id": "u1"}, "secret": "pw"}),
                "application credential ci of u1",
            ),
            (
                CredentialRef::name("ci", demo),
                json!({"name": "ci", "user": {"name": "demo", "domain": {"name": "Default"}}, "secret": "pw"}),
                "application credential ci of demo",
            ),
        ] {
            assert_eq!(credential.to_string(), text);
            let plugin = ApplicationCredential::new("http://id/v3", credential, "pw").unwrap();
            let expected = json!({"auth": {"identity": {
                "methods": ["application_credential"], "application_credential": expected}}});
            assert_eq!(sent(&plugin).await.1, expected);
            assert!(!format!("{plugin:?}").contains("pw"), "{plugin:?}");
        }
    }
}
