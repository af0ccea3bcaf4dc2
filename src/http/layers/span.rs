//! The span of a call, and what an error tells of it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use pin_project_lite::pin_project;
use tower::{Layer, Service};
use tracing::Span;

use crate::clock::{self, Instant};
use crate::error::{Error, Result};
use crate::http::layers::HttpService;
use crate::http::{Body, read};
use crate::session::Call;

/// One `tracing` span (target `heatclient::call`, level debug) for each call, with method, path,
/// status, request id and attempts; errors learn how many attempts and how long the call took.
#[derive(Debug, Clone, Default)]
pub struct SpanLayer(());

impl<S> Layer<S> for SpanLayer {
    type Service = CallSpan<S>;

    fn layer(&self, inner: S) -> CallSpan<S> {
        CallSpan { inner }
    }
}

/// The service of [`SpanLayer`].
#[derive(Debug, Clone)]
pub struct CallSpan<S> {
    inner: S,
}

impl<S: HttpService> Service<Request<Body>> for CallSpan<S> {
    type Response = Response<Body>;
    type Error = Error;
    type Future = SpanFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let span = tracing::debug_span!(
            target: "heatclient::call",
            "call",
            method = %request.method(),
            path = request.uri().path(),
            status = tracing::field::Empty,
            request_id = tracing::field::Empty,
            attempts = tracing::field::Empty,
        );
        let call = request.extensions().get::<Call>().cloned();
        let inner = span.in_scope(|| self.inner.call(request));
        SpanFuture {
            inner,
            span,
            call,
            started: clock::now(),
        }
    }
}

pin_project! {
    /// The future of [`CallSpan`].
    #[derive(Debug)]
    pub struct SpanFuture<F> {
        #[pin]
        inner: F,
        span: Span,
        call: Option<Call>,
        started: Instant,
    }
}

impl<F: Future<Output = Result<Response<Body>>>> Future for SpanFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let result = {
            let _entered = this.span.enter();
            ready!(this.inner.poll(cx))
        };
        let attempts = || this.call.as_ref().map_or(0, Call::attempts);
        if !this.span.is_disabled() {
            this.span.record("attempts", attempts());
            let (status, id) = match &result {
                Ok(response) => (
                    Some(response.status()),
                    read::request_id(response.headers()),
                ),
                Err(error) => (error.status(), error.request_id()),
            };
            if let Some(status) = status {
                this.span.record("status", status.as_u16());
            }
            if let Some(id) = id {
                this.span.record("request_id", id);
            }
        }
        let effort = || {
            (
                attempts(),
                clock::now().saturating_duration_since(*this.started),
            )
        };
        Poll::Ready(match result {
            Ok(mut response) => {
                if response.status().as_u16() >= 400 {
                    read::Asked::of(&mut response).effort = Some(effort());
                }
                Ok(response)
            }
            Err(error) => {
                let (attempts, elapsed) = effort();
                Err(error.with_attempts(attempts, elapsed))
            }
        })
    }
}
