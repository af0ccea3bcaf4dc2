//! A Heat that checks user and password itself (`--os-no-client-auth`).

use heatclient::auth::{AuthContext, AuthData, AuthPlugin};
use heatclient::secret::Secret;
use heatclient::{Error, ErrorKind, Result};
use http::{HeaderName, HeaderValue, Uri};

/// Sends user and password along with each request.
#[derive(Debug)]
pub(super) struct UserAndPassword {
    user: String,
    password: Secret,
    endpoint: Uri,
}

impl UserAndPassword {
    pub(super) fn new(user: &str, password: String) -> Self {
        Self {
            user: user.to_owned(),
            password: Secret::from(password),
            endpoint: Uri::default(),
        }
    }

    pub(super) fn at(mut self, endpoint: &str) -> Result<Self> {
        self.endpoint = super::heat_url(endpoint)?;
        Ok(self)
    }
}

impl AuthPlugin for UserAndPassword {
    async fn authenticate(&self, _: &AuthContext) -> Result<AuthData> {
        let user = HeaderValue::from_str(&self.user).map_err(|e| {
            Error::new(ErrorKind::Config, "the user's name is no header value").with_source(e)
        })?;
        Ok(AuthData::none()
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
        vec![self.password.clone()]
    }

    fn is_renewable(&self) -> bool {
        false
    }
}
