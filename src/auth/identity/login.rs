//! The request of all methods: `POST /v3/auth/tokens`.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Request, Response, Uri};

use super::method::{FurtherMethods, Identity, LoginMethod, Receipt};
use super::url::AuthUrl;
use crate::auth::{AuthContext, AuthData, Scope};
use crate::catalog::AccessInfo;
use crate::error::{Error, ErrorKind, Fault, Result};
use crate::secret::sealed_json;
use crate::transport::not_found::is_not_found;
use crate::transport::{Body, CallOptions, read};

/// A login with one or several methods, in one request or, with receipts, in several.
///
/// ```
/// use heatclient::auth::identity::{AuthUrl, Login, LoginMethod};
/// use heatclient::auth::{AuthContext, AuthData, AuthPlugin};
/// use heatclient::secret::Secret;
///
/// /// Logs in with a method that one cloud has added to its Keystone.
/// #[derive(Debug)]
/// struct Badge {
///     auth_url: AuthUrl,
///     number: String,
///     pin: Secret,
/// }
///
/// impl AuthPlugin for Badge {
///     async fn authenticate(&self, cx: &AuthContext) -> heatclient::Result<AuthData> {
///         let badge = serde_json::json!({"number": self.number, "pin": self.pin.expose()});
///         let login = Login::new(format!("with badge {}", self.number), &self.auth_url);
///         login.method(LoginMethod::new("badge", &badge)?).send(cx).await
///     }
/// }
/// ```
#[derive(Debug)]
#[must_use = "nothing is sent until send is called"]
pub struct Login<'a> {
    who: String,
    auth_url: &'a AuthUrl,
    scope: &'a Scope,
    methods: Vec<LoginMethod>,
}

impl<'a> Login<'a> {
    /// A login to this identity service. `who` describes the user or the credentials in errors: `as
    /// demo`, `with a token`.
    pub fn new(who: impl Into<String>, auth_url: &'a AuthUrl) -> Self {
        Self {
            who: who.into(),
            auth_url,
            scope: &Scope::Default,
            methods: Vec::new(),
        }
    }

    /// Sets the scope of the token.
    pub fn scope(mut self, scope: &'a Scope) -> Self {
        self.scope = scope;
        self
    }

    /// Adds a method to the first request.
    pub fn method(mut self, method: LoginMethod) -> Self {
        self.methods.push(method);
        self
    }

    /// Sends the login. It fails if Keystone requires more methods than the login has.
    ///
    /// # Errors
    /// [`ErrorKind::Auth`] if the login is refused, with the missing methods if any; those of
    /// discovery and of the connection.
    pub async fn send(self, cx: &AuthContext) -> Result<AuthData> {
        self.send_with(&NoFurtherMethods, cx).await
    }

    /// Sends the login, and answers receipts with the methods that `further` supplies.
    ///
    /// No method is sent twice, so a login always ends.
    ///
    /// # Errors
    /// Those of [`send`](Self::send) and of `further`.
    pub async fn send_with(
        mut self,
        further: &impl FurtherMethods,
        cx: &AuthContext,
    ) -> Result<AuthData> {
        let (who, auth_url) = (self.who.clone(), self.auth_url);
        let failed = |error| failed(error, &who, auth_url.uri());
        let tokens = self.auth_url.tokens(cx).await.map_err(failed)?;
        let mut sent = BTreeSet::new();
        let mut receipt = None;
        loop {
            let request = self.request(tokens.clone(), receipt.as_ref())?;
            let is_repeatable = self.methods.iter().all(LoginMethod::is_repeatable);
            let options = CallOptions {
                // A login can be repeated safely, so it is retried like a `GET`.
                idempotent: is_repeatable.then_some(true),
                ..CallOptions::default()
            };
            let answer = cx.exchange(request, options).await.map_err(failed)?;
            let Some(next) = Receipt::of(answer.response()) else {
                return check(answer.response())
                    .and_then(|r| AccessInfo::from_response(r.headers(), r.body()))
                    .and_then(AuthData::access)
                    .map_err(|error| failed(answer.named(error)));
            };
            cx.client().mask().add_headers(&[next.header()]);
            sent.extend(self.methods.iter().map(|method| method.name().to_owned()));
            let Some(missing) = next.missing(|name| !sent.contains(name) && further.offers(name))
            else {
                return Err(failed(answer.named(refusal(&next, answer.response()))));
            };
            let mut methods = Vec::new();
            for name in missing {
                methods.push(further.method(name, &next, cx).await.map_err(failed)?);
            }
            self.methods = methods;
            receipt = Some(next);
        }
    }

    fn request(&self, tokens: Uri, receipt: Option<&Receipt>) -> Result<Request<Body>> {
        let auth = Auth {
            identity: Identity(&self.methods),
            scope: self.scope,
        };
        let mut request = Request::new(sealed_json(&Document { auth })?.into());
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = tokens;
        let json = HeaderValue::from_static("application/json");
        let headers = request.headers_mut();
        headers.insert(ACCEPT, json.clone());
        headers.insert(CONTENT_TYPE, json);
        headers.extend(self.methods.iter().filter_map(LoginMethod::sent_with));
        headers.extend(receipt.map(Receipt::header));
        Ok(request)
    }
}

#[derive(serde::Serialize)]
struct Document<'a> {
    auth: Auth<'a>,
}

#[derive(serde::Serialize)]
struct Auth<'a> {
    identity: Identity<'a>,
    #[serde(skip_serializing_if = "Scope::is_default")]
    scope: &'a Scope,
}

/// Supplies no methods beyond those of the first request.
struct NoFurtherMethods;

impl FurtherMethods for NoFurtherMethods {
    fn offers(&self, _: &str) -> bool {
        false
    }

    async fn method(&self, _: &str, receipt: &Receipt, _: &AuthContext) -> Result<LoginMethod> {
        Err(Error::new(ErrorKind::Auth, receipt.refusal()))
    }
}

/// The error for a receipt whose missing methods the login does not have.
fn refusal(receipt: &Receipt, response: &Response<Bytes>) -> Error {
    let message = format!("401 Unauthorized: {}", receipt.refusal());
    Error::new(ErrorKind::Auth, message)
        .with_status(response.status())
        .with_request_id(read::request_id(response.headers()))
        .after_sending()
}

/// The error of a failed login.
pub(super) fn failed(error: Error, who: &str, auth_url: &Uri) -> Error {
    let error = match error.kind() {
        ErrorKind::Status => error.with_kind(ErrorKind::Auth),
        _ => error,
    };
    error.doing_login(format!("login {who} at {auth_url}"))
}

/// Returns the response if it is a success.
pub(super) fn check(response: &Response<Bytes>) -> Result<&Response<Bytes>> {
    let (status, headers) = (response.status(), response.headers());
    if status.as_u16() < 400 {
        return Ok(response);
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

#[cfg(test)]
pub(in crate::auth) mod tests;
