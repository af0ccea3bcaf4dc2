//! Access to Keystone with a client certificate instead of a token.

use http::{HeaderName, HeaderValue, Uri};

use crate::auth::{AuthContext, AuthData, AuthPlugin, DomainRef, ProjectRef, Scope};
use crate::error::{Error, ErrorKind, Result};
use crate::uri;

/// Sends the scope with each request, and no token: Keystone recognizes the user by the session's
/// client certificate ([`SessionBuilder::tls`](crate::session::SessionBuilder::tls)).
///
/// Only Keystone itself accepts this (`[tokenless_auth]` in its configuration). The plugin has no
/// catalog: the endpoint of the service type `identity` is the auth URL, other services need an
/// endpoint of their own.
#[derive(Debug, Clone)]
pub struct TokenlessAuth {
    auth_url: Uri,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl TokenlessAuth {
    /// Requests to the identity service at `auth_url`, with its version, in the scope of a project or
    /// a domain.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the URL is invalid, for other scopes, and if a name contains control
    /// characters.
    pub fn new(auth_url: &str, scope: &Scope) -> Result<Self> {
        let auth_url = uri::parse_url(auth_url, "the auth URL")?;
        Ok(Self {
            auth_url,
            headers: headers(scope)?,
        })
    }
}

fn headers(scope: &Scope) -> Result<Vec<(HeaderName, HeaderValue)>> {
    let pairs: &[(&'static str, &String)] = match scope {
        Scope::Project(ProjectRef::Id(id)) => &[("x-project-id", id)],
        Scope::Project(ProjectRef::Name { name, domain }) => match domain {
            DomainRef::Id(id) => &[("x-project-name", name), ("x-project-domain-id", id)],
            DomainRef::Name(domain) => {
                &[("x-project-name", name), ("x-project-domain-name", domain)]
            }
        },
        Scope::Domain(DomainRef::Id(id)) => &[("x-domain-id", id)],
        Scope::Domain(DomainRef::Name(name)) => &[("x-domain-name", name)],
        _ => {
            let message =
                "access without a token needs a scope: a project (with its domain) or a domain";
            return Err(Error::new(ErrorKind::Config, message));
        }
    };
    let header = |(name, value): &(&'static str, &String)| {
        let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|e| {
            let message = "the scope has characters that an HTTP header cannot contain";
            Error::new(ErrorKind::Config, message).with_source(e)
        })?;
        Ok((HeaderName::from_static(name), value))
    };
    pairs.iter().map(header).collect()
}

impl AuthPlugin for TokenlessAuth {
    async fn authenticate(&self, _: &AuthContext) -> Result<AuthData> {
        let headers = self.headers.iter().cloned();
        Ok(headers.fold(AuthData::none(), |data, (name, value)| {
            data.header(name, value)
        }))
    }

    fn auth_url(&self) -> Option<&Uri> {
        Some(&self.auth_url)
    }

    fn is_renewable(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::testing::Server;

    #[tokio::test]
    async fn the_scope_is_sent_as_headers() {
        let server = Server::new(|_| panic!("there is no login"));
        let domain = DomainRef::name;
        let cases: [(Scope, &[(&str, &str)]); 5] = [
            (Scope::project_id("p1"), &[("x-project-id", "p1")]),
            (
                Scope::project_name("web", DomainRef::id("d1")),
                &[("x-project-name", "web"), ("x-project-domain-id", "d1")],
            ),
            (
                Scope::project_name("w\u{e4}b", domain("acme")),
                &[
                    ("x-project-name", "w\u{e4}b"),
                    ("x-project-domain-name", "acme"),
                ],
            ),
            (Scope::Domain(DomainRef::id("d1")), &[("x-domain-id", "d1")]),
            (Scope::Domain(domain("acme")), &[("x-domain-name", "acme")]),
        ];
        for (scope, expected) in cases {
            let plugin = TokenlessAuth::new("https://id/v3", &scope).unwrap();
            let data = plugin.authenticate(&server.context()).await.unwrap();
            let headers: Vec<_> = data
                .headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_bytes()))
                .collect();
            let expected: Vec<_> = expected.iter().map(|(n, v)| (*n, v.as_bytes())).collect();
            assert_eq!(headers, expected);
            assert_eq!(plugin.auth_url().unwrap(), "https://id/v3");
            assert!(!plugin.is_renewable() && AuthPlugin::endpoint(&plugin).is_none());
        }
    }

    #[test]
    fn other_scopes_are_refused() {
        let long = Scope::project_id("a\nb");
        for scope in [
            Scope::Default,
            Scope::Unscoped,
            Scope::System,
            Scope::trust("t"),
            long,
        ] {
            let error = TokenlessAuth::new("https://id/v3", &scope).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{scope:?}");
        }
        assert!(TokenlessAuth::new("id", &Scope::project_id("p1")).is_err());
    }
}
