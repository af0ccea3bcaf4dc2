//! URLs: parsing, checking, comparing origins, joining, and display in messages.

use std::error::Error as StdError;
use std::fmt::{self, Write as _};

use http::Uri;
use http::uri::{Authority, InvalidUri, PathAndQuery, Scheme};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

/// What replaces a user name and password in a message.
const REDACTED: &str = "[redacted]";

/// A URL or a path that is not valid. It converts into an [`Error`](crate::Error) of kind
/// [`Config`](crate::ErrorKind::Config).
#[derive(Debug)]
pub struct InvalidUrl {
    message: String,
    source: Option<http::Error>,
}

impl InvalidUrl {
    fn new(message: String) -> Self {
        Self {
            message,
            source: None,
        }
    }

    fn with_source(message: &str, source: impl Into<http::Error>) -> Self {
        Self {
            message: message.to_owned(),
            source: Some(source.into()),
        }
    }

    /// The message and its cause.
    pub(crate) fn into_parts(self) -> (String, Option<http::Error>) {
        (self.message, self.source)
    }
}

impl fmt::Display for InvalidUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for InvalidUrl {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}

type Result<T, E = InvalidUrl> = std::result::Result<T, E>;

/// The characters to encode: all but the unreserved ones of RFC 3986, 2.3.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Encodes `text` as one segment of a path, or as a key or value of a query.
pub(crate) fn segment(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, SEGMENT)
}

/// Parses an absolute http or https URL from a user or a server. `what` is its name in errors, such
/// as `the auth URL`.
///
/// # Errors
/// [`InvalidUrl`] for any other text, and for a URL with a user name or password before its host.
/// Errors quote neither these nor the query.
///
/// ```
/// let url = heatclient::uri::parse_url("https://keystone.example:5000/v3", "the auth URL")?;
/// assert_eq!(url.host(), Some("keystone.example"));
/// # Ok::<_, heatclient::Error>(())
/// ```
pub fn parse_url(text: &str, what: &str) -> Result<Uri, InvalidUrl> {
    let bad = |why: &str| unusable_url(what, &for_display(text), why);
    // This is checked first, so that no other error quotes a password.
    if text.contains('@') && !is_in_path(text) {
        return Err(contains_userinfo(what));
    }
    match text.trim().split_once("://") {
        Some((scheme, _))
            if ["http", "https"]
                .iter()
                .any(|s| s.eq_ignore_ascii_case(scheme)) => {}
        Some(_) => return Err(bad("is neither http nor https")),
        None => return Err(bad("has no scheme")),
    }
    // `Uri` silently drops a fragment.
    let uri: Uri = text.trim().parse().map_err(|_| bad("is not a URL"))?;
    match unusable(&uri) {
        Some(why) => Err(bad(why)),
        None => Ok(uri),
    }
}

/// Checks a URL that comes from a program. `what` is its name in errors.
pub(crate) fn check(uri: &Uri, what: &str) -> Result<()> {
    if has_userinfo(uri) {
        return Err(contains_userinfo(what));
    }
    let why = match uri.scheme_str() {
        Some("http" | "https") => unusable(uri),
        Some(_) => Some("is neither http nor https"),
        None => Some("has no scheme"),
    };
    match why {
        Some(why) => Err(unusable_url(what, &shown(uri).to_string(), why)),
        None => Ok(()),
    }
}

/// Why the host or the port is not valid; `None` if both are.
fn unusable(uri: &Uri) -> Option<&'static str> {
    let authority = uri.authority().map(Authority::as_str).unwrap_or_default();
    let Some(host) = uri.host().filter(|host| !host.is_empty()) else {
        return Some("has no host");
    };
    // `Uri` accepts any text after the colon and ignores it if it is not a port number.
    let no_port = authority.len() > host.len() && uri.port_u16().is_none_or(|port| port == 0);
    no_port.then_some("has no usable port")
}

fn unusable_url(what: &str, shown: &str, why: &str) -> InvalidUrl {
    InvalidUrl::new(format!(
        "{what} {shown:?} {why}; expected http://host[:port]/path"
    ))
}

fn contains_userinfo(what: &str) -> InvalidUrl {
    InvalidUrl::new(format!(
        "{what} contains a user name or password before its host; pass them as options of the auth plugin"
    ))
}

/// Whether the URI has a user name or a password before its host (RFC 3986, 3.2.1).
fn has_userinfo(uri: &Uri) -> bool {
    uri.authority()
        .is_some_and(|authority| authority.as_str().contains('@'))
}

/// A URL that does not parse, without its query, user name and password, for errors.
fn for_display(text: &str) -> String {
    let shown = text.split(['?', '#']).next().unwrap_or_default();
    match shown.rsplit_once('@') {
        Some((_, host)) => format!("{REDACTED}@{host}"),
        None => shown.to_owned(),
    }
}

