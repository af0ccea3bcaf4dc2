//! A server with TLS, and the certificates of `tests/fixtures/tls`.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{
    ClientHello, ResolvesServerCert, ServerSessionMemoryCache, StoresServerSessions,
};
use rustls::sign::CertifiedKey;
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, HandshakeKind, SignatureScheme,
    SupportedProtocolVersion,
};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::scripted::{Seen, read};

/// A TLS server that requests a client certificate, and records for each request whether it had one.
pub struct Secured {
    pub port: u16,
    requests: Arc<Mutex<Vec<(String, bool)>>>,
    connections: Arc<Mutex<Vec<Accepted>>>,
    certificate: Arc<Mutex<Arc<CertifiedKey>>>,
    accepted: Arc<Mutex<Option<CertificateDer<'static>>>>,
    sessions: Arc<Sessions>,
    task: JoinHandle<()>,
}

/// What a connection is for.
#[derive(Clone)]
enum Serves {
    Script(Arc<dyn Fn(&Seen) -> Vec<u8> + Send + Sync>),
    Address(String),
}

/// The handshake of a connection, and the client certificate if there was one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    pub is_resumed: bool,
    pub client: Option<CertificateDer<'static>>,
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
        Self::with_versions(name, required, rustls::DEFAULT_VERSIONS, script).await
    }

    /// Starts with these versions of TLS.
    pub async fn with_versions(
        name: &str,
        required: bool,
        versions: &[&'static SupportedProtocolVersion],
        script: impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        Self::serving(name, required, versions, Serves::Script(Arc::new(script))).await
    }

    /// Starts a server that requires a client certificate and forwards all bytes to this address, as a TLS terminator
    /// does.
    pub async fn before(name: &str, address: &str) -> Self {
        let serves = Serves::Address(address.to_owned());
        Self::serving(name, true, rustls::DEFAULT_VERSIONS, serves).await
    }

    async fn serving(
        name: &str,
        required: bool,
        versions: &[&'static SupportedProtocolVersion],
        serves: Serves,
    ) -> Self {
        let certificate = Arc::new(Mutex::new(certified(name)));
        let accepted: Arc<Mutex<Option<_>>> = Arc::default();
        let verifier = Anybody {
            required,
            only: Arc::clone(&accepted),
        };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let sessions = Arc::new(Sessions::default());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .unwrap()
            .with_client_cert_verifier(Arc::new(verifier))
            .with_cert_resolver(Arc::new(Changing(Arc::clone(&certificate))));
        config.session_storage = Arc::clone(&sessions) as _;
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests: Arc<Mutex<Vec<_>>> = Arc::default();
        let connections: Arc<Mutex<Vec<_>>> = Arc::default();
        let (log, all) = (Arc::clone(&requests), Arc::clone(&connections));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (serves, log, acceptor) = (serves.clone(), Arc::clone(&log), acceptor.clone());
                let all = Arc::clone(&all);
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else {
                        return;
                    };
                    let tls = stream.get_ref().1;
                    let client = tls.peer_certificates().and_then(|chain| chain.first());
                    let client = client.map(|certificate| certificate.clone().into_owned());
                    let has_certificate = client.is_some();
                    all.lock().unwrap().push(Accepted {
                        is_resumed: tls.handshake_kind() == Some(HandshakeKind::Resumed),
                        client,
                    });
                    let script = match serves {
                        Serves::Script(script) => script,
                        Serves::Address(address) => {
                            let mut server = TcpStream::connect(address).await.unwrap();
                            let _ = tokio::io::copy_bidirectional(&mut stream, &mut server).await;
                            return;
                        }
                    };
                    let mut buffer = Vec::new();
                    while let Some(request) = read(&mut stream, &mut buffer).await {
                        let answer = script(&request);
                        let line = format!("{} {}", request.method, request.path);
                        log.lock().unwrap().push((line, has_certificate));
                        if stream.write_all(&answer).await.is_err() {
                            return;
                        }
                        // The script wants the connection to end.
                        if answer.starts_with(b"HTTP/1.1 200 OK\r\nconnection: close") {
                            let _ = stream.shutdown().await;
                            return;
                        }
                    }
                });
            }
        });
        Self {
            port,
            requests,
            connections,
            certificate,
            accepted,
            sessions,
            task,
        }
    }

    /// Replaces the certificate and the key, for new connections.
    pub fn replace(&self, name: &str) {
        *self.certificate.lock().unwrap() = certified(name);
    }

    /// Accepts no other client certificate than this one, for new connections. Sessions are not resumed: that would need
    /// no certificate.
    pub fn accept_only(&self, name: &str) {
        *self.accepted.lock().unwrap() = Some(certificate(name));
        *self.sessions.0.lock().unwrap() = ServerSessionMemoryCache::new(256);
    }

    /// The connections so far.
    pub fn connections(&self) -> Vec<Accepted> {
        std::mem::take(&mut *self.connections.lock().unwrap())
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

/// The first certificate of a fixture.
pub fn certificate(name: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(fixture(&format!("{name}.pem"))).unwrap()
}

fn certified(name: &str) -> Arc<CertifiedKey> {
    let chain = CertificateDer::pem_file_iter(fixture(&format!("{name}.pem"))).unwrap();
    let key = PrivateKeyDer::from_pem_file(fixture(&format!("{name}.key"))).unwrap();
    let provider = rustls::crypto::ring::default_provider();
    // with_single_cert refuses certificates of version 1.
    let key = provider.key_provider.load_private_key(key).unwrap();
    Arc::new(CertifiedKey::new(chain.map(Result::unwrap).collect(), key))
}

/// The server's certificate, which may be replaced.
#[derive(Debug)]
struct Changing(Arc<Mutex<Arc<CertifiedKey>>>);

impl ResolvesServerCert for Changing {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.lock().unwrap()))
    }
}

/// The sessions that clients may resume.
#[derive(Debug)]
struct Sessions(Mutex<Arc<ServerSessionMemoryCache>>);

impl Default for Sessions {
    fn default() -> Self {
        Self(Mutex::new(ServerSessionMemoryCache::new(256)))
    }
}

impl StoresServerSessions for Sessions {
    fn put(&self, key: Vec<u8>, value: Vec<u8>) -> bool {
        self.0.lock().unwrap().put(key, value)
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.0.lock().unwrap().get(key)
    }

    fn take(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.0.lock().unwrap().take(key)
    }

    fn can_cache(&self) -> bool {
        true
    }
}

/// Accepts every client certificate, or only one.
#[derive(Debug)]
struct Anybody {
    required: bool,
    only: Arc<Mutex<Option<CertificateDer<'static>>>>,
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
        client: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        match &*self.only.lock().unwrap() {
            Some(only) if only != client => Err(CertificateError::UnknownIssuer.into()),
            _ => Ok(ClientCertVerified::assertion()),
        }
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
