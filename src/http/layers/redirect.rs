//! Redirects as OpenStack means them.

use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::{AUTHORIZATION, COOKIE, LOCATION, PROXY_AUTHORIZATION};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
use tower::{Layer, Service, ServiceExt as _};

use crate::error::{Error, ErrorKind, Result};
use crate::http::layers::HttpService;
use crate::http::layers::first_then::{FirstThen, Next, Then};
use crate::http::layers::replay::Replay;
use crate::http::{Body, read, uri};
use crate::session::Call;

/// How many hops are followed by default.
pub(crate) const MOST: u32 = 30;

/// Follows redirects with the same method and body: Heat answers lookups by name with 302 for
/// every verb, and means the verb to be repeated.
///
/// A `Location` that differs from the call's endpoint in scheme and host alone comes from a
/// service that does not know its own public name, and is put back onto the endpoint. To another
/// origin go GET and HEAD only, without credentials; from https to http goes nothing.
/// 300, 304 and 305 are answers, not redirects.
#[derive(Debug, Clone)]
pub struct RedirectLayer(u32);

impl RedirectLayer {
    /// Follows at most `most` hops; with 0 the 3xx answer is the caller's.
    pub fn new(most: u32) -> Self {
        Self(most)
    }
}

impl Default for RedirectLayer {
    /// Follows 30 hops.
    fn default() -> Self {
        Self(MOST)
    }
}

impl<S: Clone> Layer<S> for RedirectLayer {
    type Service = Redirect<S>;

    fn layer(&self, inner: S) -> Redirect<S> {
        Redirect {
            again: Arc::new(inner.clone()),
            inner,
            most: self.0,
        }
    }
}

/// The service of [`RedirectLayer`].
#[derive(Debug, Clone)]
pub struct Redirect<S> {
    inner: S,
    again: Arc<S>,
    most: u32,
}

impl<S: HttpService> Service<Request<Body>> for Redirect<S> {
    type Response = Response<Body>;
    type Error = Error;
    type Future = FirstThen<S::Future, Hops<S>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let replay = Replay::of(&request);
        let call = replay.call();
        if let Some(call) = call {
            call.set_strayed(false);
        }
        let most = call
            .and_then(|call| call.options().redirects)
            .unwrap_or(self.most);
        let then = Hops {
            replay,
            again: Arc::clone(&self.again),
            most,
        };
        FirstThen::new(self.inner.call(request), then)
    }
}

/// What is needed should the answer be a redirect.
#[derive(Debug)]
pub struct Hops<S> {
    replay: Replay,
    again: Arc<S>,
    most: u32,
}

impl<S: HttpService> Then for Hops<S> {
    fn then(self, first: Result<Response<Body>>) -> Next {
        match first {
            Ok(response) if self.most > 0 && is_redirect(response.status()) => {
                Next::Continue(Box::pin(self.follow(response)))
            }
            other => Next::Done(other),
        }
    }
}

impl<S: HttpService> Hops<S> {
    async fn follow(mut self, mut response: Response<Body>) -> Result<Response<Body>> {
        for _ in 0..self.most {
            if !is_redirect(response.status()) {
                return Ok(response);
            }
            let request = self.next(response.headers()).map_err(|error| {
                error
                    .with_status(response.status())
                    .with_request_id(read::request_id(response.headers()))
                    .with_request(&self.replay.method, &self.replay.uri)
                    .after_sending()
            })?;
            self.replay.uri = request.uri().clone();
            read::drain(response.into_body()).await;
            response = (*self.again).clone().oneshot(request).await?;
        }
        if is_redirect(response.status()) {
            return Err(Error::new(
                ErrorKind::Redirect,
                format!("gave up after {} redirects", self.most),
            )
            .with_request(&self.replay.method, &self.replay.uri)
            .after_sending());
        }
        Ok(response)
    }

