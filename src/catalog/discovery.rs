//! Version discovery.

use std::sync::Arc;

use http::Uri;

use crate::auth::AuthContext;
use crate::error::Result;

/// The version documents fetched so far.
#[derive(Debug, Default)]
pub struct Discovery {}

/// The versions that a service offers.
#[derive(Debug)]
pub struct VersionDocument {}

impl Discovery {
    pub(crate) async fn versions(&self, _cx: &AuthContext, _url: &Uri) -> Result<Arc<VersionDocument>> {
        Ok(Arc::new(VersionDocument {}))
    }
}
