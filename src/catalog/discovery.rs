//! Version discovery: fetches version documents and caches them.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared};
use http::{HeaderValue, Request, Uri, header};
use tokio::sync::oneshot;
use tracing::Instrument as _;

use crate::catalog::VersionDocument;
use crate::clock::{self, Instant};
use crate::error::{Error, ErrorKind, Result};
use crate::transport::client::Answer;
use crate::transport::{Body, Call, CallOptions, HttpClient};
use crate::uri;

/// The maximum size of a version document.
const LIMIT: usize = 64 * 1024 * 1024;

/// How long a document is cached.
const FRESH: Duration = Duration::from_secs(600);

/// How long the absence of a document is cached.
const FRESH_FAILURE: Duration = Duration::from_secs(5);

/// Adds the current token to a request if there is one and if its server may receive it. It never logs
/// in. Returns whether it added the token.
pub(crate) type Authorize = Arc<dyn Fn(&mut Request<Body>) -> bool + Send + Sync>;

/// A cache of version documents.
///
/// Concurrent callers share one request for a document. The request carries no token. If it is answered
/// with 401, it is sent once more with the current token, if there is one. So discovery never causes a
/// login, and a token that is refused here stays valid.
#[derive(Default)]
pub(crate) struct Discovery {
    slots: Mutex<HashMap<Uri, Slot>>,
}

type Outcome = Result<Arc<VersionDocument>>;
/// The shared outcome of a request; `None` if the request was lost because its runtime ended.
type Fetch = Shared<BoxFuture<'static, Option<Outcome>>>;

enum Slot {
    /// A request in progress, in a task of its own.
    Fetching(Fetch),
    Fetched {
        outcome: Outcome,
        until: Instant,
        /// Whether the token at hand was tried, too.
        with_token: bool,
    },
}

impl Discovery {
    pub(crate) async fn versions(
        self: &Arc<Self>,
        client: &HttpClient,
        url: &Uri,
        authorize: Option<&Authorize>,
    ) -> Outcome {
        // A request is lost only if its runtime ends. Then it is repeated in the runtime of the caller.
        for _ in 0..3 {
            let fetch = match self.lookup(client, url, authorize) {
                Lookup::Cached(outcome) => return outcome,
                Lookup::InProgress(fetch) => fetch,
            };
            match fetch.clone().await {
                Some(outcome) => return outcome,
                None => self.forget(url, &fetch),
            }
        }
        Err(Error::new(
            ErrorKind::Cancelled,
            "the version discovery was cancelled before it ended",
        ))
    }

    /// Returns the cached outcome for `url`, or joins or starts the request for it.
    fn lookup(
        self: &Arc<Self>,
        client: &HttpClient,
        url: &Uri,
        authorize: Option<&Authorize>,
    ) -> Lookup {
        let mut slots = self.lock();
        match slots.get(url) {
            Some(Slot::Fetched {
                outcome,
                until,
                with_token,
            }) if clock::now() < *until => {
                let may_succeed = authorize.is_some() && !with_token && is_refused(outcome);
                if !may_succeed {
                    return Lookup::Cached(outcome.clone());
                }
            }
            Some(Slot::Fetching(fetch)) => return Lookup::InProgress(fetch.clone()),
            _ => {}
        }
        let (finished, outcome) = oneshot::channel();
        let outcome: Fetch = outcome.map(Result::ok).boxed().shared();
        slots.insert(url.clone(), Slot::Fetching(outcome.clone()));
        drop(slots);
        let (this, client, url) = (Arc::clone(self), client.clone(), url.clone());
        let authorize = authorize.cloned();
        let task = async move {
            let outcome = fetch(&client, &url, authorize.as_ref()).await.map(Arc::new);
            this.keep(url, &outcome, authorize.is_some());
            // All callers may have been cancelled.
            let _ = finished.send(outcome);
        };
        tokio::spawn(task.in_current_span());
        Lookup::InProgress(outcome)
    }

    /// Removes a request that was lost.
    fn forget(&self, url: &Uri, lost: &Fetch) {
        let mut slots = self.lock();
        if let Some(Slot::Fetching(fetch)) = slots.get(url)
            && fetch.ptr_eq(lost)
        {
            slots.remove(url);
        }
    }

