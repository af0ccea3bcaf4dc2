//! A service's token beside that of a user.

use http::{HeaderName, Uri};

use crate::auth::{AuthContext, AuthData, AuthPlugin, Credentials};
use crate::error::{Error, ErrorKind, Result};
use crate::secret::Secret;

/// Sends the token of a service (`X-Service-Token`) beside that of a user: for a service that calls
/// another one on behalf of its user. The other service may accept the user's token even after it has
/// expired.
///
/// Endpoints, catalog and identity are those of the user. Both log in together, and their tokens are
/// used until the first of them expires or one is refused.
///
/// ```
/// use heatclient::Session;
/// use heatclient::auth::identity::{ExistingToken, Password, UserRef};
/// use heatclient::auth::{DomainRef, ServiceToken};
///
/// let url = "http://keystone:5000/v3";
/// let user = ExistingToken::new(url, "the token of the request")?;
/// let service = UserRef::name("heat", DomainRef::name("Default"));
/// let service = Password::new(url, service, "swordfish")?;
/// let session = Session::new(ServiceToken::new(user, service));
/// # Ok::<(), heatclient::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ServiceToken {
    user: Credentials,
    service: Credentials,
}

impl ServiceToken {
    /// Sends the tokens of both.
    pub fn new(user: impl Into<Credentials>, service: impl Into<Credentials>) -> Self {
        Self {
            user: user.into(),
            service: service.into(),
        }
    }
}

impl AuthPlugin for ServiceToken {
    async fn authenticate(&self, cx: &AuthContext) -> Result<AuthData> {
        let logins = (self.user.authenticate(cx), self.service.authenticate(cx));
        let (user, service) = futures::future::try_join(logins.0, logins.1).await?;
        let token = service.get("x-auth-token").cloned().ok_or_else(|| {
            let message = "the credentials for the service token provide no token";
            Error::new(ErrorKind::Config, message)
        })?;
        let user = user.header(HeaderName::from_static("x-service-token"), token);
        Ok(user.expires_by(service.expires))
    }

    fn endpoint(&self) -> Option<&Uri> {
        self.user.endpoint()
    }

    fn auth_url(&self) -> Option<&Uri> {
        self.user.auth_url()
    }

    fn login_urls(&self) -> Vec<Uri> {
        let mut urls = self.user.login_urls();
        urls.extend(self.service.auth_url().cloned());
        urls.extend(self.service.login_urls());
        urls
    }

    fn secrets(&self) -> Vec<Secret> {
        [self.user.secrets(), self.service.secrets()].concat()
    }

    fn is_renewable(&self) -> bool {
        self.user.is_renewable() || self.service.is_renewable()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::auth::testing::Server;
    use crate::auth::{AdminToken, NoAuth};
    use crate::session::testing::Plugin;

    fn tokens(life: u64) -> Plugin {
        Plugin::tokens(Duration::from_secs(life), Duration::ZERO)
    }

    #[tokio::test(start_paused = true)]
    async fn both_tokens_are_sent_until_the_first_expires() {
        let server = Server::new(|_| panic!("nothing is sent"));
        let user = AdminToken::new("http://heat", "gUSER").unwrap();
        for (life, service) in [(60, tokens(60)), (60, tokens(60).at("https://id/v3"))] {
            let plugin = ServiceToken::new(user.clone(), service);
            let data = plugin.authenticate(&server.context()).await.unwrap();
            assert_eq!(data.get("x-auth-token").unwrap(), "gUSER");
            let token = data.get("x-service-token").unwrap();
            assert!(token == "token-1" && token.is_sensitive());
            let left = data.expires.unwrap().duration_since(crate::clock::wall());
            assert_eq!(left.as_secs(), life);
            assert_eq!(AuthPlugin::endpoint(&plugin).unwrap(), "http://heat/");
            assert!(plugin.is_renewable() && plugin.cache_inputs().is_none());
            assert_eq!(plugin.secrets()[0].expose(), "gUSER");
        }
        for (user, service, life) in [(30, 60, 30), (60, 30, 30)] {
            let plugin = ServiceToken::new(tokens(user), tokens(service));
            let data = plugin.authenticate(&server.context()).await.unwrap();
            let left = data.expires.unwrap().duration_since(crate::clock::wall());
            assert_eq!(left.as_secs(), life);
        }
        let plugin = ServiceToken::new(tokens(60), tokens(60).at("https://id/v3"));
        assert_eq!(plugin.login_urls(), ["https://id/v3"]);
        assert!(!ServiceToken::new(user.clone(), user).is_renewable());
    }

    #[tokio::test(start_paused = true)]
    async fn a_login_that_fails_fails_both() {
        let server = Server::new(|_| panic!("nothing is sent"));
        let failing = || Plugin::new(|_| async { Err(Error::new(ErrorKind::Auth, "refused")) });
        for (plugin, kind, message) in [
            (
                ServiceToken::new(tokens(60), failing()),
                ErrorKind::Auth,
                "refused",
            ),
            (
                ServiceToken::new(failing(), tokens(60)),
                ErrorKind::Auth,
                "refused",
            ),
            (
                ServiceToken::new(tokens(60), NoAuth::new()),
                ErrorKind::Config,
                "the credentials for the service token provide no token",
            ),
        ] {
            let error = plugin.authenticate(&server.context()).await.unwrap_err();
            assert_eq!((error.kind(), error.to_string().as_str()), (kind, message));
        }
    }
}
