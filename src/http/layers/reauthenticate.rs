//! What follows a 401.

use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response, StatusCode};
use tower::{Layer, Service, ServiceExt as _};

use crate::error::{Error, ErrorKind, Result};
use crate::http::layers::HttpService;
use crate::http::layers::first_then::{FirstThen, Next, Then};
use crate::http::layers::replay::Replay;
use crate::http::{Body, read};
use crate::session::TokenCell;

/// On a 401, invalidates the token that was refused (never a newer one) and replays the call once.
///
/// A second 401, with a fresh token, is the caller's answer, and so is the first where the auth
/// plugin has nothing fresher to offer. A body that was streamed is spent: the call fails with
/// [`ErrorKind::Auth`], and the next one has a new token.
#[derive(Debug, Clone)]
pub struct ReauthenticateLayer(Arc<TokenCell>);

impl ReauthenticateLayer {
    /// Guards calls whose tokens come from `cell`.
    pub fn new(cell: Arc<TokenCell>) -> Self {
        Self(cell)
    }
}

impl<S: Clone> Layer<S> for ReauthenticateLayer {
    type Service = Reauthenticate<S>;

    fn layer(&self, inner: S) -> Reauthenticate<S> {
        Reauthenticate {
            again: Arc::new(inner.clone()),
            inner,
            cell: Arc::clone(&self.0),
        }
    }
}

/// The service of [`ReauthenticateLayer`].
#[derive(Debug, Clone)]
pub struct Reauthenticate<S> {
    inner: S,
    /// A copy for replays: cheaper to count than to clone the layers beneath for every call.
    again: Arc<S>,
    cell: Arc<TokenCell>,
}

impl<S: HttpService> Service<Request<Body>> for Reauthenticate<S> {
    type Response = Response<Body>;
    type Error = Error;
    type Future = FirstThen<S::Future, Unauthorized<S>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let then = Unauthorized {
            replay: Replay::of(&request),
            again: Arc::clone(&self.again),
            cell: Arc::clone(&self.cell),
        };
        FirstThen::new(self.inner.call(request), then)
    }
}

/// What is needed should the answer be 401.
#[derive(Debug)]
pub struct Unauthorized<S> {
    replay: Replay,
    again: Arc<S>,
    cell: Arc<TokenCell>,
}

impl<S: HttpService> Then for Unauthorized<S> {
    fn then(self, first: Result<Response<Body>>) -> Next {
        let refused = match &first {
            Ok(response) if response.status() == StatusCode::UNAUTHORIZED => {
                self.replay.call().map_or(0, |call| call.generation())
            }
            _ => 0,
        };
        if refused == 0 || !self.cell.invalidate(refused) {
            return Next::Done(first);
        }
        let Some(request) = self.replay.request() else {
            let id = first
                .as_ref()
                .ok()
                .and_then(|r| read::request_id(r.headers()));
            return Next::Done(Err(Error::new(
                ErrorKind::Auth,
                "the token was refused (401), and the body was a stream that cannot be sent again; repeat the call",
            )
            .with_status(StatusCode::UNAUTHORIZED)
            .with_request_id(id)
            .with_request(&self.replay.method, &self.replay.uri)
            .after_sending()));
        };
        Next::Continue(Box::pin(async move {
            if let Ok(response) = first {
                read::drain(response.into_body()).await;
            }
            (*self.again).clone().oneshot(request).await
        }))
    }
}
