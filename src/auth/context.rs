//! What an auth plugin may use while it authenticates.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, Uri};
use tower::util::BoxCloneSyncService;

use crate::catalog::{Discovery, VersionDocument};
use crate::error::{Error, Result};
use crate::secret::Mask;
use crate::session::{Call, CallOptions};
use crate::transport::exchange::exchange;
use crate::transport::layers::RetryLayer;
use crate::transport::{Body, read, uri};

/// The stack of layers that logins and discovery go through: no token, no endpoint lookup.
pub type PlainService = BoxCloneSyncService<Request<Body>, Response<Body>, Error>;

/// The most that is read of an identity service's answer.
const LIMIT: usize = 64 * 1024 * 1024;

/// What an auth plugin may use while it authenticates: requests without a token, and discovery.
///
/// The requests pass through the session's deadline, retry, redirect and timeout layers, but
/// through none that knows tokens: a login can never wait for itself.
#[derive(Clone)]
pub struct AuthContext {
    service: PlainService,
    /// The retry layer in `service`.
    retry: RetryLayer,
    discovery: Arc<Discovery>,
    mask: Arc<Mask>,
}

impl AuthContext {
    pub(crate) fn new(service: PlainService, retry: RetryLayer, discovery: Arc<Discovery>) -> Self {
        Self {
            service,
            retry,
            discovery,
            mask: Arc::default(),
        }
    }

    /// Sends a request without a token and reads the answer whole.
    ///
    /// # Errors
    /// Those of the connection, and [`ErrorKind::Status`](crate::ErrorKind::Status) for an answer of
    /// 400 and above. Multiple Choices (300) is an answer like any other.
    pub async fn send(&self, request: Request<Body>) -> Result<Response<Bytes>> {
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let response = self.exchange(request).await?;
        if response.status().as_u16() < 400 {
            return Ok(response);
        }
        let (parts, body) = response.into_parts();
        // What does not exist here is not what the caller of the session asked for.
        let error = read::described(&parts, Some(&body)).with_sender(None);
        Err(self.mask.error(error.with_request(&method, &uri)))
    }

    /// Like [`send`](Self::send), but any status is an answer.
    pub(crate) async fn exchange(&self, mut request: Request<Body>) -> Result<Response<Bytes>> {
        uri::check(request.uri(), "the URL")?;
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let new = || Call::new(CallOptions::default(), None);
        let call = request.extensions_mut().get_or_insert_with(new);
        call.set_mask(&self.mask);
        exchange(&self.service, &self.retry, request, LIMIT)
            .await
            .map_err(|error| self.mask.error(error.with_request(&method, &uri)))
    }

    /// The secrets that servers may echo.
    pub(crate) fn mask(&self) -> &Arc<Mask> {
        &self.mask
    }

    /// The versions that the service at `url` offers.
    ///
    /// Asked for once however many callers, kept for a while, and never with a token.
    ///
    /// # Errors
    /// [`ErrorKind::Discovery`](crate::ErrorKind::Discovery) when there is no version document.
    pub async fn versions(&self, url: &Uri) -> Result<Arc<VersionDocument>> {
        self.discovery.versions(self, url).await
    }
}

impl fmt::Debug for AuthContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthContext").finish_non_exhaustive()
    }
}
