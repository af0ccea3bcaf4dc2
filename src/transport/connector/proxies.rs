//! Proxies from the environment variables.
//!
//! An invalid variable is an error of each connection that it applies to. A direct connection instead
//! could send secrets to the wrong network.

use std::ffi::OsString;
use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::uri::{Authority, Scheme};
use http::{HeaderValue, Uri};
use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use super::no_proxy::NoProxy;
use crate::error::{Error, ErrorKind, Result};
use crate::secret::Secret;

const EXPECTED: &str =
    "expected SCHEME://[USER:PASSWORD@]HOST[:PORT] with a scheme of http, https, socks5 or socks5h";

const NO_SLASHES: &str = "its scheme is not followed by :// and the host";

/// The proxies for http and https, and the excluded hosts.
#[derive(Debug, Default)]
pub(super) struct Proxies {
    http: Option<Result<Proxy>>,
    https: Option<Result<Proxy>>,
    no_proxy: Option<Result<NoProxy>>,
}

/// A proxy and its environment variable.
#[derive(Debug)]
pub(super) struct Proxy {
    variable: &'static str,
    pub(super) protocol: Protocol,
    /// Scheme, host and port.
    pub(super) address: Uri,
    login: Option<Login>,
}

/// The protocol of a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Http,
    /// HTTP over TLS.
    Https,
    Socks5 {
        /// Whether the client (`socks5`) or the proxy (`socks5h`) resolves host names.
        local_dns: bool,
    },
}

#[derive(Debug)]
struct Login {
    user: Secret,
    password: Secret,
}

impl Proxies {
    /// Reads the environment variables of the process.
    pub(super) fn from_env() -> Self {
        Self::from(|name| std::env::var_os(name))
    }

