//! The session: login, connection pool and layers for all service clients.

mod adapter;
mod builder;
mod endpoint_resolver;
pub mod layers;
mod microversion;
mod request;
mod stack;
#[cfg(test)]
pub(crate) mod testing;
mod token_cell;
mod user_agent;

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{HeaderMap, Method, Request, Response, Uri};
use tower::Service;

pub use adapter::{Adapter, AdapterBuilder};
pub use builder::SessionBuilder;
pub(crate) use endpoint_resolver::EndpointResolver;
pub use request::RequestBuilder;
pub use token_cell::TokenCell;

use crate::auth::{AuthContext, Credentials};
use crate::catalog::{
    AccessInfo, ApiVersion, EndpointData, EndpointQuery, Explanation, Interface, ServiceVersions,
};
use crate::error::{Error, Result};
use crate::secret::{Mask, Secret};
use crate::transport::layers::BoxFuture;
use crate::transport::{Body, HttpClient};
use adapter::Target;
use stack::Assemble;
use token_cell::Token;
use user_agent::UserAgent;

/// A session: one login, one connection pool and one stack of layers, shared by all clones.
///
/// A session is a [`tower::Service`] of HTTP messages for requests with absolute URLs. Use an
/// [`Adapter`] for requests to paths of a service. Cloning increments a reference count.
///
/// ```no_run
/// # async fn example() -> heatclient::Result<()> {
/// use heatclient::{Client, Session, loading};
///
/// let auth = loading::plugin_loader("password")?.load([
///     ("auth_url", "https://keystone.example/v3"),
///     ("username", "demo"),
///     ("password", "secret"),
///     ("project_name", "demo"),
///     ("user_domain_name", "Default"),
///     ("project_domain_name", "Default"),
/// ])?;
/// let session = Session::new(auth);
/// let heat = Client::new(session);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Session(Arc<Inner>);

struct Inner {
    cell: Arc<TokenCell>,
    resolver: Arc<EndpointResolver>,
    client: HttpClient,
    stack: Arc<dyn Assemble>,
}

impl Session {
    /// Creates a session with default settings. This does no I/O and needs no runtime.
    pub fn new(auth: impl Into<Credentials>) -> Self {
        Self::builder(auth).build()
    }

    /// Creates a session with custom settings.
    pub fn builder(auth: impl Into<Credentials>) -> SessionBuilder {
        SessionBuilder::new(auth.into())
    }

    /// Creates an adapter for a service type, such as `orchestration`.
    pub fn adapter(&self, service_type: impl Into<String>) -> AdapterBuilder {
        AdapterBuilder::new(self.clone(), EndpointQuery::new(service_type))
    }

