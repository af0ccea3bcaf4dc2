//! Versions of TLS.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, ErrorKind};

/// A version of TLS.
///
/// ```
/// use heatclient::transport::TlsVersion;
///
/// assert_eq!("1.3".parse::<TlsVersion>()?, TlsVersion::Tls13);
/// let error = "1.1".parse::<TlsVersion>().unwrap_err();
/// assert_eq!(error.to_string(), "invalid TLS version \"1.1\": expected 1.2 or 1.3");
/// # Ok::<(), heatclient::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TlsVersion {
    /// TLS 1.2 (RFC 5246).
    Tls12,
    /// TLS 1.3 (RFC 8446).
    Tls13,
}

impl FromStr for TlsVersion {
    type Err = Error;

    /// Reads `1.2` or `1.3`.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text.trim() {
            "1.2" => Ok(Self::Tls12),
            "1.3" => Ok(Self::Tls13),
            _ => Err(Error::new(
                ErrorKind::Config,
                format!("invalid TLS version {text:?}: expected 1.2 or 1.3"),
            )),
        }
    }
}

impl fmt::Display for TlsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tls12 => "1.2",
            Self::Tls13 => "1.3",
        })
    }
}
