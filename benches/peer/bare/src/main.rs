//! Lists stacks with bare hyper-util and `serde_json::from_slice`. `benches/decode` compares this with a session.
//!
//! `bare serve STACKS` answers every request with a list of that many stacks, and prints an http and an https
//! endpoint.
//! `bare call ENDPOINT TASKS CALLS` makes the calls in the given number of tasks.

mod serve;
mod stack;

use std::sync::Arc;
use std::time::Duration;

use http::{Request, header};
use http_body_util::{BodyExt as _, Empty};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use stack::{Page, Stack};

const TLS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../tests/fixtures/tls");
const TOKEN: &str = "gAAAAABm-a-token-of-the-usual-length-0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let number = |text: &str| text.parse::<usize>().expect("a number");
    match words.as_slice() {
        ["serve", stacks] => runtime.block_on(serve::serve(number(stacks))),
        ["call", endpoint, tasks, calls] => {
            let (tasks, calls) = (number(tasks), number(calls));
            let (client, url) = (client(), format!("{endpoint}/stacks"));
            let local = tokio::task::LocalSet::new();
            for _ in 0..tasks {
                let (client, url) = (client.clone(), url.clone());
                local.spawn_local(async move {
                    for _ in 0..calls / tasks {
                        assert_ne!(list(&client, &url).await.len(), 0);
                    }
                });
            }
            runtime.block_on(local);
        }
        _ => panic!("usage: bare serve STACKS | bare call ENDPOINT TASKS CALLS"),
    }
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

type Bare = Client<HttpsConnector<HttpConnector>, Empty<bytes::Bytes>>;

fn client() -> Bare {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(format!("{TLS}/ca.pem")).expect("a file") {
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

async fn list(client: &Bare, url: &str) -> Vec<Stack> {
    let request = Request::get(url)
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
}
