//! Explains TLS failures and suggests solutions.

use jiff::Timestamp;
use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error, InvalidMessage, PeerIncompatible};

const NO_CERTIFICATE: &str = "it requires a client certificate; give one with --os-cert FILE and --os-key FILE (OS_CERT, OS_KEY)";

/// The reason of a failure. "It" is the server: "it does not speak TLS".
pub(in crate::transport) fn explain(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(error) => certificate(error),
        Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            "it does not speak TLS; use http://?".to_owned()
        }
        Error::AlertReceived(AlertDescription::CertificateRequired) => NO_CERTIFICATE.to_owned(),
        Error::AlertReceived(
            alert @ (AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied),
        ) => format!("it refused the client certificate (TLS alert {alert:?})"),
        Error::AlertReceived(AlertDescription::HandshakeFailure) => {
            let p521 = match cfg!(feature = "aws-lc-rs") {
                true => "",
                false => " (P-521 needs a build with the feature aws-lc-rs)",
            };
            format!(
                "it shares no TLS cipher or signature algorithm with this client{p521}, or {NO_CERTIFICATE}"
            )
        }
        Error::AlertReceived(AlertDescription::ProtocolVersion)
        | Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13) => {
            "it supports none of the TLS versions that are allowed: 1.2 and 1.3, or only 1.3 if tls_min_version \
             (OS_TLS_MIN_VERSION) says so"
                .to_owned()
        }
        Error::AlertReceived(AlertDescription::UnrecognisedName) => {
            "it does not serve that host name (TLS alert UnrecognisedName)".to_owned()
        }
        other => other.to_string(),
    }
}

/// Whether an alert means that the server refused the handshake. In TLS 1.3 it may arrive later.
pub(in crate::transport) fn is_refusal(error: &Error) -> bool {
    use AlertDescription as Alert;
    matches!(
        error,
        Error::AlertReceived(
            Alert::CertificateRequired
                | Alert::BadCertificate
                | Alert::UnsupportedCertificate
                | Alert::CertificateRevoked
                | Alert::CertificateExpired
                | Alert::CertificateUnknown
                | Alert::UnknownCA
                | Alert::AccessDenied
                | Alert::HandshakeFailure
        )
    )
}

fn certificate(error: &CertificateError) -> String {
    match error {
        CertificateError::UnknownIssuer => {
            "its certificate is not signed by a trusted CA; pass the CA certificate with --os-cacert FILE \
             or OS_CACERT"
                .to_owned()
        }
        CertificateError::Expired => "its certificate has expired".to_owned(),
        CertificateError::ExpiredContext { not_after, .. } => {
            format!("its certificate expired on {}", date(*not_after))
        }
        CertificateError::NotValidYet => {
            "its certificate is not valid yet; check this machine's clock".to_owned()
        }
        CertificateError::NotValidYetContext { not_before, .. } => format!(
            "its certificate is not valid before {}; check this machine's clock",
            date(*not_before)
        ),
        CertificateError::NotValidForName => "its certificate is for another host name".to_owned(),
        CertificateError::NotValidForNameContext { presented, .. } => names(presented),
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            let advice = match cfg!(feature = "aws-lc-rs") {
                true => "",
                false => "; a build with the feature aws-lc-rs supports more algorithms, such as P-521",
            };
            format!("its certificate is signed with an algorithm that is not supported{advice}")
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "its certificate is not for servers (extended key usage)".to_owned()
        }
        // Some errors of webpki have no rustls variant.
        CertificateError::Other(other) => match other.to_string().as_str() {
            "CaUsedAsEndEntity" => {
                "its certificate is a CA certificate that is not trusted; if it is the right one, \
                 pass it with --os-cacert FILE or OS_CACERT"
                    .to_owned()
            }
            "UnsupportedCertVersion" => {
                "its certificate has X.509 version 1, which is not supported; the server needs one of version 3".to_owned()
            }
            other => format!("its certificate is not valid: {other}"),
        },
        other => format!("its certificate is not valid: {other}"),
    }
}

/// The first names in a certificate, as text. They come from the server.
fn names(presented: &[String]) -> String {
    const MOST: usize = 5;
    // `DnsName("localhost")` and `IpAddress(127.0.0.1)`
    let plain = |name: &String| {
        let (_, inner) = name.split_once('(').unwrap_or(("", name));
        inner.trim_matches(['(', ')', '"']).to_owned()
    };
    let shown: Vec<String> = presented.iter().take(MOST).map(plain).collect();
    match (shown.join(", "), presented.len().saturating_sub(MOST)) {
        (none, _) if none.is_empty() => {
            "its certificate has no subjectAltName, which is required".to_owned()
        }
        (shown, 0) => format!("its certificate is for {shown}"),
        (shown, more) => format!("its certificate is for {shown} and {more} more names"),
    }
}

fn date(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).ok();
    let time = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    time.map_or_else(|| "an unknown date".to_owned(), |time| time.to_string())
}
