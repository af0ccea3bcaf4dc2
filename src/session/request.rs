//! A request and its options.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Request, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::catalog::ApiVersion;
use crate::error::Result;
use crate::secret::sealed_json;
use crate::session::Session;
use crate::session::adapter::Target;
use crate::session::microversion;
use crate::transport::call::Route;
use crate::transport::client::{Answer, Outgoing};
use crate::transport::layers::RetryPolicy;
use crate::transport::{Body, CallOptions, read};
use crate::uri;

/// The default maximum size of a JSON document.
pub(crate) const DOCUMENT_LIMIT: usize = 512 * 1024 * 1024;

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
#[derive(Debug)]
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
}

impl RequestBuilder {
    pub(crate) fn new(
        session: Session,
        target: Option<Arc<Target>>,
        method: Method,
        path: String,
    ) -> Self {
        let limit = target.as_ref().map_or(DOCUMENT_LIMIT, |t| t.answer_limit);
        Self {
            session,
            target,
            method,
            path,
            headers: HeaderMap::new(),
            body: Ok(Body::empty()),
            options: CallOptions::default(),
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

    /// Sets the deadline of the whole call, including login, retries and redirects.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = Some(timeout);
        self
    }

    /// Sets the retry policy of this call.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.options.retry = Some(policy);
        self
    }

    /// Sets the maximum number of redirects. 0 returns the 3xx response itself.
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
        let session = self.session.clone();
        let outgoing = self.start(&session)?;
        let call = outgoing.call().clone();
        read::check(outgoing.headers().await?, &call).await
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

    /// Sends the request and reads the whole response.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) for a response above the limit, and those of
    /// [every request](crate::error#errors-of-every-request).
    pub async fn bytes(self) -> Result<Response<Bytes>> {
        Ok(self.whole().await?.into_response())
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
        self.whole().await?.done()
    }
}
