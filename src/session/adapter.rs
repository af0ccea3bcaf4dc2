//! The view of a session for the client of one service.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use http::header::USER_AGENT;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

use crate::catalog::{
    self, AccessInfo, ApiVersion, DiscoveryOptions, EndpointData, EndpointQuery, Explanation,
    Interface, VersionRange,
};
use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::session::microversion;
use crate::session::request::{DOCUMENT_LIMIT, GLOBAL_REQUEST_ID, request_id};
use crate::session::user_agent::{self, Product};
use crate::session::{RequestBuilder, Session};
use crate::transport::call::ServiceProfile;
use crate::transport::layers::{Limiter, Permits, RateLimit, RetryPolicy, guarded};
use crate::transport::{Call, UrlShape};
use crate::uri;

/// A session together with a service: it resolves the paths of requests to the service's endpoint.
///
/// Cloning is cheap: it increments two reference counts.
#[derive(Debug, Clone)]
pub struct Adapter {
    session: Session,
    target: Arc<Target>,
}

impl Adapter {
    /// A request to a path below the service's endpoint.
    ///
    /// The path is not encoded. The caller must percent-encode segments that contain arbitrary text.
    pub fn request(&self, method: Method, path: impl Into<String>) -> RequestBuilder {
        RequestBuilder::new(
            self.session.clone(),
            Some(Arc::clone(&self.target)),
            method,
            path.into(),
        )
    }

    /// A `GET` request to a path below the service's endpoint.
    pub fn get(&self, path: impl Into<String>) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    /// A `HEAD` request to a path below the service's endpoint.
    pub fn head(&self, path: impl Into<String>) -> RequestBuilder {
        self.request(Method::HEAD, path)
    }

    /// A `POST` request to a path below the service's endpoint.
    pub fn post(&self, path: impl Into<String>) -> RequestBuilder {
        self.request(Method::POST, path)
    }

    /// A `PUT` request to a path below the service's endpoint.
    pub fn put(&self, path: impl Into<String>) -> RequestBuilder {
        self.request(Method::PUT, path)
    }

    /// A `PATCH` request to a path below the service's endpoint.
    pub fn patch(&self, path: impl Into<String>) -> RequestBuilder {
        self.request(Method::PATCH, path)
    }

    /// A `DELETE` request to a path below the service's endpoint.
    pub fn delete(&self, path: impl Into<String>) -> RequestBuilder {
        self.request(Method::DELETE, path)
    }

    /// A builder with the settings of this adapter, for an adapter that differs in some of them. In
    /// keystoneauth, that is an adapter around an adapter.
    ///
    /// Both share the limits of [`concurrency`](AdapterBuilder::concurrency) and
    /// [`rate_limit`](AdapterBuilder::rate_limit), unless the builder sets others.
    ///
    /// ```
    /// # use heatclient::{Session, auth::NoAuth};
    /// # let session = Session::new(NoAuth::new());
    /// let north = session.adapter("orchestration").region("north").build();
    /// let south = north.to_builder().region("south").build();
    /// ```
    pub fn to_builder(&self) -> AdapterBuilder {
        let target = &*self.target;
        let template = target.endpoint_template.clone().map(Ok);
        AdapterBuilder {
            session: self.session.clone(),
            query: target.query.clone(),
            endpoint_override: template.or_else(|| target.endpoint_override.clone()),
            url_shape: target.service.url_shape,
            permits: target.service.permits.clone(),
            rate_limit: target.service.rate_limit.clone(),
            answer_limit: target.answer_limit,
            default_microversion: target.default_microversion,
            checks_microversion: target.checks_microversion,
            at_auth_url: target.at_auth_url,
            defaults: target.defaults.clone(),
        }
    }

    /// The session.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The service's endpoint that requests use. Logs in if necessary.
    ///
    /// # Errors
    /// [`ErrorKind::Catalog`](crate::ErrorKind::Catalog) if there is no matching endpoint, and those of
    /// [every request](crate::error#errors-of-every-request).
    #[doc(alias = "get_endpoint")]
    pub async fn endpoint(&self) -> Result<Uri> {
        self.session.resolve(&self.target).await
    }

