//! Makes connections: TCP, a proxy and TLS within one time limit.

mod failure;
mod no_proxy;
mod proxies;
mod resolver;
mod tunnel;

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::header::{PROXY_AUTHORIZATION, SERVER};
use http::{HeaderMap, Request, StatusCode, Uri};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::{DefaultServerNameResolver, HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tower::{BoxError, Service, ServiceExt as _};

use crate::error::{Error, ErrorKind, Result};
use crate::transport::PoolConfig;
use crate::transport::pool::{OpenConnection, OpenConnections};
use crate::transport::tls::Tls;
pub(in crate::transport) use failure::tls_refusal;
use proxies::{Protocol, Proxies, Proxy};
use resolver::Resolver;

/// A dead connection is noticed within two minutes, as in keystoneauth: a probe after 60 s without traffic, and a further
/// one every 15 s, until 4 are lost.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(60);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(15);
const KEEPALIVE_PROBES: u32 = 4;

/// Makes connections for the pool.
#[derive(Clone)]
pub(crate) struct Connector {
    shared: Arc<Shared>,
    /// Whether servers that request the client certificate get it.
    offers_certificate: bool,
}

struct Shared {
    timeout: Duration,
    tls: Tls,
    proxies: Proxies,
    tcp: HttpConnector<Resolver>,
    force_ipv4: bool,
    open: OpenConnections,
}

/// The TLS configurations for the server and for the proxy; `None` for plain connections.
struct Secured {
    server: Option<Arc<ClientConfig>>,
    proxy: Option<Arc<ClientConfig>>,
}

/// A connection to the server or to the proxy.
type Link = MaybeHttpsStream<TokioIo<TcpStream>>;

impl Connector {
    /// Creates a connector that offers no client certificate.
    pub(crate) fn new(config: &PoolConfig) -> Self {
        let proxies = match config.proxy_from_env {
            true => Proxies::from_env(),
            false => Proxies::default(),
        };
        Self::with_proxies(config, proxies)
    }

    fn with_proxies(config: &PoolConfig, proxies: Proxies) -> Self {
        let mut tcp = HttpConnector::new_with_resolver(Resolver::new(config.force_ipv4));
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEPALIVE_IDLE));
        tcp.set_keepalive_interval(Some(KEEPALIVE_INTERVAL));
        tcp.set_keepalive_retries(Some(KEEPALIVE_PROBES));
        Self {
            shared: Arc::new(Shared {
                timeout: config.connect_timeout,
                tls: Tls::new(config.tls.clone()),
                proxies,
                tcp,
                force_ipv4: config.force_ipv4,
                open: OpenConnections::default(),
            }),
            offers_certificate: false,
        }
    }

    /// The same connector with the client certificate; `None` if none is configured.
    pub(crate) fn offering_certificate(&self) -> Option<Self> {
        self.shared.tls.has_certificate().then(|| Self {
            shared: Arc::clone(&self.shared),
            offers_certificate: true,
        })
    }

    /// Adds the user name and password of the proxy to a plain http request, which the proxy forwards.
    pub(crate) fn add_proxy_login<B>(&self, request: &mut Request<B>) {
        if let Some(login) = self.shared.proxies.login_for_request(request.uri()) {
            request.headers_mut().insert(PROXY_AUTHORIZATION, login);
        }
    }

    /// The TLS configuration for servers. It follows the certificate files.
    pub(crate) async fn tls(&self) -> Result<Arc<ClientConfig>> {
        let Shared { tls, timeout, .. } = &*self.shared;
        tls.client(self.offers_certificate, *timeout).await
    }

    /// The TLS configuration for servers, of the certificate files as they are now.
    pub(crate) async fn latest_tls(&self) -> Result<Arc<ClientConfig>> {
        let Shared { tls, timeout, .. } = &*self.shared;
        tls.latest(self.offers_certificate, *timeout).await
    }

    /// Whether [`tls`](Self::tls) would look for changes of the files.
    pub(crate) fn is_check_due(&self) -> bool {
        self.shared.tls.is_due(self.offers_certificate)
    }

    /// The number of times that the files have changed. Connections of an earlier number should not be used again.
    pub(crate) fn generation(&self) -> u64 {
        self.shared.tls.generation(self.offers_certificate)
    }
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Stream>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move {
            let shared = &connector.shared;
            let proxy = shared.proxies.for_uri(&uri)?;
            // Invalid certificate files are an error before any connection is made.
            let mut tls = Secured {
                server: match uri.scheme_str() {
                    Some("https") => Some(connector.tls().await?),
                    _ => None,
                },
                proxy: match proxy.map(|proxy| proxy.protocol) {
                    // The client certificate is never offered to proxies.
                    Some(Protocol::Https) => Some(shared.tls.client(false, shared.timeout).await?),
                    _ => None,
                },
            };
            loop {
                let connecting = shared.connect(&uri, proxy, &tls);
                let result = tokio::time::timeout(shared.timeout, connecting).await;
                let error = match result {
                    Ok(Ok(stream)) => return Ok(stream),
                    Ok(Err(error)) => error,
                    Err(_) => failure::timed_out(&uri, proxy, shared.timeout),
                };
                // The files may have changed together with the server's certificate.
                if error.kind() == ErrorKind::Tls && connector.update(&mut tls).await? {
                    continue;
                }
                if !shared.open.wait_for_descriptor().await {
                    return Err(error);
                }
            }
        })
    }
}

