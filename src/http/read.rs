//! Reading answers: bounded, whole, and decoded with a clear error.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, Response, StatusCode, Uri, header};
use http_body_util::BodyExt as _;
use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind, Fault, Result};
use crate::http::Body;
use crate::http::layers::retry_after;

/// The most that is read of an answer with an error status.
const ERROR_LIMIT: usize = 1024 * 1024;

/// Names of the header that carries the request's id, newest first.
const REQUEST_ID: [&str; 2] = ["x-openstack-request-id", "x-compute-request-id"];

/// Reads the whole body, at most `limit` bytes of it.
pub(crate) async fn collect(body: Body, limit: usize) -> Result<Bytes> {
    let mut body = body;
    let mut whole = Chunks::None;
    let mut length = 0usize;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else {
            continue;
        };
        length = length.saturating_add(data.len());
        if length > limit {
            return Err(Error::new(
                ErrorKind::Decode,
                format!("the answer is longer than the {limit} bytes allowed"),
            ));
        }
        whole = whole.push(data);
    }
    Ok(whole.into_bytes())
}

/// One chunk is handed on as it is; only several are copied together.
enum Chunks {
    None,
    One(Bytes),
    Many(BytesMut),
}

impl Chunks {
    fn push(self, data: Bytes) -> Self {
        match self {
            Self::None => Self::One(data),
            Self::One(first) => {
                let mut many = BytesMut::with_capacity((first.len() + data.len()) * 2);
                many.extend_from_slice(&first);
                many.extend_from_slice(&data);
                Self::Many(many)
            }
            Self::Many(mut many) => {
                many.extend_from_slice(&data);
                Self::Many(many)
            }
        }
    }

    fn into_bytes(self) -> Bytes {
        match self {
            Self::None => Bytes::new(),
            Self::One(bytes) => bytes,
            Self::Many(bytes) => bytes.freeze(),
        }
    }
}

/// What is known of the request that an error answer is for: an extension of the answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    pub(crate) what: Option<(Method, Uri)>,
    /// How often it was sent, and how long that took.
    pub(crate) effort: Option<(u32, Duration)>,
}

impl Asked {
    pub(crate) fn of(response: &mut Response<Body>) -> &mut Self {
        response.extensions_mut().get_or_insert_default()
    }
}

/// Passes an answer below 400 and turns any other into the error that it describes.
pub(crate) async fn check(response: Response<Body>) -> Result<Response<Body>> {
    if response.status().as_u16() < 400 {
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    // An answer that breaks off still has a status to tell of.
    let body = collect(body, ERROR_LIMIT).await.unwrap_or_default();
    let mut error = status_error(parts.status, &parts.headers, &body);
    if let Some(asked) = parts.extensions.get::<Asked>() {
        if let Some((method, uri)) = &asked.what {
            error = error.with_request(method, uri);
        }
        if let Some((attempts, elapsed)) = asked.effort {
            error = error.with_attempts(attempts, elapsed);
        }
    }
    Err(error)
}

/// The error that an answer with an error status describes.
pub(crate) fn status_error(status: StatusCode, headers: &HeaderMap, body: &Bytes) -> Error {
    let fault = Fault::parse(headers, body);
    let phrase = status.canonical_reason().unwrap_or("error");
    let code = status.as_u16();
    let message = match &fault {
        Some(fault) => format!("{code} {phrase}: {}", fault.message),
        None => format!("{code} {phrase}"),
    };
    let mut error = Error::new(ErrorKind::Status, message)
        .with_status(status)
        .with_request_id(request_id(headers))
        .with_retry_after(retry_after(headers))
        .after_sending();
    if let Some(fault) = fault {
        error = error.with_fault(fault);
    }
    error
}

/// The server's id of the request.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<&str> {
    REQUEST_ID
        .iter()
        .find_map(|name| headers.get(*name)?.to_str().ok())
}

/// Decodes a JSON answer.
pub(crate) fn json<T: DeserializeOwned>(headers: &HeaderMap, body: &Bytes) -> Result<T> {
    serde_json::from_slice(body).map_err(|e| {
        let content_type = headers
            .get(header::CONTENT_TYPE)
            .and_then(|v| v.to_str().ok());
        let message = match content_type {
            Some(other) if !other.contains("json") => format!("expected JSON, got {other}"),
            _ if body.is_empty() => "expected JSON, got an empty answer".to_owned(),
            _ => format!("the answer is not what the API promises: {e}"),
        };
        Error::new(ErrorKind::Decode, message)
            .with_request_id(request_id(headers))
            .with_source(e)
            .after_sending()
    })
}

/// Reads past a short body, so that its connection can be used again.
pub(crate) async fn drain(body: Body) {
    const LIMIT: usize = 64 * 1024;
    const PATIENCE: Duration = Duration::from_secs(1);
    // A long or slow one costs more than a new connection.
    let _ = tokio::time::timeout(PATIENCE, collect(body, LIMIT)).await;
}

/// The connection broke while an answer was read.
pub(crate) fn broken(error: hyper::Error) -> Error {
    Error::new(
        ErrorKind::Interrupted,
        "the connection broke before the answer was complete",
    )
    .with_source(error)
    .after_sending()
}
