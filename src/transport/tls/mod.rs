//! TLS configuration. Certificates are read for the first https connection.

mod advice;
mod der;
mod files;
mod identity;
#[cfg(not(feature = "webpki-roots"))]
mod system;
mod verifier;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::OnceCell;

use crate::error::{Error, ErrorKind, Result};
pub(in crate::transport) use advice::{explain, is_refusal};
use verifier::{AcceptAll, Verifier};

/// The TLS options: trusted CAs and the client certificate.
///
/// Files are read for the first https connection. A file that is not valid is an error of that call.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct TlsConfig {
    /// PEM file, or directory of PEM files, of the CAs to trust instead of the system's (`OS_CACERT`). It
    /// may also contain certificates of servers. If unset, `SSL_CERT_FILE` and `SSL_CERT_DIR` are used as
    /// in OpenSSL; empty variables count as unset.
    pub cacert: Option<PathBuf>,
    /// PEM file of the client certificate (`OS_CERT`). It may contain the key, too.
    ///
    /// The certificate is offered only to servers that may receive the token: the identity service, the
    /// origins in the catalog and a configured endpoint.
    pub cert: Option<PathBuf>,
    /// PEM file of the client key (`OS_KEY`), which must not be encrypted.
    pub key: Option<PathBuf>,
    /// Do not verify server certificates. This is insecure: an attacker in the network can read and
    /// change all traffic.
    pub insecure: bool,
}

impl TlsConfig {
    /// Sets [`cacert`](field@Self::cacert).
    #[must_use]
    pub fn cacert(mut self, path: impl Into<PathBuf>) -> Self {
        self.cacert = Some(path.into());
        self
    }

    /// Sets [`cert`](field@Self::cert).
    #[must_use]
    pub fn cert(mut self, path: impl Into<PathBuf>) -> Self {
        self.cert = Some(path.into());
        self
    }

    /// Sets [`key`](field@Self::key).
    #[must_use]
    pub fn key(mut self, path: impl Into<PathBuf>) -> Self {
        self.key = Some(path.into());
        self
    }

    /// Sets [`insecure`](field@Self::insecure).
    #[must_use]
    pub const fn insecure(mut self, insecure: bool) -> Self {
        self.insecure = insecure;
        self
    }
}

/// The options, and the TLS configurations that are built from them on first use.
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

    /// Whether a client certificate is configured.
    pub(crate) fn has_certificate(&self) -> bool {
        self.config.cert.is_some() || self.config.key.is_some()
    }

    /// The TLS configuration for a connection. The first call reads the files, within `limit`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for files that are not valid.
    pub(crate) async fn client(
        &self,
        offers_certificate: bool,
        limit: Duration,
    ) -> Result<Arc<ClientConfig>> {
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
        match tokio::time::timeout(limit, client).await {
            Ok(client) => client.cloned(),
            Err(_) => Err(self.config.not_read(offers_certificate, limit)),
        }
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
    /// The error of files that took too long to read, such as a named pipe without a writer.
    fn not_read(&self, offers_certificate: bool, limit: Duration) -> Error {
        let authorities = self.cacert.as_ref().filter(|_| !self.insecure);
        let identity = [&self.cert, &self.key];
        let identity = identity.into_iter().filter(|_| offers_certificate);
        let files = authorities.into_iter().chain(identity.flatten());
        let files: Vec<_> = files.map(|file| file.display().to_string()).collect();
        let files = match files.is_empty() {
            true => "those of the system, or of SSL_CERT_FILE and SSL_CERT_DIR".to_owned(),
            false => files.join(", "),
        };
        let message = format!(
            "the certificate and key files were not read within {limit:?}: {files}; a named pipe needs a program \
             that writes to it"
        );
        Error::new(ErrorKind::Config, message)
    }

    fn verifier(&self) -> Result<Arc<dyn ServerCertVerifier>> {
        let provider = Arc::new(provider());
        if self.insecure {
            return Ok(Arc::new(AcceptAll(provider)));
        }
        let (roots, listed) = self.authorities()?;
        let verifier = Verifier::new(roots, listed, provider).map_err(unusable)?;
        Ok(Arc::new(verifier))
    }

    fn client(
        &self,
        verifier: Arc<dyn ServerCertVerifier>,
        offers_certificate: bool,
    ) -> Result<Arc<ClientConfig>> {
        let provider = Arc::new(provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
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
                "the client key has no certificate; set both cert and key",
            ));
        };
        let identity = identity::load(cert, self.key.as_deref(), &provider)?;
        Ok(Arc::new(
            builder.with_client_cert_resolver(Arc::new(identity)),
        ))
    }

    /// The trusted CAs, and their certificates.
    fn authorities(&self) -> Result<(RootCertStore, Vec<CertificateDer<'static>>)> {
        let mut roots = RootCertStore::empty();
        let Some(cacert) = &self.cacert else {
            let listed = system_authorities(&mut roots)?;
            return Ok((roots, listed));
        };
        let listed = files::authorities(cacert)?;
        let mut failure = None;
        for certificate in &listed {
            if let Err(error) = roots.add(certificate.clone()) {
                tracing::debug!(target: "heatclient::tls", file = %cacert.display(), %error, "CA certificate ignored");
                failure = Some(error);
            }
        }
        match failure {
            Some(error) if roots.is_empty() => {
                Err(files::unusable("CA certificate", cacert, error))
            }
            _ => Ok((roots, listed)),
        }
    }
}

/// Mozilla's CAs.
#[cfg(feature = "webpki-roots")]
fn system_authorities(roots: &mut RootCertStore) -> Result<Vec<CertificateDer<'static>>> {
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    Ok(Vec::new())
}

#[cfg(not(feature = "webpki-roots"))]
use system::authorities as system_authorities;

/// The provider is always explicit: a process-wide default panics if two libraries choose differently.
fn provider() -> CryptoProvider {
    #[cfg(feature = "aws-lc-rs")]
    return rustls::crypto::aws_lc_rs::default_provider();
    #[cfg(not(feature = "aws-lc-rs"))]
    return rustls::crypto::ring::default_provider();
}

fn unusable(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Tls, format!("TLS cannot be set up: {error}")).with_source(error)
}