    /// Creates a session that logs in with other credentials. It has the settings, layers and limits of
    /// this one and uses the same connections. Tokens, catalog and discovered versions are its own.
    ///
    /// A service that acts for many users keeps one session for each user and token:
    ///
    /// ```no_run
    /// # async fn example(service: heatclient::Session, token: &str) -> heatclient::Result<()> {
    /// use heatclient::auth::identity::Token;
    ///
    /// let user = service.with_auth(Token::new("https://keystone.example/v3", token)?);
    /// let projects: serde_json::Value = user
    ///     .adapter("identity")
    ///     .build()
    ///     .get("/auth/projects")
    ///     .fetch()
    ///     .await?;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn with_auth(&self, auth: impl Into<Credentials>) -> Self {
        Arc::clone(&self.0.stack).session(auth.into())
    }

    /// Creates a request to an absolute URL. The token is sent only to the origins of the catalog and
    /// of the identity service.
    pub fn request(&self, method: Method, url: impl Into<String>) -> RequestBuilder {
        RequestBuilder::new(self.clone(), None, method, url.into())
    }

    /// The current token, as the value of `X-Auth-Token`. Logs in if there is no valid token. `None` for
    /// plugins that send none, such as `none` and `http_basic`.
    ///
    /// # Errors
    /// Those of [every request](crate::error#errors-of-every-request).
    #[doc(alias = "get_token")]
    pub async fn token(&self) -> Result<Option<Secret>> {
        Ok(self.current().await?.secret())
    }

    /// The headers that authenticate a request, marked sensitive. Logs in if there is no valid token. Send
    /// them only to servers that may have the token.
    ///
    /// # Errors
    /// Those of [every request](crate::error#errors-of-every-request).
    #[doc(alias = "get_auth_headers")]
    pub async fn auth_headers(&self) -> Result<HeaderMap> {
        Ok(self.current().await?.headers())
    }

    /// The access info of the current token. Logs in if there is no valid token. `None` for plugins
    /// without Keystone.
    ///
    /// # Errors
    /// Those of [every request](crate::error#errors-of-every-request).
    #[doc(alias = "get_access")]
    pub async fn access(&self) -> Result<Option<Arc<AccessInfo>>> {
        Ok(self.current().await?.access().cloned())
    }

    /// The id of the token's user. Logs in if there is no valid token. `None` for plugins without Keystone.
    ///
    /// # Errors
    /// Those of [every request](crate::error#errors-of-every-request).
    #[doc(alias = "get_user_id")]
    pub async fn user_id(&self) -> Result<Option<String>> {
        let access = self.access().await?;
        Ok(access.and_then(|access| access.user_id().map(str::to_owned)))
    }

    /// The id of the token's project. Logs in if there is no valid token. `None` for a token with another
    /// scope, and for plugins without Keystone.
    ///
    /// # Errors
    /// Those of [every request](crate::error#errors-of-every-request).
    #[doc(alias = "get_project_id")]
    pub async fn project_id(&self) -> Result<Option<String>> {
        let access = self.access().await?;
        Ok(access.and_then(|access| access.project_id().map(str::to_owned)))
    }

    /// The endpoint of a service. Logs in if there is no valid token.
    ///
    /// An [`Adapter`] remembers its [endpoint](Adapter::endpoint); this looks it up anew.
    ///
    /// ```no_run
    /// # async fn example(session: heatclient::Session) -> heatclient::Result<()> {
    /// use heatclient::catalog::{EndpointQuery, Interface};
    ///
    /// let swift = EndpointQuery::new("object-store").interfaces([Interface::Internal]);
    /// println!("{}", session.endpoint(swift).await?);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Those of [`Adapter::endpoint`].
    #[doc(alias = "get_endpoint")]
    pub async fn endpoint(&self, query: EndpointQuery) -> Result<Uri> {
        AdapterBuilder::new(self.clone(), query)
            .build()
            .endpoint()
            .await
    }

    /// The API versions that the services in the catalog offer, in the catalog's order. Logs in if
    /// necessary.
    ///
    /// The endpoints have the first of these interfaces that their service type has (all if there are
    /// none), and this region and service type, if given. A service without a version document has
    /// the version in its URL.
    ///
    /// ```no_run
    /// # async fn example(session: heatclient::Session) -> heatclient::Result<()> {
    /// use heatclient::catalog::Interface;
    ///
    /// for service in session.all_version_data(&[Interface::Public], None, None).await? {
    ///     for version in &service.versions {
    ///         println!("{} {} {}", service.service_type, version.version, version.status);
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Those of the login, and [`ErrorKind::Catalog`](crate::ErrorKind::Catalog) for a plugin without a
    /// catalog. Services that do not answer are no error.
    pub async fn all_version_data(
        &self,
        interfaces: &[Interface],
        region: Option<&str>,
        service_type: Option<&str>,
    ) -> Result<Vec<ServiceVersions>> {
        let resolver = &self.0.resolver;
        let data = resolver.all_version_data(interfaces, region, service_type);
        data.await.map_err(|error| self.masked(error))
    }

    /// Discards the current token and the last failed login. The next call logs in.
    ///
    /// Returns whether there was a token. A plugin that cannot get another one keeps its token.
    pub fn invalidate(&self) -> bool {
        self.0.cell.reset()
    }

    async fn current(&self) -> Result<Arc<Token>> {
        self.0.cell.token().await
    }

    /// The context through which auth plugins send requests, without token and endpoint lookup.
    pub fn auth_context(&self) -> &AuthContext {
        self.0.cell.context()
    }

    /// Masks the session's secrets in an error that quotes a server.
    pub(crate) fn masked(&self, error: Error) -> Error {
        self.mask().error(error)
    }

    /// The session's secrets, which servers may quote.
    pub(crate) fn mask(&self) -> &Mask {
        self.0.client.mask()
    }

    pub(crate) async fn resolve(&self, target: &Arc<Target>) -> Result<Uri> {
        let resolved = self.0.resolver.resolve(target).await;
        resolved.map_err(|error| self.masked(error))
    }

    async fn endpoint_data(&self, target: &Target) -> Result<EndpointData> {
        let data = self.0.resolver.endpoint_data(target).await;
        data.map_err(|error| self.masked(error))
    }

    async fn api_version(&self, target: &Target) -> Result<Option<ApiVersion>> {
        let version = self.0.resolver.api_version(target).await;
        version.map_err(|error| self.masked(error))
    }

    async fn explain(&self, target: &Target) -> Result<Explanation> {
        let explanation = self.0.resolver.explain(target).await;
        explanation.map_err(|error| self.masked(error))
    }

    pub(crate) fn client(&self) -> &HttpClient {
        &self.0.client
    }

    pub(crate) fn user_agent(&self) -> &UserAgent {
        self.0.stack.user_agent()
    }
}

impl Service<Request<Body>> for Session {
    type Response = Response<Body>;
    type Error = Error;
    type Future = SessionFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        SessionFuture(Box::pin(self.0.client.start(request).headers()))
    }
}

/// The future of [`Session`] as a service.
pub struct SessionFuture(BoxFuture);

impl Future for SessionFuture {
    type Output = Result<Response<Body>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx)
    }
}

impl fmt::Debug for SessionFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionFuture").finish_non_exhaustive()
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("cell", &self.0.cell)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
