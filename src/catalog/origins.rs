//! Sets of origins. A token is sent only to known origins.

use std::collections::HashSet;

use http::Uri;
use http::uri::Scheme;

use crate::uri;

/// A set of origins (scheme, host and port, RFC 6454) in insertion order.
#[derive(Debug, Default)]
pub(super) struct Origins {
    listed: Vec<Uri>,
    known: HashSet<Origin>,
}

/// A normalised origin: the host in lower case, the port explicit.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Origin {
    scheme: Scheme,
    host: String,
    port: Option<u16>,
}

impl Origin {
    fn of(url: &Uri) -> Option<Self> {
        Some(Self {
            scheme: url.scheme()?.clone(),
            host: url.host()?.to_ascii_lowercase(),
            port: uri::port(url),
        })
    }
}

impl Origins {
    pub(super) fn add(&mut self, url: &Uri) {
        if Origin::of(url).is_some_and(|origin| self.known.insert(origin)) {
            self.listed
                .extend(uri::with_path_and_query(url, "/".to_owned()));
        }
    }

    pub(super) fn contains(&self, url: &Uri) -> bool {
        Origin::of(url).is_some_and(|origin| self.known.contains(&origin))
    }

    pub(super) fn as_slice(&self) -> &[Uri] {
        &self.listed
    }
}
