//! Default headers.

use std::sync::Arc;
use std::task::{Context, Poll};

use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use tower::{Layer, Service};

use crate::error::{Error, Result};
use crate::transport::Body;
use crate::transport::Call;
use crate::transport::layers::{HttpService, is_credential};

/// Adds the headers of the adapter, then those of the session. Headers of the request are kept.
///
/// An adapter's headers are sent only to its endpoint, the session's to all servers. Headers that
/// are credentials are not sent after a redirect to another origin.
#[derive(Debug, Clone, Default)]
pub struct DefaultHeadersLayer(Arc<HeaderMap>);

impl DefaultHeadersLayer {
    /// Sets the headers of all requests.
    pub fn new(headers: HeaderMap) -> Self {
        Self(Arc::new(headers))
    }
}

impl<S> Layer<S> for DefaultHeadersLayer {
    type Service = DefaultHeaders<S>;

    fn layer(&self, inner: S) -> DefaultHeaders<S> {
        DefaultHeaders {
            inner,
            headers: Arc::clone(&self.0),
        }
    }
}

/// The service of [`DefaultHeadersLayer`].
#[derive(Debug, Clone)]
pub struct DefaultHeaders<S> {
    inner: S,
    headers: Arc<HeaderMap>,
}

impl<S: HttpService> Service<Request<Body>> for DefaultHeaders<S> {
    type Response = Response<Body>;
    type Error = Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> S::Future {
        let call = request.extensions().get::<Call>();
        let cross_origin = call.is_some_and(Call::cross_origin);
        let service = call
            .and_then(|call| call.service_at(request.uri()))
            .cloned();
        if let Some(service) = service {
            add(request.headers_mut(), service.headers.iter());
        }
        if cross_origin {
            let harmless = self.headers.iter().filter(|(n, v)| !is_credential(n, v));
            add(request.headers_mut(), harmless);
        } else {
            add(request.headers_mut(), self.headers.iter());
        }
        self.inner.call(request)
    }
}

fn add<'a>(headers: &mut HeaderMap, more: impl Iterator<Item = (&'a HeaderName, &'a HeaderValue)>) {
    // Reserves space for the token and for Accept-Encoding, which are added later.
    headers.reserve(more.size_hint().0 + 2);
    for (name, value) in more {
        headers.entry(name).or_insert_with(|| value.clone());
    }
}
