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
        let most = replay
            .call()
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
                format!("more than {} redirects", self.most),
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
                call.set_strayed();
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
    let bad = |why: String| Error::new(ErrorKind::Redirect, why);
    let location = headers
        .get(LOCATION)
        .ok_or_else(|| bad("a redirect without a Location".into()))?;
    let location = std::str::from_utf8(location.as_bytes())
        .map_err(|_| bad("a redirect whose Location is not a URL".into()))?;
    let mut joined = url::Url::parse(&current.to_string())
        .and_then(|base| base.join(location))
        .map_err(|e| bad("a redirect whose Location is not a URL".into()).with_source(e))?;
    if !matches!(joined.scheme(), "http" | "https")
        || !joined.username().is_empty()
        || joined.password().is_some()
    {
        return Err(bad(
            "a redirect to what is not a plain http or https URL".into()
        ));
    }
    joined.set_fragment(None);
    let next: Uri = joined
        .as_str()
        .parse()
        .map_err(|_| bad("a redirect whose Location is not a URL".into()))?;
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

fn origin(uri: &Uri) -> String {
    format!(
        "{}://{}",
        uri.scheme_str().unwrap_or_default(),
        uri.authority().map_or("", |a| a.as_str())
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
