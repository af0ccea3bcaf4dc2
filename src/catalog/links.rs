//! Links of a version document, resolved against the document's URL.

use http::Uri;
use url::Url;

use crate::error::{Error, ErrorKind, Result};
use crate::uri;

/// The base of relative links: the document's URL, as a directory.
pub(super) struct Base {
    document: Uri,
    directory: Url,
}

impl Base {
    pub(super) fn of(document: &Uri) -> Result<Self> {
        let mut directory = Url::parse(&document.to_string()).map_err(|e| {
            let message = format!(
                "cannot discover versions at {}: not a valid URL",
                uri::shown(document)
            );
            Error::new(ErrorKind::Discovery, message).with_source(e)
        })?;
        if !directory.path().ends_with('/') {
            directory.set_path(&format!("{}/", directory.path()));
        }
        Ok(Self {
            document: document.clone(),
            directory,
        })
    }

    /// Moves a link to the scheme and host of the document.
    ///
    /// Of a link to another host, only the last path segment is used: the rest of the path lacks the
    /// prefix under which a proxy exposes the service.
    pub(super) fn rebase(&self, href: &str) -> Option<Uri> {
        let href = href.trim();
        if href.is_empty() {
            return None;
        }
        let link = self.directory.join(href).ok()?;
        let is_same_host = Some(link.host_str()?) == self.directory.host_str()
            && link.port() == self.directory.port();
        let mut path = if is_same_host {
            link.path().to_owned()
        } else {
            self.with_last_segment(link.path())?
        };
        if let Some(query) = link.query() {
            path.push('?');
            path.push_str(query);
        }
        uri::with_path_and_query(&self.document, path).ok()
    }

    /// Appends the last segment of `foreign` to the document's path, unless it already ends with it.
    fn with_last_segment(&self, foreign: &str) -> Option<String> {
        let last = foreign.trim_end_matches('/').rsplit('/').next()?;
        let own = self.directory.path().trim_end_matches('/');
        let slash = if foreign.ends_with('/') { "/" } else { "" };
        Some(if last.is_empty() {
            self.directory.path().to_owned()
        } else if own.rsplit('/').next() == Some(last) {
            format!("{own}{slash}")
        } else {
            format!("{own}/{last}{slash}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_based_on_the_documents_host() {
        for (document, href, expected) in [
            ("http://a/nova/admin", "v2.0", "http://a/nova/admin/v2.0"),
            ("http://a/nova/admin", "/v2.0", "http://a/v2.0"),
            ("https://a/x", "//a/p/v2.0", "https://a/p/v2.0"),
            ("https://a/x", "http://a/x/v2.0/", "https://a/x/v2.0/"),
            ("http://a/v3", "http://internal/identity/v3", "http://a/v3"),
            (
                "http://a/v3",
                "http://internal/identity/v3/",
                "http://a/v3/",
            ),
            ("http://a/", "http://internal/identity/v3", "http://a/v3"),
            (
                "http://a/identity",
                "http://internal:5000/v3/",
                "http://a/identity/v3/",
            ),
            (
                "http://a:5000/",
                "http://a/identity/v3/",
                "http://a:5000/v3/",
            ),
            (
                "https://a/heat-api/",
                "http://10.0.0.1:8004/v1/",
                "https://a/heat-api/v1/",
            ),
            ("http://a/", "http://internal", "http://a/"),
            (
                "http://[::1]:5000/",
                "http://[::1]:5000/v3/",
                "http://[::1]:5000/v3/",
            ),
            ("http://a/x?y=z", "v1?q=1", "http://a/x/v1?q=1"),
        ] {
            let base = Base::of(&document.parse().unwrap()).unwrap();
            assert_eq!(base.rebase(href).unwrap(), expected, "{document} {href}");
        }
    }

    #[test]
    fn a_document_without_a_host_has_no_links() {
        assert_eq!(
            Base::of(&Uri::from_static("/v3"))
                .err()
                .unwrap()
                .to_string(),
            "cannot discover versions at /v3: not a valid URL"
        );
    }
}
