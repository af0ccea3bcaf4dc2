//! The request that all methods share: `POST /v3/auth/tokens`.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use super::url::AuthUrl;
use crate::auth::{AuthContext, AuthData, Scope};
use crate::catalog::AccessInfo;
use crate::error::{Error, ErrorKind, Fault, Result};
use crate::json;
use crate::secret::sealed_json;
use crate::transport::not_found::is_not_found;
use crate::transport::{Body, CallOptions, read};

const RECEIPT: HeaderName = HeaderName::from_static("openstack-auth-receipt");

/// A way to prove who one is: the object under `auth.identity.<NAME>`.
pub(super) trait AuthMethod: Serialize {
    const NAME: &'static str;
}

/// One login.
pub(super) struct Login<'a, M> {
    /// Whose or by what, as errors tell of it: `of demo`.
    pub(super) who: String,
    pub(super) auth_url: &'a AuthUrl,
    pub(super) scope: &'a Scope,
    pub(super) method: M,
    pub(super) header: Option<(HeaderName, HeaderValue)>,
}

impl<M: AuthMethod> Login<'_, M> {
    /// Sends it. Repeating a login does no harm, so it may be retried as a `GET` may.
    pub(super) async fn send(self, cx: &AuthContext) -> Result<AuthData> {
        let at = self.auth_url.uri();
        let failed = |error: Error| {
            let error = match error.kind() {
                ErrorKind::Status => error.with_kind(ErrorKind::Auth),
                _ => error,
            };
            error.doing(format!("login {} at {at}", self.who))
        };
        let options = CallOptions {
            idempotent: Some(true),
            ..CallOptions::default()
        };
        let tokens = self.auth_url.tokens(cx).await.map_err(failed)?;
        let answer = cx.exchange(self.request(tokens)?, options).await;
        let answer = answer.map_err(failed)?;
        check(answer.response())
            .and_then(|response| AccessInfo::from_response(response.headers(), response.body()))
            .and_then(AuthData::access)
            .map_err(|error| failed(answer.named(error)))
    }

    fn request(&self, tokens: Uri) -> Result<Request<Body>> {
        let mut request = Request::new(
            sealed_json(&Document {
                auth: Auth::of(self),
            })?
            .into(),
        );
        *request.method_mut() = Method::POST;
        *request.uri_mut() = tokens;
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(ACCEPT, json.clone());
        request.headers_mut().insert(CONTENT_TYPE, json);
        request.headers_mut().extend(self.header.clone());
        Ok(request)
    }
}

#[derive(serde::Serialize)]
struct Document<'a, M: AuthMethod> {
    auth: Auth<'a, M>,
}

#[derive(serde::Serialize)]
struct Auth<'a, M: AuthMethod> {
    identity: Identity<'a, M>,
    #[serde(skip_serializing_if = "Scope::is_default")]
    scope: &'a Scope,
}

impl<'a, M: AuthMethod> Auth<'a, M> {
    fn of(login: &'a Login<'_, M>) -> Self {
        Self {
            identity: Identity(&login.method),
            scope: login.scope,
        }
    }
}

struct Identity<'a, M>(&'a M);

impl<M: AuthMethod> Serialize for Identity<'_, M> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("methods", &[M::NAME])?;
        map.serialize_entry(M::NAME, self.0)?;
        map.end()
    }
}

/// Passes a success, and tells a refusal from the wish for a second factor.
fn check(response: &Response<Bytes>) -> Result<&Response<Bytes>> {
    let (status, headers) = (response.status(), response.headers());
    if status.as_u16() < 400 {
        return Ok(response);
    }
    if status == StatusCode::UNAUTHORIZED && headers.contains_key(RECEIPT) {
        let message = format!("401 Unauthorized: {}", missing_methods(response.body()));
        return Err(Error::new(ErrorKind::Auth, message)
            .with_status(status)
            .with_request_id(read::request_id(headers))
            .after_sending());
    }
    let error = read::status_error(status, headers, response.body());
    let is_from_keystone =
        read::request_id(headers).is_some() || error.fault().is_some_and(Fault::is_of_service);
    Err(match is_from_keystone || !is_not_found(status) {
        true => error,
        false => error.with_message(format!(
            "the server did not answer like Keystone ({status}); check the auth URL"
        )),
    })
}

