//! Building a session.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use http::header::{ACCEPT, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};
use tower::util::option_layer;
use tower::{Layer, ServiceBuilder, ServiceExt as _};

use crate::auth::{AuthContext, Credentials, Interaction, UserInput};
use crate::error::{Error, ErrorKind, Result};
use crate::secret::Secret;
use crate::session::layers::{AddTokenLayer, ReauthenticateLayer, ResolveLayer, TrustLayer};
use crate::session::{EndpointResolver, Inner, Session, TokenCell};
use crate::transport::layers::{
    AnyHttpService, AttemptLayer, CallSpanLayer, ConcurrencyLayer, DeadlineLayer,
    DefaultHeadersLayer, GzipLayer, HttpService, MOST_REDIRECTS, RedirectLayer, RetryLayer,
    RetryPolicy,
};
use crate::transport::{BoxService, HttpClient, Pool, PoolConfig, TlsConfig};

/// The deadline of a login, including retries.
const LOGIN_DEADLINE: Duration = Duration::from_secs(120);

type Wrap = Box<dyn Fn(BoxService) -> BoxService + Send>;

/// A replacement for the session's own connection pool.
enum Transport {
    Pool(Pool),
    Other(BoxService),
}

/// Settings of a [`Session`]. Created by [`Session::builder`].
///
/// ```
/// use std::time::Duration;
/// use heatclient::{Session, auth::NoAuth, transport::layers::RetryPolicy};
///
/// let session = Session::builder(NoAuth::new())
///     .timeout(Duration::from_secs(120))
///     .retry(RetryPolicy::new(2))
///     .concurrency(64)
///     .user_agent("scaler/1.4")?
///     .build();
/// # Ok::<_, heatclient::Error>(())
/// ```
#[must_use = "the session is made by build"]
pub struct SessionBuilder {
    credentials: Credentials,
    input: UserInput,
    pool: PoolConfig,
    timeout: Option<Duration>,
    retry: RetryPolicy,
    redirects: u32,
    concurrency: Option<usize>,
    gzip: bool,
    headers: HeaderMap,
    sensitive: Vec<Secret>,
    layers: Vec<Wrap>,
    attempt_layers: Vec<Wrap>,
    transport: Option<Transport>,
}

