//! TLS configuration. Certificates are read for the first https connection, and when their files change.

mod advice;
mod der;
mod files;
mod identity;
mod snapshot;
#[cfg(not(feature = "webpki-roots"))]
mod system;
mod verifier;
mod version;
mod watched;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::sign::SingleCertAndKey;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore};

use crate::error::{Error, ErrorKind, Result};
pub(in crate::transport) use advice::{explain, is_refusal};
use verifier::{AcceptAll, Verifier};
pub use version::TlsVersion;
use watched::{Built, Watched};

/// The TLS options: trusted CAs, the client certificate and the minimum version.
///
/// Files are read for the first https connection. A file that is not valid is an error of that call.
///
/// Files that change later are read again. Calls that start more than a second after the change use them: connections that
/// were opened before serve the calls in progress, but no further ones, and no TLS session of them is resumed. A
/// file that is not valid then, for example because it is only half written, causes a warning (target
/// `heatclient::tls`) and is tried again; the previous certificates and key are used until it is valid. Certificate and
/// key may be replaced in any order. A named pipe is read only once.
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
    /// The minimum version of TLS (`OS_TLS_MIN_VERSION`). Default: TLS 1.2, the oldest supported one.
    pub min_version: Option<TlsVersion>,
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

    /// Sets [`min_version`](field@Self::min_version).
    #[must_use]
    pub const fn min_version(mut self, version: TlsVersion) -> Self {
        self.min_version = Some(version);
        self
    }

    /// Sets [`insecure`](field@Self::insecure).
    #[must_use]
    pub const fn insecure(mut self, insecure: bool) -> Self {
        self.insecure = insecure;
        self
    }
}

/// The TLS configurations of connections with and without the client certificate.
#[derive(Debug)]
pub(crate) struct Tls {
    config: Arc<TlsConfig>,
    anonymous: Arc<Watched>,
    identified: Arc<Watched>,
}

impl Tls {
    pub(crate) fn new(config: TlsConfig) -> Self {
        let config = Arc::new(config);
        Self {
            anonymous: Watched::new(&config, false),
            identified: Watched::new(&config, true),
            config,
        }
    }

    /// Whether a client certificate is configured.
    pub(crate) fn has_certificate(&self) -> bool {
        self.config.cert.is_some() || self.config.key.is_some()
    }

    /// The number of times that files have changed. Connections of an earlier number should not be used again.
    pub(crate) fn generation(&self, offers_certificate: bool) -> u64 {
        self.watched(offers_certificate).generation()
    }

    /// Whether [`client`](Self::client) would look for changes of files that were read.
    pub(crate) fn is_due(&self, offers_certificate: bool) -> bool {
        self.watched(offers_certificate).is_due()
    }

    /// The TLS configuration for a connection. The first call reads the files, within `limit`. Later calls look for
    /// changes, at most once in a second.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for files that are not valid.
    pub(crate) async fn client(
        &self,
        offers_certificate: bool,
        limit: Duration,
    ) -> Result<Arc<ClientConfig>> {
        self.watched(offers_certificate).client(limit).await
    }

    /// The TLS configuration of the files as they are now.
    ///
    /// # Errors
    /// Those of [`client`](Self::client).
    pub(crate) async fn latest(
        &self,
        offers_certificate: bool,
        limit: Duration,
    ) -> Result<Arc<ClientConfig>> {
        self.watched(offers_certificate).latest(limit).await
    }

    fn watched(&self, offers_certificate: bool) -> &Arc<Watched> {
        match offers_certificate {
            true => &self.identified,
            false => &self.anonymous,
        }
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

    /// The files and directories that a configuration is made of.
    fn paths(&self, offers_certificate: bool) -> Vec<PathBuf> {
        let authorities = match (&self.cacert, self.insecure) {
            (_, true) => Vec::new(),
            (Some(path), false) => vec![path.clone()],
            (None, false) => system_paths(),
        };
        let identity = [&self.cert, &self.key].into_iter().flatten().cloned();
        let identity = identity.filter(|_| offers_certificate);
        authorities.into_iter().chain(identity).collect()
    }

    fn build(&self, offers_certificate: bool) -> Result<Built> {
        let provider = Arc::new(provider());
        let (verifier, mut authorities): (Arc<dyn ServerCertVerifier>, _) = match self.insecure {
            true => (Arc::new(AcceptAll(Arc::clone(&provider))), Vec::new()),
            false => {
                let (roots, listed) = self.authorities()?;
                let verifier = Verifier::new(roots, listed.clone(), Arc::clone(&provider));
                (Arc::new(verifier.map_err(unusable)?), listed)
            }
        };
        // A directory has no order.
        authorities.sort_unstable_by(|a, b| a.as_ref().cmp(b));
        let versions: &[_] = match self.min_version {
            Some(TlsVersion::Tls13) => &[&TLS13],
            Some(TlsVersion::Tls12) | None => &[&TLS12, &TLS13],
        };
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(versions)
            .map_err(unusable)?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        #[cfg_attr(not(feature = "http2"), allow(unused_mut))]
        let (mut client, chain) = match (offers_certificate, &self.cert) {
            (false, _) => (builder.with_no_client_auth(), Vec::new()),
            (true, Some(cert)) => {
                let identity = identity::load(cert, self.key.as_deref(), &provider)?;
                let chain = identity.cert.clone();
                let identity = SingleCertAndKey::from(identity);
                (builder.with_client_cert_resolver(Arc::new(identity)), chain)
            }
            (true, None) => {
                return Err(Error::new(
                    ErrorKind::Config,
                    "the client key has no certificate; set both cert and key",
                ));
            }
        };
        #[cfg(feature = "http2")]
        client
            .alpn_protocols
            .extend([b"h2".to_vec(), b"http/1.1".to_vec()]);
        Ok(Built {
            client: Arc::new(client),
            authorities,
            chain,
        })
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

#[cfg(feature = "webpki-roots")]
fn system_paths() -> Vec<PathBuf> {
    Vec::new()
}

#[cfg(not(feature = "webpki-roots"))]
use system::{authorities as system_authorities, paths as system_paths};

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
