//! HTTP/2, with a server of hyper. `cargo test --features http2 --test http2`

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::type_complexity
)]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures::future::{join_all, try_join_all};
use heatclient::auth::NoAuth;
use heatclient::session::SessionBuilder;
use heatclient::transport::TlsConfig;
use heatclient::{Client, Session};
use heatclient_test_support::secured::fixture;
use http::{Method, Request, Response, StatusCode, Version};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

type Answer = Result<Response<Full<Bytes>>, h2::Error>;

/// A server that speaks HTTP/2 if the client offers it.
struct Server {
    url: String,
    connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<(Method, Version)>>>,
    /// Ends all connections.
    end: Arc<Notify>,
}

impl Server {
    /// The script gets the number of the request, from 0.
    async fn start<F, Fut>(protocols: &[&str], script: F) -> Self
    where
        F: Fn(usize) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Answer> + Send + 'static,
    {
        let chain = CertificateDer::pem_file_iter(fixture("server.pem")).unwrap();
        let key = PrivateKeyDer::from_pem_file(fixture("server.key")).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain.map(Result::unwrap).collect(), key)
            .unwrap();
        config.alpn_protocols = protocols.iter().map(|p| p.as_bytes().to_vec()).collect();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!(
            "https://localhost:{}/v1/p",
            listener.local_addr().unwrap().port()
        );
        let server = Self {
            url,
            connections: Arc::default(),
            requests: Arc::default(),
            end: Arc::default(),
        };
        let (connections, requests) = (
            Arc::clone(&server.connections),
            Arc::clone(&server.requests),
        );
        let end = Arc::clone(&server.end);
        tokio::spawn(async move {
            let mut tasks = JoinSet::new();
            loop {
                let (stream, _) = tokio::select! {
                    accepted = listener.accept() => accepted.unwrap(),
                    () = end.notified() => {
                        tasks.shutdown().await;
                        continue;
                    }
                };
                connections.fetch_add(1, Ordering::SeqCst);
                let (acceptor, script, requests) =
                    (acceptor.clone(), script.clone(), Arc::clone(&requests));
                tasks.spawn(async move {
                    let stream = acceptor.accept(stream).await.unwrap();
                    let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                    let service = service_fn(move |request: Request<Incoming>| {
                        let number = {
                            let mut all = requests.lock().unwrap();
                            all.push((request.method().clone(), request.version()));
                            all.len() - 1
                        };
                        script(number)
                    });
                    let stream = TokioIo::new(stream);
                    let _ = match is_http2 {
                        true => {
                            hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                                .serve_connection(stream, service)
                                .await
                        }
                        false => {
                            hyper::server::conn::http1::Builder::new()
                                .serve_connection(stream, service)
                                .await
                        }
                    };
                });
            }
        });
        server
    }

    fn client(&self, settings: impl FnOnce(SessionBuilder) -> SessionBuilder) -> Client {
        let auth = NoAuth::new().at(&self.url).unwrap();
        let tls = TlsConfig::default().cacert(fixture("ca.pem"));
        Client::new(settings(Session::builder(auth).tls(tls)).build())
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    fn versions(&self) -> Vec<Version> {
        let requests = self.requests.lock().unwrap();
        requests.iter().map(|(_, version)| *version).collect()
    }
}

