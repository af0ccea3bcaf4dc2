//! The connection pool: where requests meet the wire.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::{Request, Response, StatusCode};
use hyper_util::client::legacy::{Client, Error as ClientError, ResponseFuture};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use pin_project_lite::pin_project;
use tower::Service;

use crate::error::{Error, ErrorKind, Result};
use crate::http::connector::Connector;
use crate::http::layers::READ_TIMEOUT;
use crate::http::tls::TlsConfig;
use crate::http::{Body, read};
use crate::session::Call;

/// Settings of a [`Pool`].
#[derive(Debug, Clone)]
pub struct PoolConfig {
    /// How long connecting may take: name lookup, TCP, proxy and TLS together. 10 s.
    pub connect_timeout: Duration,
    /// How long an answer's body may pause. 60 s.
    pub read_timeout: Duration,
    /// How long an idle connection is kept. 50 s, below the 60 s and more of common servers.
    pub idle_timeout: Duration,
    /// How many idle connections are kept for each host. 1024: they are closed when idle, and
    /// new ones cost more than kept ones.
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
            idle_timeout: Duration::from_secs(50),
            max_idle_per_host: 1024,
            tls: TlsConfig::default(),
            proxy_from_env: true,
        }
    }
}

/// A pool of connections, the innermost service of a stack. Cloning costs a count.
#[derive(Clone)]
pub struct Pool {
    client: Arc<Client<Connector, Body>>,
    /// Connections that offer the client certificate, if there is one: never used for other servers.
    identified: Option<Arc<Client<Connector, Body>>>,
    read_timeout: Duration,
}

impl Pool {
    /// A pool without connections. No I/O happens and no certificate is read.
    pub fn new(config: PoolConfig) -> Self {
        let read_timeout = config.read_timeout;
        let connector = Connector::new(config.connect_timeout, config.tls, config.proxy_from_env);
        let mut builder = Client::builder(TokioExecutor::new());
        builder
            // Without the timer idle connections are never closed, only passed over.
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(config.idle_timeout)
            .pool_max_idle_per_host(config.max_idle_per_host)
            .retry_canceled_requests(true);
        let identified = connector.offering_certificate();
        Self {
            identified: identified.map(|connector| Arc::new(builder.build(connector))),
            client: Arc::new(builder.build(connector)),
            read_timeout,
        }
    }

    /// The client whose connections suit the request.
    fn client_for(&self, request: &Request<Body>) -> &Client<Connector, Body> {
        match &self.identified {
            Some(identified) if is_trusted(request) => identified,
            _ => &self.client,
        }
    }
}

/// Whether the layers above found that the server may receive the session's credentials.
fn is_trusted(request: &Request<Body>) -> bool {
    request
        .extensions()
        .get::<Call>()
        .is_some_and(Call::is_trusted)
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
        PoolFuture {
            answer: self.client_for(&request).request(request),
            read_timeout: self.read_timeout,
        }
    }
}

pin_project! {
    /// The future of [`Pool`].
    pub struct PoolFuture {
        #[pin]
        answer: ResponseFuture,
        read_timeout: Duration,
    }
}

impl Future for PoolFuture {
    type Output = Result<Response<Body>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(this.answer.poll(cx)).map_err(failure)?;
        if response.status() == StatusCode::SWITCHING_PROTOCOLS
            || response.status().is_informational()
        {
            return Poll::Ready(Err(read::no_answer(response.status())));
        }
        Poll::Ready(Ok(
            response.map(|body| Body::incoming(body, *this.read_timeout))
        ))
    }
}

impl fmt::Debug for PoolFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolFuture").finish_non_exhaustive()
    }
}

/// Tells what was never sent from what may have been.
fn failure(error: ClientError) -> Error {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(inner) = cause {
        if let Some(ours) = inner.downcast_ref::<Error>() {
            return ours.clone();
        }
        if let Some(hyper) = inner.downcast_ref::<hyper::Error>()
            && hyper.is_parse()
        {
            return Error::new(
                ErrorKind::Decode,
                format!("the answer is not HTTP: {hyper}"),
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
        "the connection broke before an answer came",
    )
    .with_source(error)
    .after_sending()
}

#[cfg(test)]
mod tests;
