//! Scripted inner services and servers for tests.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::clock::{self, Instant};
use crate::error::{Error, ErrorKind, Result};
use crate::transport::call::{Destination, ServiceProfile};
use crate::transport::{Body, BoxService, Call, CallOptions, UrlShape, read};

/// A request that the server received.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) uri: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) at: Instant,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// The requests that the server received so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wire(Arc<Mutex<Vec<Seen>>>);

impl Wire {
    /// A server that responds to request number `n` (from 0) with the result of `script` after `delay`.
    pub(crate) fn new<F>(delay: Duration, script: F) -> (BoxService, Self)
    where
        F: Fn(usize, &Seen) -> Result<Response<Body>> + Clone + Send + Sync + 'static,
    {
        let wire = Self::default();
        let log = wire.clone();
        let service = tower::service_fn(move |request: Request<Body>| {
            let (script, log) = (script.clone(), log.clone());
            async move {
                if let Some(call) = request.extensions().get::<Call>() {
                    call.count_attempt();
                }
                let (parts, body) = request.into_parts();
                let seen = Seen {
                    method: parts.method,
                    uri: parts.uri.to_string(),
                    headers: parts.headers,
                    body: read::collect(body, usize::MAX).await?,
                    at: clock::now(),
                };
                let number = {
                    let mut all = log.0.lock().unwrap();
                    all.push(seen.clone());
                    all.len() - 1
                };
                if !delay.is_zero() {
                    tokio::time::sleep(delay).await;
                }
                script(number, &seen)
            }
        });
        (BoxService::new(service), wire)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

pub(crate) fn answer(status: u16) -> Result<Response<Body>> {
    answer_with(status, &[])
}

pub(crate) fn answer_with(status: u16, headers: &[(&'static str, &str)]) -> Result<Response<Body>> {
    let mut response = Response::new(Body::from("body"));
    *response.status_mut() = status.try_into().unwrap();
    for (name, value) in headers {
        let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
        response
            .headers_mut()
            .append(HeaderName::from_static(name), value);
    }
    Ok(response)
}

/// The pool's error when a connection breaks after the request was sent.
pub(crate) fn interrupted() -> Error {
    Error::new(ErrorKind::Interrupted, "the connection broke").after_sending()
}

/// The pool's error when there is no connection.
pub(crate) fn refused() -> Error {
    Error::new(ErrorKind::Connect, "cannot connect")
}

pub(crate) fn request(method: Method, uri: &str, body: impl Into<Body>) -> Request<Body> {
    request_with(method, uri, body, CallOptions::default())
}

pub(crate) fn request_with(
    method: Method,
    uri: &str,
    body: impl Into<Body>,
    options: CallOptions,
) -> Request<Body> {
    let request = Request::builder().method(method).uri(uri);
    let mut request = request.extension(options).body(body.into()).unwrap();
    Call::start(&mut request);
    request
}

/// Sets the destination of a call, as a session does for Heat.
pub(crate) fn heat_at(call: &Call, endpoint: &str) {
    call.set_destination(Destination {
        endpoint: endpoint.parse().unwrap(),
        service: Arc::new(ServiceProfile {
            name: "Heat",
            url_shape: UrlShape::default().project_last(true).collection("stacks"),
            ..ServiceProfile::default()
        }),
    });
}

/// A body that can be sent only once.
pub(crate) fn stream(text: &'static str) -> Body {
    Body::stream(http_body_util::Full::new(Bytes::from_static(
        text.as_bytes(),
    )))
}

/// Starts a server on the loopback that runs `serve` with connection number `n` (from 0). Returns
/// its `host:port`.
pub(crate) async fn listen<F, Fut>(serve: F) -> String
where
    F: Fn(usize, TcpStream) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        for n in 0.. {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(serve(n, stream));
        }
    });
    address
}

/// Reads the next request on a connection, head and body; `None` at the end.
pub(crate) async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut text = String::new();
    loop {
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .filter_map(|line| line.split_once(": "))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                .map_or(0, |(_, length)| length.parse().unwrap());
            if body.len() >= length {
                return Some(text);
            }
        }
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(n) => text.push_str(std::str::from_utf8(&chunk[..n]).unwrap()),
        }
    }
}

/// Responds to each request on a connection with the result of `script`.
pub(crate) async fn converse(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    mut script: impl FnMut(&str) -> String,
) {
    while let Some(request) = read_request(&mut stream).await {
        if stream.write_all(script(&request).as_bytes()).await.is_err() {
            return;
        }
    }
}

pub(crate) const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// A file of `tests/fixtures/tls`.
pub(crate) fn fixture(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/fixtures/tls", name]
        .iter()
        .collect()
}

/// Accepts TLS with the fixtures' certificate for `localhost`.
pub(crate) fn tls_acceptor() -> TlsAcceptor {
    let chain = CertificateDer::pem_file_iter(fixture("server.pem"))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let key = PrivateKeyDer::from_pem_file(fixture("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}
