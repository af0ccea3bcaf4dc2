//! What the session costs over bare hyper-util doing the same: GET, read, decode.
//!
//! `cargo bench --bench session` prints, for http and https and 1, 16 and 64 tasks, the median
//! time of one call either way and their ratio; rounds of the two take turns, so that a busy
//! machine slows both. `benches/instructions` counts instructions with this program, too.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

use std::io::{BufRead as _, BufReader as StdBufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use heatclient::auth::{AuthContext, AuthData, AuthPlugin};
use heatclient::http::TlsConfig;
use heatclient::secret::Secret;
use heatclient::session::Adapter;
use heatclient::{Result, Session};
use http::{Request, Uri, header};
use http_body_util::{BodyExt as _, Empty};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/tls");
const TOKEN: &str = "gAAAAABm-a-token-of-the-usual-length-0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567";
const PATH: &str = "/stacks?limit=10";

#[derive(Deserialize)]
#[allow(dead_code)]
struct Page {
    stacks: Vec<Summary>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Summary {
    id: String,
    stack_name: String,
    stack_status: String,
    stack_status_reason: Option<String>,
    creation_time: Option<String>,
    updated_time: Option<String>,
    tags: Option<Vec<String>>,
}

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["serve"] => runtime().block_on(serve()),
        ["count", who, url, calls] => {
            let calls = calls.parse().expect("a number of calls");
            runtime().block_on(count(who, url, calls));
        }
        _ => runtime().block_on(compare()),
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

/// The program once more, as the server: in a process of its own, so that it is not measured.
struct Server {
    child: Child,
    http: String,
    https: String,
}

impl Server {
    fn start() -> Self {
        let program = std::env::current_exe().expect("this program's path");
        let mut child = Command::new(program)
            .arg("serve")
            .stdout(Stdio::piped())
            .spawn()
            .expect("a server");
        let mut lines = StdBufReader::new(child.stdout.take().expect("its output")).lines();
        let mut line = || lines.next().expect("a line").expect("text");
        let (http, https) = (line(), line());
        Self { child, http, https }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn serve() {
    let plain = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let secure = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!(
        "http://127.0.0.1:{}/v1/project",
        plain.local_addr().expect("an address").port()
    );
    println!(
        "https://127.0.0.1:{}/v1/project",
        secure.local_addr().expect("an address").port()
    );
    let chain = CertificateDer::pem_file_iter(format!("{FIXTURES}/server.pem"))
        .expect("a certificate")
        .collect::<std::result::Result<Vec<_>, _>>()
        .expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(format!("{FIXTURES}/server.key")).expect("a key");
    let config = rustls::ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("a certificate that fits its key");
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    loop {
        tokio::select! {
            Ok((stream, _)) = plain.accept() => {
                let _ = stream.set_nodelay(true);
                tokio::spawn(answer(stream));
            }
            Ok((stream, _)) = secure.accept() => {
                let _ = stream.set_nodelay(true);
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        answer(stream).await;
                    }
                });
            }
        }
    }
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// Answers every request head with the same page.
async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let stacks: Vec<String> = (0..10)
        .map(|n| {
            format!(
                r#"{{"id":"3095aefc-09fb-4bc7-b1f0-f21a304e86{n:02}","links":[{{"href":"http://127.0.0.1:8004/v1/project/stacks/web{n}/3095aefc","rel":"self"}}],"stack_name":"web{n}","description":"A stack","stack_status":"CREATE_COMPLETE","stack_status_reason":"Stack CREATE completed successfully","creation_time":"2026-01-01T00:00:00Z","updated_time":null,"deletion_time":null,"stack_owner":"demo","parent":null,"stack_user_project_id":"39284196717b44b9a8707b1b95f65033","tags":["prod","web"]}}"#
            )
        })
        .collect();
    let body = format!(r#"{{"stacks":[{}]}}"#, stacks.join(","));
    let page = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nx-openstack-request-id: req-0\r\ndate: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n{body}",
        body.len()
    );
    let mut head = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let Ok(read @ 1..) = stream.read(&mut chunk).await else {
            return;
        };
        head.extend_from_slice(&chunk[..read]);
        while let Some(end) = head.windows(4).position(|window| window == b"\r\n\r\n") {
            head.drain(..end + 4);
            if stream.write_all(page.as_bytes()).await.is_err() || stream.flush().await.is_err() {
                return;
            }
        }
    }
}

/// A plugin whose token is there already, as in a session that runs for long.
#[derive(Debug)]
struct AtHand(Uri);

