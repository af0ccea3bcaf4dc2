//! Reauthentication after a 401.

use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response, StatusCode};
use tower::{Layer, Service, ServiceExt as _};

use crate::error::{Error, ErrorKind, Result};
use crate::session::TokenCell;
use crate::transport::layers::HttpService;
use crate::transport::layers::first_then::{FirstThen, Next, Then};
use crate::transport::layers::future::layer_future;
use crate::transport::layers::replay::Replay;
use crate::transport::{Body, read};

/// On a 401, invalidates the token that was refused (never a newer one) and replays the call once.
///
/// The caller gets a second 401, with a fresh token, and the first one if the auth plugin cannot
/// renew its token, or if the call does not
/// [allow it](crate::transport::CallOptions::allow_reauth). A streamed body cannot be replayed: the call fails with [`ErrorKind::Auth`], and
/// the next call gets a new token.
#[derive(Debug, Clone)]
pub struct ReauthenticateLayer(Arc<TokenCell>);

impl ReauthenticateLayer {
    /// Creates a layer for calls with tokens from `cell`.
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
    /// A clone for replays. Cloning the `Arc` is cheaper than cloning the inner layers for each call.
    again: Arc<S>,
    cell: Arc<TokenCell>,
}

impl<S: HttpService> Service<Request<Body>> for Reauthenticate<S> {
    type Response = Response<Body>;
    type Error = Error;
    type Future = ReauthenticateFuture<S>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let then = Unauthorized {
            replay: Replay::of(&request),
            again: Arc::clone(&self.again),
            cell: Arc::clone(&self.cell),
        };
        ReauthenticateFuture::new(FirstThen::new(self.inner.call(request), then))
    }
}

layer_future! {
    /// The future of [`Reauthenticate`].
    pub struct ReauthenticateFuture<S>(FirstThen<S::Future, Unauthorized<S>>);
}

/// The state for a replay after a 401.
#[derive(Debug)]
struct Unauthorized<S> {
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
        let call = self.replay.call();
        let is_allowed = call.is_none_or(|call| call.options().allow_reauth != Some(false));
        if refused == 0 || !is_allowed || !self.cell.invalidate(refused) {
            return Next::Done(first);
        }
        let Some(request) = self.replay.request() else {
            let id = first
                .as_ref()
                .ok()
                .and_then(|r| read::request_id(r.headers()));
            return Next::Done(Err(Error::new(
                ErrorKind::Auth,
                "the token was refused (401), and the streamed body cannot be sent again; repeat the call",
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

#[cfg(test)]
mod tests {

    use std::time::Duration;

    use http::{HeaderValue, Method};
    use tower::ServiceBuilder;

    use super::*;
    use crate::session::layers::AddTokenLayer;
    use crate::session::testing::Plugin;
    use crate::transport::BoxService;
    use crate::transport::testing::{Seen, Wire, answer, answer_with, request, stream};

    const HOUR: Duration = Duration::from_secs(3600);
    const URL: &str = "https://keystone/v3/users";

    fn plugin() -> Plugin {
        Plugin::tokens(HOUR, Duration::from_millis(50)).at("https://keystone/v3")
    }

    fn guarded(plugin: &Plugin, wire: BoxService) -> impl HttpService {
        let cell = plugin.cell();
        ServiceBuilder::new()
            .layer(ReauthenticateLayer::new(Arc::clone(&cell)))
            .layer(AddTokenLayer::new(cell))
            .service(wire)
    }

    fn accepts(good: &'static str) -> impl Fn(usize, &Seen) -> Result<Response<Body>> + Clone {
        move |_, seen| match seen.header("x-auth-token") {
            Some(token) if token == good => answer(200),
            _ => answer_with(401, &[("x-openstack-request-id", "req-1")]),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_token_is_replaced_and_the_call_replayed_as_it_was() {
        let plugin = plugin();
        let (wire, log) = Wire::new(Duration::ZERO, accepts("token-2"));
        let stack = guarded(&plugin, wire);
        let mut post = request(Method::POST, URL, "the whole body");
        post.headers_mut()
            .insert("x-mine", HeaderValue::from_static("kept"));
        let response = stack.oneshot(post).await.unwrap();
        assert_eq!(response.status(), 200);
        let tokens: Vec<_> = log
            .seen()
            .iter()
            .map(|seen| {
                assert_eq!(seen.method, "POST");
                assert_eq!(seen.uri, URL);
                assert_eq!(seen.body, "the whole body");
                assert_eq!(seen.header("x-mine"), Some("kept"));
                seen.header("x-auth-token").unwrap().to_owned()
            })
            .collect();
        assert_eq!(tokens, ["token-1", "token-2"]);
        assert_eq!(plugin.logins(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_second_refusal_is_the_callers_answer() {
        let plugin = plugin();
        let (wire, log) = Wire::new(Duration::ZERO, accepts("none"));
        let response = guarded(&plugin, wire)
            .oneshot(request(Method::GET, URL, ""))
            .await
            .unwrap();
        assert_eq!(response.status(), 401);
        assert_eq!((log.count(), plugin.logins()), (2, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn many_calls_on_a_revoked_token_cost_one_login() {
        let plugin = plugin();
        let (wire, log) = Wire::new(Duration::from_millis(10), accepts("token-2"));
        let stack = guarded(&plugin, wire);
        let calls = (0..64).map(|_| stack.clone().oneshot(request(Method::GET, URL, "")));
        for response in futures::future::join_all(calls).await {
            assert_eq!(response.unwrap().status(), 200);
        }
        assert_eq!((log.count(), plugin.logins()), (128, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_spent_body_is_an_error_and_never_sent_empty() {
        let plugin = plugin();
        let (wire, log) = Wire::new(Duration::ZERO, accepts("token-2"));
        let stack = guarded(&plugin, wire);
        let error = stack
            .clone()
            .oneshot(request(Method::PUT, URL, stream("once")))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auth);
        assert!(error.is_unauthorized() && error.may_have_been_sent());
        assert_eq!(error.uri().unwrap(), URL);
        assert_eq!(
            error.to_string(),
            "the token was refused (401), and the streamed body cannot be sent again; \
             repeat the call (request req-1)"
        );
        assert_eq!(log.count(), 1);
        let repeated = stack
            .oneshot(request(Method::PUT, URL, stream("once")))
            .await
            .unwrap();
        assert_eq!(repeated.status(), 200, "the next call has a new token");
        assert_eq!(log.seen()[1].body, "once");
    }

    #[tokio::test(start_paused = true)]
    async fn refusals_that_no_login_can_mend_are_answers() {
        // A fixed token; a server that did not get the token; a call without a token.
        for (plugin, url, authenticated) in [
            (plugin().fixed(), URL, None),
            (plugin(), "https://elsewhere/", None),
            (plugin(), URL, Some(false)),
        ] {
            let (wire, log) = Wire::new(Duration::ZERO, accepts("token-2"));
            let options = crate::transport::CallOptions {
                authenticated,
                ..Default::default()
            };
            let request = crate::transport::testing::request_with(Method::GET, url, "", options);
            let response = guarded(&plugin, wire).oneshot(request).await.unwrap();
            assert_eq!(response.status(), 401);
            assert_eq!(log.count(), 1);
            assert!(plugin.logins() <= 1);
        }
    }
}
