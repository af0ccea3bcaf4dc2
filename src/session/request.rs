//! A request and its options.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use http::{HeaderMap, Method, Request, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::catalog::ApiVersion;
use crate::error::{Error, ErrorKind, Result};
use crate::secret::sealed_json;
use crate::session::Session;
use crate::session::adapter::Target;
use crate::session::microversion;
use crate::session::user_agent::{self, Product};
use crate::transport::call::Route;
use crate::transport::client::{Answer, Outgoing};
use crate::transport::layers::{RetryPolicy, guarded};
use crate::transport::{Body, CallOptions, read};
use crate::uri;

/// The default maximum size of a JSON document.
pub(crate) const DOCUMENT_LIMIT: usize = 512 * 1024 * 1024;

/// The header with the request id that services use in their logs.
pub(crate) const GLOBAL_REQUEST_ID: HeaderName = HeaderName::from_static("x-openstack-request-id");

/// A request id as a header.
pub(crate) fn request_id(id: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(id).map_err(|e| {
        let message = "the request id contains characters that are not allowed in HTTP headers";
        Error::new(ErrorKind::Config, message).with_source(e)
    })
}

/// A request and its options. Created by [`Session::request`] and
/// [`Adapter::request`](crate::session::Adapter::request).
///
/// ```no_run
/// # async fn example(session: heatclient::Session) -> heatclient::Result<()> {
/// use std::time::Duration;
///
/// let projects: serde_json::Value = session
///     .adapter("identity")
///     .build()
///     .get("/auth/projects")
///     .timeout(Duration::from_secs(5))
///     .fetch()
///     .await?;
/// # Ok(()) }
/// ```
#[must_use = "nothing is sent before send, bytes, fetch or finish is awaited"]
pub struct RequestBuilder {
    session: Session,
    target: Option<Arc<Target>>,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Result<Body>,
    options: CallOptions,
    limit: usize,
    microversion: Option<ApiVersion>,
    microversion_service_type: Option<String>,
    client: Product,
    error_for_status: bool,
}

impl RequestBuilder {
    pub(crate) fn new(
        session: Session,
        target: Option<Arc<Target>>,
        method: Method,
        path: String,
    ) -> Self {
        let limit = target.as_ref().map_or(DOCUMENT_LIMIT, |t| t.answer_limit);
        let defaults = target.as_ref().map(|target| &target.defaults);
        let options = CallOptions {
            retry: defaults.and_then(|defaults| defaults.retry.clone()),
            ..CallOptions::default()
        };
        Self {
            client: Product::default(),
            error_for_status: defaults.is_none_or(|defaults| defaults.error_for_status),
            session,
            target,
            method,
            path,
            headers: HeaderMap::new(),
            body: Ok(Body::empty()),
            options,
            limit,
            microversion: None,
            microversion_service_type: None,
        }
    }

    /// Appends `key=value` to the query; both are percent-encoded.
    pub fn query(mut self, key: &str, value: impl AsRef<str>) -> Self {
        uri::push_query(&mut self.path, key, value.as_ref());
        self
    }

