//! Finding an adapter's endpoint, once for each token.

use std::sync::Arc;

use http::Uri;

use crate::catalog;
use crate::error::{Error, ErrorKind, Result};
use crate::http::uri;
use crate::session::TokenCell;
use crate::session::adapter::{Found, Target};

/// Finds the endpoint of an adapter: its override, the plugin's own, or the one in the catalog.
#[derive(Debug)]
pub struct EndpointResolver {
    cell: Arc<TokenCell>,
}

impl EndpointResolver {
    pub(crate) fn new(cell: Arc<TokenCell>) -> Self {
        Self { cell }
    }

    /// The endpoint, if it is known without asking anybody.
    pub(crate) fn found(&self, target: &Target) -> Option<Uri> {
        if let Some(fixed) = &target.endpoint_override {
            return fixed.as_ref().ok().cloned();
        }
        let found = target.found.load();
        let found = found.as_ref()?;
        (found.generation == self.cell.newest()).then(|| found.endpoint.clone())
    }

    /// The endpoint; logs in and asks for versions if need be.
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
        let endpoint = if let Some(fixed) = own {
            fixed.clone()
        } else if let Some(access) = token.access() {
            let listed = access.catalog().endpoint(&target.query)?;
            let project = access.project_id();
            catalog::versioned_endpoint(
                self.cell.context(),
                listed.url(),
                target.query.version,
                project,
            )
            .await?
        } else {
            return Err(Error::new(
                ErrorKind::Catalog,
                format!(
                    "the auth plugin knows no catalog; give the {} endpoint itself",
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
}
