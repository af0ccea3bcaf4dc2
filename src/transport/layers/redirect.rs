//! Follows redirects by the rules of OpenStack.

mod location;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use http::header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
use tower::{Layer, Service, ServiceExt as _};

use crate::error::{Error, ErrorKind, Result};
use crate::transport::Call;
use crate::transport::call::UrlShape;
use crate::transport::layers::HttpService;
use crate::transport::layers::first_then::{FirstThen, Next, Then};
use crate::transport::layers::future::layer_future;
use crate::transport::layers::replay::Replay;
use crate::transport::{Body, read};
use crate::uri;
use location::{Hop, origin};

/// The default maximum number of redirects.
pub(crate) const MOST: u32 = 30;

/// Follows redirects with the same method and body. Heat redirects requests by stack name with 302
/// for all methods, and expects the same method at the new URL.
///
/// - A `Location` that differs from the call's endpoint only in scheme, host and path prefix comes
///   from a service that does not know its public URL. It is rebased to the endpoint.
/// - From http to https on the same host and path, all methods but POST are repeated with their
///   credentials.
/// - To another origin only GET and HEAD are repeated, without credentials.
/// - A redirect from https to http is an error.
/// - 300, 304 and 305 are responses, not redirects.
///
/// A redirect does not count as an attempt.
#[derive(Debug, Clone)]
pub struct RedirectLayer {
    most: u32,
    /// Whether the warning about a redirect to https was logged.
    warned: Arc<AtomicBool>,
}

impl RedirectLayer {
    /// Follows at most `most` redirects. With 0 the caller gets the 3xx response.
    pub fn new(most: u32) -> Self {
        Self {
            most,
            warned: Arc::default(),
        }
    }
}

impl Default for RedirectLayer {
    /// Follows 30 redirects.
    fn default() -> Self {
        Self::new(MOST)
    }
}

impl<S: Clone> Layer<S> for RedirectLayer {
    type Service = Redirect<S>;

    fn layer(&self, inner: S) -> Redirect<S> {
        Redirect {
            again: Arc::new(inner.clone()),
            inner,
            most: self.most,
            warned: Arc::clone(&self.warned),
        }
    }
}

/// The service of [`RedirectLayer`].
#[derive(Debug, Clone)]
pub struct Redirect<S> {
    inner: S,
    again: Arc<S>,
    most: u32,
    warned: Arc<AtomicBool>,
}

impl<S: HttpService> Service<Request<Body>> for Redirect<S> {
    type Response = Response<Body>;
    type Error = Error;
    type Future = RedirectFuture<S>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let replay = Replay::of(&request);
        let call = replay.call();
        if let Some(call) = call {
            call.set_cross_origin(false);
        }
        let most = call
            .and_then(|call| call.options().redirects)
            .unwrap_or(self.most);
        let then = Hops {
            endpoint: None,
            replay,
            again: Arc::clone(&self.again),
            most,
            warned: Arc::clone(&self.warned),
        };
        RedirectFuture::new(FirstThen::new(self.inner.call(request), then))
    }
}

layer_future! {
    /// The future of [`Redirect`].
    pub struct RedirectFuture<S>(FirstThen<S::Future, Hops<S>>);
}

