//! One wire request: counted, timed out, reported.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::{Method, Request, Response, Uri};
use pin_project_lite::pin_project;
use tokio::time::Sleep;
use tower::{Layer, Service};

use crate::clock::{self, Instant};
use crate::error::{Error, ErrorKind, Result};
use crate::http::layers::HttpService;
use crate::http::{Body, read};
use crate::session::Call;

/// How long an answer's headers, and then each further part of it, may take by default.
pub(crate) const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// Bounds the time from sending a wire request to its answer's headers, and reports each with a
/// `tracing` event (target `heatclient::attempt`, level debug).
///
/// Neither headers nor bodies are logged; URLs are, without their queries.
#[derive(Debug, Clone)]
pub struct AttemptLayer(Duration);

impl AttemptLayer {
    /// Allows `timeout` for the answer's headers.
    pub fn new(timeout: Duration) -> Self {
        Self(timeout)
    }
}

impl Default for AttemptLayer {
    /// Allows 60 seconds.
    fn default() -> Self {
        Self(READ_TIMEOUT)
    }
}

impl<S> Layer<S> for AttemptLayer {
    type Service = Attempt<S>;

    fn layer(&self, inner: S) -> Attempt<S> {
        Attempt {
            inner,
            timeout: self.0,
        }
    }
}

/// The service of [`AttemptLayer`].
#[derive(Debug, Clone)]
pub struct Attempt<S> {
    inner: S,
    timeout: Duration,
}

impl<S: HttpService> Service<Request<Body>> for Attempt<S> {
    type Response = Response<Body>;
    type Error = Error;
    type Future = AttemptFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if let Some(call) = request.extensions().get::<Call>() {
            call.count_attempt();
        }
        let report =
            tracing::enabled!(target: "heatclient::attempt", tracing::Level::DEBUG).then(|| {
                (
                    request.method().clone(),
                    request.uri().clone(),
                    clock::now(),
                )
            });
        AttemptFuture {
            inner: self.inner.call(request),
            timeout: self.timeout,
            sleep: None,
            report,
        }
    }
}

pin_project! {
    /// The future of [`Attempt`].
    #[derive(Debug)]
    pub struct AttemptFuture<F> {
        #[pin]
        inner: F,
        timeout: Duration,
        // Made at the first wait: an answer that is there at once needs no timer.
        #[pin]
        sleep: Option<Sleep>,
        report: Option<(Method, Uri, Instant)>,
    }
}

impl<F: Future<Output = Result<Response<Body>>>> Future for AttemptFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let result = match this.inner.poll(cx) {
            Poll::Ready(result) => result,
            Poll::Pending => {
                if this.sleep.is_none() {
                    this.sleep
                        .set(Some(tokio::time::sleep_until(clock::after(*this.timeout))));
                }
                if let Some(sleep) = this.sleep.as_mut().as_pin_mut() {
                    ready!(sleep.poll(cx));
                }
                Err(Error::new(
                    ErrorKind::Timeout,
                    format!("no answer within {:?}", this.timeout),
                )
                .after_sending())
            }
        };
        if let Some((method, uri, started)) = this.report.take() {
            report(
                &method,
                &uri,
                clock::now().saturating_duration_since(started),
                &result,
            );
        }
        Poll::Ready(result)
    }
}

fn report(method: &Method, uri: &Uri, took: Duration, result: &Result<Response<Body>>) {
    let uri = crate::http::uri::without_query(uri);
    match result {
        Ok(response) => tracing::debug!(
            target: "heatclient::attempt",
            %method,
            %uri,
            status = response.status().as_u16(),
            request_id = read::request_id(response.headers()),
            ?took,
            "answered"
        ),
        Err(error) => {
            tracing::debug!(target: "heatclient::attempt", %method, %uri, ?took, %error, "failed");
        }
    }
}
