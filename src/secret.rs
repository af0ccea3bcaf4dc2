//! Secrets, which are never printed: passwords, tokens, codes.

use std::fmt;

use bytes::Bytes;
use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize};
use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind, Result};

mod encoded;
mod mask;

pub(crate) use mask::Mask;

/// The text that replaces a secret in `Debug`, logs and errors.
pub const REDACTED: &str = "[redacted]";

/// A text whose memory is wiped when it is dropped, and that prints as `[redacted]`.
///
/// ```
/// use heatclient::secret::Secret;
///
/// let password = Secret::from("swordfish");
/// assert_eq!(format!("{password:?}"), "[redacted]");
/// assert_eq!(password.expose(), "swordfish");
/// ```
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// The secret text. Call this only where the text is sent.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The secret as a header value that is marked sensitive.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if it contains characters that are not allowed in HTTP headers (RFC 9110, 5.5).
    pub fn to_header_value(&self) -> Result<HeaderValue> {
        let mut value = HeaderValue::from_str(self.expose()).map_err(|_| {
            Error::new(
                ErrorKind::Config,
                "the token contains characters that are not allowed in HTTP headers",
            )
        })?;
        value.set_sensitive(true);
        Ok(value)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(SecretString::from(text))
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(SecretString::from(text))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

/// `value` as a JSON body whose memory is wiped when its last clone is dropped.
pub(crate) fn sealed_json(value: &impl Serialize) -> Result<Bytes> {
    let json = serde_json::to_vec(value).map_err(|e| {
        Error::new(
            ErrorKind::Config,
            "the request body cannot be encoded as JSON",
        )
        .with_source(e)
    })?;
    Ok(Bytes::from_owner(Zeroizing::new(json)))
}
