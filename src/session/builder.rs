//! Building a session.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::header::{ACCEPT, FORWARDED, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};
use tower::Layer;

use crate::auth::{Credentials, Interaction, UserInput};
use crate::error::Result;
use crate::secret::Secret;
use crate::session::Session;
use crate::session::stack::{Assemble as _, Stack, Wrap, erased, wrap, wrapped};
use crate::session::user_agent::{self, Product, UserAgent};
use crate::transport::layers::{
    AnyHttpService, ConcurrencyLayer, DefaultHeadersLayer, HttpService, MOST_REDIRECTS, RateLimit,
    RateLimitLayer, RetryLayer, RetryPolicy, guarded,
};
use crate::transport::{BoxService, Pool, PoolConfig, TlsConfig};

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
    rate_limit: Option<RateLimit>,
    gzip: bool,
    headers: HeaderMap,
    user_agent: UserAgent,
    original_ip: Option<IpAddr>,
    sensitive: Vec<Secret>,
    layers: Vec<Wrap>,
    attempt_layers: Vec<Wrap>,
    transport: Option<Transport>,
}

impl SessionBuilder {
    pub(crate) fn new(credentials: Credentials) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        Self {
            credentials,
            input: UserInput::default(),
            pool: PoolConfig::default(),
            timeout: None,
            retry: RetryPolicy::default(),
            redirects: MOST_REDIRECTS,
            concurrency: None,
            rate_limit: None,
            gzip: true,
            headers,
            user_agent: UserAgent::default(),
            original_ip: None,
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

    /// Sets the maximum number of concurrent wire requests. Unlimited by default. Logins and discovery do
    /// not count.
    ///
    /// An adapter may have a limit of its own:
    /// [`AdapterBuilder::concurrency`](crate::session::AdapterBuilder::concurrency).
    #[doc(alias = "rate_semaphore")]
    pub fn concurrency(mut self, limit: usize) -> Self {
        self.concurrency = Some(limit);
        self
    }

    /// Sets the maximum rate of wire requests. Unlimited by default. Logins and discovery do not count.
    ///
    /// An adapter may have a limit of its own:
    /// [`AdapterBuilder::rate_limit`](crate::session::AdapterBuilder::rate_limit).
    ///
    /// ```
    /// use std::time::Duration;
    /// use heatclient::{Session, auth::NoAuth, transport::layers::RateLimit};
    ///
    /// let rate = RateLimit::new(20, Duration::from_secs(1)).burst(5);
    /// let session = Session::builder(NoAuth::new()).rate_limit(rate).build();
    /// ```
    #[doc(alias = "rate_semaphore")]
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.rate_limit = Some(limit);
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

    /// Sets `User-Agent` to these products (such as `scaler/1.4`), followed by this library's. They replace
    /// [`app_name`](Self::app_name), [`additional_user_agent`](Self::additional_user_agent) and
    /// [`client_name`](crate::session::AdapterBuilder::client_name).
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) for characters that are not allowed in HTTP headers.
    pub fn user_agent(mut self, products: &str) -> Result<Self> {
        self.user_agent.whole = Some(user_agent::part(products)?);
        Ok(self)
    }

    /// Sets the name of the application, the first product in `User-Agent`. The others are the client of
    /// the adapter, the additional products and this library.
    ///
    /// ```
    /// use heatclient::{Session, auth::NoAuth};
    ///
    /// // User-Agent: scaler/1.4 scaler-client/0.2 rules/3 heatclient/…
    /// let session = Session::builder(NoAuth::new())
    ///     .app_name("scaler")?
    ///     .app_version("1.4")?
    ///     .additional_user_agent("rules", "3")?
    ///     .build();
    /// let adapter = session
    ///     .adapter("orchestration")
    ///     .client_name("scaler-client")?
    ///     .client_version("0.2")?
    ///     .build();
    /// # Ok::<_, heatclient::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`user_agent`](Self::user_agent).
    pub fn app_name(mut self, name: &str) -> Result<Self> {
        self.user_agent.app.name = Some(user_agent::part(name)?);
        Ok(self)
    }

    /// Sets the version of the application. It has no effect without [`app_name`](Self::app_name).
    ///
    /// # Errors
    /// Those of [`user_agent`](Self::user_agent).
    pub fn app_version(mut self, version: &str) -> Result<Self> {
        self.user_agent.app.version = Some(user_agent::part(version)?);
        Ok(self)
    }

    /// Adds a product to `User-Agent`, such as a library between the application and this one.
    ///
    /// # Errors
    /// Those of [`user_agent`](Self::user_agent).
    pub fn additional_user_agent(mut self, name: &str, version: &str) -> Result<Self> {
        let product = user_agent::part(&format!("{name}/{version}"))?;
        self.user_agent.additional.push(product);
        Ok(self)
    }

    /// Sets the address of the client on whose behalf the requests are sent. It is sent to all servers in
    /// `Forwarded` (RFC 7239), with the user agent as the proxy.
    pub fn original_ip(mut self, address: IpAddr) -> Self {
        self.original_ip = Some(address);
        self
    }

    /// Adds a default header to every request, to all servers. A header of the request replaces it.
    ///
    /// A value that is marked sensitive is masked in errors and log events that quote a server. Values of
    /// headers for credentials are marked.
    #[doc(alias = "additional_headers")]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        let value = guarded(&name, value);
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
        let mut headers = self.headers;
        let agent = self.user_agent.value(&Product::default());
        if let Some(address) = self.original_ip {
            headers
                .entry(FORWARDED)
                .or_insert_with(|| forwarded(address, &agent));
        }
        headers.entry(USER_AGENT).or_insert(agent);
        let stack = Stack {
            calls,
            logins,
            input: self.input,
            timeout: self.timeout,
            read_timeout: self.pool.read_timeout,
            login_retry: RetryLayer::new(self.retry.clone()),
            retry: RetryLayer::new(self.retry),
            redirects: self.redirects,
            concurrency: ConcurrencyLayer::new(self.concurrency),
            rate_limit: RateLimitLayer::new(self.rate_limit),
            gzip: self.gzip,
            headers: DefaultHeadersLayer::new(headers),
            user_agent: self.user_agent,
            sensitive: self.sensitive,
            layers: Mutex::new(self.layers),
        };
        Arc::new(stack).session(self.credentials)
    }
}

/// The header `Forwarded` (RFC 7239, 4) for a request of `client`.
fn forwarded(client: IpAddr, agent: &HeaderValue) -> HeaderValue {
    let client = match client {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("\"[{address}]\""),
    };
    let mut value = format!("for={client};by=\"").into_bytes();
    for byte in agent.as_bytes() {
        if matches!(byte, b'"' | b'\\') {
            value.push(b'\\');
        }
        value.push(*byte);
    }
    value.push(b'"');
    // A quoted header value is a header value.
    HeaderValue::from_bytes(&value).unwrap_or(HeaderValue::from_static("for=unknown"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forwarded_is_as_rfc_7239_says() {
        for (client, agent, expected) in [
            ("192.0.2.1", "a/1 b/2", r#"for=192.0.2.1;by="a/1 b/2""#),
            ("2001:db8::1", "a/1", r#"for="[2001:db8::1]";by="a/1""#),
            (
                "192.0.2.1",
                r#"a "b\c""#,
                r#"for=192.0.2.1;by="a \"b\\c\"""#,
            ),
        ] {
            let agent = HeaderValue::from_str(agent).unwrap();
            let value = forwarded(client.parse().unwrap(), &agent);
            assert_eq!(value.to_str().unwrap(), expected);
        }
    }
}
