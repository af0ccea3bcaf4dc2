//! `no_proxy`: hosts without a proxy, in the formats of curl and Python's requests.

use std::net::{IpAddr, Ipv6Addr};

use http::Uri;
use ipnet::IpNet;

use crate::error::{Error, ErrorKind, Result};

/// The entries of `no_proxy`, separated by commas or spaces.
#[derive(Debug)]
pub(super) struct NoProxy(Vec<Entry>);

#[derive(Debug)]
struct Entry {
    hosts: Hosts,
    port: Option<u16>,
}

#[derive(Debug, PartialEq, Eq)]
enum Hosts {
    /// `*`
    All,
    /// `10.0.0.1`, `10.0.0.0/8`, `10.*`, `fd00::/8`, `[::1]`
    Net(IpNet),
    /// `example.com`, `.example.com`, `*.example.com`: the domain and its subdomains.
    Domain(String),
}

impl NoProxy {
    /// # Errors
    /// [`ErrorKind::Config`] with the first invalid entry.
    pub(super) fn parse(variable: &str, value: &str) -> Result<Self> {
        let entries = value.split(|c: char| c == ',' || c.is_whitespace());
        let entries = entries.filter(|entry| !entry.is_empty());
        let entries = entries.enumerate().map(|(index, entry)| {
            Entry::parse(entry).ok_or_else(|| {
                // A password before an `@` may contain commas and spaces, so any entry may be part of it.
                let shown = match value.contains('@') {
                    true => format!("number {} (not shown, it may have a password)", index + 1),
                    false => format!("{entry:?}"),
                };
                let message = format!(
                    "the variable {variable} has an entry that is no host: {shown}; expected a name, \
                     an address, a network such as 10.0.0.0/8, each with or without :PORT, or *"
                );
                Error::new(ErrorKind::Config, message)
            })
        });
        entries.collect::<Result<_>>().map(Self)
    }

    /// Whether the URI's host is excluded from the proxy.
    pub(super) fn contains(&self, uri: &Uri) -> bool {
        let Some(host) = uri.host() else {
            return false;
        };
        let port = uri.port_u16().or_else(|| match uri.scheme_str() {
            Some("http") => Some(80),
            Some("https") => Some(443),
            _ => None,
        });
        let address = match bracketed(host) {
            Some(address) => Some(IpAddr::V6(address)),
            None => host.parse::<IpAddr>().ok(),
        };
        let name = host.strip_suffix('.').unwrap_or(host);
        self.0.iter().any(|entry| {
            (entry.port.is_none() || entry.port == port)
                && match (&entry.hosts, address) {
                    (Hosts::All, _) => true,
                    (Hosts::Net(net), Some(address)) => net.contains(&address.to_canonical()),
                    (Hosts::Domain(domain), None) => is_in(name, domain),
                    _ => false,
                }
        })
    }
}

impl Entry {
    fn parse(text: &str) -> Option<Self> {
        let for_all_ports = |hosts| Self { hosts, port: None };
        if let Some(hosts) = Hosts::parse(text) {
            return Some(for_all_ports(hosts));
        }
        let (host, port) = text.rsplit_once(':')?;
        let port = port.parse().ok().filter(|port| *port > 0)?;
        Some(Self {
            hosts: Hosts::parse(host)?,
            port: Some(port),
        })
    }
}

impl Hosts {
    fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::All);
        }
        if let Some(address) = bracketed(text) {
            return Some(Self::Net(IpAddr::V6(address).to_canonical().into()));
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Some(Self::Net(address.to_canonical().into()));
        }
        if let Ok(net) = text.parse() {
            return Some(Self::Net(net));
        }
        if let Some(net) = wildcard(text) {
            return Some(Self::Net(net));
        }
        let domain = text.strip_prefix('*').unwrap_or(text);
        let domain = match domain.strip_prefix('.') {
            Some(domain) => domain,
            None if domain.len() < text.len() => return None,
            None => domain,
        };
        let domain = domain.strip_suffix('.').unwrap_or(domain);
        // A name of digits and dots is an invalid address.
        let is_numeric = domain.chars().all(|c| c.is_ascii_digit() || c == '.');
        (is_host_name(domain) && !is_numeric).then(|| Self::Domain(domain.to_ascii_lowercase()))
    }
}

/// `10.*` or `10.0.0.*` as a network.
fn wildcard(text: &str) -> Option<IpNet> {
    let parts: Vec<&str> = text.strip_suffix(".*")?.split('.').collect();
    let mut octets = [0_u8; 4];
    if parts.len() >= octets.len() {
        return None;
    }
    for (octet, part) in octets.iter_mut().zip(&parts) {
        *octet = part.parse().ok()?;
    }
    IpNet::new(IpAddr::from(octets), u8::try_from(8 * parts.len()).ok()?).ok()
}

/// Whether `name` is `domain` or a subdomain of it, ignoring case.
fn is_in(name: &str, domain: &str) -> bool {
    let above = name.len().checked_sub(domain.len());
    let Some((sub, end)) = above.and_then(|at| name.split_at_checked(at)) else {
        return false;
    };
    end.eq_ignore_ascii_case(domain) && (sub.is_empty() || sub.ends_with('.'))
}

