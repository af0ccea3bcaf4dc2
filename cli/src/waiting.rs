//! Tells on a terminal which server is waited for when a request has no answer for a while.

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

/// How long an answer may take before something is said.
const SILENCE: Duration = Duration::from_secs(5);

/// Reports each call that has no answer for [`SILENCE`].
#[derive(Clone, Debug)]
pub(crate) struct WaitingLayer(mpsc::UnboundedSender<Slow>);

/// A call without an answer, by the host that it names itself.
type Slow = Option<String>;

/// The calls that are reported.
#[derive(Debug)]
pub(crate) struct SlowCalls(mpsc::UnboundedReceiver<Slow>);

/// The layer for a session and what it reports; none unless somebody watches.
pub(crate) fn watch(quiet: bool) -> Option<(WaitingLayer, SlowCalls)> {
    let watched = !quiet && io::stderr().is_terminal() && io::stdout().is_terminal();
    watched.then(channel)
}

fn channel() -> (WaitingLayer, SlowCalls) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (WaitingLayer(sender), SlowCalls(receiver))
}

impl SlowCalls {
    /// Tells of each one, and of calls at the same time once. Does not end before the session does.
    pub(crate) async fn tell(mut self, heat: &Client, auth_url: Option<&str>) {
        let mut last = None;
        while let Some(named) = self.0.recv().await {
            let now = clock::now();
            if last.is_none_or(|last| now.duration_since(last) >= SILENCE) {
                let server = named.or_else(|| server(heat, auth_url));
                let server = server.as_deref().unwrap_or("the orchestration service");
                say(&format!("waiting for {server} …"));
                last = Some(now);
            }
        }
    }
}

/// The server that a call to Heat waits for, as far as that is known without asking.
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
                () = tokio::time::sleep(SILENCE) => {}
            }
            // Without a receiver nobody wants to know.
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

    /// What is reported of a call that is answered after so many seconds.
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
