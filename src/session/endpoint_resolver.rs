//! Resolves an adapter's endpoint, once for each token.

use std::sync::Arc;

use http::Uri;

use crate::catalog::{self, AccessInfo, Ids};
use crate::error::{Error, ErrorKind, Result};
use crate::session::TokenCell;
use crate::session::adapter::{Found, Target};
use crate::uri;

/// Resolves the endpoint of an adapter: its override, the plugin's own, or the one in the catalog.
#[derive(Debug)]
pub(crate) struct EndpointResolver {
    cell: Arc<TokenCell>,
}

impl EndpointResolver {
    pub(crate) fn new(cell: Arc<TokenCell>) -> Self {
        Self { cell }
    }

    /// The endpoint, if it is known without a request.
    pub(crate) fn found(&self, target: &Target) -> Option<Uri> {
        if let Some(fixed) = &target.endpoint_override {
            return fixed.as_ref().ok().cloned();
        }
        let found = target.found.load();
        let found = found.as_ref()?;
        (found.generation == self.cell.newest()).then(|| found.endpoint.clone())
    }

    /// Resolves the endpoint. Logs in and discovers versions if necessary.
    pub(crate) async fn resolve(&self, target: &Target) -> Result<Uri> {
        if let Some(endpoint) = self.found(target) {
            return Ok(endpoint);
        }
        if let Some(fixed) = &target.endpoint_override {
            return fixed.clone();
        }
        let own = self.cell.credentials().endpoint();
        if let Some(fixed) = own {
            uri::check(fixed, "the endpoint of the auth plugin")?;
        }
        let token = self.cell.token().await?;
        let configured = target.endpoint_template.as_ref();
        let configured = configured.or(own).or_else(|| token.endpoint());
        let endpoint = if let Some(configured) = configured {
            expand(configured, token.access().map(AsRef::as_ref))?
        } else if let Some(access) = token.access() {
            let listed = access.catalog().endpoint(&target.query)?;
            let project = access.project_id();
            catalog::versioned_endpoint(
                self.cell.context().client(),
                self.cell.context().discovery(),
                listed.url(),
                target.query.version,
                project,
            )
            .await?
        } else if let Some(identity) = self.identity(target) {
            identity.clone()
        } else {
            return Err(Error::new(
                ErrorKind::Catalog,
                format!(
                    "the auth plugin provides no service catalog; set endpoint_override to the URL of the {} service",
                    target.query.service_type
                ),
            ));
        };
        target.found.store(Some(Arc::new(Found {
            generation: token.generation(),
            endpoint: endpoint.clone(),
        })));
        Ok(endpoint)
    }

    /// The endpoint of the identity service for a plugin that has no catalog but knows its URL.
    fn identity(&self, target: &Target) -> Option<&Uri> {
        let is_identity = target.query.service_type == "identity";
        self.cell.credentials().auth_url().filter(|_| is_identity)
    }
}

/// Replaces the placeholders of a configured endpoint by the token's ids.
///
/// # Errors
/// [`ErrorKind::Config`], which names the placeholder that cannot be replaced.
fn expand(configured: &Uri, access: Option<&AccessInfo>) -> Result<Uri> {
    let ids = Ids {
        project: access.and_then(AccessInfo::project_id),
        user: access.and_then(AccessInfo::user_id),
    };
    let text = configured.to_string();
    let expanded = catalog::expand(&text, ids).map_err(|why| {
        let message = format!("the configured endpoint is not valid: {why}");
        Error::new(ErrorKind::Config, message)
    })?;
    Ok(uri::parse_url(&expanded, "the configured endpoint")?)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::HeaderMap;
    use serde_json::{Value, json};

    use crate::auth::{AdminToken, AuthData, Credentials, NoAuth};
    use crate::session::Session;
    use crate::session::testing::Plugin;

    use super::*;

    /// A plugin that returns this token.
    fn plugin(token: Value) -> Credentials {
        let body = Bytes::from(json!({ "token": token }).to_string());
        let login = move |_| {
            let mut headers = HeaderMap::new();
            headers.insert("x-subject-token", "token-1".parse().unwrap());
            let access = AccessInfo::from_response(&headers, &body);
            async move { AuthData::access(access?) }
        };
        Plugin::new(login).into()
    }

    #[tokio::test]
    async fn placeholders_are_never_sent() {
        let heat = |url: &str| {
            json!({
                "user": {"id": "u1"},
                "project": {"id": "p1"},
                "catalog": [{"type": "orchestration", "endpoints": [{"interface": "public", "url": url}]}],
            })
        };
        let unscoped = json!({"user": {"id": "u1"}});
        let given = "the configured endpoint is not valid: ";
        let unknown =
            "unknown placeholder %(region)s; expected %(project_id)s, %(tenant_id)s or %(user_id)s";
        let nobody = |what: &str| {
            format!(
                "{given}the token has no {what} id for the placeholder %({what}_id)s; log in to Keystone with a \
                 {what}, or write the id in the URL"
            )
        };
        let token = |url: &str| AdminToken::new(url, "gAAAA").unwrap().into();
        // Credentials, override, expected endpoint or error.
        let cases: Vec<(Credentials, Option<&str>, Result<&str, String>)> = vec![
            (
                plugin(heat("http://h/v1/%(tenant_id)s")),
                None,
                Ok("http://h/v1/p1"),
            ),
            (
                plugin(heat("http://h/v1/$(project_id)s")),
                None,
                Ok("http://h/v1/p1"),
            ),
            (
                plugin(heat("http://h/v1/%(region)s")),
                None,
                Err(format!(
                    "no public endpoint of type orchestration; the one in the catalog is not valid: {unknown}"
                )),
            ),
            (
                plugin(heat("http://h/v1/p")),
                Some("http://g/v1/%(project_id)s"),
                Ok("http://g/v1/p1"),
            ),
            (
                plugin(heat("http://h/v1/p")),
                Some("http://g/%(user_id)s/$(tenant_id)s"),
                Ok("http://g/u1/p1"),
            ),
            (
                plugin(heat("http://h/v1/p")),
                Some("http://g/%7E/%(region)s"),
                Err(format!("{given}{unknown}")),
            ),
            (
                plugin(unscoped),
                Some("http://g/%(project_id)s"),
                Err(nobody("project")),
            ),
            (
                NoAuth::new().into(),
                Some("http://g/%(user_id)s"),
                Err(nobody("user")),
            ),
            (
                token("http://g/v1/%(project_id)s"),
                None,
                Err(nobody("project")),
            ),
            (token("http://g/v1/p"), None, Ok("http://g/v1/p")),
        ];
        for (credentials, given, expected) in cases {
            let mut adapter = Session::new(credentials).adapter("orchestration");
            if let Some(given) = given {
                adapter = adapter.endpoint_override(given.parse().unwrap());
            }
            let endpoint = adapter.build().endpoint().await;
            let endpoint = endpoint.map(|url| url.to_string());
            assert_eq!(
                endpoint.map_err(|error| error.to_string()),
                expected.map(str::to_owned)
            );
        }
    }
}
