//! Decides which servers of a login may get the client certificate.

use std::sync::Weak;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower::{Layer, Service};

use crate::error::{Error, Result};
use crate::session::TokenCell;
use crate::transport::layers::HttpService;
use crate::transport::{Body, Call};

/// Records for each wire request of a login or of discovery whether its server may get the client
/// certificate. These are the servers that may receive the token: the identity service, a configured
/// endpoint and the origins in the catalog. [`AddTokenLayer`](super::AddTokenLayer) does this for all other
/// requests.
#[derive(Debug, Clone)]
pub(crate) struct TrustLayer(Weak<TokenCell>);

impl TrustLayer {
    /// Creates a layer that asks `cell`. The reference is weak because the cell owns this layer's stack.
    pub(crate) fn new(cell: Weak<TokenCell>) -> Self {
        Self(cell)
    }
}

impl<S> Layer<S> for TrustLayer {
    type Service = Trust<S>;

    fn layer(&self, inner: S) -> Trust<S> {
        Trust {
            inner,
            cell: Weak::clone(&self.0),
        }
    }
}

/// The service of [`TrustLayer`].
#[derive(Debug, Clone)]
pub(crate) struct Trust<S> {
    inner: S,
    cell: Weak<TokenCell>,
}

impl<S: HttpService> Service<Request<Body>> for Trust<S> {
    type Response = Response<Body>;
    type Error = Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> S::Future {
        if let Some(call) = request.extensions().get::<Call>() {
            let cell = self.cell.upgrade();
            call.set_trusted(cell.is_some_and(|cell| cell.trusts(request.uri(), Some(call))));
        }
        self.inner.call(request)
    }
}
