//! The URL of an identity service.

use http::Uri;

use crate::auth::AuthContext;
use crate::catalog::trailing_version;
use crate::error::{Error, ErrorKind, Result};
use crate::uri;

/// The URL of an identity service.
#[derive(Debug, Clone)]
pub struct AuthUrl {
    url: Uri,
    discover: bool,
}

impl AuthUrl {
    /// Parses the URL; `/v3` may be omitted.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the URL is invalid or is for identity API v2.0.
    pub fn parse(text: &str) -> Result<Self> {
        let url = uri::parse_url(text, "the auth URL")?;
        if trailing_version(&url) == Some(2) {
            return Err(Error::new(
                ErrorKind::Config,
                format!(
                    "the auth URL {:?} is for identity API v2.0; use /v3, or the plugin v2password or v2token",
                    uri::shown(&url).to_string()
                ),
            ));
        }
        Ok(Self {
            url: uri::shown(&url),
            discover: false,
        })
    }

    /// Sets whether to discover the v3 API at this URL, unless the URL contains its version. Off by default.
    #[must_use]
    pub fn discover(mut self, discover: bool) -> Self {
        self.discover = discover;
        self
    }

    /// The URL as configured.
    pub fn uri(&self) -> &Uri {
        &self.url
    }

    /// The URL to which logins are posted.
    pub(super) async fn tokens(&self, cx: &AuthContext) -> Result<Uri> {
        if trailing_version(&self.url) == Some(3) {
            return Ok(uri::join(&self.url, "auth/tokens")?);
        }
        if !self.discover {
            return Ok(uri::join(&self.url, "v3/auth/tokens")?);
        }
        let error = match cx.versions(&self.url).await {
            Ok(document) => match document.choose(3) {
                Some(version) => return Ok(uri::join(&version.url, "auth/tokens")?),
                None => Error::new(
                    ErrorKind::Discovery,
                    format!(
                        "no identity API v3 at {} (found {})",
                        self.url,
                        document.offer()
                    ),
                ),
            },
            Err(error) => error,
        };
        match self.up_to_v3() {
            Some(path) if error.kind() == ErrorKind::Discovery => Ok(uri::with_path_and_query(
                &self.url,
                format!("{path}/auth/tokens"),
            )?),
            _ => Err(error),
        }
    }

    /// The path up to the segment `v3`.
    fn up_to_v3(&self) -> Option<String> {
        let mut segments: Vec<_> = self.url.path().split('/').collect();
        let at = segments.iter().rposition(|segment| *segment == "v3")?;
        segments.truncate(at + 1);
        Some(segments.join("/"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::testing::{Server, answer};

    const ROOT: &str = r#"{"versions": {"values": [
        {"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": "http://internal:5000/v3/"}]},
        {"id": "v2.0", "status": "deprecated", "links": [{"rel": "self", "href": "http://internal:5000/v2.0/"}]}
    ]}}"#;
    const OLD: &str = r#"{"versions": [
        {"id": "v2.0", "status": "stable", "links": [{"rel": "self", "href": "http://h/v2.0/"}]}]}"#;

    #[tokio::test]
    async fn version_3_is_appended_unless_it_is_there() {
        let server = Server::new(|_| panic!("no request is needed"));
        for (url, tokens) in [
            ("http://h", "http://h/v3/auth/tokens"),
            ("http://h/", "http://h/v3/auth/tokens"),
            ("http://h/v3", "http://h/v3/auth/tokens"),
            ("http://h/v3/", "http://h/v3/auth/tokens"),
            ("http://h/v3//", "http://h/v3/auth/tokens"),
            (
                "http://h:5000/identity",
                "http://h:5000/identity/v3/auth/tokens",
            ),
            ("https://h/identity/v3", "https://h/identity/v3/auth/tokens"),
            ("http://h/v3?x=y", "http://h/v3/auth/tokens"),
            ("http://h/rev3", "http://h/rev3/v3/auth/tokens"),
        ] {
            let found = AuthUrl::parse(url)
                .unwrap()
                .tokens(&server.context())
                .await
                .unwrap();
            assert_eq!(found, tokens, "{url}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn discovery_finds_version_3_on_the_host_that_was_given() {
        for (url, tokens, requests) in [
            ("https://h/identity", "https://h/identity/v3/auth/tokens", 1),
            ("http://h", "http://h/v3/auth/tokens", 1),
            (
                "http://h/identity/v3/",
                "http://h/identity/v3/auth/tokens",
                0,
            ),
        ] {
            let server = Server::new(|_| answer(300, "application/json", ROOT));
            let url = AuthUrl::parse(url).unwrap().discover(true);
            assert_eq!(url.tokens(&server.context()).await.unwrap(), tokens);
            assert_eq!(server.requests().len(), requests, "{tokens}");
        }
    }

    /// keystoneauth expects `/v3` at the start of the path only.
    #[tokio::test(start_paused = true)]
    async fn without_a_document_the_path_may_tell() {
        let cases: &[(&str, u16, &str, Result<&str, &str>)] = &[
            (
                "http://h/identity/v3/auth/tokens",
                401,
                "{}",
                Ok("http://h/identity/v3/auth/tokens"),
            ),
            (
                "http://h/v3/keystone",
                404,
                "<html>",
                Ok("http://h/v3/auth/tokens"),
            ),
            (
                "http://h/keystone",
                404,
                "",
                Err("discovering versions at http://h/keystone: 404 Not Found"),
            ),
            (
                "http://h/",
                200,
                "[]",
                Err(
                    "discovering versions at http://h/: expected a version document, got other JSON; check the URL",
                ),
            ),
            (
                "http://h/",
                200,
                OLD,
                Err("no identity API v3 at http://h/ (found v2.0)"),
            ),
        ];
        for (url, status, body, expected) in cases {
            let server = Server::new(move |_| answer(*status, "application/json", body));
            let url = AuthUrl::parse(url).unwrap().discover(true);
            let found = url.tokens(&server.context()).await;
            let found = found.map(|url| url.to_string()).map_err(|e| e.to_string());
            assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_network_failure_is_told_as_it_is() {
        let server = Server::new(|_| Err(Error::new(ErrorKind::Connect, "cannot connect")));
        let url = AuthUrl::parse("http://h/v3/keystone")
            .unwrap()
            .discover(true);
        assert!(
            url.tokens(&server.context())
                .await
                .unwrap_err()
                .is_connect()
        );
    }

    #[test]
    fn version_2_is_refused() {
        for url in ["http://h/v2.0", "http://h/identity/v2.0/"] {
            let error = AuthUrl::parse(url).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert_eq!(
                error.to_string(),
                format!(
                    "the auth URL {url:?} is for identity API v2.0; use /v3, or the plugin v2password or v2token"
                )
            );
        }
        assert!(AuthUrl::parse("keystone:5000").is_err());
    }
}
