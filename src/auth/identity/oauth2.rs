//! OAuth 2.0 client credentials (RFC 6749, 4.4; RFC 8705 with a client certificate).

use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Uri};
use jiff::Timestamp;
use serde::Deserialize;

use super::application_credential::CredentialRef;
use super::existing_token::details;
use super::login::Login;
use super::url::AuthUrl;
use super::{application_credential, login};
use crate::auth::http_basic::basic;
use crate::auth::{AuthContext, AuthData, AuthPlugin, CacheInputs};
use crate::clock;
use crate::error::{Error, ErrorKind, Result};
use crate::secret::Secret;
use crate::transport::{Body, CallOptions};
use crate::uri;

/// Logs in with an application credential, and sends an OAuth 2.0 access token of the same
/// credential beside the token.
///
/// Both are used until the first of them expires.
#[derive(Debug, Clone)]
pub struct OAuth2ClientCredential {
    auth_url: AuthUrl,
    server: TokenServer,
    secret: Secret,
}

/// Sends an OAuth 2.0 access token that is bound to the session's client certificate
/// ([`SessionBuilder::tls`](crate::session::SessionBuilder::tls)).
///
/// The access token is a Keystone token, too: its scope and catalog are requested from Keystone.
#[derive(Debug, Clone)]
pub struct OAuth2MtlsClientCredential {
    auth_url: AuthUrl,
    server: TokenServer,
}

/// A server for access tokens, and the client that requests them.
#[derive(Debug, Clone)]
struct TokenServer {
    endpoint: Uri,
    client_id: String,
}

impl OAuth2ClientCredential {
    /// Logs in to the v3 API below `auth_url`, where `/v3` may be omitted, and requests access tokens
    /// at `oauth2_endpoint`. `client_id` and `secret` are those of the application credential.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if a URL is invalid.
    pub fn new(
        auth_url: &str,
        oauth2_endpoint: &str,
        client_id: impl Into<String>,
        secret: impl Into<Secret>,
    ) -> Result<Self> {
        Ok(Self {
            auth_url: AuthUrl::parse(auth_url)?,
            server: TokenServer::new(oauth2_endpoint, client_id.into())?,
            secret: secret.into(),
        })
    }

    async fn token(&self, cx: &AuthContext) -> Result<AuthData> {
        let credential = CredentialRef::id(&self.server.client_id);
        let method = application_credential::method(&credential, &self.secret)?;
        let login = Login::new(format!("with {credential}"), &self.auth_url);
        login.method(method).send(cx).await
    }
}

impl OAuth2MtlsClientCredential {
    /// Requests access tokens at `oauth2_endpoint`, and their details from the v3 API below
    /// `auth_url`, where `/v3` may be omitted.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if a URL is invalid.
    pub fn new(
        auth_url: &str,
        oauth2_endpoint: &str,
        client_id: impl Into<String>,
    ) -> Result<Self> {
        Ok(Self {
            auth_url: AuthUrl::parse(auth_url)?,
            server: TokenServer::new(oauth2_endpoint, client_id.into())?,
        })
    }
}

impl AuthPlugin for OAuth2ClientCredential {
    async fn authenticate(&self, cx: &AuthContext) -> Result<AuthData> {
        let basic = basic(&self.server.client_id, &self.secret).to_header_value()?;
        let access_token = self.server.access_token(Some(basic), cx);
        let (data, access_token) = futures::future::try_join(self.token(cx), access_token).await?;
        access_token.add_to(data)
    }

    fn auth_url(&self) -> Option<&Uri> {
        Some(self.auth_url.uri())
    }

    fn login_urls(&self) -> Vec<Uri> {
        vec![self.server.endpoint.clone()]
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![self.secret.clone()]
    }

    fn cache_inputs(&self) -> Option<CacheInputs> {
        let inputs = CacheInputs::new("oauth2_client_credential")
            .with("auth_url", &self.auth_url.uri().to_string())
            .with("oauth2_endpoint", &self.server.endpoint.to_string())
            .with("client_id", &self.server.client_id);
        Some(inputs.with_secret("secret", &self.secret))
    }
}

/// Its tokens are never stored: they belong to a certificate that the plugin does not know.
impl AuthPlugin for OAuth2MtlsClientCredential {
    async fn authenticate(&self, cx: &AuthContext) -> Result<AuthData> {
        let access_token = self.server.access_token(None, cx).await?;
        let access = details(&access_token.value, &self.auth_url, cx).await?;
        access_token.add_to(AuthData::access(access)?)
    }