    /// The request that a redirect asks for.
    fn next(&mut self, headers: &HeaderMap) -> Result<Request<Body>> {
        let (method, here) = (&self.replay.method, &self.replay.uri);
        let call = self.replay.call();
        let next = target(headers, here, call.and_then(Call::endpoint))?;
        if !uri::same_origin(&next, here) {
            if !matches!(*method, Method::GET | Method::HEAD) {
                return Err(Error::new(
                    ErrorKind::Redirect,
                    format!(
                        "refused to repeat a {method} at another server, {}",
                        origin(&next)
                    ),
                ));
            }
            if let Some(call) = call {
                call.set_strayed(true);
            }
            strip_credentials(&mut self.replay.headers);
        }
        let Some(mut request) = self.replay.request() else {
            return Err(Error::new(
                ErrorKind::Redirect,
                "the body was a stream and cannot be sent again to where the redirect leads",
            ));
        };
        *request.uri_mut() = next;
        Ok(request)
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Where a redirect leads (RFC 9110, 10.2.2), put back onto the endpoint if it belongs there.
fn target(headers: &HeaderMap, current: &Uri, endpoint: Option<&Uri>) -> Result<Uri> {
    const NO_URL: &str = "the server redirects to what is no URL";
    let bad = |why: String| Error::new(ErrorKind::Redirect, why);
    let location = headers
        .get(LOCATION)
        .ok_or_else(|| bad("the server redirects without a Location".into()))?;
    let location = std::str::from_utf8(location.as_bytes()).map_err(|_| bad(NO_URL.into()))?;
    let mut joined = url::Url::parse(&current.to_string())
        .and_then(|base| base.join(location))
        .map_err(|e| bad(NO_URL.into()).with_source(e))?;
    if !matches!(joined.scheme(), "http" | "https") {
        return Err(bad(format!(
            "the server redirects to a URL of {}, neither http nor https",
            joined.scheme()
        )));
    }
    if !joined.username().is_empty() || joined.password().is_some() {
        return Err(bad(
            "the server redirects to a URL with a user name or password".into(),
        ));
    }
    joined.set_fragment(None);
    let next: Uri = joined.as_str().parse().map_err(|_| bad(NO_URL.into()))?;
    if uri::same_origin(&next, current) {
        return Ok(next);
    }
    // Only the service itself can be wrong about its own name.
    let rebased = endpoint
        .filter(|endpoint| uri::same_origin(endpoint, current) && belongs_to(&next, endpoint));
    if let Some(endpoint) = rebased {
        let path = next.path_and_query().map_or("/", |p| p.as_str()).to_owned();
        return uri::with_path_and_query(endpoint, path);
    }
    if current.scheme_str() == Some("https") && next.scheme_str() == Some("http") {
        return Err(bad(format!(
            "refused to follow a redirect from https to {}",
            origin(&next)
        )));
    }
    Ok(next)
}

/// Whether `location` is a path below `endpoint`, whatever its scheme and host say.
///
/// The endpoint's last segment is the project's id, and the owner's project stands in its place
/// when an administrator looks at a foreign stack.
fn belongs_to(location: &Uri, endpoint: &Uri) -> bool {
    let base = endpoint.path().trim_end_matches('/');
    let above_project = base.rsplit_once('/').map_or("", |(above, _)| above);
    let below = |prefix: &str| {
        !prefix.is_empty()
            && location
                .path()
                .strip_prefix(prefix)
                .is_some_and(|rest| rest.starts_with('/'))
    };
    below(base) || below(above_project) || !base.is_empty() && location.path() == base
}

fn origin(of: &Uri) -> String {
    format!(
        "{}://{}",
        of.scheme_str().unwrap_or_default(),
        uri::shown_server(of)
    )
}

/// Whether a header proves who one is: the usual names, and every value marked sensitive.
pub(crate) fn is_credential(name: &HeaderName, value: &HeaderValue) -> bool {
    value.is_sensitive()
        || [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION].contains(name)
        || ["x-auth-", "x-subject-", "x-service-"]
            .iter()
            .any(|prefix| name.as_str().starts_with(prefix))
}

fn strip_credentials(headers: &mut HeaderMap) {
    let names: Vec<HeaderName> = headers
        .iter()
        .filter(|(name, value)| is_credential(name, value))
        .map(|(name, _)| name.clone())
        .collect();
    for name in names {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {

    use std::time::Duration;

    use super::*;
    use crate::http::testing::{Wire, answer, answer_with, request, request_with, stream};
    use crate::session::CallOptions;

    const ENDPOINT: &str = "https://heat:8004/v1/p1";
    const URL: &str = "https://heat:8004/v1/p1/stacks/web?a=b";

    /// Answers the first request with a redirect, the next ones with 200.
    fn once(status: u16, location: &'static str) -> (impl HttpService, Wire) {
        let (wire, log) = Wire::new(Duration::ZERO, move |n, _| match n {
            0 => answer_with(status, &[("location", location)]),
            _ => answer(200),
        });
        (RedirectLayer::default().layer(wire), log)
    }

    fn call(method: Method, body: impl Into<Body>) -> Request<Body> {
        let request = request(method, URL, body);
        let call = request.extensions().get::<Call>().unwrap();
        call.set_endpoint(ENDPOINT.parse().unwrap());
        request
    }

    async fn led_to(location: &'static str) -> Result<String> {
        let (stack, log) = once(302, location);
        stack.oneshot(call(Method::GET, "")).await?;
        Ok(log.seen()[1].uri.clone())
    }

    #[tokio::test]
    async fn method_body_and_headers_are_kept() {
        for status in [301, 302, 303, 307, 308] {
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
                let (stack, log) = once(status, "/v1/p1/stacks/web/id?c=d");
                let mut request = call(method.parse().unwrap(), "body");
                request
                    .headers_mut()
                    .insert("x-mine", HeaderValue::from_static("kept"));
                let response = stack.oneshot(request).await.unwrap();
                assert_eq!(response.status(), 200);
                let seen = &log.seen()[1];
                assert_eq!(seen.method, method);
                assert_eq!(seen.uri, "https://heat:8004/v1/p1/stacks/web/id?c=d");
                assert_eq!(seen.body, "body");
                assert_eq!(seen.header("x-mine"), Some("kept"));
            }
        }
    }

    #[tokio::test]
    async fn other_statuses_are_answers() {
        for status in [200, 300, 304, 305, 404] {
            let (stack, log) = once(status, "/elsewhere");
            let response = stack.oneshot(call(Method::GET, "")).await.unwrap();
            assert_eq!(response.status().as_u16(), status);
            assert_eq!(log.count(), 1);
        }
    }

    #[tokio::test]
    async fn locations_are_read_as_rfc_9110_says() {
        for (location, next) in [
            ("/v1/p1/stacks/x", "https://heat:8004/v1/p1/stacks/x"),
            ("id", "https://heat:8004/v1/p1/stacks/id"),
            ("?c=d", "https://heat:8004/v1/p1/stacks/web?c=d"),
            ("//heat:8004/x", "https://heat:8004/x"),
            ("../x#fragment", "https://heat:8004/v1/p1/x"),
            (
                "/v1/p1/stacks/b%C3%A4r",
                "https://heat:8004/v1/p1/stacks/b%C3%A4r",
            ),
            (
                "/v1/p1/stacks/b\u{e4}r",
                "https://heat:8004/v1/p1/stacks/b%C3%A4r",
            ),
            // A service that does not know its own public name.
            (
                "http://10.0.0.1:8004/v1/p1/stacks/x?c=d",
                "https://heat:8004/v1/p1/stacks/x?c=d",
            ),
            (
                "http://heat:8004/v1/p1/stacks/x",
                "https://heat:8004/v1/p1/stacks/x",
            ),
            ("http://10.0.0.1/v1/p1", "https://heat:8004/v1/p1"),
            // A foreign stack that an administrator looks at: its owner's project.
            (
                "http://10.0.0.1:8004/v1/p2/stacks/x",
                "https://heat:8004/v1/p2/stacks/x",
            ),
            // Another server indeed.
            ("https://swift/v1.0/x", "https://swift/v1.0/x"),
            (
                "https://heat.example/v2/p1/stacks/x",
                "https://heat.example/v2/p1/stacks/x",
            ),
        ] {
            assert_eq!(led_to(location).await.unwrap(), next, "{location}");
        }
    }

    #[tokio::test]
    async fn what_cannot_or_may_not_be_followed_is_refused() {
        for (location, message) in [
            ("http://[", "the server redirects to what is no URL"),
            (
                "ftp://heat/x",
                "the server redirects to a URL of ftp, neither http nor https",
            ),
            (
                "file:///etc/passwd",
                "the server redirects to a URL of file, neither http nor https",
            ),
            (
                "https://user:hunter2@heat:8004/x",
                "the server redirects to a URL with a user name or password",
            ),
            (
                "https://user@evil/x",
                "the server redirects to a URL with a user name or password",
            ),
            (
                "http://heat:8004/other?sig=hunter2",
                "refused to follow a redirect from https to http://heat:8004",
            ),
            (
                "http://evil/x",
                "refused to follow a redirect from https to http://evil",
            ),
        ] {
            let error = led_to(location).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Redirect);
            let line = error.to_string();
            assert_eq!(line.trim_end_matches(" (server heat:8004)"), message);
            assert_eq!(error.status().unwrap(), 302);
            assert_eq!(error.uri().unwrap(), "https://heat:8004/v1/p1/stacks/web");
        }
        let (wire, _) = Wire::new(Duration::ZERO, |_, _| answer(302));
        let stack = RedirectLayer::default().layer(wire);
        let error = stack.oneshot(call(Method::GET, "")).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the server redirects without a Location (server heat:8004)"
        );
    }

    #[tokio::test]
    async fn writes_stay_at_home() {
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            let (stack, log) = once(307, "https://evil:1/x?sig=hunter2");
            let error = stack
                .oneshot(call(method.parse().unwrap(), "secret"))
                .await
                .unwrap_err();
            assert_eq!(
                error.to_string(),
                format!(
                    "refused to repeat a {method} at another server, https://evil:1 (server heat:8004)"
                )
            );
            assert_eq!(log.count(), 1);
        }
    }