impl Connector {
    /// Replaces the TLS configurations by those of the files as they are now. Returns whether they have changed.
    async fn update(&self, tls: &mut Secured) -> Result<bool> {
        let mut has_changed = false;
        if let Some(server) = &mut tls.server {
            let latest = self.latest_tls().await?;
            has_changed |= !Arc::ptr_eq(server, &latest);
            *server = latest;
        }
        if let Some(proxy) = &mut tls.proxy {
            let latest = self.shared.tls.latest(false, self.shared.timeout).await?;
            has_changed |= !Arc::ptr_eq(proxy, &latest);
            *proxy = latest;
        }
        Ok(has_changed)
    }
}

impl Shared {
    async fn connect(&self, uri: &Uri, proxy: Option<&Proxy>, tls: &Secured) -> Result<Stream> {
        let server = authority(uri);
        let (link, through) = match proxy {
            None => {
                let tcp = self.tcp(uri).await;
                let tcp = tcp.map_err(|error| failure::of(&server, &*error))?;
                (MaybeHttpsStream::Http(tcp), None)
            }
            Some(proxy) => (
                self.link(uri, proxy, tls).await?,
                tls.server.is_none().then(|| ViaProxy::new(proxy)),
            ),
        };
        let inner = match &tls.server {
            None => MaybeHttpsStream::Http(link),
            Some(tls) => {
                let secured = secure(link, uri, Arc::clone(tls)).await;
                secured.map_err(|error| failure::of(&server, &*error))?
            }
        };
        Ok(Stream {
            inner,
            through,
            _open: self.open.add(),
        })
    }

    /// A connection to the server through a tunnel, or to a proxy that forwards plain http requests.
    async fn link(&self, uri: &Uri, proxy: &Proxy, tls: &Secured) -> Result<Link> {
        let https = tls.server.is_some();
        let link = self.to_proxy(proxy, tls).await?;
        match proxy.protocol {
            Protocol::Socks5 { local_dns } => {
                tunnel::socks5(link, uri, proxy, local_dns, self.force_ipv4).await
            }
            // Plain http needs no tunnel: the request contains the whole URL (RFC 9112, 3.2.2).
            _ if !https => Ok(link),
            _ => tunnel::connect(link, uri, proxy).await,
        }
    }

    async fn to_proxy(&self, proxy: &Proxy, tls: &Secured) -> Result<Link> {
        let failed = |error: BoxError| failure::of(&format!("the {proxy}"), &*error);
        let tcp = self.tcp(&proxy.address).await.map_err(failed)?;
        match &tls.proxy {
            None => Ok(MaybeHttpsStream::Http(tcp)),
            Some(tls) => {
                let secured = secure(tcp, &proxy.address, without_http2(tls)).await;
                secured.map_err(failed)
            }
        }
    }

