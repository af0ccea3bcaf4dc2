//! A scripted transport for tests.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, Uri};
use serde::de::DeserializeOwned;
use tower::Service;

use crate::error::{Error, ErrorKind, Result};
use crate::json;
use crate::transport::{Body, read};

type Script = dyn Fn(&RecordedRequest) -> Result<Response<Body>> + Send + Sync;

/// A transport that responds to requests from a closure or a list, and records them. Clones share the
/// record.
///
/// It replaces the connection pool with
/// [`SessionBuilder::transport`](crate::session::SessionBuilder::transport). The session's layers are
/// unchanged. The transport gets each wire request, including retries, logins and discovery.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> heatclient::Result<()> {
/// use heatclient::testing::{self, ScriptedTransport};
/// use heatclient::{Client, Session, loading};
/// use serde_json::json;
///
/// let cloud = ScriptedTransport::answers([
///     // The login, ...
///     testing::token().project("p").endpoint("orchestration", "http://heat.example/v1/p").answer(),
///     // ... a connection that breaks, and the answer to the second try.
///     testing::interrupted(),
///     testing::json(200, json!({"stacks": []})),
/// ]);
/// let auth = loading::plugin_loader("password")?.load([
///     ("auth_url", "http://keystone.example/v3"),
///     ("username", "demo"),
///     ("password", "swordfish"),
///     ("project_id", "p"),
///     ("user_domain_id", "default"),
/// ])?;
/// # tokio::time::pause();
/// let heat = Client::new(Session::builder(auth).transport(cloud.clone()).build());
/// assert!(heat.stacks().list().await?.is_empty());
/// let paths: Vec<_> = cloud.requests().iter().map(|r| r.path().to_owned()).collect();
/// assert_eq!(paths, ["/v3/auth/tokens", "/v1/p/stacks", "/v1/p/stacks"]);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct ScriptedTransport {
    script: Arc<Script>,
    delay: Duration,
    log: Arc<Mutex<Vec<RecordedRequest>>>,
}

impl ScriptedTransport {
    /// Responds to each request with the result of `script`.
    pub fn new<F>(script: F) -> Self
    where
        F: Fn(&RecordedRequest) -> Result<Response<Body>> + Send + Sync + 'static,
    {
        Self {
            script: Arc::new(script),
            delay: Duration::ZERO,
            log: Arc::default(),
        }
    }

    /// Responds to the requests in order with the items of a list. A request after the last one fails with
    /// [`ErrorKind::Other`].
    pub fn answers(answers: impl IntoIterator<Item = Result<Response<Body>>>) -> Self {
        let left: Mutex<VecDeque<_>> = Mutex::new(answers.into_iter().collect());
        Self::new(move |request| {
            lock(&left).pop_front().unwrap_or_else(|| {
                let RecordedRequest { method, uri, .. } = request;
                let message = format!("the test has no answer left for {method} {uri}");
                Err(Error::new(ErrorKind::Other, message))
            })
        })
    }

    /// Sets the delay of each response.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// The requests so far, in order.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        lock(&self.log).clone()
    }

    async fn respond(self, request: Request<Body>) -> Result<Response<Body>> {
        let (parts, body) = request.into_parts();
        let body = read::collect(body, usize::MAX).await?;
        let recorded = {
            let mut log = lock(&self.log);
            let recorded = RecordedRequest {
                number: log.len(),
                method: parts.method,
                uri: parts.uri,
                headers: parts.headers,
                body,
            };
            log.push(recorded.clone());
            recorded
        };
        if !self.delay.is_zero() {
            tokio::time::sleep(self.delay).await;
        }
        (self.script)(&recorded)
    }
}

impl Service<Request<Body>> for ScriptedTransport {
    type Response = Response<Body>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(self.clone().respond(request))
    }
}

impl fmt::Debug for ScriptedTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptedTransport")
            .field("requests", &lock(&self.log).len())
            .finish_non_exhaustive()
    }
}

/// A request that a [`ScriptedTransport`] received.
#[derive(Clone)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The number of earlier requests.
    pub number: usize,
    /// The method.
    pub method: Method,
    /// The URL.
    pub uri: Uri,
    /// The headers, including the token.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl RecordedRequest {
    /// The path of the URL, as sent.
    pub fn path(&self) -> &str {
        self.uri.path()
    }

    /// The decoded value of the first `key` in the query.
    pub fn query(&self, key: &str) -> Option<String> {
        url::form_urlencoded::parse(self.uri.query()?.as_bytes())
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.into_owned())
    }

    /// The value of the first header of this name, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Decodes the JSON body.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if the body is not JSON of this type.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        json::from_slice(&self.body).map_err(|error| {
            let message = format!("the body of the request is not as expected: {error}");
            Error::new(ErrorKind::Decode, message)
        })
    }
}

/// Does not show the body and the headers, which contain secrets.
impl fmt::Debug for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordedRequest")
            .field("number", &self.number)
            .field("method", &self.method)
            .field("uri", &self.uri)
            .finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use tower::ServiceExt as _;

    use super::*;
    use crate::clock;
    use crate::testing::{empty, interrupted};

    fn request(body: &'static str) -> Request<Body> {
        let request = Request::post("http://heat/v1/p?a=1%262&a=3").header("x-a", "1");
        request.body(Body::from(body)).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn requests_are_recorded_and_answered() {
        let transport = ScriptedTransport::new(|request| empty(200 + request.number as u16));
        let transport = transport.delay(Duration::from_secs(3));
        let began = clock::now();
        for status in [200, 201] {
            let answer = transport
                .clone()
                .oneshot(request("{\"b\": 7}"))
                .await
                .unwrap();
            assert_eq!(answer.status(), status);
        }
        assert_eq!(clock::now() - began, Duration::from_secs(6));
        let seen = transport.requests();
        let last = seen.last().unwrap();
        assert_eq!((seen.len(), last.number, last.path()), (2, 1, "/v1/p"));
        assert_eq!(
            (last.query("a").as_deref(), last.query("b")),
            (Some("1&2"), None)
        );
        assert_eq!((last.header("x-a"), last.header("x-b")), (Some("1"), None));
        let body: serde_json::Value = last.json().unwrap();
        assert_eq!(body["b"], 7);
        assert_eq!(last.json::<u32>().unwrap_err().kind(), ErrorKind::Decode);
        assert!(!format!("{last:?} {transport:?}").contains("\"b\""));
    }

    #[tokio::test]
    async fn a_list_of_answers_comes_to_an_end() {
        let transport = ScriptedTransport::answers([empty(204), interrupted()]);
        let mut results = Vec::new();
        for _ in 0..3 {
            let result = transport.clone().oneshot(request("")).await;
            results.push(
                result
                    .map(|answer| answer.status().as_u16())
                    .map_err(|e| e.to_string()),
            );
        }
        let expected = [
            Ok(204),
            Err("the connection broke".to_owned()),
            Err("the test has no answer left for POST http://heat/v1/p?a=1%262&a=3".to_owned()),
        ];
        assert_eq!(results, expected);
    }
}
