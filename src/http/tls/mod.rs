//! Certificates, read when the first https connection is made.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio::sync::OnceCell;

use crate::error::{Error, ErrorKind, Result};

/// Whom to trust, and with what to prove who one is.
///
/// Nothing is read before the first https connection; an unusable file is the error of that call.
#[derive(Debug, Clone, Default)]
pub struct TlsConfig {
    /// PEM file of the authorities to trust in place of the system's (`OS_CACERT`).
    pub cacert: Option<PathBuf>,
    /// PEM file of the client's certificate (`OS_CERT`); it may hold the key, too.
    ///
    /// Only servers that may receive the token are offered it: the identity service, the origins in
    /// the catalog and a given endpoint.
    pub cert: Option<PathBuf>,
    /// PEM file of the client's key (`OS_KEY`).
    pub key: Option<PathBuf>,
    /// Trusts every server. Whoever is on the way can then read and change everything.
    pub insecure: bool,
}

/// The settings, and what the first connections made of them.
#[derive(Debug)]
pub(crate) struct Tls {
    config: Arc<TlsConfig>,
    verifier: OnceCell<Arc<dyn ServerCertVerifier>>,
    anonymous: OnceCell<Arc<ClientConfig>>,
    identified: OnceCell<Arc<ClientConfig>>,
}

impl Tls {
    pub(crate) fn new(config: TlsConfig) -> Self {
        Self {
            config: Arc::new(config),
            verifier: OnceCell::new(),
            anonymous: OnceCell::new(),
            identified: OnceCell::new(),
        }
    }

    /// Whether there is a client certificate to offer.
    pub(crate) fn has_certificate(&self) -> bool {
        self.config.cert.is_some() || self.config.key.is_some()
    }

    /// What connections are secured with; the files are read by the first of them.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for files that cannot be used.
    pub(crate) async fn client(&self, offers_certificate: bool) -> Result<Arc<ClientConfig>> {
        let made = match offers_certificate {
            true => &self.identified,
            false => &self.anonymous,
        };
        let client = made.get_or_try_init(|| async {
            let verifier = self
                .verifier
                .get_or_try_init(|| self.blocking(|config| config.verifier()))
                .await?;
            let verifier = Arc::clone(verifier);
            self.blocking(move |config| config.client(verifier, offers_certificate))
                .await
        });
        client.await.cloned()
    }

    async fn blocking<T: Send + 'static>(
        &self,
        read: impl FnOnce(&TlsConfig) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let config = Arc::clone(&self.config);
        let reading = tokio::task::spawn_blocking(move || read(&config)).await;
        reading.map_err(|e| {
            Error::new(ErrorKind::Cancelled, "reading certificates was cancelled").with_source(e)
        })?
    }
}

impl TlsConfig {
    fn verifier(&self) -> Result<Arc<dyn ServerCertVerifier>> {
        let provider = Arc::new(provider());
        if self.insecure {
            return Ok(Arc::new(TrustEveryone(provider)));
        }
        let roots = Arc::new(self.roots()?);
        let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider);
        Ok(verifier.build().map_err(|error| {
            Error::new(ErrorKind::Tls, format!("TLS cannot be set up: {error}")).with_source(error)
        })?)
    }

    fn client(
        &self,
        verifier: Arc<dyn ServerCertVerifier>,
        offers_certificate: bool,
    ) -> Result<Arc<ClientConfig>> {
        let builder = ClientConfig::builder_with_provider(Arc::new(provider()))
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        if !offers_certificate {
            return Ok(Arc::new(builder.with_no_client_auth()));
        }
        let Some(cert) = &self.cert else {
            return Err(Error::new(
                ErrorKind::Config,
                "a client key is given without its certificate",
            ));
        };
        let chain = certificates(cert, "client certificate")?;
        let key = self.key.as_ref().unwrap_or(cert);
        let private =
            PrivateKeyDer::from_pem_file(key).map_err(|e| unreadable("client key", key, e))?;
        builder
            .with_client_auth_cert(chain, private)
            .map(Arc::new)
            .map_err(unusable)
    }

    fn roots(&self) -> Result<RootCertStore> {
        let mut roots = RootCertStore::empty();
        if let Some(cacert) = &self.cacert {
            for certificate in certificates(cacert, "CA certificate")? {
                roots
                    .add(certificate)
                    .map_err(|e| unreadable("CA certificate", cacert, e))?;
            }
            return Ok(roots);
        }
        #[cfg(feature = "webpki-roots")]
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        #[cfg(not(feature = "webpki-roots"))]
        {
            let native = rustls_native_certs::load_native_certs();
            roots.add_parsable_certificates(native.certs);
        }
        if roots.is_empty() {
            return Err(Error::new(
                ErrorKind::Tls,
                "the system has no trusted certificates; name a file of them with cacert",
            ));
        }
        Ok(roots)
    }
}

/// Chosen here and never by the process: two libraries that choose differently would panic.
fn provider() -> CryptoProvider {
    #[cfg(feature = "aws-lc-rs")]
    return rustls::crypto::aws_lc_rs::default_provider();
    #[cfg(not(feature = "aws-lc-rs"))]
    return rustls::crypto::ring::default_provider();
}

fn certificates(path: &Path, what: &str) -> Result<Vec<CertificateDer<'static>>> {
    let all: std::result::Result<Vec<_>, _> = CertificateDer::pem_file_iter(path)
        .map_err(|e| unreadable(what, path, e))?
        .collect();
    let all = all.map_err(|e| unreadable(what, path, e))?;
    if all.is_empty() {
        return Err(Error::new(
            ErrorKind::Config,
            format!("the {what} file {} holds no certificate", path.display()),
        ));
    }
    Ok(all)
}

fn unreadable(
    what: &str,
    path: &Path,
    error: impl std::error::Error + Send + Sync + 'static,
) -> Error {
    Error::new(
        ErrorKind::Config,
        format!("cannot use the {what} file {}: {error}", path.display()),
    )
    .with_source(error)
}

fn unusable(error: rustls::Error) -> Error {
    Error::new(ErrorKind::Tls, format!("TLS cannot be set up: {error}")).with_source(error)
}

/// What `insecure` means.
#[derive(Debug)]
struct TrustEveryone(Arc<CryptoProvider>);

impl ServerCertVerifier for TrustEveryone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            cert,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            cert,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
