//! Time-based one-time passwords (RFC 6238), as Keystone checks them: SHA-1, 30 seconds, 6 digits.

use std::fmt;

use jiff::Timestamp;
use ring::hmac;
use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind, Result};
use crate::secret::{REDACTED, Secret};

/// The seconds for which a passcode is valid.
const PERIOD: i64 = 30;
const DIGITS: usize = 6;

/// The secret of a TOTP device, which generates passcodes.
///
/// ```
/// use heatclient::auth::identity::TotpSecret;
///
/// let secret = TotpSecret::parse("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ")?;
/// assert_eq!(secret.passcode("1970-01-01T00:00:59Z".parse().unwrap()).expose(), "287082");
/// # Ok::<(), heatclient::Error>(())
/// ```
#[derive(Clone)]
pub struct TotpSecret {
    text: Secret,
    key: hmac::Key,
}

impl TotpSecret {
    /// Reads the secret in base32 (RFC 4648), as Keystone and authenticator apps show it. Case, spaces,
    /// hyphens and padding do not matter.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if it is not base32, or empty.
    pub fn parse(secret: impl Into<Secret>) -> Result<Self> {
        let text = secret.into();
        let bytes = base32(text.expose()).ok_or_else(|| {
            Error::new(
                ErrorKind::Config,
                "the TOTP secret is not base32 text (letters A to Z and digits 2 to 7)",
            )
        })?;
        Ok(Self {
            key: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes),
            text,
        })
    }

    /// The passcode at this time.
    pub fn passcode(&self, at: Timestamp) -> Secret {
        let counter = at.as_second().div_euclid(PERIOD);
        let digest = hmac::sign(&self.key, &counter.to_be_bytes());
        // Dynamic truncation (RFC 4226, 5.3): the last four bits select four bytes.
        let digest = digest.as_ref();
        let start = usize::from(digest.last().copied().unwrap_or_default() & 0xf);
        let selected = digest.iter().skip(start).take(4);
        let number = selected.fold(0, |number, byte| number << 8 | u32::from(*byte));
        let code = (number & 0x7fff_ffff) % 10_u32.pow(DIGITS as u32);
        Secret::from(format!("{code:0DIGITS$}"))
    }

    /// The secret as it was given.
    pub(super) fn text(&self) -> &Secret {
        &self.text
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

/// Decodes base32; `None` for other characters and for nothing at all.
fn base32(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let (mut buffer, mut bits) = (0_u16, 0);
    for char in text.trim_end_matches(['=', ' ']).bytes() {
        let value = match char {
            b'A'..=b'Z' => char - b'A',
            b'a'..=b'z' => char - b'a',
            b'2'..=b'7' => char - b'2' + 26,
            b' ' | b'-' => continue,
            _ => return None,
        };
        buffer = buffer << 5 | u16::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(buffer >> bits & 0xff).ok()?);
        }
    }
    (!bytes.is_empty()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238, `12345678901234567890`.
    const RFC: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    #[test]
    fn passcodes_are_those_of_rfc_6238() {
        let secret = TotpSecret::parse(RFC).unwrap();
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let at = Timestamp::from_second(second).unwrap();
            assert_eq!(secret.passcode(at).expose(), code);
        }
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(
            secret.passcode(at(30)).expose(),
            secret.passcode(at(59)).expose()
        );
        assert_ne!(
            secret.passcode(at(29)).expose(),
            secret.passcode(at(30)).expose()
        );
        // A clock before 1970 is wrong, but no reason to panic.
        assert_eq!(secret.passcode(at(-1)).expose().len(), 6);
    }

    #[test]
    fn base32_is_read_as_people_write_it() {
        for (text, expected) in [
            ("MY======", Some(&b"f"[..])),
            ("MZXQ====", Some(b"fo")),
            ("MZXW6===", Some(b"foo")),
            ("mzxw6yq", Some(b"foob")),
            ("MZXW-6YTB", Some(b"fooba")),
            ("mzxw 6ytb oi======", Some(b"foobar")),
            ("", None),
            ("====", None),
            ("A", None),
            ("MZXW6YTB0", None),
            ("MZXW=6YT", None),
            ("ä", None),
        ] {
            let bytes = base32(text);
            assert_eq!(bytes.as_ref().map(|bytes| &bytes[..]), expected, "{text}");
        }
        for text in ["", "swordfish!", "0189"] {
            let error = TotpSecret::parse(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(!format!("{error:?}").contains("swordfish"));
        }
        assert_eq!(format!("{:?}", TotpSecret::parse(RFC).unwrap()), REDACTED);
    }
}