    #[tokio::test]
    async fn credentials_stay_at_home() {
        let (wire, log) = Wire::new(Duration::ZERO, |n, _| match n {
            0 => answer_with(302, &[("location", "https://cdn/x")]),
            1 => answer_with(302, &[("location", "https://cdn/y")]),
            _ => answer(200),
        });
        let mut request = call(Method::GET, "");
        let mut secret = HeaderValue::from_static("secret");
        for name in [
            "authorization",
            "cookie",
            "x-auth-token",
            "x-auth-receipt",
            "x-service-token",
            "x-subject-token",
        ] {
            request.headers_mut().insert(name, secret.clone());
        }
        secret.set_sensitive(true);
        request.headers_mut().insert("x-key", secret);
        request
            .headers_mut()
            .insert("x-mine", HeaderValue::from_static("kept"));
        RedirectLayer::default()
            .layer(wire)
            .oneshot(request)
            .await
            .unwrap();
        let seen = log.seen();
        assert_eq!(seen[0].headers.len(), 8);
        for hop in &seen[1..] {
            assert_eq!(hop.headers.len(), 1, "{:?}", hop.headers);
            assert_eq!(hop.header("x-mine"), Some("kept"));
        }
    }

    /// Only the service itself can be wrong about its own name; others mean what they say.
    #[tokio::test]
    async fn another_server_cannot_lead_back_by_a_likely_path() {
        let (wire, log) = Wire::new(Duration::ZERO, |n, _| match n {
            0 => answer_with(302, &[("location", "https://cdn/x")]),
            1 => answer_with(302, &[("location", "https://cdn2/v1/p1/stacks/x")]),
            _ => answer(200),
        });
        let stack = RedirectLayer::default().layer(wire);
        stack.oneshot(call(Method::GET, "")).await.unwrap();
        assert_eq!(log.seen()[2].uri, "https://cdn2/v1/p1/stacks/x");
    }