fn stacks() -> Answer {
    let body = Full::new(Bytes::from_static(br#"{"stacks": []}"#));
    let answer = Response::builder().header("content-type", "application/json");
    Ok(answer.body(body).unwrap())
}

fn unavailable() -> Answer {
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    Ok(answer)
}

#[tokio::test]
async fn calls_share_a_connection_if_the_server_offers_http_2() {
    let server = Server::start(&["h2", "http/1.1"], |_| async { stacks() }).await;
    let client = server.client(|session| session);
    client.stacks().list().await.unwrap();
    try_join_all((0..50).map(|_| async { client.stacks().list().await }))
        .await
        .unwrap();
    assert_eq!(server.versions(), [Version::HTTP_2; 51]);
    assert_eq!(server.connections(), 1);
    for protocols in [&["http/1.1"][..], &[]] {
        let old = Server::start(protocols, |_| async { stacks() }).await;
        old.client(|session| session).stacks().list().await.unwrap();
        assert_eq!(old.versions(), [Version::HTTP_11]);
    }
}

/// A connection of HTTP/1.1 is dropped after a 503, since the load balancer may choose another server then.
#[tokio::test]
async fn a_connection_that_answered_503_is_kept() {
    for (protocol, connections) in [("h2", 1), ("http/1.1", 2)] {
        let script = |number| async move {
            match number {
                1 => unavailable(),
                _ => stacks(),
            }
        };
        let server = Server::start(&[protocol], script).await;
        let client = server.client(|session| session);
        client.stacks().list().await.unwrap();
        // The 503 is retried.
        client.stacks().list().await.unwrap();
        assert_eq!(server.versions().len(), 3);
        assert_eq!(server.connections(), connections, "{protocol}");
    }
}

#[tokio::test]
async fn the_limit_of_connections_is_one_of_requests() {
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (now, peak) = (Arc::clone(&running), Arc::clone(&most));
    let server = Server::start(&["h2"], move |_| {
        let (now, peak) = (Arc::clone(&now), Arc::clone(&peak));
        async move {
            peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            for _ in 0..50 {
                tokio::task::yield_now().await;
            }
            now.fetch_sub(1, Ordering::SeqCst);
            stacks()
        }
    })
    .await;
    let client = server.client(|session| session.max_connections_per_host(3));
    client.stacks().list().await.unwrap();
    try_join_all((0..20).map(|_| async { client.stacks().list().await }))
        .await
        .unwrap();
    assert_eq!(most.load(Ordering::SeqCst), 3);
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_broken_connection_is_dropped_and_its_calls_are_repeated() {
    let arrived = Arc::new(Notify::new());
    let arrival = Arc::clone(&arrived);
    let server = Server::start(&["h2"], move |number| {
        let arrival = Arc::clone(&arrival);
        async move {
            if (1..=5).contains(&number) {
                arrival.notify_one();
                return std::future::pending().await;
            }
            stacks()
        }
    })
    .await;
    let client = server.client(|session| session);
    client.stacks().list().await.unwrap();
    let calls = join_all((0..5).map(|_| async { client.stacks().list().await }));
    let breaks = async {
        while server.versions().len() < 6 {
            arrived.notified().await;
        }
        server.end.notify_one();
    };
    let (outcomes, ()) = futures::join!(calls, breaks);
    for outcome in outcomes {
        outcome.unwrap();
    }
    assert!(
        (2..=6).contains(&server.connections()),
        "{}",
        server.connections()
    );
    assert_eq!(server.versions().len(), 11);
}

/// A POST, which is not repeated after it was sent.
#[tokio::test]
async fn a_request_that_was_refused_unprocessed_is_repeated() {
    for (reason, repeated) in [
        (h2::Reason::REFUSED_STREAM, true),
        (h2::Reason::INTERNAL_ERROR, false),
    ] {
        let server = Server::start(&["h2"], move |number| async move {
            match number {
                0 => Err(h2::Error::from(reason)),
                _ => {
                    let answer = Response::builder().header("content-type", "application/json");
                    Ok(answer.body(Full::new(Bytes::from_static(b"{}"))).unwrap())
                }
            }
        })
        .await;
        let client = server.client(|session| session);
        let session = client.adapter().session();
        let answer = session.request(Method::POST, &server.url).send().await;
        let posts = server.versions().len();
        assert_eq!(posts, if repeated { 2 } else { 1 }, "{reason:?}");
        if !repeated {
            let error = answer.unwrap_err();
            assert!(error.may_have_been_sent(), "{error}");
        }
        assert_eq!(server.connections(), 1);
    }
}
