//! The client certificate and its key.

use std::path::Path;

use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::sign::{CertifiedKey, SigningKey};

use super::files;
use crate::error::{Error, ErrorKind, Result};

/// The encoded OID of the curve P-521 (RFC 5480, 2.1.1.1).
const P521: &[u8] = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23];

/// Loads the certificate from one file and the key from the same or another one.
///
/// The certificate may have any X.509 version, since servers decide whether to accept it.
///
/// # Errors
/// [`ErrorKind::Config`] if a file is not valid, or if the key does not match the certificate.
pub(super) fn load(
    cert: &Path,
    key: Option<&Path>,
    provider: &CryptoProvider,
) -> Result<CertifiedKey> {
    let key = key.unwrap_or(cert);
    let chain = files::certificates(cert, "client certificate")?;
    let private = files::key(key)?;
    let is_p521 = private
        .secret_der()
        .windows(P521.len())
        .any(|oid| oid == P521);
    let signing = provider.key_provider.load_private_key(private).map_err(|error| {
        if is_p521 {
            let message = format!(
                "the client key file {} has a key of curve P-521, which needs a build with the feature \
                 aws-lc-rs; use another curve or an RSA key otherwise",
                key.display()
            );
            return Error::new(ErrorKind::Config, message);
        }
        let most = match cfg!(feature = "aws-lc-rs") {
            true => 8192,
            false => 4096,
        };
        let message = format!(
            "the client key file {} has a key that is not supported or not valid; supported are RSA keys of 2048 \
             to {most} bits (not RSA-PSS), ECDSA keys of the curves P-256 and P-384, and Ed25519 keys",
            key.display()
        );
        Error::new(ErrorKind::Config, message).with_source(error)
    })?;
    if let Some(end_entity) = chain.first()
        && !key_matches(end_entity, &*signing)
    {
        let message = format!(
            "the client key in {} is not the key of the certificate in {}",
            key.display(),
            cert.display()
        );
        return Err(Error::new(ErrorKind::Config, message));
    }
    Ok(CertifiedKey::new(chain, signing))
}

/// Whether the key matches the certificate. True if this cannot be determined.
fn key_matches(certificate: &CertificateDer<'_>, key: &dyn SigningKey) -> bool {
    // A root store parses all X.509 versions.
    let mut store = RootCertStore::empty();
    let _ = store.add(certificate.clone().into_owned());
    match (store.roots.first(), key.public_key()) {
        // The certificate's key lacks its outermost tag and length.
        (Some(read), Some(public)) => public.ends_with(&read.subject_public_key_info),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::testing::fixture;

    #[test]
    fn keys_that_are_not_supported_are_told_with_those_that_are() {
        let key = std::env::temp_dir().join(format!("heat-key-{}.pem", std::process::id()));
        let text = "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n";
        std::fs::write(&key, text).unwrap();
        let loaded = load(
            &fixture("server.pem"),
            Some(&key),
            &super::super::provider(),
        );
        std::fs::remove_file(&key).unwrap();
        let error = loaded.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Config);
        let expected = format!(
            "the client key file {} has a key that is not supported or not valid; supported are RSA keys of 2048 to ",
            key.display()
        );
        assert!(error.to_string().starts_with(&expected), "{error}");
    }
}