/// Parses an IPv6 address in brackets, as in URLs.
pub(super) fn bracketed(host: &str) -> Option<Ipv6Addr> {
    host.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

pub(super) fn is_host_name(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !text.is_empty() && text.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_understood() {
        for (entries, direct, proxied) in [
            (
                "*",
                &["http://heat/", "https://10.0.0.1/", "http://[::1]/"][..],
                &[][..],
            ),
            (
                "example.com",
                &[
                    "http://example.com/",
                    "https://EXAMPLE.com:8004/",
                    "http://heat.example.com/",
                    "http://a.b.example.com./",
                ],
                &[
                    "http://notexample.com/",
                    "http://example.com.evil/",
                    "http://com/",
                    "http://10.0.0.1/",
                ],
            ),
            (
                ".example.com",
                &["http://example.com/", "http://heat.example.com/"],
                &["http://notexample.com/"],
            ),
            (
                "*.Example.com",
                &["http://example.com/", "http://heat.example.com/"],
                &["http://notexample.com/"],
            ),
            (
                "localhost",
                &["http://localhost:5000/"],
                &["http://127.0.0.1/"],
            ),
            (
                "heat:8004",
                &[
                    "http://heat:8004/",
                    "https://heat:8004/",
                    "http://api.heat:8004/",
                ],
                &["http://heat/", "https://heat:8005/"],
            ),
            ("heat:443", &["https://heat/"], &["http://heat/"]),
            ("heat:80", &["http://heat/"], &["https://heat/"]),
            (
                "10.0.0.1",
                &["http://10.0.0.1:8004/"],
                &["http://10.0.0.11/", "http://10.0.0.2/"],
            ),
            (
                "10.0.0.1:8004",
                &["http://10.0.0.1:8004/"],
                &["http://10.0.0.1/"],
            ),
            (
                "10.0.0.0/8",
                &["http://10.0.0.1/", "http://10.255.1.2:9/"],
                &["http://11.0.0.1/", "http://10.example/"],
            ),
            (
                "192.168.0.0/24",
                &["http://192.168.0.7/"],
                &["http://192.168.1.7/"],
            ),
            ("10.*", &["http://10.1.2.3/"], &["http://110.1.2.3/"]),
            (
                "192.168.*",
                &["http://192.168.2.3/"],
                &["http://192.169.2.3/"],
            ),
            (
                "[::1]",
                &["http://[::1]/", "http://[::1]:8004/"],
                &["http://[::2]/", "http://127.0.0.1/"],
            ),
            ("[::1]:8004", &["http://[::1]:8004/"], &["http://[::1]/"]),
            ("::1", &["http://[::1]:8004/"], &["http://[::2]/"]),
            ("fd00::/8", &["http://[fd12::1]/"], &["http://[fe80::1]/"]),
            (
                " a.example ,  b.example\tc.example,,",
                &[
                    "http://a.example/",
                    "http://b.example/",
                    "http://c.example/",
                ],
                &["http://d.example/"],
            ),
            ("heat_1.example", &["http://heat_1.example/"], &[]),
            ("", &[], &["http://heat/"]),
            (" , ", &[], &["http://heat/"]),
        ] {
            let no_proxy = NoProxy::parse("no_proxy", entries).unwrap();
            let is_direct = |url: &&str| no_proxy.contains(&url.parse().unwrap());
            for url in direct {
                assert!(is_direct(url), "{entries:?} {url}");
            }
            for url in proxied {
                assert!(!is_direct(url), "{entries:?} {url}");
            }
        }
    }

    #[test]
    fn what_is_no_host_is_named() {
        for entry in [
            "10.0.0.0/99",
            "10.0.0.256",
            "http://heat",
            "heat:x",
            "heat:0",
            "[::1",
            "[heat]",
            "*heat",
            "he*t",
            "10.0.*.1",
            "b\u{e4}r",
            "[::1]x",
            ".",
            ":80",
        ] {
            let error = NoProxy::parse("NO_PROXY", &format!("localhost,{entry}")).unwrap_err();
            let text = error.to_string();
            assert!(
                text.contains("the variable NO_PROXY") && text.contains(&format!("{entry:?}")),
                "{text}"
            );
        }
    }

    #[test]
    fn an_entry_with_a_password_is_not_shown() {
        for (entries, number) in [
            ("http://u:hunter2@127.0.0.1", 1),
            ("u:hunter2@127.0.0.1", 1),
            ("localhost, u:hunter2@heat", 2),
            ("http://u:hunter2,b@heat", 1),
            ("http://u:a hunter2@heat", 1),
        ] {
            let error = NoProxy::parse("no_proxy", entries).unwrap_err();
            let text = error.to_string();
            let expected =
                format!("the variable no_proxy has an entry that is no host: number {number} (");
            assert!(text.starts_with(&expected), "{text}");
            assert!(!format!("{text} {error:?}").contains("hunter2"), "{text}");
        }
    }
}
