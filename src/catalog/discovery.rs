//! Version discovery: documents are fetched once and kept for a while.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared, WeakShared};
use http::{HeaderValue, Request, Uri, header};

use crate::catalog::VersionDocument;
use crate::clock::{self, Instant};
use crate::error::{Error, ErrorKind, Result};
use crate::transport::client::Answer;
use crate::transport::{Body, CallOptions, HttpClient};
use crate::uri;

/// The most that is read of a version document.
const LIMIT: usize = 64 * 1024 * 1024;

/// How long a document is believed.
const FRESH: Duration = Duration::from_secs(600);

/// How long it is believed that there is no document.
const FRESH_FAILURE: Duration = Duration::from_secs(5);

/// The version documents fetched so far.
///
/// However many ask for one at the same time, it is fetched once, and never with a token: a server
/// that refuses to tell its versions to strangers has none to tell, and asking it cannot lead to a
/// login.
#[derive(Default)]
pub(crate) struct Discovery {
    slots: Mutex<HashMap<Uri, Slot>>,
}

type Outcome = Result<Arc<VersionDocument>>;
type Fetch = BoxFuture<'static, Outcome>;

enum Slot {
    /// Under way, driven by those who wait for it; gone when the last of them has left.
    Fetching(WeakShared<Fetch>),
    Fetched {
        outcome: Outcome,
        until: Instant,
    },
}

impl Discovery {
    pub(crate) async fn versions(self: &Arc<Self>, client: &HttpClient, url: &Uri) -> Outcome {
        match self.look(client, url) {
            Found::Here(outcome) => outcome,
            Found::Wait(fetch) => fetch.await,
        }
    }

    /// What is known of `url`, or a share in the fetch that will tell.
    fn look(self: &Arc<Self>, client: &HttpClient, url: &Uri) -> Found {
        let mut slots = self.lock();
        match slots.get(url) {
            Some(Slot::Fetched { outcome, until }) if clock::now() < *until => {
                return Found::Here(outcome.clone());
            }
            Some(Slot::Fetching(fetch)) => {
                if let Some(fetch) = fetch.upgrade() {
                    return Found::Wait(fetch);
                }
            }
            _ => {}
        }
        let (this, client, key) = (Arc::clone(self), client.clone(), url.clone());
        let fetch = async move {
            let outcome = fetch(&client, &key).await.map(Arc::new);
            this.keep(key, &outcome);
            outcome
        };
        let fetch = fetch.boxed().shared();
        if let Some(weak) = fetch.downgrade() {
            slots.insert(url.clone(), Slot::Fetching(weak));
        }
        Found::Wait(fetch)
    }

    /// A network failure says nothing of the service: it is not kept.
    fn keep(&self, url: Uri, outcome: &Outcome) {
        let fresh = match outcome {
            Ok(_) => FRESH,
            Err(error) if error.kind() == ErrorKind::Discovery => FRESH_FAILURE,
            Err(_) => Duration::ZERO,
        };
        let slot = Slot::Fetched {
            outcome: outcome.clone(),
            until: clock::now() + fresh,
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

enum Found {
    Here(Outcome),
    Wait(Shared<Fetch>),
}

async fn fetch(client: &HttpClient, url: &Uri) -> Result<VersionDocument> {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = url.clone();
    request
        .headers_mut()
        .insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    // The URL is a server's, too: it is in the catalog.
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
    let outgoing = client.start_with(request, CallOptions::default(), None);
    let call = outgoing.call().clone();
    let answer = outgoing.whole(LIMIT).await.and_then(Answer::check);
    // What does not exist here is not what the caller of the session asked for.
    let answer = answer.map_err(|error| no_document(error.with_sender(None)))?;
    // Behind a redirect from http to https the versions are at https, too.
    let found_at = call.secured().map_or(url, |(_, secured)| secured);
    let response = answer.response();
    VersionDocument::parse(found_at, response.headers(), response.body())
        .map_err(|error| no_document(call.finish(error)))
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
        // The empty path is the root.
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
    async fn a_fetch_that_all_have_left_is_begun_anew() {
        let server = json(200);
        let cx = server.context();
        let url = &*URL;
        let short = tokio::time::timeout(Duration::from_millis(10), cx.versions(url)).await;
        assert!(short.is_err());
        assert!(cx.versions(url).await.is_ok());
        assert_eq!(server.requests().len(), 2);
    }

    /// keystoneauth logs in anew for each probe that answers 401, or waits for itself for ever.
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
    async fn pages_are_no_documents() {
        let server = Server::new(|_| answer(200, "text/html", "<html>"));
        assert_eq!(
            server
                .context()
                .versions(&URL)
                .await
                .unwrap_err()
                .to_string(),
            "discovering versions at http://id/: expected a version document, got text/html"
        );
    }
}
