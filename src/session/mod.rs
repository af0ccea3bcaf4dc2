//! The session: one login, one pool and one stack of layers for all service clients.

mod adapter;
mod call;
mod request;

pub use adapter::Adapter;
pub use call::{Call, CallOptions};
pub use request::RequestBuilder;

use std::sync::Arc;

use http::{Method, Request, Response, Uri};

use crate::auth::{AuthContext, Credentials};
use crate::catalog::AccessInfo;
use crate::error::{Error, Result};
use crate::http::Body;
use adapter::Target;

/// One login, one connection pool and one stack of layers, shared by all that clone it.
#[derive(Debug, Clone)]
pub struct Session {}

impl Session {
    /// A session with default settings. No I/O happens and no runtime is needed.
    pub fn new(auth: impl Into<Credentials>) -> Self {
        let _ = auth.into();
        Self {}
    }

    /// An adapter builder for a service type.
    pub fn adapter(&self, service_type: impl Into<String>) -> AdapterBuilder {
        let _ = service_type.into();
        todo!()
    }

    /// A request to an absolute URL.
    pub fn request(&self, method: Method, url: impl Into<String>) -> RequestBuilder {
        RequestBuilder::new(self.clone(), None, method, url.into())
    }

    /// What the current token says; logs in if there is none. `None` for plugins without Keystone.
    pub async fn access(&self) -> Result<Option<Arc<AccessInfo>>> {
        todo!()
    }

    /// What auth plugins and discovery send their requests through.
    pub fn auth_context(&self) -> AuthContext {
        todo!()
    }

    pub(crate) async fn resolve(&self, _target: &Arc<Target>) -> Result<Uri> {
        todo!()
    }

    pub(crate) async fn oneshot(&self, _request: Request<Body>) -> Result<Response<Body>> {
        todo!()
    }
}

impl tower::Service<Request<Body>> for Session {
    type Response = Response<Body>;
    type Error = Error;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Response<Body>>> + Send>>;
    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<()>> {
        todo!()
    }
    fn call(&mut self, _request: Request<Body>) -> Self::Future {
        todo!()
    }
}

/// Settings of an [`Adapter`].
#[derive(Debug)]
pub struct AdapterBuilder {}

impl AdapterBuilder {
    /// The adapter.
    pub fn build(self) -> Adapter {
        todo!()
    }
}