/// What the document beside a receipt asks for beyond what was given.
fn missing_methods(body: &Bytes) -> String {
    let document = json::from_slice::<Value>(body).unwrap_or_default();
    let names = |list: &Value| -> BTreeSet<String> {
        list.as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    };
    let given = document
        .pointer("/receipt/methods")
        .map(names)
        .unwrap_or_default();
    let rules = document
        .get("required_auth_methods")
        .and_then(Value::as_array);
    let ways: Vec<_> = rules
        .into_iter()
        .flatten()
        .map(|rule| {
            names(rule)
                .difference(&given)
                .cloned()
                .collect::<Vec<_>>()
                .join(" and ")
        })
        .filter(|missing| !missing.is_empty())
        .collect();
    match ways.is_empty() {
        true => "the user needs another auth method beside this one".to_owned(),
        false => format!(
            "the user needs another auth method beside this one: {}",
            ways.join(", or ")
        ),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::auth::testing::{Server, answer};
    use crate::auth::{AuthPlugin, DomainRef};
    use serde_json::json;

    /// Logs in, and gives the headers and the body that were sent.
    pub(in crate::auth::identity) async fn sent(
        plugin: &impl AuthPlugin,
    ) -> (http::HeaderMap, Value) {
        let server = Server::new(|_| token());
        plugin.authenticate(&server.context()).await.unwrap();
        let (parts, body) = server.last();
        assert_eq!(parts.method, Method::POST);
        let json = serde_json::from_slice(&body).unwrap();
        (parts.headers, json)
    }

    fn token() -> Result<Response<Body>> {
        let mut response = answer(
            201,
            "application/json",
            r#"{"token": {"methods": ["password"]}}"#,
        )?;
        response
            .headers_mut()
            .insert("x-subject-token", HeaderValue::from_static("gAAAA"));
        Ok(response)
    }

    fn demo() -> crate::auth::identity::Password {
        let user = crate::auth::identity::UserRef::name("demo", DomainRef::name("Default"));
        crate::auth::identity::Password::new("http://id/v3", user, "swordfish").unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_login_may_be_repeated() {
        let server = Server::new(|_| token());
        let data = demo().authenticate(&server.context()).await.unwrap();
        assert_eq!(data.access.unwrap().methods(), ["password"]);
        let (parts, _) = server.last();
        assert_eq!(parts.uri, "http://id/v3/auth/tokens");
        assert_eq!(parts.headers["content-type"], "application/json");
        assert_eq!(parts.headers["accept"], "application/json");
        let call = parts.extensions.get::<crate::transport::Call>().unwrap();
        assert_eq!(call.options().idempotent, Some(true));
    }

    #[tokio::test(start_paused = true)]
    async fn refusals_are_told_in_one_line() {
        let cases: &[(u16, &str, &str, ErrorKind)] = &[
            (
                401,
                r#"{"error": {"code": 401, "title": "Unauthorized", "message": "The request you have made requires authentication."}}"#,
                "login of demo at http://id/v3: 401 Unauthorized: The request you have made requires authentication. (request req-1)",
                ErrorKind::Auth,
            ),
            (
                404,
                "",
                "login of demo at http://id/v3: 404 Not Found (request req-1)",
                ErrorKind::Auth,
            ),
            (
                503,
                "<html><title>Down</title></html>",
                "login of demo at http://id/v3: 503 Service Unavailable (request req-1)",
                ErrorKind::Auth,
            ),
            (
                201,
                "{}",
                "login of demo at http://id/v3: the identity service's answer describes no token (request req-1)",
                ErrorKind::Auth,
            ),
        ];
        for (status, body, message, kind) in cases {
            let server = Server::new(|_| {
                let mut response = answer(*status, "application/json", body)?;
                let id = HeaderValue::from_static("req-1");
                response.headers_mut().insert("x-openstack-request-id", id);
                Ok(response)
            });
            let error = demo().authenticate(&server.context()).await.unwrap_err();
            assert_eq!(error.to_string(), *message);
            assert_eq!(error.kind(), *kind);
            assert_eq!(error.status().map_or(201, |s| s.as_u16()), *status);
            assert_eq!(error.uri().unwrap(), "http://id/v3/auth/tokens");
            assert_eq!(error.request_id(), Some("req-1"));
            assert!(!format!("{error:?}").contains("swordfish"));
        }
        let server = Server::new(|_| Err(Error::new(ErrorKind::Connect, "cannot connect")));
        let error = demo().authenticate(&server.context()).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "login of demo at http://id/v3: cannot connect"
        );
        assert!(error.is_connect());
    }

    #[tokio::test(start_paused = true)]
    async fn a_second_factor_is_named() {
        const PREFIX: &str = "login of demo at http://id/v3: 401 Unauthorized: the user needs another auth method beside this one";
        for (body, expected) in [
            (
                json!({"receipt": {"methods": ["password"]}, "required_auth_methods": [["totp", "password"]]}),
                ": totp",
            ),
            (
                json!({"receipt": {"methods": ["password"]},
                       "required_auth_methods": [["password", "totp"], ["password", "kerberos", "x509"]]}),
                ": totp, or kerberos and x509",
            ),
            (json!({}), ""),
            (
                json!({"receipt": 17, "required_auth_methods": {"a": 1}}),
                "",
            ),
            (json!({"required_auth_methods": [17, null, []]}), ""),
        ] {
            let text = body.to_string();
            let server = Server::new(move |_| {
                let mut response = answer(401, "application/json", &text)?;
                response
                    .headers_mut()
                    .insert(RECEIPT, HeaderValue::from_static("gAAAA"));
                Ok(response)
            });
            let error = demo().authenticate(&server.context()).await.unwrap_err();
            assert_eq!(error.to_string(), format!("{PREFIX}{expected}"), "{body}");
            assert_eq!(error.kind(), ErrorKind::Auth);
            assert!(error.is_unauthorized());
        }
    }
}