    /// Caches an outcome. Network errors are not cached, since they say nothing about the service.
    fn keep(&self, url: Uri, outcome: &Outcome, with_token: bool) {
        let fresh = match outcome {
            Ok(_) => FRESH,
            Err(error) if error.kind() == ErrorKind::Discovery => FRESH_FAILURE,
            Err(_) => Duration::ZERO,
        };
        let slot = Slot::Fetched {
            outcome: outcome.clone(),
            until: clock::now() + fresh,
            with_token,
        };
        self.lock().insert(url, slot);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uri, Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Discovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Discovery")
            .field("urls", &self.lock().len())
            .finish_non_exhaustive()
    }
}

enum Lookup {
    Cached(Outcome),
    InProgress(Fetch),
}

async fn fetch(
    client: &HttpClient,
    url: &Uri,
    authorize: Option<&Authorize>,
) -> Result<VersionDocument> {
    // The URL may come from a server, since it is in the catalog: secrets in it are masked.
    let what = format!("discovering versions at {}", uri::shown(url));
    let no_document = |error: Error| {
        let error = if error.kind() == ErrorKind::Status {
            error.with_kind(ErrorKind::Discovery)
        } else {
            error
        };
        error.doing(client.mask().text(&what))
    };
    uri::check(url, "the URL").map_err(|error| no_document(error.into()))?;
    let mut request = probe(url);
    let (mut answer, mut call) = send(client, request).await;
    if is_refused(&answer)
        && let Some(authorize) = authorize
    {
        request = probe(url);
        if authorize(&mut request) {
            (answer, call) = send(client, request).await;
        }
    }
    // A 404 here does not mean that the resource of the caller's request is missing.
    let answer = answer.map_err(|error| no_document(error.with_sender(None)))?;
    // After a redirect from http to https, the versions are at https, too.
    let found_at = call.https_redirect().map_or(url, |(_, secured)| secured);
    let response = answer.response();
    VersionDocument::parse(found_at, response.headers(), response.body())
        .map_err(|error| no_document(call.finish(error)))
}

fn is_refused<T>(answer: &Result<T>) -> bool {
    let error = answer.as_ref().err();
    error.is_some_and(Error::is_unauthorized)
}

fn probe(url: &Uri) -> Request<Body> {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = url.clone();
    request
        .headers_mut()
        .insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    request
}