    /// What the catalog and the version document say about the service's endpoint. Logs in if necessary,
    /// and requests the version document even if the endpoint is known without it.
    ///
    /// ```no_run
    /// # async fn example(session: heatclient::Session) -> heatclient::Result<()> {
    /// let data = session.adapter("compute").version(2).build().endpoint_data().await?;
    /// if let (Some(min), Some(max)) = (data.min_microversion, data.max_microversion) {
    ///     println!("{} has microversions {min} to {max}", data.url);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Those of [`endpoint`](Self::endpoint), and [`ErrorKind::Discovery`](crate::ErrorKind::Discovery) if
    /// the service does not offer an accepted version. Without a wanted version, a missing document is no
    /// error.
    pub async fn endpoint_data(&self) -> Result<EndpointData> {
        self.session.endpoint_data(&self.target).await
    }

    /// The version of the API at the service's endpoint. It requests the version document only if the
    /// endpoint's URL has no version. `None` if neither says it.
    ///
    /// # Errors
    /// Those of [`endpoint_data`](Self::endpoint_data).
    pub async fn api_version(&self) -> Result<Option<ApiVersion>> {
        self.session.api_version(&self.target).await
    }

    /// Explains which endpoint the requests use, and why. Logs in if necessary, and requests version
    /// documents. If there is no endpoint, the explanation says what to do.
    ///
    /// ```no_run
    /// # async fn example(session: heatclient::Session) -> heatclient::Result<()> {
    /// let explanation = session.adapter("orchestration").build().explain().await?;
    /// print!("{explanation}");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Those of the login.
    pub async fn explain(&self) -> Result<Explanation> {
        self.session.explain(&self.target).await
    }

    /// The current token: see [`Session::token`].
    ///
    /// # Errors
    /// Those of [every request](crate::error#errors-of-every-request).
    #[doc(alias = "get_token")]
    pub async fn token(&self) -> Result<Option<Secret>> {
        self.session.token().await
    }

    /// The headers that authenticate a request: see [`Session::auth_headers`].
    ///
    /// # Errors
    /// Those of [every request](crate::error#errors-of-every-request).
    #[doc(alias = "get_auth_headers")]
    pub async fn auth_headers(&self) -> Result<HeaderMap> {
        self.session.auth_headers().await
    }

    /// The access info of the current token: see [`Session::access`].
    ///
    /// # Errors
    /// Those of [every request](crate::error#errors-of-every-request).
    #[doc(alias = "get_access")]
    pub async fn access(&self) -> Result<Option<Arc<AccessInfo>>> {
        self.session.access().await
    }

    /// The id of the token's user: see [`Session::user_id`].
    ///
    /// # Errors
    /// Those of [every request](crate::error#errors-of-every-request).
    #[doc(alias = "get_user_id")]
    pub async fn user_id(&self) -> Result<Option<String>> {
        self.session.user_id().await
    }

    /// The id of the token's project: see [`Session::project_id`].
    ///
    /// # Errors
    /// Those of [every request](crate::error#errors-of-every-request).
    #[doc(alias = "get_project_id")]
    pub async fn project_id(&self) -> Result<Option<String>> {
        self.session.project_id().await
    }

    /// Discards the current token of the session: see [`Session::invalidate`].
    pub fn invalidate(&self) -> bool {
        self.session.invalidate()
    }
}

/// Settings of an [`Adapter`]. Created by [`Session::adapter`].
#[derive(Debug, Clone)]
#[must_use = "the adapter is made by build"]
pub struct AdapterBuilder {
    session: Session,
    query: EndpointQuery,
    endpoint_override: Option<Result<Uri>>,
    url_shape: UrlShape,
    permits: Option<Permits>,
    rate_limit: Option<Limiter>,
    answer_limit: usize,
    default_microversion: Option<ApiVersion>,
    checks_microversion: bool,
    at_auth_url: bool,
    defaults: Defaults,
}

/// What an adapter's requests have, unless they say otherwise.
#[derive(Debug, Clone)]
pub(crate) struct Defaults {
    headers: HeaderMap,
    client: Product,
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) error_for_status: bool,
}

