//! The client and its settings.

use http::Uri;

use crate::auth::AdminToken;
use crate::catalog::Interface;
use crate::error::Result;
use crate::heat::model::{ApiVersion, BuildInfo, Health, Service};
use crate::heat::operations::{LIST_API_VERSIONS, LIST_SERVICES, SHOW_BUILD_INFO, SHOW_HEALTH};
use crate::heat::{
    Events, Hooks, Outputs, ResourceTypes, Resources, Snapshots, SoftwareConfigs,
    SoftwareDeployments, StackHandle, StackRef, Stacks, Templates, root,
};
use crate::secret::Secret;
use crate::service::ResponseFuture;
use crate::session::{Adapter, AdapterBuilder, Session};
use crate::transport::UrlShape;

/// A client of Heat. Cloning is cheap: share it.
///
/// ```no_run
/// # async fn example(session: heatclient::Session) -> heatclient::Result<()> {
/// use heatclient::Client;
///
/// let heat = Client::new(session);
/// for stack in heat.stacks().list().await? {
///     println!("{} {}", stack.name, stack.status);
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Client {
    adapter: Adapter,
}

impl Client {
    /// A client for the public orchestration endpoint in the session's catalog. No I/O happens.
    pub fn new(session: Session) -> Self {
        Self::builder(session).build()
    }

    /// Builds a client for a chosen region, interface or endpoint.
    pub fn builder(session: Session) -> ClientBuilder {
        ClientBuilder::of(session.adapter("orchestration").version(1))
    }

    /// Builds a client for a known endpoint and token. It sends nothing to Keystone.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if the endpoint is not a valid URL or the
    /// token is not a valid header value.
    pub fn with_token(endpoint: &str, token: impl Into<Secret>) -> Result<Self> {
        Ok(Self::new(Session::new(AdminToken::new(endpoint, token)?)))
    }

    /// Stacks.
    pub fn stacks(&self) -> Stacks {
        Stacks::new(self.adapter.clone())
    }

    /// A handle of one stack: a name, an id, `name/id`, an ARN, or an answer about a stack.
    pub fn stack(&self, stack: impl Into<StackRef>) -> StackHandle {
        StackHandle::new(self.clone(), stack.into())
    }

    /// Resources of stacks.
    pub fn resources(&self) -> Resources {
        Resources::new(self.adapter.clone())
    }

    /// Events of stacks.
    pub fn events(&self) -> Events {
        Events::new(self.adapter.clone())
    }

    /// Hooks: resources that wait until they are released.
    pub fn hooks(&self) -> Hooks {
        Hooks::new(self.adapter.clone())
    }

    /// Outputs of stacks.
    pub fn outputs(&self) -> Outputs {
        Outputs::new(self.adapter.clone())
    }

    /// Snapshots of stacks.
    pub fn snapshots(&self) -> Snapshots {
        Snapshots::new(self.adapter.clone())
    }

    /// Templates.
    pub fn templates(&self) -> Templates {
        Templates::new(self.adapter.clone())
    }

    /// The resource types that templates can use.
    pub fn resource_types(&self) -> ResourceTypes {
        ResourceTypes::new(self.adapter.clone())
    }

    /// Software configs.
    pub fn software_configs(&self) -> SoftwareConfigs {
        SoftwareConfigs::new(self.adapter.clone())
    }

    /// Software deployments.
    pub fn software_deployments(&self) -> SoftwareDeployments {
        SoftwareDeployments::new(self.adapter.clone())
    }

    /// The versions of the running Heat services.
    ///
    /// # Errors
    /// Those of [every request](crate::error#errors-of-every-request).
    pub fn build_info(&self) -> ResponseFuture<BuildInfo> {
        SHOW_BUILD_INFO.request(&self.adapter).fetch()
    }

