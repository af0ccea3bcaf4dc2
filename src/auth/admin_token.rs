//! A fixed token and endpoint, without Keystone.

use http::Uri;

use crate::auth::{AuthContext, AuthData, AuthPlugin};
use crate::error::Result;
use crate::secret::Secret;
use crate::uri;

/// Sends a fixed token to a fixed endpoint. There is no login.
#[derive(Debug, Clone)]
pub struct AdminToken {
    endpoint: Uri,
    token: Secret,
}

impl AdminToken {
    /// Uses `endpoint` for every service and sends `token` to it.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if the URL or the token is invalid.
    pub fn new(endpoint: &str, token: impl Into<Secret>) -> Result<Self> {
        let token = token.into();
        token.to_header_value()?;
        Ok(Self {
            endpoint: uri::parse_url(endpoint, "the endpoint")?,
            token,
        })
    }
}

impl AuthPlugin for AdminToken {
    async fn authenticate(&self, _: &AuthContext) -> Result<AuthData> {
        AuthData::token(&self.token)
    }

    fn endpoint(&self) -> Option<&Uri> {
        Some(&self.endpoint)
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![self.token.clone()]
    }

    fn is_renewable(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::testing::Server;

    #[tokio::test]
    async fn the_token_is_sent_as_it_is() {
        let server = Server::new(|_| panic!("there is no login"));
        let plugin = AdminToken::new("http://heat:8004/v1/p1", "gAAAA").unwrap();
        let data = plugin.authenticate(&server.context()).await.unwrap();
        assert_eq!(data.headers[0].0, "x-auth-token");
        assert_eq!(data.headers[0].1, "gAAAA");
        assert!(data.headers[0].1.is_sensitive());
        assert_eq!(
            AuthPlugin::endpoint(&plugin).unwrap(),
            "http://heat:8004/v1/p1"
        );
        assert!(!plugin.is_renewable() && plugin.auth_url().is_none());
        assert!(!format!("{plugin:?} {data:?}").contains("gAAAA"));
    }

    #[test]
    fn bad_values_are_refused_at_once() {
        assert!(AdminToken::new("heat", "gAAAA").is_err());
        assert!(AdminToken::new("http://heat", "g\rAAAA").is_err());
    }
}