impl AdapterBuilder {
    pub(crate) fn new(session: Session, query: EndpointQuery) -> Self {
        Self {
            session,
            query,
            endpoint_override: None,
            url_shape: UrlShape::default(),
            permits: None,
            rate_limit: None,
            answer_limit: DOCUMENT_LIMIT,
            default_microversion: None,
            checks_microversion: false,
            at_auth_url: false,
            defaults: Defaults {
                headers: HeaderMap::new(),
                client: Product::default(),
                retry: None,
                error_for_status: true,
            },
        }
    }

    /// Sends the requests through another session, such as one of [`Session::with_auth`].
    #[doc(alias = "auth")]
    pub fn session(mut self, session: Session) -> Self {
        self.session = session;
        self
    }

    /// Sets the region. By default the first endpoint in the catalog is used.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.query.region = Some(region.into());
        self
    }

    /// Sets the accepted interfaces in order of preference. By default only the public one.
    pub fn interfaces(mut self, interfaces: impl IntoIterator<Item = Interface>) -> Self {
        self.query.interfaces = interfaces.into_iter().collect();
        self
    }

    /// Sets the name of the service, if several have the same type.
    pub fn service_name(mut self, name: impl Into<String>) -> Self {
        self.query.service_name = Some(name.into());
        self
    }

    /// Sets the id of the service.
    pub fn service_id(mut self, id: impl Into<String>) -> Self {
        self.query.service_id = Some(id.into());
        self
    }

    /// Sets the id of the endpoint.
    pub fn endpoint_id(mut self, id: impl Into<String>) -> Self {
        self.query.endpoint_id = Some(id.into());
        self
    }

    /// Sets the version of the API. Later versions with the same major number are accepted, too.
    ///
    /// A service type may imply a version: `volumev2` is for version 2. Requests fail with
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if this one is another.
    ///
    /// ```
    /// # fn example(session: &heatclient::Session) -> heatclient::Result<()> {
    /// let adapter = session.adapter("identity").version(3);
    /// let adapter = session.adapter("compute").version("2.1".parse::<heatclient::catalog::ApiVersion>()?);
    /// # Ok(()) }
    /// ```
    pub fn version(self, version: impl Into<ApiVersion>) -> Self {
        self.versions(version.into())
    }

    /// Sets the accepted versions of the API. By default every version: the catalog's URL is used.
    pub fn versions(mut self, versions: impl Into<VersionRange>) -> Self {
        self.query.versions = versions.into();
        self
    }

    /// Sets how the endpoint of an accepted version is looked for.
    pub fn discovery(mut self, options: DiscoveryOptions) -> Self {
        self.query.discovery = options;
        self
    }

    /// Sets the microversion of requests that do not set their own with
    /// [`RequestBuilder::microversion`]. None by default: the service uses its lowest one.
    ///
    /// A header `OpenStack-API-Version` of the adapter replaces it. Requests fail with
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) for a microversion such as `2.latest`.
    pub fn default_microversion(mut self, microversion: impl Into<ApiVersion>) -> Self {
        self.default_microversion = Some(microversion.into());
        self
    }

    /// Sets whether requests fail with [`ErrorKind::Discovery`](crate::ErrorKind::Discovery) before they
    /// are sent, if the version document of the service was read and does not list their microversion.
    /// `false` by default: the service refuses them.
    pub fn check_microversion(mut self, check: bool) -> Self {
        self.checks_microversion = check;
        self
    }

    /// Uses this endpoint instead of the catalog's. The token is sent to it.
    ///
    /// `%(project_id)s`, `%(tenant_id)s` and `%(user_id)s` in its path (as in keystoneauth), and the same
    /// with `$`, are replaced by the ids of the token. Other placeholders are an error of the call.
    ///
    /// Requests fail with [`ErrorKind::Config`](crate::ErrorKind::Config) before anything is sent if
    /// the URL is not valid or contains a user name or password.
    pub fn endpoint_override(mut self, endpoint: Uri) -> Self {
        let checked = uri::check(&endpoint, "the endpoint override");
        self.endpoint_override = Some(checked.map(|()| endpoint).map_err(Into::into));
        self
    }

    /// Lets every request fail with this error before anything is sent.
    pub(crate) fn refused(mut self, error: Error) -> Self {
        self.endpoint_override = Some(Err(error));
        self
    }

    /// Uses the auth URL of the session's plugin instead of an endpoint in the catalog, as the interface
    /// `AUTH_INTERFACE` of keystoneauth does: the identity service of a token without a catalog.
    ///
    /// An endpoint override takes precedence. Requests fail with
    /// [`ErrorKind::Catalog`](crate::ErrorKind::Catalog) if the plugin has no auth URL.
    ///
    /// ```no_run
    /// # async fn example(unscoped: heatclient::Session) -> heatclient::Result<()> {
    /// let identity = unscoped.adapter("identity").version(3).auth_interface().build();
    /// let projects: serde_json::Value = identity.get("/auth/projects").fetch().await?;
    /// # Ok(()) }
    /// ```
    pub fn auth_interface(mut self) -> Self {
        self.at_auth_url = true;
        self
    }

    /// Adds a header to each request to the endpoint. A header of the request replaces it; it replaces a
    /// header of the session.
    #[doc(alias = "additional_headers")]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        let value = guarded(&name, value);
        self.defaults.headers.insert(name, value);
        self
    }

    /// Sets `User-Agent` to exactly this text, in place of the session's.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) for characters that are not allowed in HTTP headers.
    pub fn user_agent(self, text: &str) -> Result<Self> {
        Ok(self.header(USER_AGENT, user_agent::value(text)?))
    }

    /// Sets the name of the client. It is a product in `User-Agent`: see
    /// [`SessionBuilder::app_name`](crate::session::SessionBuilder::app_name).
    ///
    /// # Errors
    /// Those of [`user_agent`](Self::user_agent).
    pub fn client_name(mut self, name: &str) -> Result<Self> {
        self.defaults.client.name = Some(user_agent::part(name)?);
        Ok(self)
    }

    /// Sets the version of the client. It has no effect without a [`client_name`](Self::client_name).
    ///
    /// # Errors
    /// Those of [`user_agent`](Self::user_agent).
    pub fn client_version(mut self, version: &str) -> Result<Self> {
        self.defaults.client.version = Some(user_agent::part(version)?);
        Ok(self)
    }

    /// Sets the request id that services use in their logs for what the requests cause
    /// (`X-OpenStack-Request-ID`). OpenStack's services accept `req-` and a UUID.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) for characters that are not allowed in HTTP headers.
    pub fn global_request_id(self, id: &str) -> Result<Self> {
        Ok(self.header(GLOBAL_REQUEST_ID, request_id(id)?))
    }

    /// Sets the retry policy, in place of the session's.
    #[doc(alias = "connect_retries")]
    #[doc(alias = "status_code_retries")]
    #[doc(alias = "retriable_status_codes")]
    #[doc(alias = "connect_retry_delay")]
    #[doc(alias = "status_code_retry_delay")]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.defaults.retry = Some(policy);
        self
    }

    /// Sets whether a status of 400 or above is an error. `true` by default. It has no effect on the
    /// clients of services, such as [`Client`](crate::Client).
    #[doc(alias = "raise_exc")]
    pub fn error_for_status(mut self, is_error: bool) -> Self {
        self.defaults.error_for_status = is_error;
        self
    }

    /// Sets the maximum number of concurrent wire requests to the endpoint. They also count for the
    /// [session's](crate::session::SessionBuilder::concurrency).
    pub fn concurrency(mut self, limit: usize) -> Self {
        self.permits = Some(Permits::new(limit));
        self
    }

    /// Sets the maximum rate of wire requests to the endpoint. They also count for the
    /// [session's](crate::session::SessionBuilder::rate_limit).
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.rate_limit = Some(Limiter::new(limit));
        self
    }

    /// Sets the form of the service's URLs, which identifies redirects to the service itself.
    pub fn url_shape(mut self, shape: UrlShape) -> Self {
        self.url_shape = shape;
        self
    }

    /// Sets the maximum size of a response, unless the request sets its own
    /// [`answer_limit`](RequestBuilder::answer_limit). 512 MiB by default.
    pub fn answer_limit(mut self, bytes: usize) -> Self {
        self.answer_limit = bytes;
        self
    }

    /// Builds the adapter, without I/O.
    pub fn build(self) -> Adapter {
        let Self {
            session,
            query,
            endpoint_override,
            url_shape,
            permits,
            rate_limit,
            answer_limit,
            default_microversion,
            checks_microversion,
            at_auth_url,
            defaults,
        } = self;
        let has_placeholders = |endpoint: &Uri| catalog::is_template(&endpoint.to_string());
        let (endpoint_template, endpoint_override) = match endpoint_override {
            Some(Ok(endpoint)) if has_placeholders(&endpoint) => (Some(endpoint), None),
            other => (None, other),
        };
        let mut headers = defaults.headers.clone();
        let microversion_headers = default_microversion
            .filter(|_| !headers.contains_key(microversion::API_VERSION))
            .map(|microversion| microversion::headers(microversion, &query.service_type));
        if defaults.client.name.is_some() {
            headers
                .entry(USER_AGENT)
                .or_insert_with(|| session.user_agent().value(&defaults.client));
        }
        let service = ServiceProfile {
            name: common_name(&query.service_type),
            headers,
            url_shape,
            permits,
            rate_limit,
        };
        let target = Target {
            query,
            endpoint_override,
            endpoint_template,
            service: Arc::new(service),
            answer_limit,
            default_microversion,
            microversion_headers,
            checks_microversion,
            at_auth_url,
            defaults,
            found: ArcSwapOption::empty(),
        };
        Adapter {
            session,
            target: Arc::new(target),
        }
    }
}