impl SessionBuilder {
    pub(crate) fn new(credentials: Credentials) -> Self {
        let own = concat!("heatclient/", env!("CARGO_PKG_VERSION"));
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::from_static(own));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        Self {
            credentials,
            input: UserInput::default(),
            pool: PoolConfig::default(),
            timeout: None,
            retry: RetryPolicy::default(),
            redirects: MOST_REDIRECTS,
            concurrency: None,
            gzip: true,
            headers,
            sensitive: Vec::new(),
            layers: Vec::new(),
            attempt_layers: Vec::new(),
            transport: None,
        }
    }

    /// Sets the deadline of a whole call, including login, retries, redirects and reading the response.
    /// None by default, since each step has its own time limit.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Allows logins to ask the user, for example for a passcode. Only logins that a caller waits for
    /// ask. A renewal in the background does not: the current token is used until it expires.
    pub fn interaction(mut self, interaction: impl Interaction) -> Self {
        self.input = UserInput::new(interaction);
        self
    }

    /// Sets the time limit for connecting. 10 s by default.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.pool.connect_timeout = timeout;
        self
    }

    /// Sets the time limit for the response headers, and for each pause in the response body. 60 s by
    /// default.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.pool.read_timeout = timeout;
        self
    }

    /// Sets the minimum throughput of a response body in bytes per second, averaged over 30 s of waiting.
    /// 64 by default; 0 disables it.
    pub fn min_throughput(mut self, bytes_per_second: u32) -> Self {
        self.pool.min_throughput = bytes_per_second;
        self
    }

    /// Sets the maximum number of connections to each host. Further calls wait in order. By default 256,
    /// or fewer if the process may open few files: see [`PoolConfig::max_connections_per_host`].
    pub fn max_connections_per_host(mut self, limit: usize) -> Self {
        self.pool.max_connections_per_host = Some(limit);
        self
    }

    /// Sets the retry policy. By default four attempts in total. [`RetryPolicy::none`] disables retries.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Sets the maximum number of redirects. 30 by default. With 0 the caller gets the 3xx response.
    pub fn redirects(mut self, most: u32) -> Self {
        self.redirects = most;
        self
    }

    /// Sets the maximum number of concurrent wire requests. Unlimited by default.
    pub fn concurrency(mut self, limit: usize) -> Self {
        self.concurrency = Some(limit);
        self
    }

    /// Sets whether gzip is requested and decoded. `true` by default.
    pub fn gzip(mut self, gzip: bool) -> Self {
        self.gzip = gzip;
        self
    }

    /// Sets the TLS options. By default the system's CAs, without a client certificate.
    pub fn tls(mut self, tls: TlsConfig) -> Self {
        self.pool.tls = tls;
        self
    }

    /// Sets whether only IPv4 addresses of host names are used: see [`PoolConfig::force_ipv4`](field@PoolConfig::force_ipv4).
    pub fn force_ipv4(mut self, enabled: bool) -> Self {
        self.pool.force_ipv4 = enabled;
        self
    }

    /// Sets all settings of the connection pool. They replace those set by the methods above.
    pub fn pool_config(mut self, config: PoolConfig) -> Self {
        self.pool = config;
        self
    }

    /// Uses this connection pool. Sessions may share a pool; they share connections, not tokens.
    ///
    /// The settings of the pool apply to connections (TLS, connect timeout, limits).
    pub fn pool(mut self, pool: Pool) -> Self {
        self.transport = Some(Transport::Pool(pool));
        self
    }

    /// Sends all wire requests, including those of logins and discovery, through `service` instead of a
    /// connection pool: a custom transport, or a mock for tests.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> heatclient::Result<()> {
    /// use heatclient::auth::NoAuth;
    /// use heatclient::transport::Body;
    /// use heatclient::{Client, Session};
    /// use http::{Request, Response};
    ///
    /// let answers = tower::service_fn(|_: Request<Body>| async {
    ///     Ok::<_, heatclient::Error>(Response::new(Body::from(r#"{"stacks": []}"#)))
    /// });
    /// let auth = NoAuth::new().at("http://heat.example:8004/v1/p")?;
    /// let heat = Client::new(Session::builder(auth).transport(answers).build());
    /// assert!(heat.stacks().list().await?.is_empty());
    /// # Ok(()) }
    /// ```
    pub fn transport(mut self, service: impl AnyHttpService) -> Self {
        self.transport = Some(Transport::Other(erased(service)));
        self
    }

    /// Adds `product` (such as `scaler/1.4`) before the library's name in `User-Agent`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for characters that are not allowed in HTTP headers.
    pub fn user_agent(mut self, product: &str) -> Result<Self> {
        let own = self
            .headers
            .get(USER_AGENT)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default();
        let value = HeaderValue::from_str(&format!("{product} {own}")).map_err(|e| {
            Error::new(
                ErrorKind::Config,
                "the user agent contains characters that are not allowed in HTTP headers",
            )
            .with_source(e)
        })?;
        self.headers.insert(USER_AGENT, value);
        Ok(self)
    }

    /// Adds a default header to every request, to all servers. A header of the request replaces it.
    ///
    /// A value that is marked sensitive is masked in errors and log events that quote a server.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        if value.is_sensitive() {
            self.sensitive.extend(value.to_str().ok().map(Secret::from));
        }
        self.headers.insert(name, value);
        self
    }

    /// Adds an outermost layer: it sees each call once, outside all other layers. The layer added last
    /// is the outermost.
    ///
    /// If the response body of a call is interrupted, the retry passes the layer again.
    ///
    /// A layer that changes the type of bodies, such as tower-http's `TraceLayer`, is used as
    /// `ServiceBuilder::new().map_response(|r: Response<_>| r.map(Body::stream)).layer(..)`.
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<BoxService, Service: AnyHttpService> + Send + 'static,
    {
        self.layers.push(wrap(layer));
        self
    }

    /// Adds an innermost layer: it sees each wire request with its token, including those of logins and
    /// discovery. The layer added last is the outermost of these.
    pub fn attempt_layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<BoxService, Service: AnyHttpService> + Send + 'static,
    {
        self.attempt_layers.push(wrap(layer));
        self
    }

    /// Builds the session. This does no I/O and needs no runtime.
    pub fn build(mut self) -> Session {
        let attempt_layers = std::mem::take(&mut self.attempt_layers);
        let innermost = |service| wrapped(service, &attempt_layers);
        let pool = match self.transport.take() {
            None => Pool::new(self.pool.clone()),
            Some(Transport::Pool(pool)) => pool,
            Some(Transport::Other(service)) => {
                let service = innermost(service);
                return self.assemble(service.clone(), service);
            }
        };
        if attempt_layers.is_empty() {
            // The type of the usual stack is erased only once.
            return self.assemble(pool.clone(), pool.for_logins());
        }
        let logins = innermost(BoxService::new(pool.for_logins()));
        self.assemble(innermost(BoxService::new(pool)), logins)
    }

    /// Assembles a session that sends calls through `calls` and logins through `logins`.
    fn assemble(self, calls: impl HttpService, logins: impl HttpService) -> Session {
        let wire = ServiceBuilder::new()
            .layer(AttemptLayer::new(self.pool.read_timeout))
            .layer(option_layer(self.gzip.then(GzipLayer::default)));
        let headers = DefaultHeadersLayer::new(self.headers);
        let login_retry = RetryLayer::new(self.retry.clone());
        let retry = RetryLayer::new(self.retry);
        let login = ServiceBuilder::new()
            .layer(DeadlineLayer::new(Some(LOGIN_DEADLINE)))
            .layer(CallSpanLayer::default())
            .layer(RedirectLayer::new(self.redirects))
            .layer(login_retry.clone())
            .layer(headers.clone());
        let (credentials, sensitive, input) = (self.credentials, self.sensitive, self.input);
        let cell = Arc::new_cyclic(|cell| {
            let login = login
                .layer(TrustLayer::new(Weak::clone(cell)))
                .service(wire.clone().service(logins));
            let context = AuthContext::new(HttpClient::new(BoxService::new(login), login_retry));
            let context = context.with_input(input);
            context.client().mask().add(sensitive);
            TokenCell::new(credentials, context)
        });
        let resolver = Arc::new(EndpointResolver::new(Arc::clone(&cell)));
        let stack = ServiceBuilder::new()
            .layer(DeadlineLayer::new(self.timeout))
            .layer(CallSpanLayer::default())
            .layer(ResolveLayer::new(Arc::clone(&resolver)))
            .layer(ReauthenticateLayer::new(Arc::clone(&cell)))
            .layer(RedirectLayer::new(self.redirects))
            .layer(retry.clone())
            .layer(headers)
            .layer(AddTokenLayer::new(Arc::clone(&cell)))
            .layer(ConcurrencyLayer::new(self.concurrency))
            .service(wire.service(calls));
        let stack = wrapped(BoxService::new(stack), &self.layers);
        let mask = Arc::clone(cell.context().client().mask());
        Session(Arc::new(Inner {
            cell,
            resolver,
            client: HttpClient::masked(stack, retry, mask),
        }))
    }
}

fn wrap<L>(layer: L) -> Wrap
where
    L: Layer<BoxService, Service: AnyHttpService> + Send + 'static,
{
    Box::new(move |inner| erased(layer.layer(inner)))
}

fn erased(service: impl AnyHttpService) -> BoxService {
    BoxService::new(service.map_err(|error| Error::from(error.into())))
}

/// Wraps `service` in layers, the first one innermost.
fn wrapped(service: BoxService, layers: &[Wrap]) -> BoxService {
    layers.iter().fold(service, |inner, wrap| wrap(inner))
}

impl fmt::Debug for SessionBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionBuilder")
            .field("credentials", &self.credentials)
            .field("pool", &self.pool)
            .field("timeout", &self.timeout)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}
