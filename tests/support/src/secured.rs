//! A server with TLS, and the certificates of `tests/fixtures/tls`.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{DigitallySignedStruct, DistinguishedName, SignatureScheme};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::scripted::{Seen, read};

/// A TLS server that requests a client certificate, and records for each request whether it had one.
pub struct Secured {
    pub port: u16,
    requests: Arc<Mutex<Vec<(String, bool)>>>,
    task: JoinHandle<()>,
}

impl Secured {
    pub async fn start(script: impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::with("server", false, script).await
    }

    /// Starts with the certificate and the key of this name. A client certificate may be required.
    pub async fn with(
        name: &str,
        required: bool,
        script: impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let chain = CertificateDer::pem_file_iter(fixture(&format!("{name}.pem"))).unwrap();
        let key = PrivateKeyDer::from_pem_file(fixture(&format!("{name}.key"))).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        // with_single_cert refuses certificates of version 1.
        let key = provider.key_provider.load_private_key(key).unwrap();
        let certified = CertifiedKey::new(chain.map(Result::unwrap).collect(), key);
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(Arc::new(Anybody { required }))
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests: Arc<Mutex<Vec<_>>> = Arc::default();
        let (script, log) = (Arc::new(script), Arc::clone(&requests));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (script, log, acceptor) =
                    (Arc::clone(&script), Arc::clone(&log), acceptor.clone());
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else {
                        return;
                    };
                    let certified = stream.get_ref().1.peer_certificates().is_some();
                    let mut buffer = Vec::new();
                    while let Some(request) = read(&mut stream, &mut buffer).await {
                        let answer = script(&request);
                        let line = format!("{} {}", request.method, request.path);
                        log.lock().unwrap().push((line, certified));
                        if stream.write_all(&answer).await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self {
            port,
            requests,
            task,
        }
    }

    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    /// The requests so far, and whether each came with a client certificate.
    pub fn requests(&self) -> Vec<(String, bool)> {
        std::mem::take(&mut *self.requests.lock().unwrap())
    }

    pub fn certified(&self) -> Vec<bool> {
        self.requests()
            .into_iter()
            .map(|(_, certified)| certified)
            .collect()
    }
}

impl Drop for Secured {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Accepts every client certificate.
#[derive(Debug)]
struct Anybody {
    required: bool,
}

impl ClientCertVerifier for Anybody {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn client_auth_mandatory(&self) -> bool {
        self.required
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let provider = rustls::crypto::ring::default_provider();
        provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// A file of `tests/fixtures/tls`.
pub fn fixture(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "../fixtures/tls", name]
        .iter()
        .collect()
}
