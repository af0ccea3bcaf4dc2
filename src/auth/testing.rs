//! A scripted server behind an [`AuthContext`], for tests.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};

use crate::auth::{AuthContext, Interaction, Page, Prompt};
use crate::error::Result;
use crate::secret::Secret;
use crate::transport::layers::{RetryLayer, RetryPolicy};
use crate::transport::{Body, BoxService, HttpClient, read};

/// A server with scripted answers that records its requests.
pub(crate) struct Server {
    context: AuthContext,
    seen: Arc<Mutex<Vec<(Parts, Bytes)>>>,
}

impl Server {
    /// Answers with the result of `script`, after 100 ms.
    pub(crate) fn new<F>(script: F) -> Self
    where
        F: Fn(&Request<Bytes>) -> Result<Response<Body>> + Clone + Send + Sync + 'static,
    {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let service = tower::service_fn(move |request: Request<Body>| {
            let (script, log) = (script.clone(), Arc::clone(&log));
            async move {
                let (parts, body) = request.into_parts();
                let body = read::collect(body, usize::MAX).await?;
                log.lock().unwrap().push((parts.clone(), body.clone()));
                tokio::time::sleep(Duration::from_millis(100)).await;
                script(&Request::from_parts(parts, body))
            }
        });
        let client = HttpClient::new(
            BoxService::new(service),
            RetryLayer::new(RetryPolicy::none()),
        );
        Self {
            context: AuthContext::new(client),
            seen,
        }
    }

    pub(crate) fn context(&self) -> AuthContext {
        self.context.clone()
    }

    /// The URLs of the requests so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.seen
            .lock()
            .unwrap()
            .iter()
            .map(|(parts, _)| parts.uri.to_string())
            .collect()
    }

    /// The requests so far.
    pub(crate) fn seen(&self) -> Vec<(Parts, Bytes)> {
        self.seen.lock().unwrap().clone()
    }

    /// The last request.
    pub(crate) fn last(&self) -> (Parts, Bytes) {
        self.seen.lock().unwrap().last().unwrap().clone()
    }
}

/// Gives the same answer to every question, and records the questions.
#[derive(Debug, Clone)]
pub(crate) struct Answers {
    answer: &'static str,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Answers {
    pub(crate) fn new(answer: &'static str) -> Self {
        let asked = Arc::default();
        Self { answer, asked }
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Interaction for Answers {
    async fn ask(&self, prompt: &Prompt) -> Result<Secret> {
        self.asked.lock().unwrap().push(prompt.text.clone());
        Ok(Secret::from(self.answer))
    }

    async fn show(&self, page: &Page) -> Result<()> {
        let code = page.code.as_deref().unwrap_or_default();
        let shown = format!("{} {code}", page.url);
        self.asked.lock().unwrap().push(shown);
        Ok(())
    }
}

pub(crate) fn answer(status: u16, content_type: &str, body: &str) -> Result<Response<Body>> {
    Ok(Response::builder()
        .status(status)
        .header("content-type", content_type)
        .body(Body::from(body.to_owned()))
        .unwrap())
}