    #[tokio::test]
    async fn hops_are_counted() {
        for (most, own, sent) in [(30, None, 31), (2, None, 3), (30, Some(5), 6)] {
            let (wire, log) = Wire::new(Duration::ZERO, |_, _| {
                answer_with(302, &[("location", "/again")])
            });
            let options = CallOptions {
                redirects: own,
                ..CallOptions::default()
            };
            let error = RedirectLayer::new(most)
                .layer(wire)
                .oneshot(request_with(Method::GET, URL, "", options))
                .await
                .unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("gave up after {} redirects (server heat:8004)", sent - 1)
            );
            assert_eq!(log.count(), sent);
        }
        let (wire, log) = Wire::new(Duration::ZERO, |n, _| match n {
            0..30 => answer_with(302, &[("location", "/again")]),
            _ => answer(200),
        });
        let stack = RedirectLayer::default().layer(wire);
        let response = stack.oneshot(call(Method::GET, "")).await.unwrap();
        assert_eq!((response.status().as_u16(), log.count()), (200, 31));
    }

    #[tokio::test]
    async fn without_hops_the_redirect_is_the_answer() {
        let (stack, log) = once(302, "/x");
        let options = CallOptions {
            redirects: Some(0),
            ..CallOptions::default()
        };
        let response = stack
            .oneshot(request_with(Method::POST, URL, stream("once"), options))
            .await
            .unwrap();
        assert_eq!((response.status().as_u16(), log.count()), (302, 1));
    }

    #[tokio::test]
    async fn a_spent_body_is_an_error_and_never_sent_empty() {
        let (stack, log) = once(302, "/x");
        let error = stack
            .oneshot(call(Method::POST, stream("once")))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Redirect);
        assert_eq!(error.status().unwrap(), 302);
        assert_eq!(
            error.to_string(),
            "the body was a stream and cannot be sent again to where the redirect leads (server heat:8004)"
        );
        assert_eq!(log.count(), 1);
    }
}
