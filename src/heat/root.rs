//! What Heat answers at the root of the service, outside of its API versions and without a token.

use bytes::Bytes;
use http::header::{ACCEPT, HeaderValue};
use http::{Response, StatusCode};
use serde::Deserialize;

use crate::error::{Error, ErrorKind};
use crate::heat::model::{ApiVersion, Health};
use crate::json;
use crate::service::{Request, ResponseFuture};
use crate::transport::layers::RetryPolicy;

/// The API versions in the version document. Heat sends it with status 300.
pub(super) fn versions(request: Request) -> ResponseFuture<Vec<ApiVersion>> {
    #[derive(Deserialize)]
    struct Document {
        versions: Vec<ApiVersion>,
    }
    ResponseFuture::new(async move {
        let answer = request.send().await?;
        let parsed = json::from_slice::<Document>(answer.response().body());
        parsed.map(|document| document.versions).map_err(|error| {
            let message = "expected a version document; check the endpoint";
            let error = Error::new(ErrorKind::Decode, message).with_source(error);
            request.named(answer.named(error.after_sending()))
        })
    })
}

/// The report of the health check. It comes with status 503 if the service is not healthy.
pub(super) fn health(request: Request) -> ResponseFuture<Health> {
    ResponseFuture::new(async move {
        let request = request.header(ACCEPT, HeaderValue::from_static("application/json"));
        let sent = async {
            let request = request.builder()?.retry(RetryPolicy::none());
            let answer = request.whole_of_any_status().await?;
            if let Some(health) = read_health(answer.response()) {
                return Ok(health);
            }
            let answer = answer.check()?;
            let message = "expected the report of a health check; check the endpoint";
            Err(answer.named(Error::new(ErrorKind::Decode, message).after_sending()))
        };
        sent.await.map_err(|error| request.named(error))
    })
}

fn read_health(response: &Response<Bytes>) -> Option<Health> {
    #[derive(Deserialize)]
    struct Report {
        reasons: Vec<Reason>,
    }
    /// A detailed report has an object for each reason.
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Reason {
        Plain(String),
        Detailed { reason: String },
    }
    let healthy = response.status().is_success();
    if !healthy && response.status() != StatusCode::SERVICE_UNAVAILABLE {
        return None;
    }
    let body = response.body();
    if let Ok(report) = json::from_slice::<Report>(body) {
        let reasons = report.reasons.into_iter().map(|reason| match reason {
            Reason::Plain(reason) | Reason::Detailed { reason } => reason,
        });
        return Some(Health {
            healthy,
            reasons: reasons.collect(),
        });
    }
    // Older releases send text, whatever the request accepts. A text with 503 may come from a load balancer.
    let is_text = response
        .headers()
        .get(http::header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    let text = std::str::from_utf8(body)
        .ok()
        .filter(|_| is_text && healthy)?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    Some(Health {
        healthy,
        reasons: lines.map(str::to_owned).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::AdminToken;
    use crate::heat::Client;
    use crate::session::Session;
    use crate::testing::{RecordedRequest, ScriptedTransport};
    use crate::transport::Body;

    /// A client with a token whose calls get this answer.
    fn client(status: u16, kind: &'static str, body: &'static str) -> (Client, ScriptedTransport) {
        let wire = ScriptedTransport::new(move |_| {
            let response = Response::builder().status(status);
            let response = response.header("content-type", kind);
            Ok(response.body(Body::from(body)).unwrap())
        });
        let auth = AdminToken::new("https://h/heat-api/v1/p", "secret").unwrap();
        let session = Session::builder(auth).transport(wire.clone()).build();
        (Client::new(session), wire)
    }

    /// The only request, which has no token.
    fn only(wire: &ScriptedTransport) -> RecordedRequest {
        let mut requests = wire.requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        let request = requests.remove(0);
        assert!(!request.headers.contains_key("x-auth-token"));
        request
    }

    #[tokio::test(start_paused = true)]
    async fn the_version_document_is_at_the_root_and_needs_no_token() {
        let document = r#"{"versions": [{"id": "v1.0", "status": "CURRENT",
            "links": [{"rel": "self", "href": "http://inside/v1/"}]}]}"#;
        for status in [300, 200] {
            let (heat, wire) = client(status, "application/json", document);
            let versions = heat.versions().await.unwrap();
            assert_eq!(versions[0].id, "v1.0");
            assert_eq!(versions[0].status, "CURRENT");
            assert_eq!(versions[0].links[0].href, "http://inside/v1/");
            let request = only(&wire);
            assert_eq!(request.uri, "https://h/heat-api/");
        }
        let (heat, _) = client(200, "text/html", "<html>");
        assert_eq!(
            heat.versions().await.unwrap_err().to_string(),
            "list API versions: expected a version document; check the endpoint"
        );
        let (heat, _) = client(404, "text/html", "<html>");
        assert_eq!(heat.versions().await.unwrap_err().status().unwrap(), 404);
    }

    #[tokio::test(start_paused = true)]
    async fn the_health_is_reported_as_json_or_text() {
        let plain = "text/plain; charset=UTF-8";
        let json = "application/json";
        for (status, kind, body, healthy, reasons) in [
            (
                200,
                json,
                r#"{"detailed": false, "reasons": []}"#,
                true,
                &[][..],
            ),
            (
                200,
                json,
                r#"{"detailed": false, "reasons": ["OK"]}"#,
                true,
                &["OK"],
            ),
            (
                503,
                json,
                r#"{"detailed": true, "reasons": [{"reason": "DISABLED BY FILE", "details": "", "class": "X"}]}"#,
                false,
                &["DISABLED BY FILE"],
            ),
            (200, plain, "", true, &[]),
            (200, plain, "OK\nalso OK\n", true, &["OK", "also OK"]),
        ] {
            let (heat, wire) = client(status, kind, body);
            let health = heat.healthcheck().await.unwrap();
            assert_eq!(health.healthy, healthy, "{body}");
            assert_eq!(health.reasons, reasons, "{body}");
            let request = only(&wire);
            assert_eq!(request.uri, "https://h/heat-api/healthcheck");
            assert_eq!(request.headers["accept"], "application/json");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_no_health_check_sent_is_an_error_at_once() {
        for (status, kind, body) in [
            (503, "text/plain", "no healthy upstream"),
            (503, "text/html", "<html>"),
            (404, "text/html", "<html>"),
            (500, "application/json", r#"{"reasons": []}"#),
        ] {
            let (heat, wire) = client(status, kind, body);
            let error = heat.healthcheck().await.unwrap_err();
            assert_eq!(error.status().unwrap(), status, "{error}");
            assert!(error.to_string().starts_with("show health: "), "{error}");
            only(&wire);
        }
        let (heat, _) = client(200, "text/html", "<html>");
        assert_eq!(
            heat.healthcheck().await.unwrap_err().to_string(),
            "show health: expected the report of a health check; check the endpoint"
        );
    }
}
