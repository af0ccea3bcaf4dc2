//! How connections are made: TCP, a proxy, TLS, within one time limit.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tower::{BoxError, Service, ServiceExt as _};

use crate::error::{Error, ErrorKind, Result};
use crate::http::pool::{OpenConnection, OpenConnections};
use crate::http::tls::TlsConfig;

/// Makes connections for the pool.
#[derive(Clone)]
pub(crate) struct Connector(Arc<Shared>);

struct Shared {
    timeout: Duration,
    tls: TlsConfig,
    /// Made by the first https connection, so that nobody else waits for certificates.
    client: OnceCell<ClientConfig>,
    proxies: Option<Matcher>,
    tcp: HttpConnector,
    open: OpenConnections,
}

impl Connector {
    pub(crate) fn new(timeout: Duration, tls: TlsConfig, proxy_from_env: bool) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(Duration::from_secs(60)));
        Self(Arc::new(Shared {
            timeout,
            tls,
            client: OnceCell::new(),
            proxies: proxy_from_env.then(Matcher::from_env),
            tcp,
            open: OpenConnections::default(),
        }))
    }
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = ConnectError;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, ConnectError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let shared = Arc::clone(&self.0);
        Box::pin(async move {
            let server = uri
                .authority()
                .map_or_else(String::new, ToString::to_string);
            loop {
                let connecting = shared.connect(uri.clone());
                let cause = match tokio::time::timeout(shared.timeout, connecting).await {
                    Ok(Ok(stream)) => return Ok(stream),
                    Ok(Err(cause)) => Cause::Failed(cause),
                    Err(_) => Cause::TimedOut(shared.timeout),
                };
                if !shared.open.wait_for_descriptor().await {
                    return Err(ConnectError { server, cause });
                }
            }
        })
    }
}

impl Shared {
    async fn connect(&self, uri: Uri) -> Result<Stream, BoxError> {
        let https = uri.scheme_str() == Some("https");
        let proxy = self
            .proxies
            .as_ref()
            .and_then(|proxies| proxies.intercept(&uri));
        let inner = match (https, proxy) {
            (false, None) => MaybeHttpsStream::Http(self.tcp.clone().oneshot(uri).await?),
            (false, Some(proxy)) => return self.through_proxy(&proxy).await,
            (true, None) => self.tls(self.tcp.clone()).await?.oneshot(uri).await?,
            (true, Some(proxy)) => {
                let mut tunnel = Tunnel::new(proxy.uri().clone(), self.tcp.clone());
                if let Some(auth) = proxy.basic_auth() {
                    tunnel = tunnel.with_auth(auth.clone());
                }
                self.tls(tunnel).await?.oneshot(uri).await?
            }
        };
        Ok(Stream {
            inner,
            proxied: false,
            _open: self.open.add(),
        })
    }

    /// Plain http needs no tunnel: the proxy is asked for the whole URL (RFC 9112, 3.2.2).
    async fn through_proxy(&self, proxy: &Intercept) -> Result<Stream, BoxError> {
        if proxy.basic_auth().is_some() {
            let message =
                "the proxy for http asks for a password, which only https requests can send it";
            return Err(Error::new(ErrorKind::Config, message).into());
        }
        let inner = MaybeHttpsStream::Http(self.tcp.clone().oneshot(proxy.uri().clone()).await?);
        Ok(Stream {
            inner,
            proxied: true,
            _open: self.open.add(),
        })
    }

    async fn tls<C>(&self, inner: C) -> Result<HttpsConnector<C>, BoxError> {
        let config = self
            .client
            .get_or_try_init(|| async {
                let tls = self.tls.clone();
                tokio::task::spawn_blocking(move || tls.load())
                    .await
                    .map_err(|e| {
                        Error::new(ErrorKind::Cancelled, "reading certificates was cancelled")
                            .with_source(e)
                    })?
            })
            .await?;
        Ok(HttpsConnectorBuilder::new()
            .with_tls_config(config.clone())
            .https_only()
            .enable_http1()
            .wrap_connector(inner))
    }
}

/// A connection that could not be made; nothing was sent.
#[derive(Debug, thiserror::Error)]
#[error("cannot connect to {server}")]
pub(crate) struct ConnectError {
    server: String,
    #[source]
    cause: Cause,
}

#[derive(Debug, thiserror::Error)]
enum Cause {
    #[error("no connection within {0:?}")]
    TimedOut(Duration),
    #[error(transparent)]
    Failed(BoxError),
}

