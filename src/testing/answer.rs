//! Responses of a script.

use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde::Serialize;

use crate::error::{Error, ErrorKind, Result};
use crate::transport::Body;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-openstack-request-id");

/// A response with a JSON document and a request id, as from an OpenStack service.
///
/// # Errors
/// [`ErrorKind::Other`] for a status or a document that cannot be sent.
pub fn json(status: u16, document: impl Serialize) -> Result<Response<Body>> {
    let text = serde_json::to_vec(&document).map_err(|e| wrong("the document", e))?;
    let mut answer = empty(status)?;
    let json = HeaderValue::from_static("application/json");
    answer.headers_mut().insert(CONTENT_TYPE, json);
    let id = HeaderValue::from_static("req-test");
    answer.headers_mut().insert(X_REQUEST_ID, id);
    *answer.body_mut() = Body::from(text);
    Ok(answer)
}

/// A response without a body and request id, as proxies also send.
///
/// # Errors
/// [`ErrorKind::Other`] for a number that is not a status.
pub fn empty(status: u16) -> Result<Response<Body>> {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::from_u16(status).map_err(|e| wrong("the status", e))?;
    Ok(answer)
}

/// The connection breaks after the request was sent: only idempotent requests are retried.
///
/// # Errors
/// Always: [`ErrorKind::Interrupted`].
pub fn interrupted() -> Result<Response<Body>> {
    Err(Error::new(ErrorKind::Interrupted, "the connection broke").after_sending())
}

/// The connection is refused: nothing was sent, so every request may be retried.
///
/// # Errors
/// Always: [`ErrorKind::Connect`].
pub fn refused() -> Result<Response<Body>> {
    Err(Error::new(ErrorKind::Connect, "cannot connect").before_sending())
}

fn wrong(what: &str, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    let message = format!("the test's answer cannot be sent: {what} is not valid");
    Error::new(ErrorKind::Other, message).with_source(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_sent_is_an_error() {
        assert_eq!(empty(204).unwrap().status(), StatusCode::NO_CONTENT);
        for error in [empty(17).unwrap_err(), json(1000, ()).unwrap_err()] {
            assert_eq!(error.kind(), ErrorKind::Other);
        }
        let error = json(200, std::collections::HashMap::from([([1], 2)])).unwrap_err();
        let text = "the test's answer cannot be sent: the document is not valid";
        assert_eq!(error.to_string(), text);
    }
}