/// The target of an adapter's requests.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) query: EndpointQuery,
    pub(crate) endpoint_override: Option<Result<Uri>>,
    /// An override with placeholders. Expanding them requires a token.
    pub(crate) endpoint_template: Option<Uri>,
    pub(crate) service: Arc<ServiceProfile>,
    pub(crate) answer_limit: usize,
    pub(crate) default_microversion: Option<ApiVersion>,
    /// The headers of the default microversion.
    pub(crate) microversion_headers: Option<Result<HeaderMap>>,
    checks_microversion: bool,
    /// Whether the endpoint is the auth URL.
    pub(crate) at_auth_url: bool,
    pub(crate) defaults: Defaults,
    /// The cached endpoint.
    pub(crate) found: ArcSwapOption<Found>,
}

impl Target {
    /// Fails if the service is known not to support a microversion, and the adapter checks that.
    pub(crate) fn check_microversion(&self, microversion: ApiVersion) -> Result<()> {
        let found = self.found.load();
        let range = found.as_ref().and_then(|found| found.microversions);
        let range = range.filter(|_| self.checks_microversion);
        let service_type = &self.query.service_type;
        match range.and_then(|range| microversion::unsupported(microversion, range, service_type)) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// The client in the user agent of a request, completed by the adapter's.
    pub(crate) fn client(&self, client: &Product) -> Product {
        client.or(&self.defaults.client)
    }

    /// The same target for another session, whose endpoint may differ.
    pub(crate) fn of_session(self: Arc<Self>, session: Session) -> Arc<Self> {
        let adapter = Adapter {
            session,
            target: self,
        };
        adapter.to_builder().build().target
    }

    /// The target of a call; `None` for a call to an absolute URL.
    pub(crate) fn of(call: &Call) -> Option<Arc<Self>> {
        Arc::clone(call.route()?).downcast().ok()
    }
}

/// The common name of a service type, for messages.
fn common_name(service_type: &str) -> &'static str {
    match service_type {
        "orchestration" => "Heat",
        "identity" => "Keystone",
        "object-store" => "Swift",
        _ => "the service",
    }
}

/// An endpoint, and the generation of the token whose catalog it came from.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) generation: u64,
    pub(crate) endpoint: Uri,
    /// The lowest and the highest microversion, if the version document was read.
    pub(crate) microversions: Option<(ApiVersion, ApiVersion)>,
    /// When it is looked up again, if the lookup was not complete.
    pub(crate) until: Option<Instant>,
}
