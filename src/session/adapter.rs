//! The view of a session for the client of one service.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

use crate::catalog::{self, EndpointQuery, Interface};
use crate::error::{Error, Result};
use crate::session::request::DOCUMENT_LIMIT;
use crate::session::{RequestBuilder, Session};
use crate::transport::call::ServiceProfile;
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

    /// The session.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The service's endpoint that requests use. Logs in if necessary.
    ///
    /// # Errors
    /// [`ErrorKind::Catalog`](crate::ErrorKind::Catalog) if there is no matching endpoint, and those of
    /// [every request](crate::error#errors-of-every-request).
    pub async fn endpoint(&self) -> Result<Uri> {
        self.session.resolve(&self.target).await
    }
}

/// Settings of an [`Adapter`]. Created by [`Session::adapter`].
#[derive(Debug, Clone)]
#[must_use = "the adapter is made by build"]
pub struct AdapterBuilder {
    session: Session,
    query: EndpointQuery,
    endpoint_override: Option<Result<Uri>>,
    headers: HeaderMap,
    url_shape: UrlShape,
    answer_limit: usize,
}

impl AdapterBuilder {
    pub(crate) fn new(session: Session, service_type: String) -> Self {
        Self {
            session,
            query: EndpointQuery::new(service_type),
            endpoint_override: None,
            headers: HeaderMap::new(),
            url_shape: UrlShape::default(),
            answer_limit: DOCUMENT_LIMIT,
        }
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

    /// Sets the major version of the API.
    pub fn version(mut self, major: u32) -> Self {
        self.query.version = Some(major);
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

    /// Adds a header to each request to the endpoint.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
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
            headers,
            url_shape,
            answer_limit,
        } = self;
        let has_placeholders = |endpoint: &Uri| catalog::is_template(&endpoint.to_string());
        let (endpoint_template, endpoint_override) = match endpoint_override {
            Some(Ok(endpoint)) if has_placeholders(&endpoint) => (Some(endpoint), None),
            other => (None, other),
        };
        let service = ServiceProfile {
            name: common_name(&query.service_type),
            headers,
            url_shape,
            permits: None,
            rate_limit: None,
        };
        let target = Target {
            query,
            endpoint_override,
            endpoint_template,
            service: Arc::new(service),
            answer_limit,
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
    /// The cached endpoint.
    pub(crate) found: ArcSwapOption<Found>,
}

impl Target {
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
}
