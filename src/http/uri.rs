//! What has to be known of a URI: its origin, its path, how it is joined and shown.

use std::fmt::Write as _;

use http::Uri;
use http::uri::{PathAndQuery, Scheme};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

use crate::error::{Error, ErrorKind, Result};

/// Everything that is not unreserved in RFC 3986, 2.3.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// `text` as one segment of a path, or as a key or value of a query.
pub(crate) fn segment(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, SEGMENT)
}

/// Parses an absolute http(s) URL that a person typed or a server sent.
pub(crate) fn parse_absolute(text: &str, what: &str) -> Result<Uri> {
    let bad = |why: &str| {
        Error::new(
            ErrorKind::Config,
            format!(
                "{what} {:?} {why}; expected http://host[:port]/path",
                presentable(text)
            ),
        )
    };
    // First of all, so that no other error quotes a password.
    if text.contains('@') && !is_in_path(text) {
        return Err(Error::new(
            ErrorKind::Config,
            format!(
                "{what} holds a user name or password before its host; give them as options of the auth plugin"
            ),
        ));
    }
    match text.trim().split_once("://") {
        Some((scheme, _))
            if ["http", "https"]
                .iter()
                .any(|s| s.eq_ignore_ascii_case(scheme)) => {}
        Some(_) => return Err(bad("is neither http nor https")),
        None => return Err(bad("has no scheme")),
    }
    // `Uri` drops a fragment without a word.
    let uri: Uri = text.trim().parse().map_err(|_| bad("is not a URL"))?;
    let authority = uri
        .authority()
        .map(http::uri::Authority::as_str)
        .unwrap_or_default();
    let Some(host) = uri.host().filter(|host| !host.is_empty()) else {
        return Err(bad("has no host"));
    };
    // `Uri` takes whatever follows the colon, and forgets it if it is no port.
    if authority.len() > host.len() && uri.port_u16().is_none_or(|port| port == 0) {
        return Err(bad("has no usable port"));
    }
    Ok(uri)
}

/// A URL that does not parse, as errors may show it: no query, no user name or password.
fn presentable(text: &str) -> String {
    let shown = text.split(['?', '#']).next().unwrap_or_default();
    match shown.rsplit_once('@') {
        Some((_, host)) => format!("{}@{host}", crate::secret::REDACTED),
        None => shown.to_owned(),
    }
}

/// Whether the first `@` comes only after the host.
fn is_in_path(text: &str) -> bool {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let at = rest.find('@');
    rest.find(['/', '?', '#'])
        .is_some_and(|end| at.is_none_or(|at| end < at))
}

/// Whether two absolute URIs have the same scheme, host and port (RFC 6454).
pub(crate) fn same_origin(a: &Uri, b: &Uri) -> bool {
    if a.scheme() != b.scheme() {
        return false;
    }
    let (Some(x), Some(y)) = (a.authority(), b.authority()) else {
        return false;
    };
    // Nearly always they are written alike: comparing bytes settles that at once.
    x.as_str() == y.as_str() || port(a) == port(b) && x.host().eq_ignore_ascii_case(y.host())
}

/// Whether two absolute URIs have the same host, whatever their schemes and ports.
pub(crate) fn same_host(a: &Uri, b: &Uri) -> bool {
    match (a.host(), b.host()) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        _ => false,
    }
}

fn port(uri: &Uri) -> Option<u16> {
    uri.port_u16().or_else(|| match uri.scheme() {
        Some(scheme) if *scheme == Scheme::HTTP => Some(80),
        Some(scheme) if *scheme == Scheme::HTTPS => Some(443),
        _ => None,
    })
}

/// `base` with `path_and_query` behind its path, exactly one slash between them.
pub(crate) fn join(base: &Uri, path_and_query: &str) -> Result<Uri> {
    let path = base.path().trim_end_matches('/');
    let rest = path_and_query.trim_start_matches('/');
    let mut joined = String::with_capacity(path.len() + rest.len() + 1);
    joined.push_str(path);
    if !rest.is_empty() && !rest.starts_with('?') || path.is_empty() {
        joined.push('/');
    }
    joined.push_str(rest);
    with_path_and_query(base, joined)
}

/// A path and query as a URI without scheme and host.
pub(crate) fn relative(path_and_query: String) -> Result<Uri> {
    let path = if path_and_query.starts_with('/') {
        path_and_query
    } else {
        format!("/{path_and_query}")
    };
    Uri::from_maybe_shared(bytes::Bytes::from(path)).map_err(|e| {
        Error::new(
            ErrorKind::Config,
            "the request's path is not a valid URL path",
        )
        .with_source(e)
    })
}