/// The state for following redirects.
#[derive(Debug)]
struct Hops<S> {
    replay: Replay,
    again: Arc<S>,
    most: u32,
    warned: Arc<AtomicBool>,
    /// The endpoint of the call. After a redirect to https it is the https URL.
    endpoint: Option<Uri>,
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
        self.endpoint = self.replay.call().and_then(Call::endpoint).cloned();
        for _ in 0..self.most {
            if !is_redirect(response.status()) {
                break;
            }
            let request = self
                .next(response.status(), response.headers())
                .map_err(|error| {
                    error
                        .with_status(response.status())
                        .with_request_id(read::request_id(response.headers()))
                        .with_request(&self.replay.method, &self.replay.uri)
                        .after_sending()
                })?;
            self.replay.uri = request.uri().clone();
            if let Some(call) = self.replay.call() {
                call.uncount_attempt();
            }
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

    /// The next request after a redirect.
    fn next(&mut self, status: StatusCode, headers: &HeaderMap) -> Result<Request<Body>> {
        let (method, here) = (&self.replay.method, &self.replay.uri);
        // A 303 means that the request was processed (RFC 9110, 15.4.4): a create must not be sent twice.
        if status == StatusCode::SEE_OTHER && matches!(*method, Method::POST | Method::PATCH) {
            return Err(Error::new(
                ErrorKind::Redirect,
                format!("refused to repeat a {method} after {status}"),
            ));
        }
        let call = self.replay.call();
        let shape = call
            .and_then(Call::destination)
            .map_or_else(UrlShape::default, |destination| {
                destination.service.url_shape
            });
        let hop = Hop::of(headers, here, self.endpoint.as_ref(), shape)?;
        if hop == Hop::SameOrigin(here.clone()) {
            return Err(Error::new(
                ErrorKind::Redirect,
                "the server redirects to the same URL",
            ));
        }
        let next = match hop {
            Hop::SameOrigin(next) => next,
            Hop::HttpsUpgrade(next) => {
                self.follow_to_https(&next)?;
                next
            }
            Hop::CrossOrigin(next) => {
                if !matches!(*method, Method::GET | Method::HEAD) {
                    return Err(Error::new(
                        ErrorKind::Redirect,
                        format!(
                            "refused to redirect a {method} to another server, {}",
                            origin(&next)
                        ),
                    ));
                }
                if let Some(call) = call {
                    call.set_cross_origin(true);
                }
                strip_credentials(&mut self.replay.headers);
                next
            }
        };
        let Some(mut request) = self.replay.request() else {
            return Err(Error::new(
                ErrorKind::Redirect,
                "the streamed body cannot be sent again to the redirect's Location",
            ));
        };
        *request.uri_mut() = next;
        Ok(request)
    }

    /// Continues at the https URL of the server.
    fn follow_to_https(&mut self, next: &Uri) -> Result<()> {
        let here = &self.replay.uri;
        let endpoint = self.endpoint.as_ref().unwrap_or(here);
        let secured = uri::at_origin_of(endpoint, next)?;
        if self.replay.method == Method::POST {
            return Err(Error::new(
                ErrorKind::Redirect,
                format!(
                    "{} redirects to https, and a POST is not repeated there; \
                     configure {secured} instead of {endpoint}",
                    origin(here)
                ),
            ));
        }
        if !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                target: "heatclient::redirect",
                "{} redirects to https; configure {secured} instead of {endpoint}",
                origin(here)
            );
        }
        if let Some(call) = self.replay.call() {
            call.set_https_redirect(here, next);
        }
        self.endpoint = self.endpoint.is_some().then_some(secured);
        Ok(())
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Whether a header is a credential: by its name, or because its value is marked sensitive.
pub(crate) fn is_credential(name: &HeaderName, value: &HeaderValue) -> bool {
    const WORDS: [&str; 10] = [
        "token",
        "secret",
        "password",
        "passcode",
        "signature",
        "credential",
        "auth-receipt",
        "temp-url-key",
        "api-key",
        "access-key",
    ];
    let has = |word: &&str| name.as_str().contains(*word);
    value.is_sensitive()
        || [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION].contains(name)
        || ["x-auth-", "x-subject-", "x-service-"]
            .iter()
            .any(|prefix| name.as_str().starts_with(prefix))
        || WORDS.iter().any(has)
}

/// The value, marked sensitive if the header is a credential, so that `Debug` does not print it.
pub(crate) fn guarded(name: &HeaderName, mut value: HeaderValue) -> HeaderValue {
    value.set_sensitive(is_credential(name, &value));
    value
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
mod tests;