    fn auth_url(&self) -> Option<&Uri> {
        Some(self.auth_url.uri())
    }

    fn login_urls(&self) -> Vec<Uri> {
        vec![self.server.endpoint.clone()]
    }
}

/// An access token. Its expiry is by this machine's clock.
struct AccessToken {
    value: Secret,
    expires: Option<Timestamp>,
}

impl AccessToken {
    /// Adds the header for the access token to those of a login.
    fn add_to(&self, data: AuthData) -> Result<AuthData> {
        let value = Secret::from(format!("Bearer {}", self.value.expose()));
        let data = data.header(AUTHORIZATION, value.to_header_value()?);
        Ok(data.expires_by(self.expires))
    }
}

#[derive(Deserialize)]
struct Answer {
    access_token: Secret,
    token_type: Option<String>,
    expires_in: Option<u64>,
}

impl TokenServer {
    fn new(endpoint: &str, client_id: String) -> Result<Self> {
        let endpoint = uri::parse_url(endpoint, "the OAuth 2.0 endpoint")?;
        Ok(Self {
            endpoint,
            client_id,
        })
    }

    /// Requests an access token. The client authenticates with `basic`, or else with its certificate.
    async fn access_token(
        &self,
        basic: Option<HeaderValue>,
        cx: &AuthContext,
    ) -> Result<AccessToken> {
        let failed = |error: Error| {
            let error = match error.kind() {
                ErrorKind::Status => error.with_kind(ErrorKind::Auth),
                _ => error,
            };
            let (client, url) = (&self.client_id, uri::shown(&self.endpoint));
            error.doing(format!("get an access token for client {client} at {url}"))
        };
        let request = self.request(basic);
        let now = clock::wall();
        let options = CallOptions {
            // Another access token does no harm.
            idempotent: Some(true),
            ..CallOptions::default()
        };
        let answer = cx.exchange(request, options).await.map_err(failed)?;
        login::check(answer.response()).map_err(|error| failed(answer.named(error)))?;
        // The error must not quote the body.
        let read = serde_json::from_slice(answer.response().body()).ok();
        let is_usable = |read: &Answer| {
            let is_bearer = |kind: &String| kind.eq_ignore_ascii_case("bearer");
            !read.access_token.expose().is_empty() && read.token_type.as_ref().is_none_or(is_bearer)
        };
        let Some(read) = read.filter(is_usable) else {
            let message = "expected a bearer token (access_token) in the response; check the \
                OAuth 2.0 endpoint";
            let error = Error::new(ErrorKind::Auth, message).after_sending();
            return Err(failed(answer.named(error)));
        };
        cx.client().mask().add([read.access_token.clone()]);
        let life = read.expires_in.map(Duration::from_secs);
        Ok(AccessToken {
            value: read.access_token,
            expires: life.map(|life| now.saturating_add(life).unwrap_or(Timestamp::MAX)),
        })
    }

