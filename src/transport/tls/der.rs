//! A minimal parser of DER (X.690) for the parts of X.509 certificates (RFC 5280) that are used here.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

const SEQUENCE: u8 = 0x30;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// `[0]`, constructed.
const CONTEXT_0: u8 = 0xa0;

/// An element and the bytes after it.
struct Element<'a> {
    tag: u8,
    content: &'a [u8],
    whole: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Element<'a> {
    fn read(input: &'a [u8]) -> Option<Self> {
        let (&tag, after_tag) = input.split_first()?;
        let (&first, mut body) = after_tag.split_first()?;
        let mut length = usize::from(first);
        if first >= 0x80 {
            let (digits, after) = body.split_at_checked(usize::from(first & 0x7f))?;
            if digits.is_empty() || digits.len() > 4 {
                return None;
            }
            length = digits
                .iter()
                .fold(0, |sum, digit| sum << 8 | usize::from(*digit));
            body = after;
        }
        let (content, rest) = body.split_at_checked(length)?;
        let (whole, _) = input.split_at_checked(input.len() - rest.len())?;
        Some(Self {
            tag,
            content,
            whole,
            rest,
        })
    }

    fn of(tag: u8, input: &'a [u8]) -> Option<Self> {
        Self::read(input).filter(|element| element.tag == tag)
    }
}

/// The elements of a sequence's content, up to the first invalid one.
fn elements(content: &[u8]) -> impl Iterator<Item = Element<'_>> {
    let mut rest = content;
    std::iter::from_fn(move || {
        let element = Element::read(rest)?;
        rest = element.rest;
        Some(element)
    })
}

/// Splits off the first element: a certificate from OpenSSL's trust settings.
pub(super) fn first(input: &[u8]) -> Option<(&[u8], &[u8])> {
    Element::read(input).map(|element| (element.whole, element.rest))
}

/// Whether OpenSSL's trust settings of a certificate (`X509_CERT_AUX`) allow it as a CA for servers.
pub(super) fn is_trusted_for_servers(settings: &[u8]) -> bool {
    /// The encodings of serverAuth and anyExtendedKeyUsage.
    const SERVERS: [&[u8]; 2] = [
        &[0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01],
        &[0x06, 0x04, 0x55, 0x1d, 0x25, 0x00],
    ];
    let Some(settings) = Element::of(SEQUENCE, settings) else {
        return true;
    };
    let names_servers =
        |list: &Element<'_>| elements(list.content).any(|usage| SERVERS.contains(&usage.whole));
    elements(settings.content).all(|list| match list.tag {
        SEQUENCE => names_servers(&list),
        CONTEXT_0 => !names_servers(&list),
        _ => true,
    })
}

/// The first and the last second in which a certificate is valid (RFC 5280, 4.1.2.5).
pub(super) fn validity(certificate: &[u8]) -> Option<(Timestamp, Timestamp)> {
    let certificate = Element::of(SEQUENCE, certificate)?;
    let signed = Element::of(SEQUENCE, certificate.content)?;
    // It follows version (absent in version 1), serial number, algorithm and issuer.
    let is_versioned = elements(signed.content).next()?.tag == CONTEXT_0;
    let validity = elements(signed.content).nth(if is_versioned { 4 } else { 3 })?;
    let mut times = elements(validity.content);
    Some((time(&times.next()?)?, time(&times.next()?)?))
}

fn time(element: &Element<'_>) -> Option<Timestamp> {
    let text = std::str::from_utf8(element.content).ok()?;
    let text = match element.tag {
        // Two-digit years mean 1950 to 2049.
        UTC_TIME if text.starts_with(|c| c < '5') => format!("20{text}"),
        UTC_TIME => format!("19{text}"),
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    let time = DateTime::strptime("%Y%m%d%H%M%SZ", text).ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;

    use super::*;
    use crate::transport::testing::fixture;

    #[test]
    fn the_validity_of_every_version_is_found() {
        let validity = |name: &str| {
            let certificate = CertificateDer::from_pem_file(fixture(name)).unwrap();
            validity(&certificate).unwrap()
        };
        let (from, to) = validity("expired.pem");
        assert_eq!(from.to_string(), "2020-01-01T00:00:00Z");
        assert_eq!(to.to_string(), "2020-01-02T00:00:00Z");
        // UTCTime and GeneralizedTime, with and without a version.
        for name in ["ca.pem", "server.pem", "client-v1.pem"] {
            let (from, to) = validity(name);
            assert_eq!(from.to_string().get(..4), Some("2026"), "{name}");
            assert_eq!(to.to_string().get(..4), Some("2126"), "{name}");
        }
    }

    #[test]
    fn openssl_settings_are_heeded() {
        let server = [0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
        let client = [0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02];
        let list = |tag: u8, usage: &[u8]| [&[tag, 10], usage].concat();
        let settings = |lists: &[Vec<u8>]| {
            let lists = lists.concat();
            [&[SEQUENCE, u8::try_from(lists.len()).unwrap()], &lists[..]].concat()
        };
        for (lists, expected) in [
            (&[][..], true),
            (&[list(SEQUENCE, &server)], true),
            (&[list(SEQUENCE, &client)], false),
            (&[list(CONTEXT_0, &client)], true),
            (&[list(CONTEXT_0, &server)], false),
            (&[list(SEQUENCE, &server), list(CONTEXT_0, &server)], false),
        ] {
            assert_eq!(
                is_trusted_for_servers(&settings(lists)),
                expected,
                "{lists:?}"
            );
        }
        assert!(is_trusted_for_servers(&[]));
    }

    #[test]
    fn garbage_is_no_certificate() {
        for input in [
            &[][..],
            &[0x30],
            &[0x30, 0x80],
            &[0x30, 0x84, 1],
            &[0x30, 5, 1],
            &[0x30, 0xff],
        ] {
            assert!(
                first(input).is_none() && validity(input).is_none(),
                "{input:?}"
            );
        }
        assert!(validity(&[0x30, 2, 0x30, 0]).is_none());
    }
}
