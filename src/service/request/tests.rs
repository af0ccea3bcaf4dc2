use http::header::CONTENT_TYPE;
use http::{Method, StatusCode};
use serde_json::{Value as Json, json};

use super::*;
use crate::service::testing::{adapter, path};
use crate::testing::{self, ScriptedTransport, interrupted};
use heatclient_test_support::log::Log;

static SHOW: Operation =
    Operation::get("/users/{user}/keys/{key}", "show key {key} of {user}").envelope("key");
static CREATE: Operation = Operation::post("/keys", "create a key").envelope("key");

/// A service that responds to all requests with this document, and its record of requests.
fn fixed(status: u16, body: Json) -> (Adapter, ScriptedTransport) {
    let wire = ScriptedTransport::new(move |_| testing::json(status, &body));
    (adapter(&wire), wire)
}

#[tokio::test]
async fn placeholders_become_segments_of_the_path() {
    let (adapter, wire) = fixed(200, json!({"key": {"id": 7}}));
    let request = SHOW
        .request(&adapter)
        .path("user", "a/b c")
        .path("key", "..%2F?");
    let key: Json = request
        .query("all", "x&y=z")
        .query("é", "")
        .fetch()
        .await
        .unwrap();
    assert_eq!(key, json!({"id": 7}));
    let seen = wire.requests();
    assert_eq!(
        path(&seen[0]),
        "/users/a%2Fb%20c/keys/..%252F%3F?all=x%26y%3Dz&%C3%A9="
    );
    assert_eq!((&seen[0].method, seen[0].body.len()), (&Method::GET, 0));
}

#[tokio::test]
async fn a_placeholder_without_a_value_is_an_error_before_anything_is_sent() {
    let (adapter, wire) = fixed(200, json!({}));
    let request = SHOW.request(&adapter).path("user", "demo").path("kez", "1");
    let error = request.fetch::<Json>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    // The description is shown unexpanded, since it lacks the value, too.
    let text =
        "show key {key} of {user}: the path \"/users/{user}/keys/{key}\" has no value for \"key\"";
    assert_eq!(error.to_string(), text);
    assert_eq!(wire.requests().len(), 0);
}

#[tokio::test]
async fn a_value_that_is_no_segment_is_refused() {
    for value in ["", ".", ".."] {
        let (adapter, wire) = fixed(200, json!({}));
        let request = SHOW.request(&adapter).path("user", value).path("key", "1");
        let error = request.fetch::<Json>().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert_eq!(
            error.to_string(),
            format!("show key \"1\" of {value:?}: {value:?} cannot be used as the user")
        );
        assert_eq!(wire.requests().len(), 0);
    }
}

#[tokio::test]
async fn bodies_and_headers_are_sent() {
    let (adapter, wire) = fixed(201, json!({"key": {}}));
    let request = CREATE
        .request(&adapter)
        .json(&json!({"key": {"name": "k"}}));
    let request = request.header(
        HeaderName::from_static("x-a"),
        HeaderValue::from_static("1"),
    );
    request.finish().await.unwrap();
    let seen = wire.requests();
    assert_eq!((&seen[0].method, path(&seen[0])), (&Method::POST, "/keys"));
    assert_eq!(seen[0].body, r#"{"key":{"name":"k"}}"#);
    assert_eq!(
        seen[0].header(CONTENT_TYPE.as_str()),
        Some("application/json")
    );
    assert_eq!(seen[0].header("x-a"), Some("1"));
}

#[tokio::test]
async fn errors_say_what_the_request_does() {
    let (adapter, _) = fixed(
        404,
        json!({"error": {"code": 404, "title": "Not Found", "message": "no such key"}}),
    );
    let request = SHOW
        .request(&adapter)
        .path("user", "de\"mo")
        .path("key", "k1");
    let what = r#"show key "k1" of "de\"mo": 404 Not Found: no such key (request req-test)"#;
    for error in [
        request.clone().fetch::<Json>().await.unwrap_err(),
        request.clone().finish().await.unwrap_err(),
        request.response().await.unwrap_err(),
    ] {
        assert_eq!(error.to_string(), what);
        assert_eq!(error.status(), Some(StatusCode::NOT_FOUND));
    }
}

#[tokio::test]
async fn an_answer_without_the_envelope_is_an_error() {
    for body in [json!({"keys": {}}), json!("key"), json!({"key": "7"})] {
        let (adapter, _) = fixed(200, body);
        let request = CREATE.request(&adapter);
        let error = request.clone().fetch::<u32>().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        let text = error.to_string();
        assert!(
            text.starts_with("create a key: the response is not in the expected format"),
            "{text}"
        );
        // A caller that ignores the result gets no error.
        request.finish().await.unwrap();
    }
}

#[tokio::test]
async fn the_whole_answer_is_there_for_the_asking() {
    let (adapter, _) = fixed(202, json!([]));
    let answer = CREATE.request(&adapter).response().await.unwrap();
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    assert_eq!(answer.body(), "[]");
    assert_eq!(answer.headers()[CONTENT_TYPE], "application/json");
}

#[tokio::test]
async fn spans_say_what_the_request_does() {
    let (log, _guard) = Log::start(tracing::Level::DEBUG);
    let (adapter, _) = fixed(200, json!({"key": {}}));
    let request = SHOW
        .request(&adapter)
        .path("user", "demo")
        .path("key", "k1");
    request.finish().await.unwrap();
    let text = log.text();
    assert!(
        text.contains(r#"operation="show key \"k1\" of \"demo\"""#),
        "{text}"
    );
    assert!(
        text.contains(r#"url.template="/users/{user}/keys/{key}""#),
        "{text}"
    );
}

#[tokio::test(start_paused = true)]
async fn only_what_is_idempotent_is_repeated_after_it_was_sent() {
    static POST: Operation = Operation::post("/x", "post");
    static PREVIEW: Operation = Operation::post("/x", "preview").idempotent(true);
    static GET: Operation = Operation::get("/x", "get");
    static GET_ONCE: Operation = Operation::get("/x", "get").idempotent(false);
    for (operation, requests) in [(&POST, 1), (&PREVIEW, 2), (&GET, 2), (&GET_ONCE, 1)] {
        let wire = ScriptedTransport::answers([interrupted(), testing::json(200, json!({}))]);
        let done = operation.request(&adapter(&wire)).finish().await;
        assert_eq!(done.is_ok(), requests == 2, "{operation:?}");
        assert_eq!(wire.requests().len(), requests, "{operation:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_has_a_deadline_of_its_own() {
    let wire = ScriptedTransport::new(|_| testing::json(200, json!({"key": 1})));
    let request = CREATE.request(&adapter(&wire.delay(Duration::from_secs(10))));
    let late = request
        .clone()
        .timeout(Duration::from_secs(9))
        .fetch::<u32>();
    let error = late.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().starts_with("create a key: "), "{error}");
    let in_time = request.timeout(Duration::from_secs(11)).fetch::<u32>();
    assert_eq!(in_time.await.unwrap(), 1);
}
