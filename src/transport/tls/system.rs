//! The system's CAs, or those of `SSL_CERT_FILE` and `SSL_CERT_DIR` instead.

use std::ffi::OsString;
use std::path::PathBuf;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls_native_certs::CertificateResult;

use super::files;
use crate::error::{Error, ErrorKind, Result};

/// Adds the CAs to `roots` and returns their certificates.
///
/// # Errors
/// [`ErrorKind::Config`] if the variables name no valid certificate, [`ErrorKind::Tls`] if the system
/// has none.
pub(super) fn authorities(roots: &mut RootCertStore) -> Result<Vec<CertificateDer<'static>>> {
    let named = named_by_variables(|name| std::env::var_os(name));
    let (listed, failure) = match named.is_empty() {
        true => {
            let native = native();
            let failure = native.errors.first();
            (native.certs, failure.map(no_certificates))
        }
        false => {
            let (mut listed, mut failure) = (Vec::new(), None);
            for path in named {
                match files::authorities(&path) {
                    Ok(some) => listed.extend(some),
                    Err(error) => failure = failure.or(Some(error)),
                }
            }
            (listed, failure)
        }
    };
    roots.add_parsable_certificates(listed.iter().cloned());
    match roots.is_empty() {
        true => Err(failure.unwrap_or_else(|| no_certificates(&"none was found"))),
        false => Ok(listed),
    }
}

/// The files and directories that [`authorities`] reads, if it reads any.
pub(super) fn paths() -> Vec<PathBuf> {
    let named = named_by_variables(|name| std::env::var_os(name));
    #[cfg(all(unix, not(target_os = "macos")))]
    if named.is_empty() {
        let found = openssl_probe::probe();
        return found.cert_file.into_iter().chain(found.cert_dir).collect();
    }
    named
}

/// Empty values count as unset. `SSL_CERT_DIR` may contain several directories.
fn named_by_variables(get: impl Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let dirs = get("SSL_CERT_DIR").unwrap_or_default();
    let file = get("SSL_CERT_FILE").map(PathBuf::from);
    let all = file.into_iter().chain(std::env::split_paths(&dirs));
    all.filter(|path| !path.as_os_str().is_empty()).collect()
}

/// The system's CAs. The variables are empty or unset here; `load_native_certs` would read an empty
/// `SSL_CERT_FILE` as a file name.
fn native() -> CertificateResult {
    #[cfg(all(unix, not(target_os = "macos")))]
    if std::env::var_os("SSL_CERT_FILE").is_some() {
        let found = openssl_probe::probe();
        let dir = found.cert_dir.first().map(PathBuf::as_path);
        return rustls_native_certs::load_certs_from_paths(found.cert_file.as_deref(), dir);
    }
    rustls_native_certs::load_native_certs()
}

fn no_certificates(why: &impl std::fmt::Display) -> Error {
    let message = format!(
        "the system has no trusted CA certificates: {why}; name a PEM file of them with --os-cacert, OS_CACERT \
         or SSL_CERT_FILE"
    );
    Error::new(ErrorKind::Tls, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_variables_count_as_unset() {
        for (file, dirs, expected) in [
            (None, None, &[][..]),
            (Some(""), None, &[]),
            (Some(""), Some(""), &[]),
            (Some("/f"), Some(""), &["/f"]),
            (Some(""), Some("/d"), &["/d"]),
            (Some("/f"), Some("/d"), &["/f", "/d"]),
        ] {
            let named = named_by_variables(|name| {
                let value = if name == "SSL_CERT_FILE" { file } else { dirs };
                value.map(OsString::from)
            });
            let expected: Vec<_> = expected.iter().map(PathBuf::from).collect();
            assert_eq!(named, expected, "{file:?} {dirs:?}");
        }
    }
}
