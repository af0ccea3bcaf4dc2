//! A request as the services see it, and the answers that both services use.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use http::{HeaderMap, Method, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::Value;

use super::uuid;

pub(super) type Answer = Response<Bytes>;

pub(super) const X_AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");
pub(super) const X_SUBJECT_TOKEN: HeaderName = HeaderName::from_static("x-subject-token");
pub(super) const X_SERVICE_TOKEN: HeaderName = HeaderName::from_static("x-service-token");
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-openstack-request-id");

/// A request with its whole body.
pub(super) struct Call {
    pub(super) method: Method,
    /// The path as sent.
    pub(super) path: String,
    /// The query as sent, without its question mark.
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// The scheme and authority that the caller used.
    pub(super) base: String,
}

impl Call {
    pub(super) async fn read(request: http::Request<Incoming>, local: &str) -> hyper::Result<Self> {
        let (head, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let host = head
            .headers
            .get(http::header::HOST)
            .and_then(|host| host.to_str().ok());
        Ok(Self {
            base: format!("http://{}", host.unwrap_or(local)),
            path: head.uri.path().to_owned(),
            query: head.uri.query().unwrap_or_default().to_owned(),
            method: head.method,
            headers: head.headers,
            body,
        })
    }

    /// The decoded segments of the path.
    pub(super) fn segments(&self) -> Vec<String> {
        self.path
            .strip_prefix('/')
            .unwrap_or(&self.path)
            .split('/')
            .map(|part| {
                percent_encoding::percent_decode_str(part)
                    .decode_utf8_lossy()
                    .into_owned()
            })
            .collect()
    }

    /// The decoded pairs of the query.
    pub(super) fn query_pairs(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(self.query.as_bytes())
            .into_owned()
            .collect()
    }

    pub(super) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// An answer with a JSON document.
pub(super) fn json(status: StatusCode, document: &Value) -> Answer {
    text(status, "application/json", document.to_string())
}

pub(super) fn text(status: StatusCode, content_type: &'static str, body: String) -> Answer {
    let mut answer = empty(status);
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    *answer.body_mut() = Bytes::from(body);
    answer
}

pub(super) fn empty(status: StatusCode) -> Answer {
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = status;
    answer
}

pub(super) fn set(answer: &mut Answer, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        answer.headers_mut().insert(name, value);
    }
}

pub(super) fn locate(answer: &mut Answer, location: &str) {
    set(answer, LOCATION, location);
}

pub(super) fn stamp_request_id(answer: &mut Answer) {
    set(answer, X_REQUEST_ID, &format!("req-{}", uuid()));
}
