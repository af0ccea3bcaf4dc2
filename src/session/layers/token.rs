//! Adds the token to requests.

use std::sync::Arc;
use std::task::{Context, Poll};

use futures::future::Either;
use http::{Request, Response};
use tower::{Layer, Service, ServiceExt as _};

use crate::error::{Error, Result};
use crate::session::TokenCell;
use crate::transport::layers::future::layer_future;
use crate::transport::layers::{BoxFuture, HttpService};
use crate::transport::{Body, Call};

/// Adds the current token to each wire request to a server that may receive it: the endpoint of the
/// call, the origins in the catalog and the identity service.
///
/// Requests wait only if there is no valid token; they share one login then.
#[derive(Debug, Clone)]
pub struct AddTokenLayer(Arc<TokenCell>);

impl AddTokenLayer {
    /// Creates a layer with tokens from `cell`.
    pub fn new(cell: Arc<TokenCell>) -> Self {
        Self(cell)
    }
}

impl<S> Layer<S> for AddTokenLayer {
    type Service = AddToken<S>;

    fn layer(&self, inner: S) -> AddToken<S> {
        AddToken {
            inner,
            cell: Arc::clone(&self.0),
        }
    }
}

/// The service of [`AddTokenLayer`].
#[derive(Debug, Clone)]
pub struct AddToken<S> {
    inner: S,
    cell: Arc<TokenCell>,
}

impl<S: HttpService> Service<Request<Body>> for AddToken<S> {
    type Response = Response<Body>;
    type Error = Error;
    type Future = AddTokenFuture<S>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let call = request.extensions().get::<Call>();
        if call.and_then(|call| call.options().authenticated) == Some(false) {
            return AddTokenFuture::new(Either::Left(self.inner.call(request)));
        }
        if self
            .cell
            .with_valid(|token| token.stamp(&mut request))
            .is_some()
        {
            return AddTokenFuture::new(Either::Left(self.inner.call(request)));
        }
        let (cell, inner) = (Arc::clone(&self.cell), self.inner.clone());
        AddTokenFuture::new(Either::Right(Box::pin(async move {
            let token = cell.token().await.map_err(|error| {
                let Some(call) = request.extensions().get::<Call>() else {
                    return error.before_sending();
                };
                call.set_login_failed();
                match call.attempts() {
                    0 => error.before_sending(),
                    _ => error.after_sending(),
                }
            })?;
            token.stamp(&mut request);
            inner.oneshot(request).await
        })))
    }
}

layer_future! {
    /// The future of [`AddToken`].
    pub struct AddTokenFuture<S>(Either<S::Future, BoxFuture>);
}

#[cfg(test)]
mod tests {

    use std::time::Duration;

    use bytes::Bytes;
    use http::{HeaderMap, Method};
    use tower::ServiceBuilder;

    use super::*;
    use crate::auth::AuthData;
    use crate::catalog::AccessInfo;
    use crate::error::ErrorKind;
    use crate::session::testing::Plugin;
    use crate::transport::BoxService;
    use crate::transport::CallOptions;
    use crate::transport::layers::{RetryLayer, RetryPolicy};
    use crate::transport::testing::{Wire, answer, request, request_with};

    /// A token whose catalog has Heat at `https://heat:8004`.
    fn listed() -> Result<AuthData> {
        let mut headers = HeaderMap::new();
        headers.insert("x-subject-token", "token-1".parse().unwrap());
        let body = r#"{"token": {"catalog": [{"type": "orchestration", "endpoints":
            [{"interface": "public", "url": "https://heat:8004/v1/p"}]}]}}"#;
        AuthData::access(AccessInfo::from_response(&headers, &Bytes::from(body))?)
    }

    fn stamped(wire: BoxService) -> AddToken<BoxService> {
        let plugin = Plugin::new(|_| async { listed() }).at("https://keystone:5000/v3");
        AddTokenLayer::new(plugin.cell()).layer(wire)
    }

    #[tokio::test]
    async fn the_token_goes_to_known_origins_only() {
        let (wire, log) = Wire::new(Duration::ZERO, |_, _| answer(200));
        let stack = stamped(wire);
        for (url, welcome) in [
            ("https://heat:8004/v1/p/stacks", true),
            ("https://HEAT:8004/elsewhere", true),
            ("https://keystone:5000/v3/users", true),
            ("http://heat:8004/v1/p/stacks", false),
            ("https://heat/v1/p/stacks", false),
            ("https://heat:8005/v1/p/stacks", false),
            ("https://heat.evil.example:8004/v1/p/stacks", false),
            ("https://evil.example/?heat:8004", false),
            ("http://169.254.169.254/latest", false),
        ] {
            stack
                .clone()
                .oneshot(request(Method::GET, url, ""))
                .await
                .unwrap();
            let seen = log.seen().pop().unwrap();
            let token = seen.headers.get("x-auth-token");
            assert_eq!(token.is_some(), welcome, "{url}");
            assert!(token.is_none_or(|token| token.is_sensitive()));
        }
    }

    #[tokio::test]
    async fn a_call_may_do_without() {
        let (wire, log) = Wire::new(Duration::ZERO, |_, _| answer(200));
        let options = CallOptions {
            authenticated: Some(false),
            ..CallOptions::default()
        };
        let url = "https://heat:8004/";
        let request = request_with(Method::GET, url, "", options);
        stamped(wire).oneshot(request).await.unwrap();
        assert_eq!(log.seen()[0].header("x-auth-token"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn retries_do_not_repeat_a_login_that_failed() {
        let plugin = Plugin::new(|_| async {
            Err(Error::new(
                ErrorKind::Connect,
                "the identity service is down",
            ))
        });
        let (wire, log) = Wire::new(Duration::ZERO, |_, _| answer(200));
        let error = ServiceBuilder::new()
            .layer(RetryLayer::new(RetryPolicy::new(4)))
            .layer(AddTokenLayer::new(plugin.cell()))
            .service(wire)
            .oneshot(request(Method::GET, "https://heat:8004/", ""))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect);
        assert_eq!((log.count(), plugin.logins()), (0, 1));
    }
}
