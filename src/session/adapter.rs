//! A session as one service's client sees it.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use http::{HeaderMap, Method, Uri};

use crate::catalog::{AccessInfo, EndpointQuery};
use crate::error::Result;
use crate::session::{RequestBuilder, Session};

/// A session as one service's client sees it: it knows the service, requests know paths only.
///
/// Cloning costs two counts.
#[derive(Debug, Clone)]
pub struct Adapter {
    session: Session,
    target: Arc<Target>,
}

impl Adapter {
    pub(crate) fn new(session: Session, target: Target) -> Self {
        Self { session, target: Arc::new(target) }
    }

    /// A request to a path below the service's endpoint.
    ///
    /// The path is taken as it is: segments made from foreign text are the caller's to encode.
    pub fn request(&self, method: Method, path: impl Into<String>) -> RequestBuilder {
        RequestBuilder::new(self.session.clone(), Some(Arc::clone(&self.target)), method, path.into())
    }

    /// `GET` of a path below the service's endpoint.
    pub fn get(&self, path: impl Into<String>) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    /// The session beneath.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The service's endpoint, as requests will use it. Logs in if need be.
    ///
    /// # Errors
    /// Those of the login, and [`ErrorKind::Catalog`](crate::ErrorKind::Catalog) without an endpoint.
    pub async fn endpoint(&self) -> Result<Uri> {
        self.session.resolve(&self.target).await
    }
}

/// Where an adapter's requests go.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) query: EndpointQuery,
    pub(crate) endpoint_override: Option<Uri>,
    pub(crate) headers: HeaderMap,
    /// The endpoint last found, and the token whose catalog it came from.
    pub(crate) found: ArcSwapOption<Found>,
}

#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) access: Option<Arc<AccessInfo>>,
    pub(crate) endpoint: Uri,
}
