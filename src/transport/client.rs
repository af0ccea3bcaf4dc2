//! A client on top of a stack of layers, which reads whole responses.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use bytes::Bytes;
use http::response::Parts;
use http::{Method, Request, Response, Uri};
use serde::de::{DeserializeOwned, DeserializeSeed};
use tower::ServiceExt as _;
use tower::util::BoxCloneSyncService;

use crate::error::{Error, ErrorKind, Result};
use crate::secret::Mask;
use crate::transport::call::{Call, CallOptions, Route};
use crate::transport::layers::RetryLayer;
use crate::transport::layers::replay::Replay;
use crate::transport::{Body, read};
use crate::uri;

/// A type-erased stack of layers.
pub type BoxService = BoxCloneSyncService<Request<Body>, Response<Body>, Error>;

/// A client on top of a stack of layers. Sessions and logins send their requests through it.
///
/// It starts the [`Call`] of each request. If a response is interrupted in its body, the request is
/// retried by the rules of the retry layer.
#[derive(Clone)]
pub struct HttpClient {
    service: BoxService,
    /// The retry layer in `service`.
    retry: RetryLayer,
    mask: Arc<Mask>,
}

impl HttpClient {
    /// Creates a client for `service`, in which `retry` is the retry layer.
    pub fn new(service: BoxService, retry: RetryLayer) -> Self {
        Self::masked(service, retry, Arc::default())
    }

    pub(crate) fn masked(service: BoxService, retry: RetryLayer, mask: Arc<Mask>) -> Self {
        Self {
            service,
            retry,
            mask,
        }
    }

    /// The secrets that servers may quote.
    pub(crate) fn mask(&self) -> &Arc<Mask> {
        &self.mask
    }

    /// Starts a call with the settings of the request's extension [`CallOptions`], if present.
    pub(crate) fn start(&self, mut request: Request<Body>) -> Outgoing<'_> {
        let options = request.extensions_mut().remove().unwrap_or_default();
        self.start_with(request, options, None)
    }

    pub(crate) fn start_with(
        &self,
        mut request: Request<Body>,
        options: CallOptions,
        route: Option<Route>,
    ) -> Outgoing<'_> {
        let mask = Some(Arc::clone(&self.mask));
        Outgoing {
            client: self,
            call: Call::create(&mut request, options, route, mask),
            request,
        }
    }

    async fn exchange(
        &self,
        request: Request<Body>,
        call: &Call,
        limit: usize,
    ) -> Result<Response<Bytes>> {
        let replay = Replay::of(&request);
        let mut request = request;
        let mut read_timeouts = 0;
        loop {
            let response = self.service.clone().oneshot(request).await?;
            let (parts, body) = response.into_parts();
            let is_error = parts.status.as_u16() >= 400;
            let limit = if is_error { read::ERROR_LIMIT } else { limit };
            let error = match read::collect(body, limit).await {
                Ok(body) => return Ok(Response::from_parts(parts, body)),
                Err(error) => error,
            };
            read_timeouts += u32::from(error.kind() == ErrorKind::Timeout);
            let delay = self.retry.delay_after_body(&replay, &error, read_timeouts);
            let again = delay.and_then(|delay| Some((delay, replay.request()?)));
            let Some((delay, next)) = again else {
                return Err(broken_off(&parts, call, error, is_error));
            };
            tokio::time::sleep(delay).await;
            request = next;
        }
    }
}

/// A request whose call has started, and that is not yet sent.
#[derive(Debug)]
#[must_use = "the request is sent by headers or whole"]
pub(crate) struct Outgoing<'a> {
    client: &'a HttpClient,
    call: Call,
    request: Request<Body>,
}

impl Outgoing<'_> {
    pub(crate) fn call(&self) -> &Call {
        &self.call
    }

    /// Sends the request and returns the response with any status when its headers have arrived.
    pub(crate) fn headers(self) -> impl Future<Output = Result<Response<Body>>> + Send + use<> {
        self.client.service.clone().oneshot(self.request)
    }

    /// Sends the request and reads the whole response with any status, at most `limit` bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] for a response above the limit, [`ErrorKind::Status`] for a response of 400
    /// or above whose body was interrupted, and those of
    /// [every request](crate::error#errors-of-every-request).
    pub(crate) async fn whole(self, limit: usize) -> Result<Answer> {
        let sent = Sent {
            method: self.request.method().clone(),
            uri: self.request.uri().clone(),
            call: self.call,
        };
        match self.client.exchange(self.request, &sent.call, limit).await {
            Ok(response) => Ok(Answer { response, sent }),
            Err(error) => Err(sent.named(error)),
        }
    }
}

/// A request that was sent.
#[derive(Debug)]
struct Sent {
    method: Method,
    uri: Uri,
    call: Call,
}

impl Sent {
    /// Adds the request to an error.
    fn named(&self, error: Error) -> Error {
        let endpoint = self.call.endpoint();
        let whole = endpoint.and_then(|endpoint| uri::join(endpoint, self.uri.path()).ok());
        let error = error.with_request(&self.method, whole.as_ref().unwrap_or(&self.uri));
        self.call.finish(error)
    }
}

/// A complete response and its request.
#[derive(Debug)]
pub(crate) struct Answer {
    response: Response<Bytes>,
    sent: Sent,
}

impl Answer {
    /// Converts a response of 400 or above into the error that it describes.
    pub(crate) fn check(self) -> Result<Self> {
        if self.response.status().as_u16() < 400 {
            return Ok(self);
        }
        let (parts, body) = self.response.into_parts();
        Err(read::described(&parts, Some(&body), &self.sent.call))
    }

    pub(crate) fn response(&self) -> &Response<Bytes> {
        &self.response
    }

    pub(crate) fn into_response(self) -> Response<Bytes> {
        self.response
    }

    /// Decodes the JSON response.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T> {
        self.json_with(PhantomData)
    }

    /// Decodes the JSON response with `seed`.
    pub(crate) fn json_with<T>(
        &self,
        seed: impl for<'de> DeserializeSeed<'de, Value = T> + Clone,
    ) -> Result<T> {
        let response = &self.response;
        read::no_redirect(response)
            .and_then(|()| read::json_with(seed, response.headers(), response.body()))
            .map_err(|error| self.sent.named(error))
    }

    /// Checks that the response means success, without reading its body.
    pub(crate) fn done(&self) -> Result<()> {
        read::done(&self.response).map_err(|error| self.sent.named(error))
    }

    /// Adds the request, the number of attempts and the duration to an error.
    pub(crate) fn named(&self, error: Error) -> Error {
        self.sent.named(error)
    }
}

/// The error of a response that was interrupted.
fn broken_off(parts: &Parts, call: &Call, error: Error, is_error: bool) -> Error {
    if is_error {
        return read::described(parts, None, call);
    }
    error.with_request_id(read::request_id(&parts.headers))
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient")
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}
