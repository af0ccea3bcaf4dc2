//! Prints `waiting for HOST …` on a terminal when a request has no answer for a while.

use std::future::Future;
use std::io::{self, IsTerminal as _};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::FutureExt as _;
use heatclient::transport::Body;
use heatclient::{Client, clock};
use http::{Request, Response, Uri};
use tokio::sync::mpsc;
use tower::{Layer, Service};

use crate::remark::say;

/// How long a request may be without an answer before a message is printed.
const DELAY: Duration = Duration::from_secs(5);

/// A layer that reports each call without an answer after [`DELAY`].
#[derive(Clone, Debug)]
pub(crate) struct WaitingLayer(mpsc::UnboundedSender<Slow>);

/// A call without an answer: the host of its URL, unless the URL is relative.
type Slow = Option<String>;

/// Receives the reports.
#[derive(Debug)]
pub(crate) struct SlowCalls(mpsc::UnboundedReceiver<Slow>);

/// The layer for a session, and the receiver of its reports. None with `--quiet` or without a terminal.
pub(crate) fn watch(quiet: bool) -> Option<(WaitingLayer, SlowCalls)> {
    let watched = !quiet && io::stderr().is_terminal() && io::stdout().is_terminal();
    watched.then(channel)
}

fn channel() -> (WaitingLayer, SlowCalls) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (WaitingLayer(sender), SlowCalls(receiver))
}

impl SlowCalls {
    /// Prints a message for each report, at most one in [`DELAY`]. Ends when the session is dropped.
    pub(crate) async fn print(mut self, heat: &Client, auth_url: Option<&str>) {
        let mut last = None;
        while let Some(named) = self.0.recv().await {
            let now = clock::now();
            if last.is_none_or(|last| now.duration_since(last) >= DELAY) {
                let server = named.or_else(|| server(heat, auth_url));
                let server = server.as_deref().unwrap_or("the orchestration service");
                say(&format!("waiting for {server} …"));
                last = Some(now);
            }
        }
    }
}

/// The server that a call to Heat waits for, if it is known without a request.
fn server(heat: &Client, auth_url: Option<&str>) -> Option<String> {
    let has_token = heat.adapter().session().access().now_or_never().is_some();
    if !has_token {
        return host(&auth_url?.parse().ok()?);
    }
    host(&heat.adapter().endpoint().now_or_never()?.ok()?)
}

/// Host and port of a URL.
fn host(url: &Uri) -> Option<String> {
    let host = url.host()?;
    Some(match url.port_u16() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

impl<S> Layer<S> for WaitingLayer {
    type Service = Waiting<S>;

    fn layer(&self, inner: S) -> Waiting<S> {
        Waiting {
            inner,
            slow: self.0.clone(),
        }
    }
}

/// The service of [`WaitingLayer`].
#[derive(Clone, Debug)]
pub(crate) struct Waiting<S> {
    inner: S,
    slow: mpsc::UnboundedSender<Slow>,
}

impl<S> Service<Request<Body>> for Waiting<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Future: Send + 'static>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (named, slow) = (host(request.uri()), self.slow.clone());
        let answer = self.inner.call(request);
        Box::pin(async move {
            let mut answer = pin!(answer);
            tokio::select! {
                biased;
                answer = &mut answer => return answer,
                () = tokio::time::sleep(DELAY) => {}
            }
            // Sending fails if the receiver is gone. Then nothing is printed.
            let _ = slow.send(named);
            answer.await
        })
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use tower::{ServiceExt as _, service_fn};

    use super::*;

    /// The reports for a call that is answered after this many seconds.
    async fn reported(url: &str, seconds: u64) -> Vec<Slow> {
        let (layer, mut slow) = channel();
        let service = layer.layer(service_fn(move |_: Request<Body>| async move {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            Ok::<_, Infallible>(Response::new(Body::empty()))
        }));
        let request = Request::get(url).body(Body::empty()).unwrap();
        service.oneshot(request).await.unwrap();
        drop(layer);
        let mut reports = Vec::new();
        while let Some(report) = slow.0.recv().await {
            reports.push(report);
        }
        reports
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_without_an_answer_is_reported_once() {
        for (url, seconds, reports) in [
            ("http://h:8004/a", 4, vec![]),
            ("http://h:8004/a", 6, vec![Some("h:8004".to_owned())]),
            ("https://[::1]/a", 3600, vec![Some("[::1]".to_owned())]),
            ("/stacks", 6, vec![None]),
        ] {
            assert_eq!(reported(url, seconds).await, reports, "{url} {seconds}");
        }
    }
}
