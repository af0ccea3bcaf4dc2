//! How a session is put together.

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
use crate::session::layers::{ReauthenticateLayer, ResolveLayer, TokenLayer, TrustLayer};
use crate::session::{EndpointResolver, Inner, Session, TokenCell};
use crate::transport::layers::{
    AnyHttpService, AttemptLayer, ConcurrencyLayer, DeadlineLayer, DefaultHeadersLayer, GzipLayer,
    HttpService, MOST_REDIRECTS, RedirectLayer, RetryLayer, RetryPolicy, SpanLayer,
};
use crate::transport::{BoxService, HttpClient, Pool, PoolConfig, TlsConfig};

/// How long a login may take, retries included.
const LOGIN_DEADLINE: Duration = Duration::from_secs(120);

type Wrap = Box<dyn Fn(BoxService) -> BoxService + Send>;

/// What sends the wire requests, in place of a pool of the session's own.
enum Transport {
    Pool(Pool),
    Other(BoxService),
}

/// Settings of a [`Session`]; made by [`Session::builder`].
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

    /// The deadline for a whole call: login, retries, redirects and reading included. None by
    /// default, as each step has its own.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Lets logins that a caller waits for ask the user, for a passcode for example. Renewals in the
    /// background never do: the current token is used until it expires.
    pub fn interaction(mut self, interaction: impl Interaction) -> Self {
        self.input = UserInput::new(interaction);
        self
    }

    /// How long connecting may take: 10 s by default.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.pool.connect_timeout = timeout;
        self
    }

    /// How long an answer, and then each further part of it, may take to come: 60 s by default.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.pool.read_timeout = timeout;
        self
    }

    /// The least bytes a second at which an answer must come, on average over 30 s in which some of
    /// it came: 64 by default; 0 for no minimum.
    pub fn min_throughput(mut self, bytes_per_second: u32) -> Self {
        self.pool.min_throughput = bytes_per_second;
        self
    }

    /// How many connections there may be to each host; further calls wait in order. By default 256, or
    /// fewer where the process may open few files: see [`PoolConfig::max_connections_per_host`].
    pub fn max_connections_per_host(mut self, limit: usize) -> Self {
        self.pool.max_connections_per_host = Some(limit);
        self
    }

    /// How retries go: by default four tries in all. [`RetryPolicy::none`] leaves them out.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// How many redirects are followed: 30 by default. With 0 the 3xx answer is the caller's.
    pub fn redirects(mut self, most: u32) -> Self {
        self.redirects = most;
        self
    }

    /// At most so many wire requests under way at a time; unbounded by default.
    pub fn concurrency(mut self, limit: usize) -> Self {
        self.concurrency = Some(limit);
        self
    }

    /// Whether gzip is asked for and decoded: yes by default.
    pub fn gzip(mut self, gzip: bool) -> Self {
        self.gzip = gzip;
        self
    }

    /// Certificates: the system's authorities and none of one's own by default.
    pub fn tls(mut self, tls: TlsConfig) -> Self {
        self.pool.tls = tls;
        self
    }

    /// Settings of the connection pool, those above included.
    pub fn pool_config(mut self, config: PoolConfig) -> Self {
        self.pool = config;
        self
    }

    /// Uses this pool, which other sessions may share: its connections, not their tokens.
    ///
    /// The settings of connections (TLS, connect timeout, limits) are then those of the pool.
    pub fn pool(mut self, pool: Pool) -> Self {
        self.transport = Some(Transport::Pool(pool));
        self
    }

    /// Sends all wire requests, also those of logins and discovery, through `service` in place of a
    /// connection pool: a transport of one's own, or answers for a test.
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

    /// Puts `product` (such as `scaler/1.4`) before the library's own name in `User-Agent`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for characters that no header may carry.
    pub fn user_agent(mut self, product: &str) -> Result<Self> {
        let own = self
            .headers
            .get(USER_AGENT)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default();
        let value = HeaderValue::from_str(&format!("{product} {own}")).map_err(|e| {
            Error::new(ErrorKind::Config, "the user agent is not a header value").with_source(e)
        })?;
        self.headers.insert(USER_AGENT, value);
        Ok(self)
    }

    /// Sends this header with every request that does not bring its own, to whatever server.
    ///
    /// A value that is marked sensitive is masked where errors and log events quote a server.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        if value.is_sensitive() {
            self.sensitive.extend(value.to_str().ok().map(Secret::from));
        }
        self.headers.insert(name, value);
        self
    }

    /// Adds an outermost layer: it sees each call once, outside of all other layers. The layer added
    /// last is the outermost.
    ///
    /// A call whose answer breaks off in its body passes through it again.
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

    /// Adds an innermost layer: it sees each wire request, with its token, and those of logins and
    /// discovery. The layer added last is the outermost of these.
    pub fn attempt_layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<BoxService, Service: AnyHttpService> + Send + 'static,
    {
        self.attempt_layers.push(wrap(layer));
        self
    }

    /// The session. No I/O happens and no runtime is needed.
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
            // The usual stack is erased once only.
            return self.assemble(pool.clone(), pool.for_logins());
        }
        let logins = innermost(BoxService::new(pool.for_logins()));
        self.assemble(innermost(BoxService::new(pool)), logins)
    }

    /// The session whose calls are sent by `calls`, and its logins by `logins`.
    fn assemble(self, calls: impl HttpService, logins: impl HttpService) -> Session {
        let wire = ServiceBuilder::new()
            .layer(AttemptLayer::new(self.pool.read_timeout))
            .layer(option_layer(self.gzip.then(GzipLayer::default)));
        let headers = DefaultHeadersLayer::new(self.headers);
        let login_retry = RetryLayer::new(self.retry.clone());
        let retry = RetryLayer::new(self.retry);
        let login = ServiceBuilder::new()
            .layer(DeadlineLayer::new(Some(LOGIN_DEADLINE)))
            .layer(SpanLayer::default())
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
            .layer(SpanLayer::default())
            .layer(ResolveLayer::new(Arc::clone(&resolver)))
            .layer(ReauthenticateLayer::new(Arc::clone(&cell)))
            .layer(RedirectLayer::new(self.redirects))
            .layer(retry.clone())
            .layer(headers)
            .layer(TokenLayer::new(Arc::clone(&cell)))
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

/// `service` in these layers, the first of them innermost.
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