    /// Adds a header. It replaces headers of that name from the session and the adapter.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        let value = guarded(&name, value);
        self.headers.append(name, value);
        self
    }

    /// Sets the microversion, by default that of the adapter
    /// ([`default_microversion`](crate::session::AdapterBuilder::default_microversion)).
    ///
    /// It is sent as `OpenStack-API-Version`, and as the older header of Nova, Ironic or Manila. Headers of
    /// these names that the request has already are kept. The request fails with
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) before it is sent if no service accepts the value,
    /// such as `2.latest`.
    pub fn microversion(mut self, microversion: impl Into<ApiVersion>) -> Self {
        self.microversion = Some(microversion.into());
        self
    }

    /// Sets the service type for [`microversion`](Self::microversion), by default that of the adapter. A
    /// request to an absolute URL needs it.
    pub fn microversion_service_type(mut self, service_type: impl Into<String>) -> Self {
        self.microversion_service_type = Some(service_type.into());
        self
    }

    /// Sets the body to `value` as JSON. The memory of the body is wiped after use.
    pub fn json(self, value: &impl Serialize) -> Self {
        self.json_bytes(sealed_json(value))
    }

    pub(crate) fn json_bytes(mut self, json: Result<Bytes>) -> Self {
        self.body = json.map(Body::from);
        self.headers
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self
    }

    /// Sets the body: bytes, text or a streamed [`Body`].
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = Ok(body.into());
        self
    }

    /// Sets `User-Agent` to exactly this text, in place of all products of session and adapter.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for characters that are not allowed in HTTP headers.
    pub fn user_agent(mut self, text: &str) -> Result<Self> {
        self.headers.insert(USER_AGENT, user_agent::value(text)?);
        Ok(self)
    }

    /// Sets the name of the client in `User-Agent`, in place of the adapter's: see
    /// [`SessionBuilder::app_name`](crate::session::SessionBuilder::app_name).
    ///
    /// # Errors
    /// Those of [`user_agent`](Self::user_agent).
    pub fn client_name(mut self, name: &str) -> Result<Self> {
        self.client.name = Some(user_agent::part(name)?);
        Ok(self)
    }

    /// Sets the version of the client in `User-Agent`, in place of the adapter's.
    ///
    /// # Errors
    /// Those of [`user_agent`](Self::user_agent).
    pub fn client_version(mut self, version: &str) -> Result<Self> {
        self.client.version = Some(user_agent::part(version)?);
        Ok(self)
    }

    /// Sets the request id that services use in their logs for what the request causes
    /// (`X-OpenStack-Request-ID`), in place of any other. OpenStack's services accept `req-` and a UUID.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for characters that are not allowed in HTTP headers.
    pub fn global_request_id(mut self, id: &str) -> Result<Self> {
        self.headers.insert(GLOBAL_REQUEST_ID, request_id(id)?);
        Ok(self)
    }

    /// Sends the request with the login of another session: its token, its catalog, its layers.
    /// [`Session::with_auth`] makes a session with other credentials that shares the connections.
    ///
    /// The endpoint is looked up for each such request. For several requests,
    /// [derive an adapter](crate::session::AdapterBuilder::session) instead.
    pub fn auth(mut self, session: &Session) -> Self {
        self.session = session.clone();
        let target = self.target.take();
        self.target = target.map(|target| target.of_session(session.clone()));
        self
    }

    /// Sets the deadline of the whole call, including login, retries and redirects.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = Some(timeout);
        self
    }

    /// Sets the retry policy of this call.
    #[doc(alias = "connect_retries")]
    #[doc(alias = "status_code_retries")]
    #[doc(alias = "retriable_status_codes")]
    #[doc(alias = "connect_retry_delay")]
    #[doc(alias = "status_code_retry_delay")]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.options.retry = Some(policy);
        self
    }

    /// Sets the maximum number of redirects. 0 returns the 3xx response itself.
    #[doc(alias = "redirect")]
    pub fn redirects(mut self, most: u32) -> Self {
        self.options.redirects = Some(most);
        self
    }

    /// Sets whether the request may be retried after it was sent. By default the method decides.
    pub fn idempotent(mut self, idempotent: bool) -> Self {
        self.options.idempotent = Some(idempotent);
        self
    }

    /// Sets whether a token is sent. `true` by default.
    pub fn authenticated(mut self, authenticated: bool) -> Self {
        self.options.authenticated = Some(authenticated);
        self
    }

    /// Sets whether the call is repeated with a new token if the token was refused (401). `true` by
    /// default. With `false`, the caller gets the 401, and the token remains in use.
    pub fn allow_reauth(mut self, allow: bool) -> Self {
        self.options.allow_reauth = Some(allow);
        self
    }

    /// Sets whether a status of 400 or above is an error. `true` by default. With `false`,
    /// [`send`](Self::send) and [`bytes`](Self::bytes) return responses with any status, and
    /// [`finish`](Self::finish) ignores it. [`fetch`](Self::fetch) needs a success in any case. Retries and
    /// the replay after a 401 do not depend on it.
    #[doc(alias = "raise_exc")]
    pub fn error_for_status(mut self, is_error: bool) -> Self {
        self.error_for_status = is_error;
        self
    }

    /// Sets whether the call is logged: its span, its wire requests and its retries. `true` by default.
    /// Logins and warnings are logged in any case.
    pub fn log(mut self, log: bool) -> Self {
        self.options.log = Some(log);
        self
    }

    /// Sends the request to a path below the root of the adapter's service, outside of its API versions:
    /// `http://h/heat/PATH` for the endpoint `http://h/heat/v1/PROJECT`. An endpoint without a version is
    /// its own root.
    pub fn at_root(mut self) -> Self {
        self.options.at_root = true;
        self
    }

    /// Sets the operation and the path template of the call's span.
    pub(crate) fn described(mut self, operation: Option<String>, path: &'static str) -> Self {
        self.options.operation = operation;
        self.options.url_template = Some(path);
        self
    }

    /// Sends the request to the endpoint of another project.
    pub(crate) fn project(mut self, id: Option<Arc<str>>) -> Self {
        self.options.project = id;
        self
    }

    /// Sets the maximum size of the response for [`bytes`](Self::bytes) and [`fetch`](Self::fetch). By
    /// default the adapter's [`answer_limit`](crate::session::AdapterBuilder::answer_limit), or 512 MiB.
    pub fn answer_limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// Sends the request and returns the response when its headers have arrived.
    ///
    /// # Errors
    /// Those of [every request](crate::error#errors-of-every-request).
    pub async fn send(self) -> Result<Response<Body>> {
        let (session, error_for_status) = (self.session.clone(), self.error_for_status);
        let outgoing = self.start(&session)?;
        let call = outgoing.call().clone();
        let response = outgoing.headers().await?;
        match error_for_status {
            true => read::check(response, &call).await,
            false => Ok(response),
        }
    }

    /// The headers of the request's or the adapter's microversion.
    fn microversion_headers(&self) -> Option<Result<Cow<'_, HeaderMap>>> {
        let target = self.target.as_deref();
        let default = target.and_then(|target| target.default_microversion);
        let microversion = self.microversion.or(default)?;
        let checked = target.map_or(Ok(()), |target| target.check_microversion(microversion));
        if let Err(error) = checked {
            return Some(Err(error));
        }
        if self.microversion.is_none() {
            let headers = target?.microversion_headers.as_ref()?;
            return Some(headers.as_ref().map(Cow::Borrowed).map_err(Clone::clone));
        }
        let given = self.microversion_service_type.as_deref();
        let own = target.map(|target| target.query.service_type.as_str());
        let service_type = given.or(own).unwrap_or_default();
        Some(microversion::headers(microversion, service_type).map(Cow::Owned))
    }

    fn start(mut self, session: &Session) -> Result<Outgoing<'_>> {
        if let Some(microversion) = self.microversion_headers() {
            let microversion = microversion?.into_owned();
            for (name, value) in &microversion {
                self.headers.entry(name).or_insert_with(|| value.clone());
            }
        }
        let mut request = Request::new(self.body?);
        *request.method_mut() = self.method;
        *request.uri_mut() = if self.target.is_some() {
            uri::relative(self.path)?
        } else {
            uri::parse_url(&self.path, "the URL")?
        };
        *request.headers_mut() = self.headers;
        if self.client.name.is_some() || self.client.version.is_some() {
            let client = match &self.target {
                Some(target) => target.client(&self.client),
                None => self.client,
            };
            let value = session.user_agent().value(&client);
            request.headers_mut().entry(USER_AGENT).or_insert(value);
        }
        let route = self.target.map(|target| target as Route);
        Ok(session.client().start_with(request, self.options, route))
    }

    pub(crate) async fn whole(self) -> Result<Answer> {
        self.whole_of_any_status().await?.check()
    }

    /// Like [`whole`](Self::whole), but a response of 400 or above is not an error.
    pub(crate) async fn whole_of_any_status(self) -> Result<Answer> {
        let (session, limit) = (self.session.clone(), self.limit);
        self.start(&session)?.whole(limit).await
    }

    async fn answer(self) -> Result<Answer> {
        match self.error_for_status {
            true => self.whole().await,
            false => self.whole_of_any_status().await,
        }
    }

    /// Sends the request and reads the whole response.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) for a response above the limit, and those of
    /// [every request](crate::error#errors-of-every-request).
    pub async fn bytes(self) -> Result<Response<Bytes>> {
        Ok(self.answer().await?.into_response())
    }

    /// Sends the request and decodes the JSON response.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the response is above the limit or not JSON of
    /// type `T`, and those of [every request](crate::error#errors-of-every-request).
    pub async fn fetch<T: DeserializeOwned>(self) -> Result<T> {
        self.whole().await?.json()
    }

    /// Sends the request and ignores the body of the response.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) for a login page or a redirect that was not
    /// followed, and those of [every request](crate::error#errors-of-every-request).
    pub async fn finish(self) -> Result<()> {
        let is_checked = self.error_for_status;
        let answer = self.answer().await?;
        match answer.response().status().as_u16() {
            400.. if !is_checked => Ok(()),
            _ => answer.done(),
        }
    }
}

/// Does not show the query, which may contain a signature.
impl fmt::Debug for RequestBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.split('?').next().unwrap_or_default();
        f.debug_struct("RequestBuilder")
            .field("method", &self.method)
            .field("path", &path)
            .field("headers", &self.headers)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
