//! Reads and decodes responses of bounded size.

use std::marker::PhantomData;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::response::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode, Uri, header};
use http_body_util::BodyExt as _;
use serde::de::{DeserializeOwned, DeserializeSeed};

use crate::error::Sender;
use crate::error::{Error, ErrorKind, Fault, Result};
use crate::json;
use crate::transport::Body;
use crate::transport::call::{Call, FailedRequest};
use crate::transport::layers::retry_after;
use crate::uri;

/// The maximum size of a response with an error status.
pub(crate) const ERROR_LIMIT: usize = 1024 * 1024;

/// The names of the request id header, newest first.
const REQUEST_ID: [&str; 2] = ["x-openstack-request-id", "x-compute-request-id"];

/// Reads the whole body, at most `limit` bytes.
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
                format!("the response is longer than the limit of {limit} bytes"),
            ));
        }
        whole = whole.push(data);
    }
    Ok(whole.into_bytes())
}

/// Collects chunks. A single chunk is not copied.
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

/// Reads the body of a response with an error status; `None` if it is interrupted or too long.
pub(crate) async fn error_body(body: Body) -> Option<Bytes> {
    collect(body, ERROR_LIMIT).await.ok()
}

/// Returns a response below 400, and converts any other into the error that it describes.
pub(crate) async fn check(response: Response<Body>, call: &Call) -> Result<Response<Body>> {
    if response.status().as_u16() < 400 {
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    Err(described(&parts, error_body(body).await.as_ref(), call))
}

/// The error that a response of 400 or above describes. `body` is `None` if it was interrupted.
pub(crate) fn described(parts: &Parts, body: Option<&Bytes>, call: &Call) -> Error {
    let nothing = Bytes::new();
    let mut error = status_error(parts.status, &parts.headers, body.unwrap_or(&nothing));
    if let Some(FailedRequest {
        method,
        uri,
        service,
    }) = call.failed_request()
    {
        error = error.with_request(&method, &uri);
        // An incomplete body does not identify its sender.
        if body.is_some() {
            let sender = Sender::of(parts.status, &parts.headers, error.fault(), &uri);
            error = from_sender(error, sender, service, &uri);
        }
    }
    // Masking comes last, since the classification reads the text.
    call.finish(error)
}

/// Sets the sender of a 404, and its message.
fn from_sender(error: Error, sender: Option<Sender>, service: Option<&str>, uri: &Uri) -> Error {
    let Some(sender) = sender else { return error };
    let Some(service) = service else {
        // Other servers may or may not be OpenStack services, whose responses have a known format.
        return match sender {
            Sender::Service | Sender::ServiceOfOther => error.with_sender(Some(sender)),
            Sender::Router | Sender::Intermediary => error,
        };
    };
    let status = error.status().unwrap_or_default();
    let message = match sender {
        Sender::Service | Sender::ServiceOfOther => None,
        Sender::Router => Some(format!(
            "{status}: {service} does not know the path {}; check the endpoint URL",
            uri.path()
        )),
        Sender::Intermediary => Some(format!(
            "{} did not answer like {service} ({status}); a proxy or load balancer may be in between",
            uri::shown(uri)
        )),
    };
    match message {
        Some(message) => error.with_message(message),
        None => error,
    }
    .with_sender(Some(sender))
}

/// The error that a response with an error status describes.
pub(crate) fn status_error(status: StatusCode, headers: &HeaderMap, body: &Bytes) -> Error {
    let fault = Fault::parse(headers, body);
    let phrase = status.canonical_reason().unwrap_or("(unknown status)");
    let code = status.as_u16();
    let message = match &fault {
        Some(fault) if !repeats(&fault.message, code, phrase) => {
            format!("{code} {phrase}: {}", fault.message)
        }
        _ => format!("{code} {phrase}"),
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

/// Whether a message only repeats the status: `502 Bad Gateway`.
fn repeats(message: &str, code: u16, phrase: &str) -> bool {
    let message = message.trim();
    let rest = message.strip_prefix(&code.to_string()).unwrap_or(message);
    let rest = rest.trim_matches(|c: char| !c.is_alphanumeric());
    rest.is_empty() || rest.eq_ignore_ascii_case(phrase)
}

/// The request id that the server assigned.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<&str> {
    REQUEST_ID
        .iter()
        .find_map(|name| headers.get(*name)?.to_str().ok())
}

/// Decodes a JSON response.
pub(crate) fn json<T: DeserializeOwned>(headers: &HeaderMap, body: &Bytes) -> Result<T> {
    json_with(PhantomData, headers, body)
}

/// Decodes a JSON response with `seed`.
pub(crate) fn json_with<T>(
    seed: impl for<'de> DeserializeSeed<'de, Value = T> + Clone,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<T> {
    json::from_seed(seed, body).map_err(|e| {
        let text = |name| {
            headers
                .get(name)
                .and_then(|v: &HeaderValue| v.to_str().ok())
        };
        let message = match (text(header::CONTENT_ENCODING), text(header::CONTENT_TYPE)) {
            (Some(encoding), _) if !body.is_empty() => {
                format!("the response is encoded with {encoding}, which was not requested")
            }
            (_, Some(other)) if !other.contains("json") => format!("expected JSON, got {other}"),
            _ if body.is_empty() => "expected JSON, got an empty response".to_owned(),
            // serde's error for a wrong type quotes the value, which may be secret. The name of a
            // missing field is not secret.
            _ if e.is_data() && !e.to_string().starts_with("missing field") => format!(
                "the response is not in the expected format: unexpected content at line {} column {}",
                e.line(),
                e.column()
            ),
            _ => format!("the response is not in the expected format: {e}"),
        };
        Error::new(ErrorKind::Decode, message)
            .with_request_id(request_id(headers))
            .after_sending()
    })
}

/// Checks that a response means success. Its body is ignored.
///
/// A login page or a redirect that was not followed means that Heat did not get the request. Older
/// releases of Heat send HTML with a 202, and the content type of HTML with an empty body.
pub(crate) fn done(response: &Response<Bytes>) -> Result<()> {
    let is_page = response.status() == StatusCode::OK
        && !response.body().is_empty()
        && response
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|v| v.as_bytes().starts_with(b"text/html"));
    if is_page {
        return Err(Error::new(ErrorKind::Decode, "expected JSON, got text/html").after_sending());
    }
    no_redirect(response)
}

/// Refuses a status that is neither success nor an error: 304, or 300 (multiple choices).
pub(crate) fn no_redirect(response: &Response<Bytes>) -> Result<()> {
    if response.status().is_success() {
        return Ok(());
    }
    Err(no_answer(response.status()).with_request_id(request_id(response.headers())))
}

/// The error of a status that is not a valid response to the request.
pub(crate) fn no_answer(status: StatusCode) -> Error {
    Error::new(
        ErrorKind::Decode,
        format!("unexpected response status {status}"),
    )
    .with_status(status)
    .after_sending()
}

/// Reads and discards a short body, so that its connection can be reused.
pub(crate) async fn drain(body: Body) {
    const LIMIT: usize = 64 * 1024;
    const TIMEOUT: Duration = Duration::from_secs(1);
    // Reading a long or slow body costs more than a new connection.
    let _ = tokio::time::timeout(TIMEOUT, collect(body, LIMIT)).await;
}

/// The error of a connection that broke while a response was read.
pub(crate) fn broken(error: hyper::Error) -> Error {
    Error::new(
        ErrorKind::Interrupted,
        "the connection broke before the response was complete",
    )
    .with_source(error)
    .after_sending()
}

#[cfg(test)]
mod tests {

    use serde_json::Value;

    use super::*;

    fn chunks(parts: &'static [&'static str]) -> Body {
        let frames = parts.iter().map(|part| {
            Ok::<_, Error>(http_body::Frame::data(Bytes::from_static(part.as_bytes())))
        });
        Body::stream(http_body_util::StreamBody::new(futures::stream::iter(
            frames,
        )))
    }

    async fn checked(response: Response<Body>) -> Result<Response<Body>> {
        let call = Call::start(&mut http::Request::new(Body::empty()));
        check(response, &call).await
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                let name = http::HeaderName::from_static(name);
                (name, HeaderValue::from_static(value))
            })
            .collect()
    }

    #[tokio::test]
    async fn bodies_are_read_up_to_their_limit() {
        for parts in [
            &["abcdef"][..],
            &["abc", "def"],
            &["a", "", "b", "c", "def"],
        ] {
            assert_eq!(collect(chunks(parts), 6).await.unwrap(), "abcdef");
            let error = collect(chunks(parts), 5).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Decode);
            assert_eq!(
                error.to_string(),
                "the response is longer than the limit of 5 bytes"
            );
        }
        assert_eq!(collect(Body::empty(), 0).await.unwrap(), "");
    }

    #[tokio::test]
    async fn one_chunk_is_handed_on_uncopied() {
        let bytes = Bytes::from(vec![7; 100]);
        let read = collect(Body::from(bytes.clone()), 100).await.unwrap();
        assert_eq!(read.as_ptr(), bytes.as_ptr());
    }

    #[test]
    fn what_is_not_the_expected_json_says_what_it_is() {
        for (content_type, body, message) in [
            ("text/html", "<html>", "expected JSON, got text/html"),
            ("text/html", "", "expected JSON, got text/html"),
            (
                "application/json",
                "",
                "expected JSON, got an empty response",
            ),
            (
                "application/json",
                "{\"a\": ",
                "the response is not in the expected format: EOF while parsing a value at line 1 column 6",
            ),
        ] {
            let headers = headers(&[
                ("content-type", content_type),
                ("x-openstack-request-id", "req-1"),
            ]);
            let error = json::<Value>(&headers, &Bytes::from(body)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Decode);
            assert_eq!(error.to_string(), format!("{message} (request req-1)"));
        }
        let unlabelled = json::<Value>(&HeaderMap::new(), &Bytes::from("{\"a\": 1}"));
        assert_eq!(unlabelled.unwrap()["a"], 1);
    }

    #[tokio::test]
    async fn answers_of_400_and_above_are_errors() {
        for (status, is_error) in [
            (200, false),
            (300, false),
            (399, false),
            (400, true),
            (404, true),
            (599, true),
        ] {
            let mut response = Response::new(Body::from("{}"));
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            assert_eq!(checked(response).await.is_err(), is_error, "{status}");
        }
    }

    #[tokio::test]
    async fn an_error_takes_all_it_can_from_the_answer() {
        let mut response = Response::new(Body::from(
            r#"{"error": {"message": "The Stack\n(web)  already exists.", "type": "StackExists"}}"#,
        ));
        *response.status_mut() = StatusCode::CONFLICT;
        *response.headers_mut() = headers(&[
            ("content-type", "application/json"),
            ("x-compute-request-id", "req-old"),
            ("retry-after", "7"),
        ]);
        let error = checked(response).await.unwrap_err();
        assert!(error.is_conflict() && error.may_have_been_sent());
        assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
        assert!(error.fault().is_some());
        assert_eq!(
            error.to_string(),
            "409 Conflict: The Stack (web) already exists. (request req-old)"
        );
    }

    #[tokio::test]
    async fn an_error_whose_body_is_useless_still_has_its_status() {
        let broken = futures::stream::iter([Err::<http_body::Frame<Bytes>, _>(Error::new(
            ErrorKind::Interrupted,
            "broken",
        ))]);
        let huge = "x".repeat(ERROR_LIMIT + 1);
        for body in [
            Body::stream(http_body_util::StreamBody::new(broken)),
            Body::from(huge),
            Body::empty(),
            Body::from("\u{1b}[31m<html>"),
        ] {
            let mut response = Response::new(body);
            *response.status_mut() = StatusCode::BAD_GATEWAY;
            let error = checked(response).await.unwrap_err();
            let text = error.to_string();
            assert!(text.starts_with("502 Bad Gateway"), "{text}");
            assert!(
                text.len() < 2000 && !text.contains(char::is_control),
                "{text}"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn draining_is_patient_for_a_second_only() {
        let start = crate::clock::now();
        drain(Body::stream(http_body_util::StreamBody::new(
            futures::stream::pending::<Result<http_body::Frame<Bytes>>>(),
        )))
        .await;
        assert_eq!(crate::clock::now() - start, Duration::from_secs(1));
    }
}
