//! Endings by the answers to requests, and by the time.

use heatclient::ErrorKind;
use heatclient::clock;
use heatclient::heat::Action;
use heatclient::sandbox::Fault;
use http::Method;

use super::{JSON, SECOND, Stage, gone, told};

const HTML: [(&str, &str); 1] = [("content-type", "text/html")];
const ROW: &str = r#"{"code": 404, "error": {"type": "NotFound", "message": "ResourcePropertiesData with id 1 not found"}}"#;
const ROUTER: &str = r#"{"message": "The resource could not be found.<br /><br />\n\n\n", "code": "404 Not Found", "title": "Not Found"}"#;

#[tokio::test]
async fn transient_errors_pass() {
    let stage = Stage::with_stopped_clock().await;
    let show = || stage.show();
    let retry_after = [("retry-after", "7")];
    for (what, fault) in [
        ("500", show().status(500, &[], "")),
        ("503", show().status(503, &[], "")),
        ("504", show().status(504, &HTML, "<html>")),
        ("429", show().status(429, &retry_after, "")),
        ("408", show().status(408, &[], "")),
        ("reset", show().reset()),
        ("closed", show().close()),
        ("truncated", show().after_handling().truncate_body(20)),
        ("404 of a proxy", show().status(404, &HTML, "<html>")),
        ("404 of a row", show().status(404, &JSON, ROW)),
    ] {
        let fault = stage.sandbox.fault(fault.times(20));
        let result = stage.end(stage.wait(Action::Create)).await;
        assert_eq!(told(&result), "ok: CREATE_COMPLETE", "{what}");
        assert_eq!(fault.hits(), 20, "{what}");
    }
    stage.sandbox.fault(show().no_answer().times(2));
    let result = stage.end(stage.wait(Action::Create)).await;
    assert_eq!(told(&result), "ok: CREATE_COMPLETE");
}

#[tokio::test]
async fn transient_errors_last_too_long() {
    let stage = Stage::with_stopped_clock().await;
    stage.sandbox.fault(stage.show().status(503, &[], ""));
    let wait = || stage.wait(Action::Create);
    for (limit, wait) in [
        (300, wait()),
        (30, wait().tolerate_errors_for(30 * SECOND)),
        (0, wait().tolerate_errors_for(std::time::Duration::ZERO)),
    ] {
        let began = clock::now();
        let error = stage.end(wait).await.unwrap_err();
        let text = error.to_string();
        assert!(
            text.starts_with("wait for CREATE of stack \"web\": 503"),
            "{text}"
        );
        let passed = clock::now() - began;
        // The last request is repeated, too.
        assert!(
            passed >= limit * SECOND && passed < (limit + 30) * SECOND,
            "{passed:?}"
        );
    }
}

#[tokio::test]
async fn other_errors_end_at_once() {
    let stage = Stage::with_stopped_clock().await;
    let show = || stage.show();
    for (fault, kind, end) in [
        (
            show().status(400, &JSON, "{}"),
            ErrorKind::Status,
            "400 Bad Request",
        ),
        (
            show().status(403, &JSON, "{}"),
            ErrorKind::Status,
            "403 Forbidden",
        ),
        (
            show().status(404, &JSON, ROUTER),
            ErrorKind::Status,
            "Heat does not know the path",
        ),
        (
            show().status(501, &JSON, "{}"),
            ErrorKind::Status,
            "501 Not Implemented",
        ),
        (
            show().status(200, &JSON, "{\"stack\": {"),
            ErrorKind::Decode,
            "",
        ),
        (
            show().status(200, &JSON, "{\"stack\": {\"id\": 1}}"),
            ErrorKind::Decode,
            "",
        ),
        (show().status(200, &HTML, "<html>"), ErrorKind::Decode, ""),
    ] {
        let fault = stage.sandbox.fault(fault);
        let began = clock::now();
        let error = stage.end(stage.wait(Action::Create)).await.unwrap_err();
        let text = error.to_string();
        assert!(
            text.starts_with("wait for CREATE of stack \"web\": "),
            "{text}"
        );
        assert!(text.contains(end), "{text}");
        assert_eq!((error.kind(), fault.hits()), (kind, 1), "{text}");
        assert!(clock::now() - began < 2 * SECOND);
        fault.remove();
    }
}

#[tokio::test]
async fn a_new_stack_may_be_missing_for_a_while() {
    let stage = Stage::with_stopped_clock().await;
    let new = stage.create("new", serde_json::json!({})).await;
    let missing = Fault::within(Method::GET, "/stacks/new").status(404, &JSON, gone("new"));
    stage.sandbox.fault(missing.clone().times(8));
    let wait = || {
        stage
            .heat
            .stacks()
            .wait(&new, Action::Create)
            .interval(SECOND)
    };
    assert_eq!(told(&stage.end(wait()).await), "ok: CREATE_COMPLETE");
    let fault = stage.sandbox.fault(missing);
    let began = clock::now();
    let error = stage.end(wait()).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert!(fault.hits() > 10);
    assert!(clock::now() - began < 40 * SECOND);
}