    /// The processes of Heat's engine. Only administrators may list them.
    ///
    /// # Errors
    /// [`is_forbidden`](crate::Error::is_forbidden) for other users, status 503 if no engine is running,
    /// and those of [every request](crate::error#errors-of-every-request).
    ///
    /// ```no_run
    /// # async fn example(heat: heatclient::Client) -> heatclient::Result<()> {
    /// for service in heat.services().await? {
    ///     println!("{} {}", service.hostname, service.status);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn services(&self) -> ResponseFuture<Vec<Service>> {
        LIST_SERVICES.request(&self.adapter).fetch()
    }

    /// The API versions that the service offers. No token is sent.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if there is no version document at the root of the
    /// service, and those of [every request](crate::error#errors-of-every-request).
    pub fn versions(&self) -> ResponseFuture<Vec<ApiVersion>> {
        root::versions(LIST_API_VERSIONS.request(&self.adapter))
    }

    /// The health of the API service, as it reports itself to load balancers. No token is sent, and
    /// nothing is retried.
    ///
    /// The health check says nothing about Heat's engine; see [`services`](Self::services).
    ///
    /// # Errors
    /// Status 404 if the service has no health check, status 503 without a report, which comes from a load
    /// balancer, and those of [every request](crate::error#errors-of-every-request).
    ///
    /// ```no_run
    /// # async fn example(heat: heatclient::Client) -> heatclient::Result<()> {
    /// let health = heat.healthcheck().await?;
    /// if !health.healthy {
    ///     println!("not healthy: {}", health.reasons.join(", "));
    /// }
    /// # Ok(()) }
    /// ```
    pub fn healthcheck(&self) -> ResponseFuture<Health> {
        root::health(SHOW_HEALTH.request(&self.adapter))
    }

    /// The adapter that sends the requests, for calls that this client has no method for.
    pub fn adapter(&self) -> &Adapter {
        &self.adapter
    }
}

/// Uses this adapter for all requests. It must be an adapter for the orchestration service, such as
/// that of [`CloudConfig::adapter`](crate::config::CloudConfig::adapter).
impl From<AdapterBuilder> for Client {
    fn from(adapter: AdapterBuilder) -> Self {
        ClientBuilder::of(adapter).build()
    }
}

/// Settings of a [`Client`].
#[derive(Debug, Clone)]
#[must_use = "nothing happens until build is called"]
pub struct ClientBuilder {
    adapter: AdapterBuilder,
}

impl ClientBuilder {
    fn of(adapter: AdapterBuilder) -> Self {
        let shape = UrlShape::default().project_last(true).collection("stacks");
        Self {
            adapter: adapter.url_shape(shape),
        }
    }

    /// The region. By default the first region in the catalog that matches.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.adapter = self.adapter.region(region);
        self
    }

    /// The interface; by default the public one.
    pub fn interface(self, interface: Interface) -> Self {
        self.interfaces([interface])
    }

    /// The acceptable interfaces, in order of preference.
    pub fn interfaces(mut self, interfaces: impl IntoIterator<Item = Interface>) -> Self {
        self.adapter = self.adapter.interfaces(interfaces);
        self
    }

    /// The service's name in the catalog, if it has several services of this type.
    pub fn service_name(mut self, name: impl Into<String>) -> Self {
        self.adapter = self.adapter.service_name(name);
        self
    }

    /// The endpoint to use instead of the catalog's. `%(project_id)s`, `%(tenant_id)s` and
    /// `%(user_id)s` in its path are replaced by the ids of the token.
    ///
    /// Requests fail with [`ErrorKind::Config`](crate::ErrorKind::Config) before anything is sent
    /// if the endpoint cannot be used as a base URL or contains a user name or password.
    pub fn endpoint_override(mut self, endpoint: Uri) -> Self {
        self.adapter = self.adapter.endpoint_override(endpoint);
        self
    }

    /// The maximum size of an answer in bytes; 512 MiB by default.
    ///
    /// It bounds the memory of a call. An ordinary list of stacks takes at most 3 times the size of
    /// its answer: the answer itself and, while it is decoded, 1.7 times its size for the stacks.
    /// In the worst case, an answer of very short elements, it is up to 100 times the size. A
    /// [`stream`](super::StackList::stream) in [pages](super::StackList::page_size) holds one page
    /// at a time.
    pub fn answer_limit(mut self, bytes: usize) -> Self {
        self.adapter = self.adapter.answer_limit(bytes);
        self
    }

    /// Builds the client. No I/O happens.
    pub fn build(self) -> Client {
        Client {
            adapter: self.adapter.build(),
        }
    }
}
