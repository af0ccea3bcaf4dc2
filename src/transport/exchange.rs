//! One request and its whole answer.

use bytes::Bytes;
use http::response::Parts;
use http::{Request, Response};
use tower::ServiceExt as _;

use crate::auth::PlainService;
use crate::error::{Error, ErrorKind, Result};
use crate::transport::layers::RetryLayer;
use crate::transport::layers::replay::Replay;
use crate::transport::{Body, read};

/// Sends a request and reads the answer whole: at most `limit` bytes of it.
///
/// An answer that breaks off in its body counts like one that never came: the request is sent again
/// as `retry`, the layer in the stack of `service`, would send it again.
///
/// # Errors
/// Those of the connection; [`ErrorKind::Decode`] for an answer beyond the limit; the error that an
/// answer of 400 and above describes, when its body broke off.
pub(crate) async fn exchange(
    service: &PlainService,
    retry: &RetryLayer,
    request: Request<Body>,
    limit: usize,
) -> Result<Response<Bytes>> {
    let replay = Replay::of(&request);
    let mut request = request;
    let mut read_timeouts = 0;
    loop {
        let (parts, body) = service.clone().oneshot(request).await?.into_parts();
        let is_error = parts.status.as_u16() >= 400;
        let limit = if is_error { read::ERROR_LIMIT } else { limit };
        let error = match read::collect(body, limit).await {
            Ok(body) => return Ok(Response::from_parts(parts, body)),
            Err(error) => error,
        };
        read_timeouts += u32::from(error.kind() == ErrorKind::Timeout);
        let delay = retry.delay_after_body(&replay, &error, read_timeouts);
        let again = delay.and_then(|delay| Some((delay, replay.request()?)));
        let Some((delay, next)) = again else {
            return Err(broken_off(&parts, error, is_error));
        };
        tokio::time::sleep(delay).await;
        request = next;
    }
}

/// The error of an answer that cannot be read to its end.
fn broken_off(parts: &Parts, error: Error, is_error: bool) -> Error {
    if is_error {
        return read::described(parts, None);
    }
    error.with_request_id(read::request_id(&parts.headers))
}
