//! Reads certificates and keys from PEM files (RFC 7468), and from directories of them.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use zeroize::Zeroizing;

use super::der;
use crate::error::{Error, ErrorKind, Result};

/// The maximum size of a file. Real files have less than 1 MiB; `/dev/zero` never ends.
const LIMIT: u64 = 16 << 20;

/// Reads the certificates of a file.
///
/// # Errors
/// [`ErrorKind::Config`] if the file cannot be read or contains no certificate.
pub(super) fn certificates(path: &Path, what: &str) -> Result<Vec<CertificateDer<'static>>> {
    let text = read(path).map_err(|e| unusable(what, path, e))?;
    let all = parse(&text).map_err(|e| unusable(what, path, described(e)))?;
    if all.is_empty() {
        return Err(Error::new(
            ErrorKind::Config,
            format!(
                "the {what} file {} has no certificate in PEM format (-----BEGIN CERTIFICATE-----)",
                path.display()
            ),
        ));
    }
    Ok(all)
}

/// Reads the certificates of a file, or of all files in a directory. Files without certificates in a
/// directory are ignored.
///
/// # Errors
/// [`ErrorKind::Config`] if there are none.
pub(super) fn authorities(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    if !path.is_dir() {
        return certificates(path, "CA certificate");
    }
    let failed = |e: io::Error| {
        let message = format!("cannot read the CA directory {}: {e}", path.display());
        Error::new(ErrorKind::Config, message).with_source(e)
    };
    // Such directories contain each certificate under several names.
    let mut all = HashSet::new();
    for entry in fs::read_dir(path).map_err(failed)? {
        let file = entry.map_err(failed)?.path();
        if file.is_file()
            && let Ok(text) = read(&file)
            && let Ok(some) = parse(&text)
        {
            all.extend(some);
        }
    }
    if all.is_empty() {
        let message = format!(
            "the CA directory {} has no PEM file of a certificate",
            path.display()
        );
        return Err(Error::new(ErrorKind::Config, message));
    }
    Ok(all.into_iter().collect())
}

/// Reads the key of a file.
///
/// # Errors
/// [`ErrorKind::Config`] if the file cannot be read or the key is encrypted.
pub(super) fn key(path: &Path) -> Result<PrivateKeyDer<'static>> {
    const WHAT: &str = "client key";
    let text = read(path).map_err(|e| unusable(WHAT, path, e))?;
    let key = PrivateKeyDer::from_pem_slice(&text);
    key.map_err(|error| {
        let file = path.display();
        let is_encrypted = text.windows(9).any(|word| word == b"ENCRYPTED");
        let message = match error {
            _ if is_encrypted => format!(
                "the {WHAT} file {file} is encrypted, which is not supported; decrypt it: \
                 openssl pkey -in {file} -out NEW.key"
            ),
            pem::Error::NoItemsFound => format!(
                "the {WHAT} file {file} has no private key in PEM format (-----BEGIN PRIVATE KEY-----)"
            ),
            error => return unusable(WHAT, path, described(error)),
        };
        Error::new(ErrorKind::Config, message)
    })
}

/// Reads a whole file, which may be a pipe. The memory is wiped after use, since it may be a key.
fn read(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let too_long = || io::Error::other("it is longer than the limit of 16 MiB");
    let file = File::open(path)?;
    let known = file.metadata()?.len();
    if known > LIMIT {
        return Err(too_long());
    }
    let capacity = usize::try_from(known + 1).map_err(io::Error::other)?;
    let mut text = Zeroizing::new(Vec::with_capacity(capacity));
    let length = file.take(LIMIT + 1).read_to_end(&mut text)?;
    match usize::try_from(LIMIT) {
        Ok(limit) if length <= limit => Ok(text),
        _ => Err(too_long()),
    }
}

/// Parses certificates, and OpenSSL's `TRUSTED CERTIFICATE`s that are trusted for servers.
fn parse(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, pem::Error> {
    // Text outside the PEM blocks, such as names of CAs, may have any encoding.
    let text = String::from_utf8_lossy(text)
        .replace("TRUSTED CERTIFICATE-----", "CERTIFICATE-----")
        .replace("X509 CERTIFICATE-----", "CERTIFICATE-----");
    let all = CertificateDer::pem_slice_iter(text.as_bytes());
    all.filter_map(|certificate| match certificate {
        Ok(certificate) => match der::first(&certificate) {
            Some((_, [])) | None => Some(Ok(certificate)),
            Some((certificate, settings)) => der::is_trusted_for_servers(settings)
                .then(|| Ok(CertificateDer::from(certificate.to_vec()))),
        },
        Err(error) => Some(Err(error)),
    })
    .collect()
}

/// A readable error: the crate's own prints lines as lists of bytes. Lines of keys are not quoted.
fn described(error: pem::Error) -> io::Error {
    io::Error::other(match error {
        pem::Error::MissingSectionEnd { .. } => {
            "it is truncated: the line -----END ...----- is missing".to_owned()
        }
        pem::Error::IllegalSectionStart { .. } => {
            "a line that starts with -----BEGIN is not valid".to_owned()
        }
        other => other.to_string(),
    })
}

pub(super) fn unusable(
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_pem_is_described_in_words() {
        let cut = "-----BEGIN CERTIFICATE-----\nMIIB\n";
        for (text, expected) in [
            (
                cut,
                "it is truncated: the line -----END ...----- is missing",
            ),
            (
                "-----BEGIN CERTIFICATE\nMIIB\n",
                "a line that starts with -----BEGIN is not valid",
            ),
        ] {
            let error = described(parse(text.as_bytes()).unwrap_err());
            assert_eq!(error.to_string(), expected);
        }
    }
}
