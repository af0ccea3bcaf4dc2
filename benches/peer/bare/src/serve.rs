//! A server that answers every request with the same list, in the format of Heat 27.

use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::{TLS, provider};

pub async fn serve(stacks: usize) {
    let plain = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let secure = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    for (scheme, listener) in [("http", &plain), ("https", &secure)] {
        let port = listener.local_addr().expect("an address").port();
        println!("{scheme}://127.0.0.1:{port}/v1/d0bc5eacc0994d9bbe3b9ec979ac98fc");
    }
    let chain = CertificateDer::pem_file_iter(format!("{TLS}/server.pem"))
        .expect("a certificate")
        .collect::<Result<Vec<_>, _>>()
        .expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(format!("{TLS}/server.key")).expect("a key");
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
                tokio::spawn(answer(stream, stacks));
            }
            Ok((stream, _)) = secure.accept() => {
                let _ = stream.set_nodelay(true);
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        answer(stream, stacks).await;
                    }
                });
            }
        }
    }
}

fn page(stacks: usize) -> String {
    let stacks: Vec<String> = (0..stacks)
        .map(|n| {
            let id = format!("4646623d-a89d-4128-af5d-ad6c{n:08x}");
            format!(
                r#"{{"id": "{id}", "links": [{{"href": "http://127.0.0.1:8004/v1/d0bc5eacc0994d9bbe3b9ec979ac98fc/stacks/web{n}/{id}", "rel": "self"}}], "stack_name": "web{n}", "description": "A web server", "stack_status": "CREATE_COMPLETE", "stack_status_reason": "Stack CREATE completed successfully", "creation_time": "2026-11-25T21:21:37Z", "updated_time": null, "deletion_time": null, "stack_owner": "demo", "parent": null, "stack_user_project_id": "db7cd2385622480baec8d25c295b34ee", "tags": ["prod", "web"]}}"#
            )
        })
        .collect();
    format!(r#"{{"stacks": [{}]}}"#, stacks.join(", "))
}

/// Answers each request head with the same page.
async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, stacks: usize) {
    let page = page(stacks);
    let response = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nx-openstack-request-id: req-ce14f299-a487-4d10-848c-47e44d997ab0\r\nDate: Wed, 25 Nov 2026 21:21:28 GMT\r\n\r\n{page}",
        page.len()
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
            if stream.write_all(response.as_bytes()).await.is_err()
                || stream.flush().await.is_err()
            {
                return;
            }
        }
    }
}
