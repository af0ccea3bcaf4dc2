//! Reading answers: bounded, whole, and decoded with a clear error.

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
use crate::transport::call::{Asked, Call};
use crate::transport::layers::retry_after;
use crate::uri;

/// The most that is read of an answer with an error status.
pub(crate) const ERROR_LIMIT: usize = 1024 * 1024;

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

/// Reads the body of an answer with an error status; `None` if it breaks off or is too long.
pub(crate) async fn error_body(body: Body) -> Option<Bytes> {
    collect(body, ERROR_LIMIT).await.ok()
}

/// Passes an answer below 400 and turns any other into the error that it describes.
pub(crate) async fn check(response: Response<Body>, call: &Call) -> Result<Response<Body>> {
    if response.status().as_u16() < 400 {
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    Err(described(&parts, error_body(body).await.as_ref(), call))
}

/// The error that an answer of 400 and above describes; without a body if that broke off.
pub(crate) fn described(parts: &Parts, body: Option<&Bytes>, call: &Call) -> Error {
    let nothing = Bytes::new();
    let mut error = status_error(parts.status, &parts.headers, body.unwrap_or(&nothing));
    if let Some(Asked {
        method,
        uri,
        service,
    }) = call.asked()
    {
        error = error.with_request(&method, &uri);
        // Half an answer does not tell who sent it.
        if body.is_some() {
            let sender = Sender::of(parts.status, &parts.headers, error.fault(), &uri);
            error = from_sender(error, sender, service, &uri);
        }
    }
    // At last, since the sender is known by what it says.
    call.finish(error)
}

/// Has a 404 say who sent it.
fn from_sender(error: Error, sender: Option<Sender>, service: Option<&str>, uri: &Uri) -> Error {
    let Some(sender) = sender else { return error };
    let Some(service) = service else {
        // Not every server is a service; what an OpenStack service sends is known by its form.
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

/// The error that an answer with an error status describes.
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

/// Whether a message says no more than the status does: `502 Bad Gateway`.
fn repeats(message: &str, code: u16, phrase: &str) -> bool {
    let message = message.trim();
    let rest = message.strip_prefix(&code.to_string()).unwrap_or(message);
    let rest = rest.trim_matches(|c: char| !c.is_alphanumeric());
    rest.is_empty() || rest.eq_ignore_ascii_case(phrase)
}

/// The server's id of the request.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<&str> {
    REQUEST_ID
        .iter()
        .find_map(|name| headers.get(*name)?.to_str().ok())
}

/// Decodes a JSON answer.
pub(crate) fn json<T: DeserializeOwned>(headers: &HeaderMap, body: &Bytes) -> Result<T> {
    json_with(PhantomData, headers, body)
}

/// Decodes a JSON answer as `seed` does.
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
                format!("the answer is encoded with {encoding}, which was not asked for")
            }
            (_, Some(other)) if !other.contains("json") => format!("expected JSON, got {other}"),
            _ if body.is_empty() => "expected JSON, got an empty answer".to_owned(),
            // What serde says of a wrong type quotes the value, which may be a secret; the name of a
            // missing field is none.
            _ if e.is_data() && !e.to_string().starts_with("missing field") => format!(
                "the answer is not what the API promises: unexpected content at line {} column {}",
                e.line(),
                e.column()
            ),
            _ => format!("the answer is not what the API promises: {e}"),
        };
        Error::new(ErrorKind::Decode, message)
            .with_request_id(request_id(headers))
            .after_sending()
    })
}

/// Passes what may be taken for done, where nothing is read of the answer.
///
/// A login page or a redirect that was not followed means that Heat never saw the request. Older
/// releases of Heat put their 202 into HTML, and give an empty answer the type of a page.
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

/// Refuses what is neither done nor an error: 304, or a redirect to several places.
pub(crate) fn no_redirect(response: &Response<Bytes>) -> Result<()> {
    if response.status().is_success() {
        return Ok(());
    }
    Err(no_answer(response.status()).with_request_id(request_id(response.headers())))
}

/// A status that answers nothing that was asked.
pub(crate) fn no_answer(status: StatusCode) -> Error {
    Error::new(
        ErrorKind::Decode,
        format!("the server answered {status}, which is no answer to the request"),
    )
    .with_status(status)
    .after_sending()
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
                "the answer is longer than the 5 bytes allowed"
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
            ("application/json", "", "expected JSON, got an empty answer"),
            (
                "application/json",
                "{\"a\": ",
                "the answer is not what the API promises: EOF while parsing a value at line 1 column 6",
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