impl ConnectError {
    pub(crate) fn to_error(&self) -> Error {
        let Self { server, cause } = self;
        let cause = match cause {
            Cause::TimedOut(limit) => {
                let message = format!("cannot connect to {server}: no connection within {limit:?}");
                return Error::new(ErrorKind::Timeout, message);
            }
            Cause::Failed(cause) => cause,
        };
        let mut deepest: &(dyn std::error::Error + 'static) = &**cause;
        let mut kind = ErrorKind::Connect;
        loop {
            if let Some(ours) = deepest.downcast_ref::<Error>() {
                return ours.clone();
            }
            if deepest.is::<rustls::Error>() {
                kind = ErrorKind::Tls;
            }
            // An io::Error hides what it wraps from `source`.
            let wrapped = deepest
                .downcast_ref::<io::Error>()
                .and_then(io::Error::get_ref)
                .map(|inner| inner as &(dyn std::error::Error + 'static));
            match wrapped.or_else(|| deepest.source()) {
                Some(next) => deepest = next,
                None => break,
            }
        }
        Error::new(kind, format!("cannot connect to {server}: {deepest}"))
    }
}

/// A connection, and whether it ends at a proxy that wants whole URLs.
pub(crate) struct Stream {
    inner: MaybeHttpsStream<TokioIo<TcpStream>>,
    proxied: bool,
    _open: OpenConnection,
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        self.inner.connected().proxy(self.proxied)
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
mod tests {
    use tokio::io::AsyncWriteExt as _;

    use super::*;
    use crate::http::testing::{OK, listen, read_request};

    fn through(proxy: &str, https: bool) -> Connector {
        let matcher = if https {
            Matcher::builder().https(proxy)
        } else {
            Matcher::builder().http(proxy)
        };
        let insecure = TlsConfig {
            insecure: true,
            ..TlsConfig::default()
        };
        let plain = Connector::new(Duration::from_secs(5), insecure, false);
        let Some(shared) = Arc::into_inner(plain.0) else {
            panic!("it was to be the only one");
        };
        let proxies = Some(matcher.build());
        Connector(Arc::new(Shared { proxies, ..shared }))
    }

    async fn failure(connector: Connector, uri: &str) -> Error {
        match connector.oneshot(uri.parse().unwrap()).await {
            Ok(_) => panic!("{uri} was not to be reached"),
            Err(error) => error.to_error(),
        }
    }

    #[tokio::test]
    async fn a_proxy_for_http_is_spoken_to_as_such() {
        let proxy = listen(|_, mut stream| async move {
            read_request(&mut stream).await.unwrap();
            stream.write_all(OK.as_bytes()).await.unwrap();
        });
        let connector = through(&format!("http://{}", proxy.await), false);
        let uri = "http://heat.invalid/".parse().unwrap();
        let stream = connector.oneshot(uri).await.unwrap();
        assert!(stream.connected().is_proxied());
    }

    #[tokio::test]
    async fn a_password_is_not_sent_to_a_proxy_in_clear_requests() {
        let connector = through("http://me:hunter2@127.0.0.1:1", false);
        let error = failure(connector, "http://heat.invalid/").await;
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(!error.to_string().contains("hunter2"));
    }

    #[tokio::test]
    async fn https_goes_through_a_tunnel() {
        let (asked, seen) = tokio::sync::oneshot::channel();
        let asked = std::sync::Mutex::new(Some(asked));
        let proxy = listen(move |_, mut stream| {
            let asked = asked.lock().unwrap().take();
            async move {
                let request = read_request(&mut stream).await.unwrap();
                let _ = asked.unwrap().send(request);
                let refusal = b"HTTP/1.1 403 Forbidden\r\n\r\n";
                stream.write_all(refusal).await.unwrap();
            }
        });
        let connector = through(&format!("http://me:pw@{}", proxy.await), true);
        let error = failure(connector, "https://heat.invalid:8004/").await;
        assert_eq!(error.kind(), ErrorKind::Connect);
        assert!(!error.may_have_been_sent());
        assert!(
            error
                .to_string()
                .starts_with("cannot connect to heat.invalid:8004: "),
            "{error}"
        );
        let request = seen.await.unwrap();
        assert!(
            request.starts_with("CONNECT heat.invalid:8004 HTTP/1.1\r\n"),
            "{request}"
        );
        assert!(
            request
                .to_ascii_lowercase()
                .contains("proxy-authorization: basic")
        );
    }
}