    /// Follows the rules of curl and Python: lower-case names take precedence, also with an empty value,
    /// which counts as unset. `HTTP_PROXY` is ignored in CGI programs, where clients control it.
    fn from(get: impl Fn(&str) -> Option<OsString>) -> Self {
        let is_cgi = get("REQUEST_METHOD").is_some();
        let first = |names: &[&'static str]| {
            let (name, value) = names.iter().find_map(|name| Some((*name, get(name)?)))?;
            (!value.is_empty()).then_some((name, value))
        };
        let http: &[_] = if is_cgi {
            &["http_proxy"]
        } else {
            &["http_proxy", "HTTP_PROXY"]
        };
        let all = || first(&["all_proxy", "ALL_PROXY"]);
        let proxy = |(name, value): (&'static str, OsString)| Proxy::parse(name, value);
        let bypass = first(&["no_proxy"]).or_else(|| first(&["NO_PROXY"]));
        Self {
            http: first(http).or_else(all).map(proxy),
            https: first(&["https_proxy", "HTTPS_PROXY"])
                .or_else(all)
                .map(proxy),
            no_proxy: bypass.map(|(name, value)| NoProxy::parse(name, &text(name, value)?)),
        }
    }

    #[cfg(test)]
    pub(super) fn of(variables: &[(&str, &str)]) -> Self {
        Self::from(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    /// The proxy for `uri`; none for a direct connection.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if a variable that applies to `uri` is not valid.
    pub(super) fn for_uri(&self, uri: &Uri) -> Result<Option<&Proxy>> {
        let proxy = match uri.scheme_str() {
            Some("http") => &self.http,
            Some("https") => &self.https,
            _ => &None,
        };
        let Some(proxy) = proxy else {
            return Ok(None);
        };
        if let Some(no_proxy) = &self.no_proxy
            && no_proxy.as_ref().map_err(Clone::clone)?.contains(uri)
        {
            return Ok(None);
        }
        proxy.as_ref().map(Some).map_err(Clone::clone)
    }
}

impl Proxies {
    /// The value of `Proxy-Authorization` for a request that a proxy forwards: a plain http request through an HTTP proxy
    /// with a user name. For a tunnel the value is part of the request that opens it.
    pub(super) fn login_for_request(&self, uri: &Uri) -> Option<HeaderValue> {
        let proxy = match self.http.as_ref()? {
            Ok(proxy) if proxy.has_login() && uri.scheme() == Some(&Scheme::HTTP) => proxy,
            _ => return None,
        };
        let is_used = self.for_uri(uri).is_ok_and(|used| used.is_some());
        let forwards = matches!(proxy.protocol, Protocol::Http | Protocol::Https);
        proxy.basic().filter(|_| is_used && forwards)
    }
}

impl Proxy {
    fn parse(variable: &'static str, value: OsString) -> Result<Self> {
        // The value is never quoted, since any part of it may be a password.
        let bad = |why: &str| {
            Error::new(
                ErrorKind::Config,
                format!("the variable {variable} is not a valid proxy URL: {why}; {EXPECTED}"),
            )
        };
        let value = text(variable, value)?;
        let value = value.trim();
        let (scheme, rest) = match value.split_once("://") {
            Some((scheme, rest)) => (scheme, rest),
            None if begins_with_scheme(value) => return Err(bad(NO_SLASHES)),
            None => ("http", value),
        };
        let (protocol, transport, port) = match scheme.to_ascii_lowercase().as_str() {
            "http" => (Protocol::Http, Scheme::HTTP, 80),
            "https" => (Protocol::Https, Scheme::HTTPS, 443),
            "socks5" => (Protocol::Socks5 { local_dns: true }, Scheme::HTTP, 1080),
            "socks5h" => (Protocol::Socks5 { local_dns: false }, Scheme::HTTP, 1080),
            "socks4" | "socks4a" => return Err(bad("SOCKS 4 is not supported, SOCKS 5 is")),
            _ => return Err(bad("its scheme is not supported")),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
        if path.contains('@') {
            return Err(bad(
                "it has an @ after a /, ? or #, which must be percent-encoded in a user name or password",
            ));
        }
        // `http://http:/proxy` would connect to a host named http.
        if path.starts_with("//") || path.len() > 1 && authority.ends_with(':') {
            return Err(bad(NO_SLASHES));
        }
        let (login, host) = match authority.rsplit_once('@') {
            Some((login, host)) => (Some(login), host),
            None => (None, authority),
        };
        let login = login.filter(|login| !login.is_empty()).map(Login::parse);
        let login = login.transpose().map_err(bad)?;
        if let (Protocol::Socks5 { .. }, Some(login)) = (protocol, &login) {
            // RFC 1929, 2: each length has one byte.
            let is_long = |part: &Secret| part.expose().len() > 255;
            if is_long(&login.user) || is_long(&login.password) {
                return Err(bad("its user name or password is longer than 255 bytes"));
            }
        }
        Ok(Self {
            variable,
            protocol,
            address: address(transport, host, port).map_err(bad)?,
            login,
        })
    }

    /// The value of `Proxy-Authorization` (RFC 7617), if the URL has a user name.
    pub(super) fn basic(&self) -> Option<HeaderValue> {
        let Login { user, password } = self.login.as_ref()?;
        let plain = Zeroizing::new(format!("{}:{}", user.expose(), password.expose()));
        let text = Zeroizing::new(format!(
            "Basic {}",
            BASE64_STANDARD.encode(plain.as_bytes())
        ));
        // Base64 is always a valid header value.
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// The user name and password (RFC 1929), if the URL has them.
    pub(super) fn user_and_password(&self) -> Option<(String, String)> {
        let Login { user, password } = self.login.as_ref()?;
        Some((user.expose().to_owned(), password.expose().to_owned()))
    }

    pub(super) fn has_login(&self) -> bool {
        self.login.is_some()
    }

    #[cfg(test)]
    pub(super) fn variable(&self) -> &'static str {
        self.variable
    }
}

impl fmt::Display for Proxy {
    /// The host, the port and the variable that they come from.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.address.authority().map_or("", Authority::as_str);
        write!(f, "proxy {address} ({})", self.variable)
    }
}

impl Login {
    fn parse(text: &str) -> Result<Self, &'static str> {
        let (user, password) = text.split_once(':').unwrap_or((text, ""));
        let decoded = |text| {
            let decoded = percent_decode_str(text).decode_utf8();
            decoded.map_err(|_| "its user name or password is not UTF-8 once percent-decoded")
        };
        Ok(Self {
            user: Secret::from(&*decoded(user)?),
            password: Secret::from(&*decoded(password)?),
        })
    }
}

fn text(variable: &str, value: OsString) -> Result<String> {
    value.into_string().map_err(|_| {
        let message = format!("the variable {variable} is not UTF-8 text");
        Error::new(ErrorKind::Config, message)
    })
}

/// Whether a text without `://` starts with a scheme, such as `http:/proxy`, `https//proxy` or
/// `socks5:proxy`. Read as a host, it would send requests to a host named like the scheme.
fn begins_with_scheme(text: &str) -> bool {
    const SCHEMES: [&str; 7] = [
        "http", "https", "socks", "socks4", "socks4a", "socks5", "socks5h",
    ];
    let end = text.find([':', '/']).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    let is_scheme = || {
        SCHEMES
            .iter()
            .any(|scheme| name.eq_ignore_ascii_case(scheme))
    };
    rest.starts_with(":/") || rest.starts_with("//") || !rest.is_empty() && is_scheme()
}

/// Builds a URI from scheme, host and port.
fn address(scheme: Scheme, host: &str, default_port: u16) -> Result<Uri, &'static str> {
    if host.is_empty() {
        return Err("it has no host");
    }
    let authority: Authority = host.parse().map_err(|_| "its host is not valid")?;
    let name = authority.host();
    // `Authority` accepts any text as the port.
    let port = match host.strip_prefix(name) {
        Some("" | ":") => default_port,
        _ => authority
            .port_u16()
            .filter(|port| *port > 0)
            .ok_or("its port is not valid")?,
    };
    let valid = if name.starts_with('[') {
        super::no_proxy::bracketed(name).is_some()
    } else {
        super::no_proxy::is_host_name(name)
    };
    if !valid {
        return Err("its host is not valid");
    }
    Uri::builder()
        .scheme(scheme)
        .authority(format!("{name}:{port}"))
        .path_and_query("/")
        .build()
        .map_err(|_| "its host is not valid")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The proxy for a URL and its variable, or the text of the error.
    fn route(variables: &[(&str, &str)], url: &str) -> String {
        let proxies = Proxies::of(variables);
        let text = match proxies.for_uri(&url.parse().unwrap()) {
            Ok(None) => "direct".to_owned(),
            Ok(Some(proxy)) => format!("{} {}", proxy.variable(), proxy.address),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Config);
                error.to_string()
            }
        };
        for shown in [&text, &format!("{proxies:?}")] {
            assert!(!shown.contains("hunter2"), "{shown}");
        }
        text
    }

    #[test]
    fn each_scheme_has_its_variable_and_lower_case_wins() {
        const HTTP: &str = "http://heat:8004/";
        const HTTPS: &str = "https://heat:8004/";
        for (variables, url, expected) in [
            (&[][..], HTTP, "direct"),
            (
                &[("http_proxy", "http://a:1")],
                HTTP,
                "http_proxy http://a:1/",
            ),
            (&[("http_proxy", "http://a:1")], HTTPS, "direct"),
            (
                &[("https_proxy", "http://a:1")],
                HTTPS,
                "https_proxy http://a:1/",
            ),
            (
                &[("HTTPS_PROXY", "http://a:1")],
                HTTPS,
                "HTTPS_PROXY http://a:1/",
            ),
            (&[("https_proxy", "http://a:1")], HTTP, "direct"),
            (
                &[("ALL_PROXY", "http://a:1")],
                HTTP,
                "ALL_PROXY http://a:1/",
            ),
            (
                &[("all_proxy", "http://a:1")],
                HTTPS,
                "all_proxy http://a:1/",
            ),
            (
                &[("all_proxy", "http://a:1"), ("https_proxy", "http://b:2")],
                HTTPS,
                "https_proxy http://b:2/",
            ),
            (
                &[("HTTP_PROXY", "http://a:1"), ("http_proxy", "http://b:2")],
                HTTP,
                "http_proxy http://b:2/",
            ),
            (
                &[("HTTP_PROXY", "http://a:1"), ("http_proxy", "")],
                HTTP,
                "direct",
            ),
            (&[("HTTP_PROXY", "")], HTTP, "direct"),
            // In a CGI program HTTP_PROXY is the header `Proxy` of the client's request.
            (
                &[("HTTP_PROXY", "http://a:1"), ("REQUEST_METHOD", "GET")],
                HTTP,
                "direct",
            ),
            (
                &[("http_proxy", "http://a:1"), ("REQUEST_METHOD", "GET")],
                HTTP,
                "http_proxy http://a:1/",
            ),
            (
                &[("HTTPS_PROXY", "http://a:1"), ("REQUEST_METHOD", "GET")],
                HTTPS,
                "HTTPS_PROXY http://a:1/",
            ),
            (
                &[("http_proxy", "http://a:1"), ("no_proxy", "heat")],
                HTTP,
                "direct",
            ),
            (
                &[("http_proxy", "http://a:1"), ("NO_PROXY", "heat")],
                HTTP,
                "direct",
            ),
            (
                &[
                    ("http_proxy", "http://a:1"),
                    ("NO_PROXY", "heat"),
                    ("no_proxy", "other"),
                ],
                HTTP,
                "http_proxy http://a:1/",
            ),
            (
                &[
                    ("http_proxy", "http://a:1"),
                    ("NO_PROXY", "heat"),
                    ("no_proxy", ""),
                ],
                HTTP,
                "direct",
            ),
        ] {
            assert_eq!(route(variables, url), expected, "{variables:?} {url}");
        }
    }

    #[test]
    fn proxy_urls_are_read_as_people_write_them() {
        for (value, address, protocol, login) in [
            (
                "http://proxy:3128",
                "http://proxy:3128/",
                Protocol::Http,
                None,
            ),
            (
                "HTTP://proxy:3128/path?x#y",
                "http://proxy:3128/",
                Protocol::Http,
                None,
            ),
            (
                " http://proxy:3128 ",
                "http://proxy:3128/",
                Protocol::Http,
                None,
            ),
            ("proxy:3128", "http://proxy:3128/", Protocol::Http, None),
            ("proxy:3128/", "http://proxy:3128/", Protocol::Http, None),
            ("http://http:1", "http://http:1/", Protocol::Http, None),
            ("http", "http://http:80/", Protocol::Http, None),
            ("http://proxy", "http://proxy:80/", Protocol::Http, None),
            ("http://proxy:/", "http://proxy:80/", Protocol::Http, None),
            ("http://proxy:", "http://proxy:80/", Protocol::Http, None),
            ("https://proxy", "https://proxy:443/", Protocol::Https, None),
            (
                "http://[::1]:3128",
                "http://[::1]:3128/",
                Protocol::Http,
                None,
            ),
            (
                "http://10.0.0.1:3128",
                "http://10.0.0.1:3128/",
                Protocol::Http,
                None,
            ),
            (
                "socks5://proxy",
                "http://proxy:1080/",
                Protocol::Socks5 { local_dns: true },
                None,
            ),
            (
                "socks5h://me:hunter2@proxy:9",
                "http://proxy:9/",
                Protocol::Socks5 { local_dns: false },
                Some(("me", "hunter2")),
            ),
            (
                "http://me:hunter2@proxy:3128",
                "http://proxy:3128/",
                Protocol::Http,
                Some(("me", "hunter2")),
            ),
            (
                "http://m%40e:hunter2%3a%2F@proxy:3128",
                "http://proxy:3128/",
                Protocol::Http,
                Some(("m@e", "hunter2:/")),
            ),
            (
                "http://me:hunter2@@proxy",
                "http://proxy:80/",
                Protocol::Http,
                Some(("me", "hunter2@")),
            ),
            (
                "http://me@proxy",
                "http://proxy:80/",
                Protocol::Http,
                Some(("me", "")),
            ),
            ("http://@proxy", "http://proxy:80/", Protocol::Http, None),
        ] {
            let proxy = Proxy::parse("http_proxy", value.into()).unwrap();
            assert_eq!(proxy.address, address, "{value}");
            assert_eq!(proxy.protocol, protocol, "{value}");
            let pair = proxy.user_and_password();
            let pair = pair.as_ref().map(|(user, password)| (&**user, &**password));
            assert_eq!(pair, login, "{value}");
            assert_eq!(proxy.basic().is_some(), proxy.has_login());
            assert!(proxy.basic().is_none_or(|value| value.is_sensitive()));
            assert!(!format!("{proxy} {proxy:?}").contains("hunter2"));
        }
    }

    #[test]
    fn a_variable_that_is_no_proxy_is_an_error_and_never_a_direct_connection() {
        for (value, why) in [
            ("ht!tp://127.0.0.1:1", "its scheme is not supported"),
            ("ftp://me:hunter2@proxy", "its scheme is not supported"),
            ("socks4://proxy:1", "SOCKS 4 is not supported"),
            ("socks4a://proxy:1", "SOCKS 4 is not supported"),
            ("socks://proxy:1", "its scheme is not supported"),
            ("http://[bad", "its host is not valid"),
            ("http://[::1", "its host is not valid"),
            ("http://[x]:1", "its host is not valid"),
            ("http://", "it has no host"),
            ("http://:3128", "its host is not valid"),
            ("http:///x", "it has no host"),
            ("http:////x", "is not followed by ://"),
            ("http://proxy:x", "its port is not valid"),
            ("http://proxy:0", "its port is not valid"),
            ("http://proxy:99999", "its port is not valid"),
            ("http://a b:1", "its host is not valid"),
            ("http://me:hunter2@proxy:x", "its port is not valid"),
            // Not encoded: the text before the slash is not a host.
            ("http://me:hunter2/x@proxy:1", "must be percent-encoded"),
            ("http://me:80/hunter2@proxy:1", "must be percent-encoded"),
            ("me:80#hunter2@proxy:1", "must be percent-encoded"),
            ("http:/127.0.0.1:1", "is not followed by ://"),
            ("HTTP:/127.0.0.1:1", "is not followed by ://"),
            ("http:127.0.0.1:1", "is not followed by ://"),
            ("http:proxy", "is not followed by ://"),
            ("http:3128", "is not followed by ://"),
            ("https:proxy", "is not followed by ://"),
            ("http//proxy:1", "is not followed by ://"),
            ("socks5:/proxy", "is not followed by ://"),
            ("socks5:proxy:1", "is not followed by ://"),
            ("socks4:/proxy", "is not followed by ://"),
            ("htp:/proxy", "is not followed by ://"),
            ("htp//proxy", "is not followed by ://"),
            ("http:/me:hunter2@proxy:1", "is not followed by ://"),
            ("http:me:hunter2@proxy:1", "is not followed by ://"),
            ("http://http://proxy:1", "is not followed by ://"),
            ("http://http:/proxy:1", "is not followed by ://"),
            ("http://me:hunter2%ff@proxy:1", "is not UTF-8"),
            (" ", "it has no host"),
        ] {
            let text = route(&[("https_proxy", value)], "https://heat/");
            assert!(
                text.starts_with("the variable https_proxy is not a valid proxy URL: "),
                "{text}"
            );
            assert!(text.contains(why), "{value}: {text}");
            // An invalid variable is ignored where it does not apply.
            assert_eq!(route(&[("https_proxy", value)], "http://heat/"), "direct");
            let bypassed = [("https_proxy", value), ("no_proxy", "heat")];
            assert_eq!(route(&bypassed, "https://heat/"), "direct");
        }
        let long = format!("socks5://me:{}@proxy", "x".repeat(256));
        let text = route(&[("ALL_PROXY", &long)], "http://heat/");
        assert!(
            text.contains("the variable ALL_PROXY") && text.contains("255"),
            "{text}"
        );
        let bad = [("http_proxy", "http://proxy"), ("NO_PROXY", "10.0.0.0/99")];
        assert!(route(&bad, "http://heat/").contains("the variable NO_PROXY"));
        assert_eq!(route(&bad, "https://heat/"), "direct");
    }

    #[cfg(unix)]
    #[test]
    fn text_that_is_not_utf_8_is_an_error() {
        use std::os::unix::ffi::OsStringExt as _;

        let proxies = Proxies::from(|name| {
            (name == "http_proxy").then(|| OsString::from_vec(b"http://\xff".to_vec()))
        });
        let error = proxies
            .for_uri(&"http://heat/".parse().unwrap())
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "the variable http_proxy is not UTF-8 text"
        );
    }
}
