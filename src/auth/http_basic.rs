//! HTTP Basic authentication, without Keystone.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Uri;
use http::header::AUTHORIZATION;
use zeroize::Zeroizing;

use crate::auth::{AuthContext, AuthData, AuthPlugin};
use crate::error::{Error, ErrorKind, Result};
use crate::secret::Secret;
use crate::uri;

/// Sends user name and password with each request (RFC 7617), for services without Keystone. There
/// is no login and no token.
#[derive(Debug, Clone)]
pub struct HttpBasic {
    username: String,
    password: Secret,
    endpoint: Option<Uri>,
}

impl HttpBasic {
    /// Sends this user name and password. Without [`at`](Self::at), set an endpoint on each service
    /// client.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the user name contains a colon or a control character, which HTTP
    /// Basic cannot express.
    pub fn new(username: impl Into<String>, password: impl Into<Secret>) -> Result<Self> {
        let (username, password) = (username.into(), password.into());
        let refuse = |what: &str| Err(Error::new(ErrorKind::Config, what));
        if username.contains(|c: char| c == ':' || c.is_control()) {
            return refuse("the user name contains a colon or a control character");
        }
        if password.expose().contains(char::is_control) {
            return refuse("the password contains a control character");
        }
        Ok(Self {
            username,
            password,
            endpoint: None,
        })
    }

    /// Sets the endpoint of every service.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the URL is invalid.
    pub fn at(mut self, endpoint: &str) -> Result<Self> {
        self.endpoint = Some(uri::parse_url(endpoint, "the endpoint")?);
        Ok(self)
    }
}

/// The value of `Authorization` for a user and a password.
pub(super) fn basic(user: &str, password: &Secret) -> Secret {
    let pair = Zeroizing::new(format!("{user}:{}", password.expose()));
    Secret::from(format!("Basic {}", STANDARD.encode(pair.as_bytes())))
}

impl AuthPlugin for HttpBasic {
    async fn authenticate(&self, _: &AuthContext) -> Result<AuthData> {
        let value = basic(&self.username, &self.password).to_header_value()?;
        Ok(AuthData::none().header(AUTHORIZATION, value))
    }

    fn endpoint(&self) -> Option<&Uri> {
        self.endpoint.as_ref()
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![self.password.clone()]
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
    async fn user_and_password_are_one_header_and_there_is_no_login() {
        let server = Server::new(|_| panic!("there is no login"));
        for (user, password, expected) in [
            // The example of RFC 7617.
            (
                "Aladdin",
                "open sesame",
                "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
            ),
            ("test", "123\u{a3}", "Basic dGVzdDoxMjPCow=="),
            ("demo", "a:b", "Basic ZGVtbzphOmI="),
            ("demo", "", "Basic ZGVtbzo="),
        ] {
            let plugin = HttpBasic::new(user, password).unwrap();
            let data = plugin.authenticate(&server.context()).await.unwrap();
            assert_eq!(data.headers.len(), 1);
            let value = data.get("authorization").unwrap();
            assert!(value == expected && value.is_sensitive(), "{value:?}");
        }
        let plugin = HttpBasic::new("demo", "swordfish").unwrap();
        assert!(!plugin.is_renewable() && plugin.auth_url().is_none());
        assert!(AuthPlugin::endpoint(&plugin).is_none());
        let plugin = plugin.at("http://ironic:6385").unwrap();
        assert_eq!(
            AuthPlugin::endpoint(&plugin).unwrap(),
            "http://ironic:6385/"
        );
        assert!(!format!("{plugin:?}").contains("swordfish"));
    }

    #[test]
    fn what_basic_cannot_express_is_refused() {
        for (user, password) in [("a:b", "pw"), ("a\nb", "pw"), ("demo", "p\0w")] {
            let error = HttpBasic::new(user, password).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
        }
        assert!(HttpBasic::new("demo", "pw").unwrap().at("ironic").is_err());
    }
}
