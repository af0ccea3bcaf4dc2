//! Name lookup, of IPv4 addresses only if the user wants that.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower::Service;

/// Looks names up with the system's resolver.
#[derive(Clone)]
pub(super) struct Resolver {
    system: GaiResolver,
    force_ipv4: bool,
}

impl Resolver {
    pub(super) fn new(force_ipv4: bool) -> Self {
        let system = GaiResolver::new();
        Self { system, force_ipv4 }
    }
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.system.poll_ready(cx)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let (found, force_ipv4) = (self.system.call(name), self.force_ipv4);
        Box::pin(async move { Ok(usable(found.await?, force_ipv4)?.into_iter()) })
    }
}

/// The addresses that may be used.
///
/// # Errors
/// There are only IPv6 addresses, and those are excluded.
pub(super) fn usable(
    found: impl Iterator<Item = SocketAddr>,
    force_ipv4: bool,
) -> io::Result<Vec<SocketAddr>> {
    let (mut usable, mut has_others) = (Vec::new(), false);
    for address in found {
        match force_ipv4 && address.is_ipv6() {
            true => has_others = true,
            false => usable.push(address),
        }
    }
    match usable.is_empty() && has_others {
        true => Err(io::Error::other(
            "it has no IPv4 address, and others are excluded (force_ipv4, OS_FORCE_IPV4)",
        )),
        false => Ok(usable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_version_6_are_excluded_if_the_user_says_so() {
        let found = |texts: &[&str], force_ipv4| {
            let addresses = texts.iter().map(|text| text.parse().unwrap());
            usable(addresses, force_ipv4).map_err(|error| error.to_string())
        };
        let shown = |texts, force_ipv4| {
            let found: Vec<_> = found(texts, force_ipv4).unwrap();
            found.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let both = &["[::1]:80", "127.0.0.1:80"];
        assert_eq!(shown(both, false), both);
        assert_eq!(shown(both, true), ["127.0.0.1:80"]);
        assert!(shown(&[], true).is_empty());
        let error = found(&["[::1]:80"], true).unwrap_err();
        assert!(error.starts_with("it has no IPv4 address"), "{error}");
    }
}