    async fn tcp(&self, uri: &Uri) -> Result<TokioIo<TcpStream>, BoxError> {
        Ok(self.tcp.clone().oneshot(uri.clone()).await?)
    }
}

/// The configuration for a proxy, to which CONNECT is sent with HTTP/1.1.
fn without_http2(tls: &Arc<ClientConfig>) -> Arc<ClientConfig> {
    if tls.alpn_protocols.is_empty() {
        return Arc::clone(tls);
    }
    let mut tls = ClientConfig::clone(tls);
    tls.alpn_protocols.clear();
    Arc::new(tls)
}

/// Starts TLS on a connection, for the host of `uri`.
async fn secure<T>(
    link: T,
    uri: &Uri,
    tls: Arc<ClientConfig>,
) -> Result<MaybeHttpsStream<T>, BoxError>
where
    T: Connection + Read + Write + Send + Unpin + 'static,
{
    let names = Arc::new(DefaultServerNameResolver::default());
    let connector = HttpsConnector::new(once(link), tls, true, names);
    connector.oneshot(uri.clone()).await
}

/// A connector that returns an existing connection.
fn once<T: Send + 'static>(
    link: T,
) -> impl Service<Uri, Response = T, Error = io::Error, Future = std::future::Ready<io::Result<T>>>
{
    let mut link = Some(link);
    tower::service_fn(move |_| {
        std::future::ready(link.take().ok_or_else(|| io::Error::other("used already")))
    })
}

/// The proxy of a plain http connection: an extension of the connection and of its responses.
#[derive(Debug, Clone)]
pub(in crate::transport) struct ViaProxy {
    /// `proxy HOST:PORT (VARIABLE)`
    name: Arc<str>,
    /// Whether the proxy forwards requests itself, so that its responses may be its own.
    forwards: bool,
    has_login: bool,
}

impl ViaProxy {
    fn new(proxy: &Proxy) -> Self {
        Self {
            name: proxy.to_string().into(),
            forwards: matches!(proxy.protocol, Protocol::Http | Protocol::Https),
            has_login: proxy.has_login(),
        }
    }

    /// The proxy of a connection, if it has one.
    pub(in crate::transport) fn of(connection: &Connected) -> Option<Self> {
        let mut extensions = http::Extensions::new();
        connection.get_extras(&mut extensions);
        extensions.remove()
    }

    /// The error of a response by which the proxy refuses the request, for lack of a valid user name and password.
    ///
    /// It has status 407. Of tinyproxy it has status 401 if the password is wrong, as if it were of the server.
    pub(in crate::transport) fn refusal(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
    ) -> Option<Error> {
        let is_refusal = match status {
            StatusCode::PROXY_AUTHENTICATION_REQUIRED => true,
            StatusCode::UNAUTHORIZED => headers
                .get(SERVER)
                .is_some_and(|server| server.as_bytes().starts_with(b"tinyproxy/")),
            _ => false,
        };
        let advice = tunnel::login_advice(self.has_login);
        let refused = || {
            let message = format!("the {} refused the request: {status}; {advice}", self.name);
            Error::new(ErrorKind::Connect, message)
        };
        (self.forwards && is_refusal).then(refused)
    }
}

impl fmt::Display for ViaProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let preposition = if self.forwards { "to" } else { "through" };
        write!(f, " {preposition} the {}", self.name)
    }
}

fn authority(uri: &Uri) -> String {
    crate::uri::shown_server(uri).to_owned()
}

/// A connection, and its proxy if it is a plain http connection.
pub(crate) struct Stream {
    inner: MaybeHttpsStream<Link>,
    through: Option<ViaProxy>,
    _open: OpenConnection,
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        let connected = self.inner.connected();
        match &self.through {
            None => connected,
            Some(through) => connected.proxy(through.forwards).extra(through.clone()),
        }
    }
}

impl Read for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl Write for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, bufs)
    }
}

#[cfg(test)]
mod tests;
