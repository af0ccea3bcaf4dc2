//! One wire request: counts it, limits its time and logs it.

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
use crate::transport::Call;
use crate::transport::layers::HttpService;
use crate::transport::{Body, read};

/// The default time limit for the response headers, and for each pause in the body.
pub(crate) const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// Limits the time from sending a wire request to the response headers, and logs each request with a
/// `tracing` event (target `heatclient::attempt`, level debug).
///
/// The time in which the request waits for a free connection does not count.
///
/// URLs are logged without their queries. Headers and bodies are not logged.
#[derive(Debug, Clone)]
pub struct AttemptLayer(Duration);

impl AttemptLayer {
    /// Sets the time limit for the response headers.
    pub fn new(timeout: Duration) -> Self {
        Self(timeout)
    }
}

impl Default for AttemptLayer {
    /// A time limit of 60 seconds.
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
        let call = request.extensions().get::<Call>().cloned();
        if let Some(call) = &call {
            call.count_attempt();
        }
        let is_logged = call.as_ref().is_none_or(Call::is_logged)
            && tracing::enabled!(target: "heatclient::attempt", tracing::Level::DEBUG);
        let report = is_logged.then(|| Report {
            method: request.method().clone(),
            uri: request.uri().clone(),
            started: clock::now(),
        });
        AttemptFuture {
            inner: self.inner.call(request),
            timeout: self.timeout,
            timer: None,
            call,
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
        // Created at the first wait: an immediate response needs no timer.
        #[pin]
        timer: Option<Timer>,
        call: Option<Call>,
        report: Option<Report>,
    }
}

pin_project! {
    #[derive(Debug)]
    struct Timer {
        #[pin]
        sleep: Sleep,
        began: Instant,
    }
}

impl Timer {
    /// Ready when the server did not respond within `timeout`. The time in the queue does not count.
    fn poll(
        mut self: Pin<&mut Self>,
        timeout: Duration,
        call: Option<&Call>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        loop {
            ready!(self.as_mut().project().sleep.poll(cx));
            let sent_at = call.map_or(Some(self.began), |call| call.sent_at(self.began));
            let end = match sent_at {
                Some(at) => at.checked_add(timeout),
                None => Some(clock::after(timeout)),
            };
            match end {
                Some(end) if end > clock::now() => self.as_mut().project().sleep.reset(end),
                _ => return Poll::Ready(()),
            }
        }
    }
}

impl<F: Future<Output = Result<Response<Body>>>> Future for AttemptFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let result = match this.inner.poll(cx) {
            Poll::Ready(result) => result,
            Poll::Pending => {
                if this.timer.is_none() {
                    this.timer.set(Some(Timer {
                        sleep: tokio::time::sleep_until(clock::after(*this.timeout)),
                        began: clock::now(),
                    }));
                }
                if let Some(timer) = this.timer.as_mut().as_pin_mut() {
                    ready!(timer.poll(*this.timeout, this.call.as_ref(), cx));
                }
                Err(Error::new(
                    ErrorKind::Timeout,
                    format!("no response within {:?}", this.timeout),
                )
                .after_sending())
            }
        };
        if let Some(report) = this.report.take() {
            report.of(this.call.as_ref(), &result);
        }
        Poll::Ready(result)
    }
}

/// The data of a request's log event.
#[derive(Debug)]
struct Report {
    method: Method,
    uri: Uri,
    started: Instant,
}

impl Report {
    fn of(&self, call: Option<&Call>, result: &Result<Response<Body>>) {
        let masked = |text: &str| match call {
            Some(call) => call.masked(text).into_owned(),
            None => text.to_owned(),
        };
        let Self { method, .. } = self;
        let took = clock::now().saturating_duration_since(self.started);
        // The URL may come from the server, through a redirect: secrets in it are masked.
        let uri = masked(&crate::uri::shown(&self.uri).to_string());
        match result {
            Ok(response) => tracing::debug!(
                target: "heatclient::attempt",
                %method,
                %uri,
                status = response.status().as_u16(),
                request_id = read::request_id(response.headers()).map(masked),
                ?took,
                "answered"
            ),
            Err(error) => {
                let error = masked(&error.to_string());
                tracing::debug!(target: "heatclient::attempt", %method, %uri, ?took, %error, "failed");
            }
        }
    }
}

#[cfg(test)]
mod tests {

    use tower::ServiceExt as _;

    use super::*;
    use crate::transport::testing::{Wire, answer, request};

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_does_not_come_is_a_timeout() {
        for (delay, limit, timely) in [
            (59, 60, true),
            (61, 60, false),
            (2, 1, false),
            (3600, u64::MAX, true),
        ] {
            let (wire, _) = Wire::new(Duration::from_secs(delay), |_, _| answer(200));
            let start = clock::now();
            let result = AttemptLayer::new(Duration::from_secs(limit))
                .layer(wire)
                .oneshot(request(Method::POST, "http://heat/", ""))
                .await;
            let took = (clock::now() - start).as_secs();
            if timely {
                assert_eq!(result.unwrap().status(), 200);
                assert_eq!(took, delay);
            } else {
                let error = result.unwrap_err();
                assert!(error.is_timeout() && error.may_have_been_sent());
                assert_eq!(error.to_string(), format!("no response within {limit}s"));
                assert_eq!(took, limit);
            }
        }
    }

    #[tokio::test]
    async fn attempts_are_counted() {
        let stack = AttemptLayer::default()
            .layer(tower::service_fn(|_: Request<Body>| async { answer(200) }));
        let request = request(Method::GET, "http://heat/", "");
        let call = request.extensions().get::<Call>().unwrap().clone();
        assert_eq!(call.attempts(), 0);
        stack.oneshot(request).await.unwrap();
        assert_eq!(call.attempts(), 1);
    }
}
