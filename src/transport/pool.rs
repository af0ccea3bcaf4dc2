//! The connection pool: where requests meet the wire.

mod descriptors;
mod permits;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::uri::Scheme;
use http::{Request, Response, StatusCode};
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use hyper_util::client::legacy::{Client, Error as ClientError, ResponseFuture};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use pin_project_lite::pin_project;
use tower::Service;

use crate::error::{Error, ErrorKind, Result};
use crate::transport::Call;
use crate::transport::body::BodyPace;
use crate::transport::connector::{self, Connector, Through};
use crate::transport::layers::{BoxFuture, READ_TIMEOUT};
use crate::transport::not_found::is_not_found;
use crate::transport::tls::TlsConfig;
use crate::transport::{Body, read};
pub(in crate::transport) use descriptors::{OpenConnection, OpenConnections};
pub(in crate::transport) use permits::Permit;
use permits::Permits;

/// Settings of a [`Pool`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PoolConfig {
    /// How long connecting may take: name lookup, TCP, proxy and TLS together. 10 s. Before the first https
    /// connection, reading the certificates' files may take as long.
    pub connect_timeout: Duration,
    /// How long an answer's body may pause. 60 s.
    pub read_timeout: Duration,
    /// The least bytes a second at which an answer's body must come, on average over 30 s in which
    /// some of it came. 64; 0 for no minimum.
    pub min_throughput: u32,
    /// How many connections there may be to each host; further calls wait in order. `None` for the
    /// lesser of 256 and half of the files that the process may open (`ulimit -n`) less 16. Logins and
    /// discovery may have two more.
    ///
    /// A call holds its connection until the answer's body is read or dropped.
    pub max_connections_per_host: Option<usize>,
    /// How long an idle connection is kept. 50 s, below the 60 s and more of common servers.
    pub idle_timeout: Duration,
    /// How many idle connections are kept for each host, up to the connections allowed. 1024: they
    /// are closed when idle, and new ones cost more than kept ones.
    pub max_idle_per_host: usize,
    /// Certificates.
    pub tls: TlsConfig,
    /// Whether `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` are heeded. Yes.
    pub proxy_from_env: bool,
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
}

/// A pool of connections, the innermost service of a stack. Cloning costs a count.
///
/// A connection is not used again after 502, 503 or 504, a timeout, or an answer that broke off: the
/// server or load balancer at its other end may be the one that is broken.
#[derive(Clone)]
pub struct Pool {
    shared: Arc<Shared>,
    is_for_logins: bool,
}

struct Shared {
    client: Client<Connector, Body>,
    /// Connections that offer the client certificate, if there is one: never used for other servers.
    identified: Option<Client<Connector, Body>>,
    permits: Permits,
    pace: Arc<BodyPace>,
    /// Whether any server has answered a plain http request: if not, the port may expect TLS.
    has_answer: Arc<AtomicBool>,
}

impl Pool {
    /// A pool without connections. No I/O happens and no certificate is read.
    pub fn new(config: PoolConfig) -> Self {
        let permits = Permits::new(config.max_connections_per_host);
        let connector = Connector::new(config.connect_timeout, config.tls, config.proxy_from_env);
        let mut builder = Client::builder(TokioExecutor::new());
        builder
            // Without the timer idle connections are never closed, only passed over.
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(config.idle_timeout)
            .pool_max_idle_per_host(config.max_idle_per_host.min(permits.limit()))
            .retry_canceled_requests(true);
        let identified = connector.offering_certificate();
        let pace = BodyPace {
            read_timeout: config.read_timeout,
            min_throughput: config.min_throughput,
        };
        Self {
            shared: Arc::new(Shared {
                identified: identified.map(|connector| builder.build(connector)),
                client: builder.build(connector),
                permits,
                pace: Arc::new(pace),
                has_answer: Arc::default(),
            }),
            is_for_logins: false,
        }
    }

    /// The same pool for logins and discovery, which have two connections to each host more.
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
        let places = match permit {
            Some(Ok(permit)) => return self.shared.send(request, Some(permit)),
            None => return self.shared.send(request, None),
            Some(Err(places)) => places,
        };
        let shared = Arc::clone(&self.shared);
        PoolFuture::new(State::Queued {
            rest: Box::pin(async move {
                let call = request.extensions().get::<Call>().cloned();
                // The time in the queue is none in which the server could have answered.
                let place = call.as_ref().map(Call::queue);
                let permit = places.acquire_owned().await.map_err(|e| {
                    Error::new(ErrorKind::Cancelled, "the connection pool was shut down")
                        .with_source(e)
                })?;
                drop(place);
                shared.send(request, Some(permit)).await
            }),
        })
    }
}

