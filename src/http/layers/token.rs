//! The token on the request.

use std::sync::Arc;
use std::task::{Context, Poll};

use futures::future::Either;
use http::{Request, Response};
use tower::{Layer, Service, ServiceExt as _};

use crate::error::{Error, Result};
use crate::http::Body;
use crate::http::layers::{BoxFuture, HttpService};
use crate::session::{Call, TokenCell};

/// Stamps each wire request with the current token, and only where the token may go: the
/// endpoint of the call, the origins in the catalog and the identity service.
///
/// While a valid token is there nobody waits; without one, one login serves all.
#[derive(Debug, Clone)]
pub struct TokenLayer(Arc<TokenCell>);

impl TokenLayer {
    /// Stamps tokens from `cell`.
    pub fn new(cell: Arc<TokenCell>) -> Self {
        Self(cell)
    }
}

impl<S> Layer<S> for TokenLayer {
    type Service = Token<S>;

    fn layer(&self, inner: S) -> Token<S> {
        Token {
            inner,
            cell: Arc::clone(&self.0),
        }
    }
}

/// The service of [`TokenLayer`].
#[derive(Debug, Clone)]
pub struct Token<S> {
    inner: S,
    cell: Arc<TokenCell>,
}

impl<S: HttpService> Service<Request<Body>> for Token<S> {
    type Response = Response<Body>;
    type Error = Error;
    type Future = Either<S::Future, BoxFuture>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let call = request.extensions().get::<Call>().cloned();
        if call.as_ref().and_then(|call| call.options().authenticated) == Some(false) {
            return Either::Left(self.inner.call(request));
        }
        if self
            .cell
            .with_valid(|token| token.stamp(&mut request, call.as_ref()))
            .is_some()
        {
            return Either::Left(self.inner.call(request));
        }
        let (cell, inner) = (Arc::clone(&self.cell), self.inner.clone());
        Either::Right(Box::pin(async move {
            let token = cell.token().await.inspect_err(|_| {
                if let Some(call) = &call {
                    call.set_login_failed();
                }
            })?;
            token.stamp(&mut request, call.as_ref());
            inner.oneshot(request).await
        }))
    }
}
