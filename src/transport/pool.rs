//! The connection pool.

mod connections;
mod descriptors;
#[cfg(feature = "http2")]
mod http2;
mod permits;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::uri::Scheme;
use http::{Request, Response, StatusCode, Version};
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use hyper_util::client::legacy::{Client, Error as ClientError, ResponseFuture};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use pin_project_lite::pin_project;
use tower::Service;

use crate::error::{Error, ErrorKind, Result};
use crate::transport::Call;
use crate::transport::body::BodyPace;
use crate::transport::connector::{self, Connector, ViaProxy};
use crate::transport::layers::{BoxFuture, READ_TIMEOUT};
use crate::transport::not_found::is_not_found;
use crate::transport::tls::TlsConfig;
use crate::transport::{Body, read};
use connections::Connections;
pub(in crate::transport) use descriptors::{OpenConnection, OpenConnections};
pub(in crate::transport) use permits::Permit;
use permits::Permits;

/// Settings of a [`Pool`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PoolConfig {
    /// The time limit for connecting: name lookup, TCP, proxy and TLS together. Default: 10 s. It also
    /// applies to reading the certificate files before the first https connection.
    pub connect_timeout: Duration,
    /// The maximum pause in a response body. Default: 60 s.
    pub read_timeout: Duration,
    /// The minimum throughput of a response body in bytes per second, averaged over 30 s of waiting.
    /// Default: 64; 0 disables it.
    pub min_throughput: u32,
    /// The maximum number of connections to each host. Further calls wait in order. `None` means 256, or
    /// half of the process's file descriptors (`ulimit -n`) minus 16 if that is less. Logins and
    /// discovery may use two more.
    ///
    /// A call holds its connection until the response body is read or dropped.
    pub max_connections_per_host: Option<usize>,
    /// The time after which an idle connection is closed. Default: 50 s, less than the 60 s and more of
    /// common servers.
    pub idle_timeout: Duration,
    /// The maximum number of idle connections to each host, limited by the maximum number of
    /// connections. Default: 1024.
    pub max_idle_per_host: usize,
    /// TLS options.
    pub tls: TlsConfig,
    /// Whether to use the variables `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`. Default:
    /// `true`.
    pub proxy_from_env: bool,
    /// Whether only IPv4 addresses of host names are used (`client.force_ipv4` of clouds.yaml). Default: `false`: IPv6 and
    /// IPv4 addresses are tried at the same time (RFC 8305). An IPv6 address in a URL is used in any case.
    pub force_ipv4: bool,
}

impl Default for PoolConfig {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            read_timeout: READ_TIMEOUT,
            min_throughput: 64,
            max_connections_per_host: None,
            idle_timeout: Duration::from_secs(50),
            max_idle_per_host: 1024,
            tls: TlsConfig::default(),
            proxy_from_env: true,
            force_ipv4: false,
        }
    }
}

impl PoolConfig {
    /// Sets [`connect_timeout`](field@Self::connect_timeout).
    #[must_use]
    pub const fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets [`read_timeout`](field@Self::read_timeout).
    #[must_use]
    pub const fn read_timeout(mut self, timeout: Duration) -> Self {
        self.read_timeout = timeout;
        self
    }

    /// Sets [`min_throughput`](field@Self::min_throughput).
    #[must_use]
    pub const fn min_throughput(mut self, bytes_per_second: u32) -> Self {
        self.min_throughput = bytes_per_second;
        self
    }

    /// Sets [`max_connections_per_host`](field@Self::max_connections_per_host).
    #[must_use]
    pub const fn max_connections_per_host(mut self, count: usize) -> Self {
        self.max_connections_per_host = Some(count);
        self
    }

    /// Sets [`idle_timeout`](field@Self::idle_timeout).
    #[must_use]
    pub const fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// Sets [`max_idle_per_host`](field@Self::max_idle_per_host).
    #[must_use]
    pub const fn max_idle_per_host(mut self, count: usize) -> Self {
        self.max_idle_per_host = count;
        self
    }

