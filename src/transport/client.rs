//! A stack of layers that reads answers whole.

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

/// A stack of layers whose type is erased.
pub type BoxService = BoxCloneSyncService<Request<Body>, Response<Body>, Error>;

/// A stack of layers that reads answers whole: what a session and its logins send requests through.
///
/// It starts the [`Call`] of each request. An answer that breaks off in its body counts like one that
/// never came: the request is sent again as the retry layer would do it.
#[derive(Clone)]
pub struct HttpClient {
    service: BoxService,
    /// The retry layer in `service`.
    retry: RetryLayer,
    mask: Arc<Mask>,
}

impl HttpClient {
    /// Sends requests through `service`, in which `retry` is the retry layer.
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

    /// The secrets that servers may echo.
    pub(crate) fn mask(&self) -> &Arc<Mask> {
        &self.mask
    }

    /// Starts a call with the settings in the request's extension [`CallOptions`], if it has one.
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

/// A request whose call has started and which is not yet sent.
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

    /// Sends the request and returns the answer, whatever its status, once its headers are here.
    pub(crate) fn headers(self) -> impl Future<Output = Result<Response<Body>>> + Send + use<> {
        self.client.service.clone().oneshot(self.request)
    }

    /// Sends the request and reads the answer whole, whatever its status: at most `limit` bytes of it.
    ///
    /// # Errors
    /// Those of the connection; [`ErrorKind::Decode`] for an answer beyond the limit; the error that an
    /// answer of 400 and above describes, when its body broke off.
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
    /// An error with the request that it is about.
    fn named(&self, error: Error) -> Error {
        let endpoint = self.call.endpoint();
        let whole = endpoint.and_then(|endpoint| uri::join(endpoint, self.uri.path()).ok());
        let error = error.with_request(&self.method, whole.as_ref().unwrap_or(&self.uri));
        self.call.finish(error)
    }
}

/// An answer that was read whole, and the request that it is for.
#[derive(Debug)]
pub(crate) struct Answer {
    response: Response<Bytes>,
    sent: Sent,
}

impl Answer {
    /// Turns an answer of 400 and above into the error that it describes.
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

    /// Decodes the JSON answer.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T> {
        self.json_with(PhantomData)
    }

    /// Decodes the JSON answer as `seed` does.
    pub(crate) fn json_with<T>(
        &self,
        seed: impl for<'de> DeserializeSeed<'de, Value = T> + Clone,
    ) -> Result<T> {
        let response = &self.response;
        read::no_redirect(response)
            .and_then(|()| read::json_with(seed, response.headers(), response.body()))
            .map_err(|error| self.sent.named(error))
    }

    /// Passes an answer that says that the request was done.
    pub(crate) fn done(&self) -> Result<()> {
        read::done(&self.response).map_err(|error| self.sent.named(error))
    }

    /// An error with the request that it is about, the number of attempts and the time taken.
    pub(crate) fn named(&self, error: Error) -> Error {
        self.sent.named(error)
    }
}

/// The error of an answer that cannot be read to its end.
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
