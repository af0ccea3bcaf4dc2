//! What an auth plugin may use while it authenticates.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, Uri};

use crate::catalog::{Discovery, VersionDocument};
use crate::error::Result;
use crate::transport::client::Answer;
use crate::transport::{Body, CallOptions, HttpClient};
use crate::uri;

/// The most that is read of an identity service's answer.
const LIMIT: usize = 64 * 1024 * 1024;

/// What an auth plugin may use while it authenticates: requests without a token, and discovery.
///
/// The requests pass through the session's deadline, retry, redirect and timeout layers, but
/// through none that knows tokens: a login can never wait for itself.
#[derive(Debug, Clone)]
pub struct AuthContext {
    client: HttpClient,
    discovery: Arc<Discovery>,
}

impl AuthContext {
    /// Sends requests through `client`, whose layers add no token.
    pub fn new(client: HttpClient) -> Self {
        Self {
            client,
            discovery: Arc::default(),
        }
    }

    /// Sends a request without a token and reads the answer whole.
    ///
    /// # Errors
    /// Those of the connection, and [`ErrorKind::Status`](crate::ErrorKind::Status) for an answer of
    /// 400 and above. Multiple Choices (300) is an answer like any other.
    pub async fn send(&self, request: Request<Body>) -> Result<Response<Bytes>> {
        let answer = self.exchange(request, CallOptions::default()).await?;
        // What does not exist here is not what the caller of the session asked for.
        let answer = answer.check().map_err(|error| error.with_sender(None))?;
        Ok(answer.into_response())
    }

    /// Like [`send`](Self::send), but any status is an answer.
    pub(crate) async fn exchange(
        &self,
        request: Request<Body>,
        options: CallOptions,
    ) -> Result<Answer> {
        uri::check(request.uri(), "the URL")?;
        self.client
            .start_with(request, options, None)
            .whole(LIMIT)
            .await
    }

    pub(crate) fn client(&self) -> &HttpClient {
        &self.client
    }

    pub(crate) fn discovery(&self) -> &Arc<Discovery> {
        &self.discovery
    }

    /// The versions that the service at `url` offers.
    ///
    /// Asked for once however many callers, kept for a while, and never with a token.
    ///
    /// # Errors
    /// [`ErrorKind::Discovery`](crate::ErrorKind::Discovery) when there is no version document.
    pub async fn versions(&self, url: &Uri) -> Result<Arc<VersionDocument>> {
        self.discovery.versions(&self.client, url).await
    }
}