    /// Sets [`tls`](field@Self::tls).
    #[must_use]
    pub fn tls(mut self, tls: TlsConfig) -> Self {
        self.tls = tls;
        self
    }

    /// Sets [`proxy_from_env`](field@Self::proxy_from_env).
    #[must_use]
    pub const fn proxy_from_env(mut self, enabled: bool) -> Self {
        self.proxy_from_env = enabled;
        self
    }

    /// Sets [`force_ipv4`](field@Self::force_ipv4).
    #[must_use]
    pub const fn force_ipv4(mut self, enabled: bool) -> Self {
        self.force_ipv4 = enabled;
        self
    }
}

/// The pause between two pings of a connection of HTTP/2 with calls in progress.
#[cfg(feature = "http2")]
const HTTP2_PING_INTERVAL: Duration = Duration::from_secs(20);

/// A connection of HTTP/2 that does not answer a ping within this time is broken.
#[cfg(feature = "http2")]
const HTTP2_PING_TIMEOUT: Duration = Duration::from_secs(20);

/// A connection pool: the innermost service of a stack. Cloning increments a reference count.
///
/// A connection is not reused after 502, 503 or 504, a timeout or an interrupted response, since its
/// server or load balancer may be faulty. Connections that were opened before a change of the certificate files serve the
/// calls in progress only: see [`TlsConfig`].
///
/// With the feature `http2`, https connections use HTTP/2 if the server offers it (ALPN). Calls to a host share a
/// connection then, the limits above apply to concurrent requests in place of connections, and only a broken connection is
/// dropped.
///
/// A pool may be used from several runtimes. Each runtime uses the connections that were opened in it,
/// since its tasks drive them.
#[derive(Clone)]
pub struct Pool {
    shared: Arc<Shared>,
    is_for_logins: bool,
}

struct Shared {
    connections: Connections,
    permits: Permits,
    pace: Arc<BodyPace>,
    /// Whether any server has responded to a plain http request. If not, the port may expect TLS.
    has_answer: AtomicBool,
}

impl Pool {
    /// Creates a pool, without I/O. No certificate is read.
    pub fn new(config: PoolConfig) -> Self {
        let permits = Permits::new(config.max_connections_per_host);
        let connector = Connector::new(&config);
        let mut builder = Client::builder(TokioExecutor::new());
        builder
            // Without a timer idle connections are skipped, but never closed.
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(config.idle_timeout)
            .pool_max_idle_per_host(config.max_idle_per_host.min(permits.limit()))
            .retry_canceled_requests(true);
        // One connection has all calls to a host, so a dead one must be noticed.
        #[cfg(feature = "http2")]
        builder
            .timer(TokioTimer::new())
            .http2_keep_alive_interval(HTTP2_PING_INTERVAL)
            .http2_keep_alive_timeout(HTTP2_PING_TIMEOUT);
        let pace = BodyPace {
            read_timeout: config.read_timeout,
            min_throughput: config.min_throughput,
        };
        Self {
            shared: Arc::new(Shared {
                connections: Connections::new(builder, connector),
                permits,
                pace: Arc::new(pace),
                has_answer: AtomicBool::default(),
            }),
            is_for_logins: false,
        }
    }

    /// The same pool for logins and discovery, with two additional connections to each host.
    #[must_use]
    pub fn for_logins(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            is_for_logins: true,
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").finish_non_exhaustive()
    }
}