/// `base` with another path and query.
pub(crate) fn with_path_and_query(base: &Uri, path_and_query: String) -> Result<Uri> {
    let mut parts = base.clone().into_parts();
    let path =
        PathAndQuery::from_maybe_shared(bytes::Bytes::from(path_and_query)).map_err(|e| {
            Error::new(
                ErrorKind::Config,
                "the request's path is not a valid URL path",
            )
            .with_source(e)
        })?;
    parts.path_and_query = Some(path);
    Uri::from_parts(parts)
        .map_err(|e| Error::new(ErrorKind::Config, "the request's URL is not valid").with_source(e))
}

/// `uri` with the scheme, host and port of `other`.
pub(crate) fn at_origin_of(uri: &Uri, other: &Uri) -> Result<Uri> {
    let path = uri.path_and_query().map_or("/", PathAndQuery::as_str);
    with_path_and_query(other, path.to_owned())
}

/// The URI as logs and errors may show it: queries can carry signatures.
pub(crate) fn without_query(uri: &Uri) -> Uri {
    if uri.query().is_none() {
        return uri.clone();
    }
    with_path_and_query(uri, uri.path().to_owned()).unwrap_or_default()
}

/// Appends `key=value`, percent-encoded, to a path that may have a query already.
pub(crate) fn push_query(path_and_query: &mut String, key: &str, value: &str) {
    let separator = if path_and_query.contains('?') {
        '&'
    } else {
        '?'
    };
    // Writing into a String cannot fail.
    let _ = write!(
        path_and_query,
        "{separator}{}={}",
        segment(key),
        segment(value)
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slash_joins() {
        for (base, rest, joined) in [
            ("http://h", "/stacks", "http://h/stacks"),
            (
                "http://h/v1/p",
                "stacks?limit=1",
                "http://h/v1/p/stacks?limit=1",
            ),
            ("http://h/v1/p/", "/stacks", "http://h/v1/p/stacks"),
            ("http://h/v1/p/", "", "http://h/v1/p"),
            ("http://h/v1/", "?a=b", "http://h/v1?a=b"),
            ("http://h", "?a=b", "http://h/?a=b"),
        ] {
            assert_eq!(
                join(&base.parse().unwrap(), rest).unwrap(),
                joined,
                "{base} {rest}"
            );
        }
    }

    #[test]
    fn origins_ignore_case_and_default_ports() {
        let same = |a: &str, b: &str| same_origin(&a.parse().unwrap(), &b.parse().unwrap());
        assert!(same("http://h/a", "http://H:80/b"));
        assert!(same("https://h:443", "https://h"));
        assert!(!same("http://h", "https://h"));
        assert!(!same("http://h", "http://h:8080"));
        assert!(!same("http://h", "http://h.evil"));
        assert!(!same("http://h:443", "https://h:443"));
    }

    #[test]
    fn what_people_type_is_checked() {
        let error = |text: &str| {
            parse_absolute(text, "the auth URL")
                .unwrap_err()
                .to_string()
        };
        assert!(parse_absolute("https://keystone:5000/v3", "it").is_ok());
        assert_eq!(
            error("keystone:5000/v3"),
            "the auth URL \"keystone:5000/v3\" has no scheme; expected http://host[:port]/path"
        );
        assert!(error("ftp://h/").contains("neither http nor https"));
        assert!(error("/v3").contains("has no scheme"));
        let secret = error("http://demo:pw@h/v3");
        assert!(
            secret.contains("user name or password") && !secret.contains("pw@"),
            "{secret}"
        );
        for text in [
            "ftp://demo:pw@h/",
            "http://demo:pw@h h/",
            "//demo:pw@h",
            "h/?sig=pw",
            "ftp://h#pw",
        ] {
            assert!(!error(text).contains("pw"), "{}", error(text));
        }
    }

    #[test]
    fn queries_are_encoded_and_not_shown() {
        let mut path = "/stacks".to_owned();
        push_query(&mut path, "tags", "a&b=c d/\u{e4}");
        push_query(&mut path, "limit", "1");
        assert_eq!(path, "/stacks?tags=a%26b%3Dc%20d%2F%C3%A4&limit=1");
        let uri = join(&"http://h/v1".parse().unwrap(), &path).unwrap();
        assert_eq!(without_query(&uri), "http://h/v1/stacks");
    }

    #[test]
    fn a_path_stays_a_path() {
        for (path, uri) in [
            ("stacks", "/stacks"),
            ("/stacks?a=b", "/stacks?a=b"),
            ("http://evil/x", "/http://evil/x"),
            ("//evil/x", "//evil/x"),
            ("", "/"),
        ] {
            let relative = relative(path.to_owned()).unwrap();
            assert_eq!(relative, uri);
            assert_eq!(relative.authority(), None);
            let joined = join(&"http://h/v1".parse().unwrap(), uri).unwrap();
            assert_eq!(joined.host(), Some("h"));
        }
        assert!(relative("/a b".to_owned()).is_err());
    }
}
