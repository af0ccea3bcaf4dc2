//! Authentication by a Heat without Keystone, which checks user and password itself
//! (`--os-no-client-auth`).

use http::{HeaderName, HeaderValue, Uri};

use crate::auth::{AuthContext, AuthData, AuthPlugin, Credentials};
use crate::error::{Error, ErrorKind, Result};
use crate::loading::{Loader, Opt, OptionValues};
use crate::secret::Secret;
use crate::uri::parse_url;

/// Loads [`UserAndPassword`]. It is not registered, because `no_client_auth` selects it instead of
/// a name.
#[derive(Debug)]
pub(super) struct Standalone;

impl Loader for Standalone {
    fn name(&self) -> &str {
        "standalone"
    }

    fn options(&self) -> &[Opt] {
        const OPTIONS: &[Opt] = &[
            Opt::new("endpoint", "URL of the service").required(),
            Opt::new("username", "Name of the user").required(),
            Opt::new("password", "The user's password")
                .secret()
                .required(),
            Opt::new("token", "Token to send, too").secret(),
        ];
        OPTIONS
    }

    fn load(&self, values: &OptionValues) -> Result<Credentials> {
        let plugin = UserAndPassword {
            user: values.require("username")?.to_owned(),
            password: values.require_secret("password")?,
            token: values.secret("token").cloned(),
            endpoint: parse_url(values.require("endpoint")?, "the URL of Heat")?,
        };
        Ok(plugin.into())
    }
}

/// Sends user name and password with each request.
#[derive(Debug)]
struct UserAndPassword {
    user: String,
    password: Secret,
    /// Also sent, as `include_password` of python-heatclient does.
    token: Option<Secret>,
    endpoint: Uri,
}

impl AuthPlugin for UserAndPassword {
    async fn authenticate(&self, _: &AuthContext) -> Result<AuthData> {
        let user = HeaderValue::from_str(&self.user).map_err(|e| {
            Error::new(
                ErrorKind::Config,
                "the user name has characters that an HTTP header cannot contain",
            )
            .with_source(e)
        })?;
        let data = match &self.token {
            Some(token) => AuthData::token(token)?,
            None => AuthData::none(),
        };
        Ok(data
            .header(HeaderName::from_static("x-auth-user"), user)
            .header(
                HeaderName::from_static("x-auth-key"),
                self.password.to_header_value()?,
            ))
    }

    fn endpoint(&self) -> Option<&Uri> {
        Some(&self.endpoint)
    }

    fn secrets(&self) -> Vec<Secret> {
        let secrets = std::iter::once(&self.password).chain(&self.token);
        secrets.cloned().collect()
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
    async fn user_and_password_are_headers_and_there_is_no_login() {
        let server = Server::new(|_| panic!("there is no login"));
        let plugin = UserAndPassword {
            user: "demo".to_owned(),
            password: Secret::from("swordfish"),
            token: Some(Secret::from("tok123")),
            endpoint: Uri::from_static("http://heat/v1"),
        };
        let data = plugin.authenticate(&server.context()).await.unwrap();
        let header = |name: &str| {
            let found = data.headers.iter().find(|(known, _)| known == name);
            &found.unwrap().1
        };
        assert_eq!(header("x-auth-user"), "demo");
        assert_eq!(header("x-auth-key"), "swordfish");
        assert_eq!(header("x-auth-token"), "tok123");
        assert!(header("x-auth-key").is_sensitive());
        let debug = format!("{plugin:?}");
        assert!(!debug.contains("swordfish") && !debug.contains("tok123"));
    }
}