impl Service<Request<Body>> for Pool {
    type Response = Response<Body>;
    type Error = Error;
    type Future = PoolFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> PoolFuture {
        let permit = self
            .shared
            .permits
            .acquire(request.uri(), self.is_for_logins);
        let is_checked = !self.shared.is_check_due(&request);
        let permit = match permit {
            Some(Ok(permit)) if is_checked => return self.shared.send(request, Some(permit)),
            None => return self.shared.send(request, None),
            Some(permit) => permit,
        };
        let shared = Arc::clone(&self.shared);
        PoolFuture::new(State::Queued {
            rest: Box::pin(async move {
                let call = request.extensions().get::<Call>().cloned();
                // The server cannot respond while the request is in the queue.
                let place = call.as_ref().map(Call::queue);
                let permit = match permit {
                    Ok(permit) => permit,
                    Err(places) => places.acquire_owned().await.map_err(|e| {
                        Error::new(ErrorKind::Cancelled, "the connection pool was shut down")
                            .with_source(e)
                    })?,
                };
                if shared.is_check_due(&request) {
                    shared.check_files(is_trusted(&request)).await;
                }
                drop(place);
                shared.send(request, Some(permit)).await
            }),
        })
    }
}

impl Shared {
    fn send(self: &Arc<Self>, mut request: Request<Body>, permit: Option<Permit>) -> PoolFuture {
        let connection = capture_connection(&mut request);
        let is_new = request.uri().scheme() == Some(&Scheme::HTTP)
            && !self.has_answer.load(Ordering::Relaxed);
        let is_trusted = is_trusted(&request);
        self.connections
            .connector(is_trusted)
            .add_proxy_login(&mut request);
        PoolFuture::new(State::Sent {
            is_new,
            is_trusted,
            answer: self.connections.send(request, is_trusted),
            connection,
            permit,
            shared: Arc::clone(self),
        })
    }

    /// Whether it is time to look for changes of the certificate files. Connections that were opened with other files
    /// are not used for the request then.
    fn is_check_due(&self, request: &Request<Body>) -> bool {
        request.uri().scheme() == Some(&Scheme::HTTPS)
            && self
                .connections
                .connector(is_trusted(request))
                .is_check_due()
    }

    /// Looks for changes of the certificate files. An error is that of the connection.
    async fn check_files(&self, is_trusted: bool) {
        let _ = self.connections.connector(is_trusted).tls().await;
    }

    /// The error of a server that ended the TLS handshake. It is worth another attempt if the files have changed since.
    async fn refused(&self, error: Error, is_trusted: bool) -> Error {
        let connector = self.connections.connector(is_trusted);
        let generation = connector.generation();
        let _ = connector.latest_tls().await;
        match connector.generation() == generation {
            true => error,
            false => Error::new(ErrorKind::Connect, error.to_string()).with_source(error),
        }
    }
}

/// Whether an outer layer decided that the server may receive the session's credentials.
fn is_trusted(request: &Request<Body>) -> bool {
    request
        .extensions()
        .get::<Call>()
        .is_some_and(Call::is_trusted)
}

pin_project! {
    /// The future of [`Pool`].
    pub struct PoolFuture {
        #[pin]
        state: State,
    }
}

impl PoolFuture {
    fn new(state: State) -> Self {
        Self { state }
    }
}

pin_project! {
    #[project = StateProj]
    enum State {
        /// Waits for a free connection.
        Queued { rest: BoxFuture },
        /// Waits for the response.
        Sent {
            #[pin]
            answer: ResponseFuture,
            connection: CaptureConnection,
            permit: Option<Permit>,
            shared: Arc<Shared>,
            is_trusted: bool,
            // Whether no plain http request was answered before.
            is_new: bool,
        },
        /// Finds out whether another attempt may succeed, after the server ended the TLS handshake.
        Refused { rest: Pin<Box<dyn Future<Output = Error> + Send>> },
    }
}