impl Shared {
    /// The client whose connections suit the request.
    fn client_for(&self, request: &Request<Body>) -> &Client<Connector, Body> {
        match &self.identified {
            Some(identified) if is_trusted(request) => identified,
            _ => &self.client,
        }
    }

    fn send(&self, mut request: Request<Body>, permit: Option<Permit>) -> PoolFuture {
        let connection = capture_connection(&mut request);
        let is_new = request.uri().scheme() == Some(&Scheme::HTTP)
            && !self.has_answer.load(Ordering::Relaxed);
        PoolFuture::new(State::Sent {
            unanswered: is_new.then(|| Arc::clone(&self.has_answer)),
            answer: self.client_for(&request).request(request),
            connection,
            permit,
            pace: Arc::clone(&self.pace),
        })
    }
}

/// Whether the layers above found that the server may receive the session's credentials.
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
        /// Waits for a connection to be free.
        Queued { rest: BoxFuture },
        /// Waits for the answer.
        Sent {
            #[pin]
            answer: ResponseFuture,
            connection: CaptureConnection,
            permit: Option<Permit>,
            pace: Arc<BodyPace>,
            // Set by the first answer to a plain http request.
            unanswered: Option<Arc<AtomicBool>>,
        },
    }
}

impl Future for PoolFuture {
    type Output = Result<Response<Body>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProj::Queued { rest } => rest.as_mut().poll(cx),
            StateProj::Sent {
                answer,
                connection,
                permit,
                pace,
                unanswered,
            } => {
                let may_expect_https = unanswered.is_some();
                let response = ready!(answer.poll(cx));
                let response = response.map_err(|error| {
                    let metadata = connection.connection_metadata();
                    let through = metadata.as_ref().and_then(Through::of);
                    failure(error, may_expect_https, through)
                })?;
                if let Some(has_answer) = unanswered {
                    has_answer.store(true, Ordering::Relaxed);
                }
                if is_of_broken_server(&response)
                    && let Some(connection) = &*connection.connection_metadata()
                {
                    connection.poison();
                }
                if response.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED
                    && let Some(through) = response.extensions().get::<Through>()
                    && let Some(refusal) = through.refusal()
                {
                    return Poll::Ready(Err(refusal));
                }
                if response.status() == StatusCode::SWITCHING_PROTOCOLS
                    || response.status().is_informational()
                {
                    return Poll::Ready(Err(read::no_answer(response.status())));
                }
                let (pace, permit) = (Arc::clone(pace), permit.take());
                Poll::Ready(Ok(response.map(|body| Body::incoming(body, pace, permit))))
            }
        }
    }
}

/// Whether the next request had better go to another server behind the load balancer. A 404 without a
/// request id did not come from the service.
fn is_of_broken_server<B>(response: &Response<B>) -> bool {
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

/// Tells what was never sent from what may have been. A plain http port that never answered may be one
/// for https, unless a proxy is before it, whose failure it may be.
fn failure(error: ClientError, may_expect_https: bool, through: Option<Through>) -> Error {
    let hint = match may_expect_https && through.is_none() {
        true => "; the port may expect https://",
        false => "",
    };
    let through = through.map_or_else(String::new, |through| through.to_string());
    // In TLS 1.3 servers refuse client certificates only after the handshake, as clients see it.
    if let Some(refusal) = connector::tls_refusal(&error) {
        let message = format!("the server ended the TLS handshake: {refusal}");
        return Error::new(ErrorKind::Tls, message).with_source(error);
    }
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(inner) = cause {
        if let Some(ours) = inner.downcast_ref::<Error>() {
            return ours.clone();
        }
        if let Some(hyper) = inner.downcast_ref::<hyper::Error>()
            && hyper.is_parse()
        {
            // A TLS alert is no HTTP from its first byte on.
            let hint = match hyper.to_string().contains("HTTP version") {
                true => hint,
                false => "",
            };
            return Error::new(
                ErrorKind::Decode,
                match through.as_str() {
                    "" => format!("the answer is not HTTP: {hyper}{hint}"),
                    through => {
                        format!("the answer on the connection{through} is not HTTP: {hyper}")
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
        format!("the connection{through} broke before an answer came{hint}"),
    )
    .with_source(error)
    .after_sending()
}

#[cfg(test)]
mod tests;
