//! Sets of origins: where a token may go.

use std::collections::HashSet;

use http::Uri;
use http::uri::Scheme;

use crate::uri;

/// Scheme, host and port of URLs (RFC 6454), each once and in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Origins {
    listed: Vec<Uri>,
    known: HashSet<Origin>,
}

/// An origin as it is compared: the host in lower case, the port never left out.
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