impl Future for PoolFuture {
    type Output = Result<Response<Body>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            match state.as_mut().project() {
                StateProj::Queued { rest } => return rest.as_mut().poll(cx),
                StateProj::Refused { rest } => return rest.as_mut().poll(cx).map(Err),
                StateProj::Sent {
                    answer,
                    connection,
                    permit,
                    shared,
                    is_trusted,
                    is_new,
                } => {
                    let error = match ready!(answer.poll(cx)) {
                        Ok(response) => {
                            if *is_new {
                                shared.has_answer.store(true, Ordering::Relaxed);
                            }
                            let permit = permit.take();
                            return Poll::Ready(accepted(response, connection, shared, permit));
                        }
                        Err(error) => error,
                    };
                    // In TLS 1.3 the client's handshake ends before the server refuses the client certificate.
                    if let Some(refusal) = connector::tls_refusal(&error) {
                        let message = format!("the server ended the TLS handshake: {refusal}");
                        let error = Error::new(ErrorKind::Tls, message).with_source(error);
                        let (shared, is_trusted) = (Arc::clone(shared), *is_trusted);
                        let rest = Box::pin(async move { shared.refused(error, is_trusted).await });
                        state.set(State::Refused { rest });
                        continue;
                    }
                    let metadata = connection.connection_metadata();
                    let through = metadata.as_ref().and_then(ViaProxy::of);
                    return Poll::Ready(Err(failure(error, *is_new, through)));
                }
            }
        }
    }
}

/// The response, unless it is a refusal of the proxy or not one at all.
fn accepted(
    response: Response<hyper::body::Incoming>,
    connection: &CaptureConnection,
    shared: &Shared,
    permit: Option<Permit>,
) -> Result<Response<Body>> {
    if is_of_broken_server(&response)
        && let Some(connection) = &*connection.connection_metadata()
    {
        connection.poison();
    }
    if let Some(through) = response.extensions().get::<ViaProxy>()
        && let Some(refusal) = through.refusal(response.status(), response.headers())
    {
        return Err(refusal);
    }
    if response.status() == StatusCode::SWITCHING_PROTOCOLS || response.status().is_informational()
    {
        return Err(read::no_answer(response.status()));
    }
    let pace = Arc::clone(&shared.pace);
    Ok(response.map(|body| Body::incoming(body, pace, permit)))
}

/// Whether the connection should be closed, so that the next request may reach another server behind
/// the load balancer. A 404 without a request id did not come from the service.
///
/// A connection of HTTP/2 has other calls in progress, and its end is a load balancer that distributes each request.
fn is_of_broken_server<B>(response: &Response<B>) -> bool {
    if response.version() == Version::HTTP_2 {
        return false;
    }
    let status = response.status();
    matches!(
        status,
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT
    ) || is_not_found(status) && read::request_id(response.headers()).is_none()
}

impl fmt::Debug for PoolFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolFuture").finish_non_exhaustive()
    }
}

/// Converts a client error, and decides whether the request may have been sent. A port that never
/// responded to plain http may expect https, unless a proxy is in between, which may have failed.
fn failure(error: ClientError, may_expect_https: bool, through: Option<ViaProxy>) -> Error {
    let hint = match may_expect_https && through.is_none() {
        true => "; the port may expect https://",
        false => "",
    };
    let through = through.map_or_else(String::new, |through| through.to_string());
    #[cfg(feature = "http2")]
    if http2::is_unprocessed(&error) {
        let message =
            format!("the server{through} closed the connection without processing the request");
        return Error::new(ErrorKind::Interrupted, message).with_source(error);
    }
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(inner) = cause {
        if let Some(ours) = inner.downcast_ref::<Error>() {
            return ours.clone();
        }
        if let Some(hyper) = inner.downcast_ref::<hyper::Error>()
            && hyper.is_parse()
        {
            // A TLS alert fails to parse as an HTTP version.
            let hint = match hyper.to_string().contains("HTTP version") {
                true => hint,
                false => "",
            };
            return Error::new(
                ErrorKind::Decode,
                match through.as_str() {
                    "" => format!("the response is not HTTP: {hyper}{hint}"),
                    through => {
                        format!("the response on the connection{through} is not HTTP: {hyper}")
                    }
                },
            )
            .with_source(error)
            .after_sending();
        }
        cause = inner.source();
    }
    if error.is_connect() {
        return Error::new(ErrorKind::Connect, "cannot connect").with_source(error);
    }
    Error::new(
        ErrorKind::Interrupted,
        format!("the connection{through} broke before a response arrived{hint}"),
    )
    .with_source(error)
    .after_sending()
}

#[cfg(test)]
mod tests;