impl AuthPlugin for AtHand {
    async fn authenticate(&self, _: &AuthContext) -> Result<AuthData> {
        let end = heatclient::clock::now() + Duration::from_secs(3600);
        Ok(AuthData::token(&Secret::from(TOKEN))?.expires(end))
    }

    fn endpoint(&self) -> Option<&Uri> {
        Some(&self.0)
    }
}

fn adapter(url: &str) -> Adapter {
    let tls = TlsConfig {
        cacert: Some(format!("{FIXTURES}/ca.pem").into()),
        ..TlsConfig::default()
    };
    let session = Session::builder(AtHand(url.parse().expect("a URL")))
        .tls(tls)
        .build();
    session.adapter("orchestration").build()
}

async fn by_session(adapter: &Adapter) -> usize {
    adapter
        .get(PATH)
        .fetch::<Page>()
        .await
        .expect("an answer")
        .stacks
        .len()
}

type Bare = Client<HttpsConnector<HttpConnector>, Empty<bytes::Bytes>>;

fn bare() -> Bare {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(format!("{FIXTURES}/ca.pem")).expect("a file")
    {
        roots
            .add(certificate.expect("a certificate"))
            .expect("a root");
    }
    let config = rustls::ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut tcp = HttpConnector::new();
    tcp.set_nodelay(true);
    tcp.enforce_http(false);
    let connector = hyper_rustls::HttpsConnectorBuilder::new()
        .with_tls_config(config)
        .https_or_http()
        .enable_http1()
        .wrap_connector(tcp);
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(Duration::from_secs(50))
        .build(connector)
}

async fn by_hyper(client: &Bare, url: &str) -> usize {
    let request = Request::get(format!("{url}{PATH}"))
        .header(header::USER_AGENT, "bench/1")
        .header(header::ACCEPT, "application/json")
        .header(header::ACCEPT_ENCODING, "gzip")
        .header("x-auth-token", TOKEN)
        .body(Empty::new())
        .expect("a request");
    let response = client.request(request).await.expect("an answer");
    assert!(response.status().is_success());
    let body = response
        .into_body()
        .collect()
        .await
        .expect("a body")
        .to_bytes();
    serde_json::from_slice::<Page>(&body)
        .expect("a page")
        .stacks
        .len()
}

/// Runs `calls` calls of one kind, for a tool that counts instructions from outside.
async fn count(who: &str, url: &str, calls: usize) {
    let (adapter, client) = (adapter(url), bare());
    for _ in 0..calls {
        let stacks = match who {
            "session" => by_session(&adapter).await,
            _ => by_hyper(&client, url).await,
        };
        assert_eq!(stacks, 10);
    }
}

async fn compare() {
    const ROUNDS: usize = 31;
    let server = Server::start();
    println!(
        "{:6} {:>5} {:>12} {:>12} {:>7}",
        "", "tasks", "bare µs", "session µs", "ratio"
    );
    for url in [server.http.clone(), server.https.clone()] {
        let (adapter, client) = (adapter(&url), bare());
        for tasks in [1, 16, 64] {
            let calls = 1500 / tasks;
            let (mut bare_times, mut session_times, mut ratios) = (vec![], vec![], vec![]);
            for round in 0..=ROUNDS {
                let time_bare = timed(tasks, calls, {
                    let (client, url) = (client.clone(), url.clone());
                    move || {
                        let (client, url) = (client.clone(), url.clone());
                        async move { by_hyper(&client, &url).await }
                    }
                })
                .await;
                let time_session = timed(tasks, calls, {
                    let adapter = adapter.clone();
                    move || {
                        let adapter = adapter.clone();
                        async move { by_session(&adapter).await }
                    }
                })
                .await;
                // The first round opens connections.
                if round > 0 {
                    bare_times.push(time_bare);
                    session_times.push(time_session);
                    ratios.push(time_session / time_bare);
                }
            }
            println!(
                "{:6} {tasks:>5} {:>12.2} {:>12.2} {:>7.3}",
                url.split(':').next().unwrap_or_default(),
                median(bare_times),
                median(session_times),
                median(ratios)
            );
        }
    }
}

/// Microseconds a call.
async fn timed<F, Fut>(tasks: usize, calls: usize, call: F) -> f64
where
    F: Fn() -> Fut + Clone + 'static,
    Fut: Future<Output = usize> + 'static,
{
    let local = tokio::task::LocalSet::new();
    let start = Instant::now();
    for _ in 0..tasks {
        let call = call.clone();
        local.spawn_local(async move {
            for _ in 0..calls {
                assert_eq!(call().await, 10);
            }
        });
    }
    local.await;
    start.elapsed().as_secs_f64() * 1e6 / (tasks * calls) as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