async fn send(client: &HttpClient, request: Request<Body>) -> (Result<Answer>, Call) {
    let outgoing = client.start_with(request, CallOptions::default(), None);
    let call = outgoing.call().clone();
    let answer = outgoing.whole(LIMIT).await.and_then(Answer::check);
    (answer, call)
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::sync::LazyLock;

    use futures::future::join_all;

    use crate::auth::testing::{Server, answer};

    static URL: LazyLock<Uri> = LazyLock::new(|| Uri::from_static("http://id/"));
    const DOCUMENT: &str = r#"{"versions": [
        {"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": "http://id/v3/"}]}]}"#;

    fn json(status: u16) -> Server {
        Server::new(move |_| answer(status, "application/json", DOCUMENT))
    }

    #[tokio::test(start_paused = true)]
    async fn a_crowd_asks_once() {
        let server = json(300);
        let cx = server.context();
        let url = &*URL;
        let all = join_all((0..1000).map(|_| cx.versions(url))).await;
        assert!(
            all.iter()
                .all(|found| found.as_ref().unwrap().choose(3).is_some())
        );
        // An empty path is the root.
        cx.versions(&"http://id".parse().unwrap()).await.unwrap();
        assert_eq!(server.requests(), ["http://id/"]);
    }

    #[tokio::test(start_paused = true)]
    async fn documents_age() {
        let server = json(200);
        let cx = server.context();
        for (wait, asked) in [(0, 1), (599, 1), (2, 2), (1, 2)] {
            tokio::time::advance(Duration::from_secs(wait)).await;
            cx.versions(&URL).await.unwrap();
            assert_eq!(server.requests().len(), asked, "after {wait} s more");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn failures_age_faster() {
        let server = Server::new(|_| answer(404, "text/html", "<html>"));
        let cx = server.context();
        for (wait, asked) in [(0, 1), (4, 1), (2, 2)] {
            tokio::time::advance(Duration::from_secs(wait)).await;
            let error = cx.versions(&URL).await.unwrap_err();
            assert_eq!(error.status().unwrap(), 404);
            assert!(!error.is_not_found(), "no service said so");
            assert_eq!(server.requests().len(), asked, "after {wait} s more");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn network_failures_are_shared_but_not_kept() {
        let server = Server::new(|_| Err(Error::new(ErrorKind::Connect, "cannot connect")));
        let cx = server.context();
        let url = &*URL;
        let all = join_all((0..10).map(|_| cx.versions(url))).await;
        assert!(
            all.iter()
                .all(|found| found.as_ref().unwrap_err().is_connect())
        );
        assert_eq!(server.requests().len(), 1);
        let error = cx.versions(&URL).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "discovering versions at http://id/: cannot connect"
        );
        assert_eq!(server.requests().len(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_that_leaves_takes_nobody_along() {
        let server = json(200);
        let cx = server.context();
        let first = tokio::spawn({
            let cx = cx.clone();
            async move { cx.versions(&URL).await }
        });
        tokio::time::sleep(Duration::from_millis(10)).await;
        let second = tokio::spawn({
            let cx = cx.clone();
            async move { cx.versions(&URL).await }
        });
        tokio::time::sleep(Duration::from_millis(10)).await;
        first.abort();
        assert!(second.await.unwrap().is_ok());
        assert_eq!(server.requests().len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_fetch_that_all_have_left_goes_on() {
        let server = json(200);
        let cx = server.context();
        let url = &*URL;
        let short = tokio::time::timeout(Duration::from_millis(10), cx.versions(url)).await;
        assert!(short.is_err());
        assert!(cx.versions(url).await.is_ok());
        assert_eq!(server.requests().len(), 1);
    }

    /// keystoneauth logs in again for each discovery request that is answered with 401, or deadlocks.
    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_an_answer_and_no_reason_to_log_in() {
        let server = Server::new(|_| {
            answer(
                401,
                "application/json",
                r#"{"error": {"message": "Authentication required"}}"#,
            )
        });
        let error = server.context().versions(&URL).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Discovery);
        assert!(error.is_unauthorized());
        assert_eq!(
            error.to_string(),
            "discovering versions at http://id/: 401 Unauthorized: Authentication required"
        );
        assert_eq!(server.requests().len(), 1);
        let (parts, _) = server.last();
        assert!(!parts.headers.contains_key("x-auth-token"));
        assert_eq!(parts.headers["accept"], "application/json");
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_request_is_sent_again_with_the_token_at_hand() {
        let server = Server::new(|request| match request.headers().get("x-auth-token") {
            Some(_) => answer(200, "application/json", DOCUMENT),
            None => answer(401, "application/json", "{}"),
        });
        let cx = server.context();
        let ask = |authorize: Authorize| {
            let cx = cx.clone();
            async move {
                cx.discovery()
                    .versions(cx.client(), &URL, Some(&authorize))
                    .await
            }
        };
        let with_token = |request: &mut Request<Body>| {
            let token = HeaderValue::from_static("token");
            request.headers_mut().insert("x-auth-token", token);
            true
        };
        // A plugin asks without a token.
        assert!(cx.versions(&URL).await.is_err());
        assert!(ask(Arc::new(with_token)).await.is_ok());
        assert!(
            cx.versions(&URL).await.is_ok(),
            "the document is cached for all"
        );
        assert_eq!(server.requests().len(), 3);

        let other = Server::new(|_| answer(401, "application/json", "{}"));
        let cx = other.context();
        for _ in 0..2 {
            // The server may not get the token.
            let authorize: Authorize = Arc::new(|_| false);
            let error = cx
                .discovery()
                .versions(cx.client(), &URL, Some(&authorize))
                .await;
            assert!(error.unwrap_err().is_unauthorized());
        }
        assert_eq!(other.requests().len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn pages_are_no_documents() {
        let server = Server::new(|_| answer(200, "text/html", "<html>"));
        assert_eq!(
            server
                .context()
                .versions(&URL)
                .await
                .unwrap_err()
                .to_string(),
            "discovering versions at http://id/: expected a version document, got text/html; check the URL"
        );
    }
}
