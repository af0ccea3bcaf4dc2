//! A token that exists already, with its catalog.

use std::sync::Arc;

use http::{HeaderName, HeaderValue, Request, Uri};

use super::login::{self, check};
use super::url::AuthUrl;
use crate::auth::{AuthContext, AuthData, AuthPlugin};
use crate::catalog::AccessInfo;
use crate::clock;
use crate::error::{Error, ErrorKind, Result};
use crate::secret::Secret;
use crate::transport::{Body, CallOptions};

/// Uses a token that exists already, until it expires. There is no login.
///
/// Unlike [`Token`](super::Token), it does not exchange the token for another one. Unlike
/// [`AdminToken`](crate::auth::AdminToken), it has a service catalog.
///
/// ```
/// use heatclient::Session;
/// use heatclient::auth::identity::ExistingToken;
///
/// let session = Session::new(ExistingToken::new("http://keystone:5000/v3", "gAAAAA…")?);
/// # Ok::<(), heatclient::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ExistingToken {
    auth_url: AuthUrl,
    source: Source,
}

#[derive(Debug, Clone)]
enum Source {
    Token(Secret),
    Access(Arc<AccessInfo>),
}

impl ExistingToken {
    /// Uses this token. Its expiry, scope and catalog are requested from the v3 API below `auth_url`
    /// when they are first needed; `/v3` may be omitted.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the URL is invalid.
    pub fn new(auth_url: &str, token: impl Into<Secret>) -> Result<Self> {
        let source = Source::Token(token.into());
        let auth_url = AuthUrl::parse(auth_url)?;
        Ok(Self { auth_url, source })
    }

    /// Uses a token whose details are known, for example that of another session
    /// ([`Session::access`](crate::Session::access)). Nothing is requested.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the URL is invalid.
    pub fn with_access(auth_url: &str, access: Arc<AccessInfo>) -> Result<Self> {
        let source = Source::Access(access);
        let auth_url = AuthUrl::parse(auth_url)?;
        Ok(Self { auth_url, source })
    }

    /// Sets whether to discover the v3 API at the auth URL, unless the URL ends in `/v3`. Off by default.
    #[must_use]
    pub fn discover(mut self, discover: bool) -> Self {
        self.auth_url = self.auth_url.discover(discover);
        self
    }
}

impl AuthPlugin for ExistingToken {
    async fn authenticate(&self, cx: &AuthContext) -> Result<AuthData> {
        match &self.source {
            Source::Token(token) => AuthData::access(details(token, &self.auth_url, cx).await?),
            Source::Access(access) => match access.expires() {
                Some(end) if end <= clock::wall() => {
                    let message = format!("the token expired at {end}; get a new one");
                    Err(Error::new(ErrorKind::Auth, message))
                }
                _ => AuthData::access(Arc::clone(access)),
            },
        }
    }

    fn auth_url(&self) -> Option<&Uri> {
        Some(self.auth_url.uri())
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![match &self.source {
            Source::Token(token) => token.clone(),
            Source::Access(access) => access.token().clone(),
        }]
    }

    fn is_renewable(&self) -> bool {
        false
    }
}

/// Requests the details of a token: `GET /v3/auth/tokens`, by which a token may show itself.
pub(in crate::auth) async fn details(
    token: &Secret,
    auth_url: &AuthUrl,
    cx: &AuthContext,
) -> Result<AccessInfo> {
    const SUBJECT: HeaderName = HeaderName::from_static("x-subject-token");
    let value = token.to_header_value()?;
    let failed = |error| login::failed(error, "with an existing token", auth_url.uri());
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = auth_url.tokens(cx).await.map_err(failed)?;
    let headers = request.headers_mut();
    headers.insert(
        http::header::ACCEPT,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(HeaderName::from_static("x-auth-token"), value.clone());
    headers.insert(SUBJECT, value.clone());
    let answer = cx.exchange(request, CallOptions::default()).await;
    let answer = answer.map_err(failed)?;
    let read = check(answer.response()).and_then(|response| {
        let mut headers = response.headers().clone();
        headers.insert(SUBJECT, value);
        AccessInfo::from_response(&headers, response.body())
    });
    read.map_err(|error| failed(answer.named(error)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::testing::{Server, answer};

    const BODY: &str = r#"{"token": {"user": {"id": "u1"}, "project": {"id": "p1"},
        "expires_at": "2100-01-01T00:00:00Z", "catalog": []}}"#;

    #[tokio::test(start_paused = true)]
    async fn a_token_shows_itself() {
        let server = Server::new(|_| answer(200, "application/json", BODY));
        let plugin = ExistingToken::new("http://id", "gAAAA").unwrap();
        let data = plugin.authenticate(&server.context()).await.unwrap();
        let (parts, body) = server.last();
        assert_eq!(parts.method, http::Method::GET);
        assert_eq!(parts.uri, "http://id/v3/auth/tokens");
        for name in ["x-auth-token", "x-subject-token"] {
            assert!(parts.headers[name] == "gAAAA" && parts.headers[name].is_sensitive());
        }
        assert!(body.is_empty());
        assert_eq!(data.get("x-auth-token").unwrap(), "gAAAA");
        assert!(data.expires.is_some());
        let access = data.access.unwrap();
        assert_eq!(access.project_id(), Some("p1"));
        assert!(!plugin.is_renewable());
        assert!(!format!("{plugin:?}").contains("gAAAA"));

        let wrapped = ExistingToken::with_access("http://id/v3", Arc::clone(&access)).unwrap();
        let again = wrapped.authenticate(&server.context()).await.unwrap();
        assert!(Arc::ptr_eq(&again.access.unwrap(), &access));
        assert_eq!(server.requests().len(), 1);
        assert!(!format!("{wrapped:?}").contains("gAAAA"));
        assert_eq!(wrapped.secrets()[0].expose(), "gAAAA");
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_that_is_not_valid_is_reported() {
        let unknown =
            r#"{"error": {"code": 404, "message": "Could not recognize Fernet token gAAAA"}}"#;
        let server = Server::new(|_| answer(404, "application/json", unknown));
        let plugin = ExistingToken::new("http://id/v3", "gAAAA").unwrap();
        let error = plugin.authenticate(&server.context()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auth);
        let text = error.to_string();
        assert!(
            text.starts_with("login with an existing token at http://id/v3: 404 Not Found"),
            "{text}"
        );

        let headers = [(
            HeaderName::from_static("x-subject-token"),
            HeaderValue::from_static("gAAAA"),
        )];
        let body = r#"{"token": {"expires_at": "2001-01-01T00:00:00Z"}}"#;
        let access = AccessInfo::from_response(&headers.into_iter().collect(), &body.into());
        let plugin = ExistingToken::with_access("http://id/v3", Arc::new(access.unwrap())).unwrap();
        let error = plugin.authenticate(&server.context()).await.unwrap_err();
        assert!(error.to_string().contains("expired at"), "{error}");
        assert_eq!(server.requests().len(), 1);
    }
}