#[tokio::test]
async fn tokens_are_renewed() {
    let stage = Stage::with_stopped_clock().await;
    stage.sandbox.revoke_all_tokens();
    assert_eq!(
        told(&stage.end(stage.wait(Action::Create)).await),
        "ok: CREATE_COMPLETE"
    );
    assert_eq!(stage.sandbox.logins(), 2);

    // A wait that is longer than the life of a token.
    stage.sandbox.set_token_lifetime(10 * SECOND);
    stage.sandbox.revoke_all_tokens();
    let list = stage.heat.stacks().list();
    // Two logins keep a distance in time.
    stage.end(list).await.unwrap();
    stage.script(&["UPDATE_IN_PROGRESS"], true);
    let before = stage.sandbox.logins();
    let wait = stage.wait(Action::Update).timeout(100 * SECOND);
    let error = stage.end(wait).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WaitTimeout);
    let logins = stage.sandbox.logins() - before;
    assert!((8..=20).contains(&logins), "{logins}");
    assert!(!error.to_string().contains("failed"), "{error}");
}

#[tokio::test]
async fn a_token_that_is_refused_again_ends_the_wait() {
    let stage = Stage::with_stopped_clock().await;
    let before = stage.sandbox.logins();
    stage.sandbox.fault(stage.show().status(401, &JSON, "{}"));
    let error = stage.end(stage.wait(Action::Create)).await.unwrap_err();
    assert!(error.is_unauthorized(), "{error}");
    assert_eq!(error.kind(), ErrorKind::Status);
    assert_eq!(stage.sandbox.logins(), before + 1);
}

#[tokio::test]
async fn refused_credentials_end_the_wait_and_are_not_sent_again() {
    let stage = Stage::with_stopped_clock().await;
    let before = stage.sandbox.logins();
    stage.sandbox.revoke_all_tokens();
    let login = || Fault::on(Method::POST, "/auth/tokens");
    let refused = r#"{"error": {"code": 401, "title": "Unauthorized", "message": "The request you have made requires authentication."}}"#;
    stage.sandbox.fault(login().status(401, &JSON, refused));
    let error = stage.end(stage.wait(Action::Create)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert!(error.is_unauthorized(), "{error}");
    assert_eq!(stage.sandbox.logins(), before + 1);
}

#[tokio::test]
async fn keystone_may_be_down_for_a_while() {
    let stage = Stage::with_stopped_clock().await;
    let login = || Fault::on(Method::POST, "/auth/tokens");
    for fault in [
        login().status(503, &HTML, "<html>"),
        login().reset(),
        login().status(500, &[], ""),
    ] {
        stage.sandbox.revoke_all_tokens();
        let fault = stage.sandbox.fault(fault.times(30));
        assert_eq!(
            told(&stage.end(stage.wait(Action::Create)).await),
            "ok: CREATE_COMPLETE"
        );
        assert_eq!(fault.hits(), 30);
    }
    stage.sandbox.revoke_all_tokens();
    stage.sandbox.fault(login().reset());
    let began = clock::now();
    let error = stage.end(stage.wait(Action::Create)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
    let passed = clock::now() - began;
    assert!(
        passed >= 300 * SECOND && passed < 360 * SECOND,
        "{passed:?}"
    );
}

#[tokio::test]
async fn the_deadline_comes_before_the_first_answer() {
    let stage = Stage::with_stopped_clock().await;
    stage.sandbox.fault(stage.show().no_answer());
    for seconds in [0, 5] {
        let wait = stage.wait(Action::Create).timeout(seconds * SECOND);
        let error = stage.end(wait).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WaitTimeout);
        assert_eq!(error.last_status(), None);
        let expected = format!(
            "timed out after {:?}; the status of the stack is unknown",
            seconds * SECOND
        );
        assert!(error.to_string().ends_with(&expected), "{error}");
    }
}

#[tokio::test]
async fn the_deadline_comes_in_a_request_that_hangs() {
    let stage = Stage::with_stopped_clock().await;
    let (code, body) = super::answer(&stage.id, "UPDATE_IN_PROGRESS", true);
    stage
        .sandbox
        .fault(stage.show().status(code, &JSON, body).times(3));
    stage.sandbox.fault(stage.show().no_answer());
    let began = clock::now();
    let wait = stage.wait(Action::Update).timeout(20 * SECOND);
    let error = stage.end(wait).await.unwrap_err();
    let expected = "timed out after 20s; the stack is UPDATE_IN_PROGRESS";
    assert!(error.to_string().ends_with(expected), "{error}");
    assert!(clock::now() - began < 21 * SECOND);
}

#[tokio::test]
async fn the_deadline_comes_while_heat_does_not_answer() {
    let stage = Stage::with_stopped_clock().await;
    stage.sandbox.fault(stage.show().status(503, &[], ""));
    let wait = stage.wait(Action::Create).timeout(60 * SECOND);
    let error = stage.end(wait).await.unwrap_err();
    let text = error.to_string();
    assert_eq!(error.kind(), ErrorKind::WaitTimeout);
    assert!(
        text.contains(
            "timed out after 60s; the status of the stack is unknown; the last request failed: "
        ),
        "{text}"
    );
    assert!(text.contains("503 Service Unavailable"), "{text}");
}

/// The failure is known: that its reasons cannot be read does not matter.
#[tokio::test]
async fn a_known_failure_does_not_time_out() {
    let stage = Stage::with_stopped_clock().await;
    stage.script(&["UPDATE_FAILED"], false);
    stage
        .sandbox
        .fault(Fault::within(Method::GET, "/resources").no_answer());
    for wait in [
        stage.wait(Action::Update).timeout(20 * SECOND),
        stage.wait(Action::Update),
    ] {
        let began = clock::now();
        let error = stage.end(wait).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StackFailed);
        assert_eq!(error.to_string(), "stack \"web\": UPDATE_FAILED: because");
        assert!(clock::now() - began < 70 * SECOND);
    }
}