    fn request(&self, basic: Option<HeaderValue>) -> Request<Body> {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        if basic.is_none() {
            form.append_pair("client_id", &self.client_id);
        }
        let mut request = Request::new(Body::from(form.finish()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.endpoint.clone();
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(CONTENT_TYPE, form);
        headers.extend(basic.map(|basic| (AUTHORIZATION, basic)));
        request
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Response;

    use super::super::login::tests::token;
    use super::*;
    use crate::auth::testing::{Server, answer};
    use serde_json::json;

    const TOKENS: &str = "https://oauth/v3/OS-OAUTH2/token";
    const GRANT: &str = r#"{"access_token": "gOAUTH", "token_type": "Bearer", "expires_in": 3600}"#;

    fn client_credential() -> OAuth2ClientCredential {
        OAuth2ClientCredential::new("http://id/v3", TOKENS, "c1", "pw").unwrap()
    }

    fn mtls() -> OAuth2MtlsClientCredential {
        OAuth2MtlsClientCredential::new("https://id", TOKENS, "c1").unwrap()
    }

    /// Answers requests to Keystone, and with `grant` those for access tokens.
    fn cloud(status: u16, grant: &'static str) -> Server {
        Server::new(move |request: &Request<Bytes>| -> Result<Response<Body>> {
            match request.uri().host() {
                Some("id") => token(),
                _ => answer(status, "application/json", grant),
            }
        })
    }

    #[tokio::test(start_paused = true)]
    async fn client_credential_wire_shape() {
        let server = cloud(200, GRANT);
        let plugin = client_credential();
        let data = plugin.authenticate(&server.context()).await.unwrap();
        let seen = server.seen();
        assert_eq!(seen.len(), 2);
        for (parts, body) in &seen {
            assert_eq!(parts.method, Method::POST);
            if parts.uri == TOKENS {
                assert_eq!(
                    parts.headers["content-type"],
                    "application/x-www-form-urlencoded"
                );
                assert_eq!(parts.headers["accept"], "application/json");
                // c1:pw
                assert_eq!(parts.headers["authorization"], "Basic YzE6cHc=");
                assert!(parts.headers["authorization"].is_sensitive());
                assert_eq!(body, "grant_type=client_credentials");
            } else {
                assert_eq!(parts.uri, "http://id/v3/auth/tokens");
                let body: serde_json::Value = serde_json::from_slice(body).unwrap();
                assert_eq!(
                    body,
                    json!({"auth": {"identity": {
                        "methods": ["application_credential"],
                        "application_credential": {"id": "c1", "secret": "pw"}}}})
                );
            }
        }
        assert_eq!(data.get("x-auth-token").unwrap(), "gAAAA");
        assert_eq!(data.get("authorization").unwrap(), "Bearer gOAUTH");
        let life = data.expires.unwrap().duration_since(clock::wall());
        assert!((3590..=3600).contains(&life.as_secs()), "{life}");
        assert!(!format!("{plugin:?}").contains("pw"));
        assert_eq!(plugin.login_urls(), [TOKENS]);
        let other = OAuth2ClientCredential::new("http://id/v3", TOKENS, "c1", "pw2").unwrap();
        assert_ne!(
            plugin.cache_inputs().unwrap().key(),
            other.cache_inputs().unwrap().key()
        );
    }

    #[tokio::test(start_paused = true)]
    async fn mtls_wire_shape() {
        let server = cloud(200, GRANT);
        let data = mtls().authenticate(&server.context()).await.unwrap();
        let seen = server.seen();
        let [(first, form), (second, nothing)] = &seen[..] else {
            panic!("{} requests", seen.len());
        };
        assert_eq!(
            (&first.method, first.uri.to_string().as_str()),
            (&Method::POST, TOKENS)
        );
        assert_eq!(
            first.headers["content-type"],
            "application/x-www-form-urlencoded"
        );
        assert!(!first.headers.contains_key("authorization"));
        assert_eq!(form, "grant_type=client_credentials&client_id=c1");
        assert_eq!(second.method, Method::GET);
        assert_eq!(second.uri, "https://id/v3/auth/tokens");
        for name in ["x-auth-token", "x-subject-token"] {
            assert_eq!(second.headers[name], "gOAUTH");
        }
        assert!(nothing.is_empty());
        assert_eq!(data.get("x-auth-token").unwrap(), "gOAUTH");
        assert_eq!(data.get("authorization").unwrap(), "Bearer gOAUTH");
        assert!(data.expires.is_some() && data.access.is_some());
        assert!(mtls().cache_inputs().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn refusals_and_bad_answers_are_told_in_one_line() {
        const AT: &str = "get an access token for client c1 at https://oauth/v3/OS-OAUTH2/token: ";
        const EXPECTED: &str = "expected a bearer token (access_token) in the response; check the \
            OAuth 2.0 endpoint";
        let refused =
            r#"{"error": "invalid_client", "error_description": "Client authentication failed."}"#;
        for (status, body, message) in [
            (
                401,
                refused,
                "401 Unauthorized: Client authentication failed.",
            ),
            (503, "", "503 Service Unavailable"),
            (200, "", EXPECTED),
            (200, "{}", EXPECTED),
            (200, r#"{"access_token": ""}"#, EXPECTED),
            (
                200,
                r#"{"access_token": "gOAUTH", "token_type": "mac"}"#,
                EXPECTED,
            ),
        ] {
            let server = cloud(status, body);
            for plugin in [
                crate::auth::Credentials::from(client_credential()),
                mtls().into(),
            ] {
                let error = plugin.authenticate(&server.context()).await.unwrap_err();
                assert_eq!(error.to_string(), format!("{AT}{message}"));
                assert_eq!(error.kind(), ErrorKind::Auth);
                assert!(!format!("{error:?}").contains("gOAUTH"));
            }
        }
        assert!(OAuth2ClientCredential::new("http://id", "oauth", "c1", "pw").is_err());
    }
}