/// Whether the first `@` is after the host.
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
    // Mostly the authorities are equal byte for byte, which is fast to compare.
    x.as_str() == y.as_str() || port(a) == port(b) && x.host().eq_ignore_ascii_case(y.host())
}

/// Whether two absolute URIs have the same host. Schemes and ports are ignored.
pub(crate) fn same_host(a: &Uri, b: &Uri) -> bool {
    match (a.host(), b.host()) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        _ => false,
    }
}

/// The port, or the default port of the scheme.
pub(crate) fn port(uri: &Uri) -> Option<u16> {
    uri.port_u16().or_else(|| match uri.scheme() {
        Some(scheme) if *scheme == Scheme::HTTP => Some(80),
        Some(scheme) if *scheme == Scheme::HTTPS => Some(443),
        _ => None,
    })
}

/// Appends `path_and_query` to the path of `base`, with one slash between them.
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
    Uri::from_maybe_shared(bytes::Bytes::from(path)).map_err(invalid_path)
}

/// `base` with another path and query.
pub(crate) fn with_path_and_query(base: &Uri, path_and_query: String) -> Result<Uri> {
    let mut parts = base.clone().into_parts();
    let path = PathAndQuery::from_maybe_shared(bytes::Bytes::from(path_and_query));
    parts.path_and_query = Some(path.map_err(invalid_path)?);
    Uri::from_parts(parts)
        .map_err(|error| InvalidUrl::with_source("the request's URL is not valid", error))
}

fn invalid_path(error: InvalidUri) -> InvalidUrl {
    InvalidUrl::with_source("the request's path is not a valid URL path", error)
}

/// `uri` with the scheme, host and port of `other`.
pub(crate) fn at_origin_of(uri: &Uri, other: &Uri) -> Result<Uri> {
    let path = uri.path_and_query().map_or("/", PathAndQuery::as_str);
    with_path_and_query(other, path.to_owned())
}

/// The URI for logs and errors: without the parts that may be secret, which are the user name, the
/// password and the query (it may contain a signature).
///
/// Every log and error text uses it to show a URI.
pub(crate) fn shown(uri: &Uri) -> Uri {
    if uri.query().is_none() && !has_userinfo(uri) {
        return uri.clone();
    }
    let mut parts = uri.clone().into_parts();
    parts.authority = parts.authority.and_then(without_userinfo);
    parts.path_and_query = uri.path().parse().ok();
    Uri::from_parts(parts).unwrap_or_default()
}

/// The host and port for logs and errors; empty for a path.
pub(crate) fn shown_server(uri: &Uri) -> &str {
    let authority = uri.authority().map(Authority::as_str).unwrap_or_default();
    after_userinfo(authority)
}

fn without_userinfo(authority: Authority) -> Option<Authority> {
    let server = after_userinfo(authority.as_str());
    if server.len() == authority.as_str().len() {
        return Some(authority);
    }
    server.parse().ok()
}

fn after_userinfo(authority: &str) -> &str {
    authority
        .rsplit_once('@')
        .map_or(authority, |(_, server)| server)
}

/// Appends `key=value`, percent-encoded, to a path with or without a query.
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
        let error = |text: &str| parse_url(text, "the auth URL").unwrap_err().to_string();
        assert!(parse_url("https://keystone:5000/v3", "it").is_ok());
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
        assert_eq!(shown(&uri), "http://h/v1/stacks");
    }

    #[test]
    fn nobody_is_shown_user_names_and_passwords() {
        for (uri, expected, server) in [
            ("http://u:pw@h:80/x?sig=1", "http://h:80/x", "h:80"),
            ("https://token@h/x@y", "https://h/x@y", "h"),
            ("http://u:p%40w@[::1]:80/", "http://[::1]:80/", "[::1]:80"),
            ("http://h/x", "http://h/x", "h"),
            ("/x?y=z", "/x", ""),
        ] {
            let uri = uri.parse().unwrap();
            assert_eq!(shown(&uri), expected);
            assert_eq!(shown_server(&uri), server);
        }
    }

    #[test]
    fn urls_that_programs_make_are_checked_alike() {
        let check = |text: &str| check(&text.parse().unwrap(), "the endpoint");
        assert!(check("https://heat:8004/v1/p").is_ok());
        for (url, why) in [
            ("http://u:hunter2@h/", "user name or password"),
            ("http://hunter2@h/", "user name or password"),
            ("ftp://h/?sig=hunter2", "is neither http nor https"),
            ("/v1?sig=hunter2", "has no scheme"),
            ("http://h:0/?sig=hunter2", "has no usable port"),
        ] {
            let error = check(url).unwrap_err();
            let error = format!("{error} {error:?}");
            assert!(error.contains(why) && !error.contains("hunter2"), "{error}");
        }
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
