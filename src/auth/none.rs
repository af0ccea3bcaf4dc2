//! No authentication.

use http::Uri;

use crate::auth::{AuthContext, AuthData, AuthPlugin};
use crate::error::Result;
use crate::uri;

/// Sends requests without a token, for services without authentication.
#[derive(Debug, Clone, Default)]
pub struct NoAuth {
    endpoint: Option<Uri>,
}

impl NoAuth {
    /// No authentication and no endpoint: set an endpoint on each service client.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the endpoint of every service.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if the URL is invalid.
    pub fn at(mut self, endpoint: &str) -> Result<Self> {
        self.endpoint = Some(uri::parse_url(endpoint, "the endpoint")?);
        Ok(self)
    }
}

impl AuthPlugin for NoAuth {
    async fn authenticate(&self, _: &AuthContext) -> Result<AuthData> {
        Ok(AuthData::none())
    }

    fn endpoint(&self) -> Option<&Uri> {
        self.endpoint.as_ref()
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
    async fn nothing_is_sent() {
        let server = Server::new(|_| panic!("there is no login"));
        let plugin = NoAuth::new().at("http://heat:8004/v1/p1").unwrap();
        assert!(
            plugin
                .authenticate(&server.context())
                .await
                .unwrap()
                .headers
                .is_empty()
        );
        assert_eq!(
            AuthPlugin::endpoint(&plugin).unwrap(),
            "http://heat:8004/v1/p1"
        );
        assert!(!plugin.is_renewable());
        assert!(AuthPlugin::endpoint(&NoAuth::new()).is_none());
        assert!(NoAuth::new().at("heat").is_err());
    }
}
