//! The span of a call.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use pin_project_lite::pin_project;
use tower::{Layer, Service};
use tracing::Span;

use crate::error::{Error, Result};
use crate::transport::layers::HttpService;
use crate::transport::{Body, Call, read};

/// Creates one `tracing` span (target `heatclient::call`, level debug) for each call, and adds the
/// number of attempts and the duration to errors.
///
/// The span's fields are `operation` (such as `create stack "web"`), `service` (the service type, such
/// as `orchestration`), `method`, `path`, `url.template`, and at its end `status`, `request_id` and
/// `attempts`. Logins and requests to absolute URLs have no operation or service.
#[derive(Debug, Clone, Default)]
pub struct CallSpanLayer(());

impl<S> Layer<S> for CallSpanLayer {
    type Service = CallSpan<S>;

    fn layer(&self, inner: S) -> CallSpan<S> {
        CallSpan { inner }
    }
}

/// The service of [`CallSpanLayer`].
#[derive(Debug, Clone)]
pub struct CallSpan<S> {
    inner: S,
}

impl<S: HttpService> Service<Request<Body>> for CallSpan<S> {
    type Response = Response<Body>;
    type Error = Error;
    type Future = CallSpanFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let call = request.extensions().get::<Call>().cloned();
        let span = match call.as_ref().is_none_or(Call::is_logged) {
            true => span(&request, call.as_ref()),
            false => Span::none(),
        };
        if let Some(call) = call.as_ref().filter(|_| !span.is_disabled()) {
            let options = call.options();
            if let Some(operation) = &options.operation {
                span.record("operation", &**operation);
            }
            if let Some(template) = options.url_template {
                span.record("url.template", template);
            }
        }
        let inner = span.in_scope(|| self.inner.call(request));
        CallSpanFuture { inner, span, call }
    }
}

pin_project! {
    /// The future of [`CallSpan`].
    #[derive(Debug)]
    pub struct CallSpanFuture<F> {
        #[pin]
        inner: F,
        span: Span,
        call: Option<Call>,
    }
}

impl<F: Future<Output = Result<Response<Body>>>> Future for CallSpanFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let result = {
            let _entered = this.span.enter();
            ready!(this.inner.poll(cx))
        };
        if !this.span.is_disabled() {
            record(this.span, this.call.as_ref(), &result);
        }
        Poll::Ready(result.map_err(|error| match this.call {
            Some(call) => call.finish(error),
            None => error,
        }))
    }
}

fn span(request: &Request<Body>, call: Option<&Call>) -> Span {
    let path = request.uri().path();
    let masked = || call.map_or(Cow::Borrowed(path), |call| call.masked(path));
    tracing::debug_span!(
        target: "heatclient::call",
        "call",
        operation = tracing::field::Empty,
        service = tracing::field::Empty,
        method = %request.method(),
        path = &*masked(),
        url.template = tracing::field::Empty,
        status = tracing::field::Empty,
        request_id = tracing::field::Empty,
        attempts = tracing::field::Empty,
    )
}

/// Records the result of the call.
fn record(span: &Span, call: Option<&Call>, result: &Result<Response<Body>>) {
    let (status, id) = match result {
        Ok(response) => (
            Some(response.status()),
            read::request_id(response.headers()),
        ),
        Err(error) => (error.status(), error.request_id()),
    };
    if let Some(status) = status {
        span.record("status", status.as_u16());
    }
    if let Some(call) = call {
        span.record("attempts", call.attempts());
        if let Some(id) = id {
            span.record("request_id", &*call.masked(id));
        }
    }
}

#[cfg(test)]
mod tests {

    use std::time::Duration;

    use http::Method;
    use tower::{ServiceBuilder, ServiceExt as _};

    use super::*;
    use crate::transport::layers::{RetryLayer, RetryPolicy};
    use crate::transport::testing::{Wire, answer, interrupted, request};

    /// Two attempts of one second each.
    async fn twice(script: fn() -> Result<Response<Body>>) -> Error {
        let (wire, _) = Wire::new(Duration::from_secs(1), move |_, _| script());
        let policy = RetryPolicy::new(2).backoff(Duration::ZERO, Duration::ZERO);
        let stack = ServiceBuilder::new()
            .layer(CallSpanLayer::default())
            .layer(RetryLayer::new(policy))
            .service(wire);
        let request = request(Method::GET, "http://heat/x?secret=1", "");
        let call = request.extensions().get::<Call>().unwrap().clone();
        match stack.oneshot(request).await {
            Ok(response) => read::check(response, &call).await.unwrap_err(),
            Err(error) => error,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn errors_tell_of_the_effort() {
        for script in [|| answer(503), || Err(interrupted())] {
            let error = twice(script).await;
            assert_eq!(error.attempts(), 2);
            assert_eq!(error.elapsed(), Some(Duration::from_secs(2)));
            assert_eq!(error.uri().unwrap(), "http://heat/x");
            assert!(
                error.to_string().ends_with(" (after 2 attempts)"),
                "{error}"
            );
        }
    }
}
