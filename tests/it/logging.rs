//! Logging: levels, targets and fields.

use std::time::Duration;

use heatclient::heat::{Action, NewStack};
use heatclient::sandbox::{Fault, Sandbox};
use heatclient::transport::layers::RetryPolicy;
use heatclient::{Client, Session};
use heatclient_test_support::log::Log;
use heatclient_test_support::{builder, client, demo};
use http::Method;
use tracing::Level;

#[track_caller]
fn one<'a>(lines: &'a [String], parts: &[&str]) -> &'a str {
    let has_all = |line: &&String| parts.iter().all(|part| line.contains(part));
    lines
        .iter()
        .find(has_all)
        .unwrap_or_else(|| panic!("{parts:?} in {lines:#?}"))
}

#[tokio::test]
async fn spans_say_what_a_call_is_for() {
    let (log, _guard) = Log::start(Level::DEBUG);
    let sandbox = Sandbox::start().await.unwrap();
    let heat = client(&sandbox);
    let template = serde_json::json!({"heat_template_version": "2021-04-16"});
    heat.stacks()
        .create(NewStack::new("web", template))
        .await
        .unwrap();
    heat.stacks().wait("web", Action::Create).await.unwrap();
    heat.stacks().list().await.unwrap();
    heat.stacks().get("none").await.unwrap_err();
    let lines = log.lines();
    let service = "service=\"orchestration\"";
    for operation in ["create stack \"web\"", "list stacks", "show stack \"none\""] {
        let field = format!("operation={operation:?}");
        one(&lines, &["heatclient::attempt", service, &field]);
    }
    let login = one(&lines, &["heatclient::attempt", "/v3/auth/tokens"]);
    assert!(
        !login.contains("call{method=POST path=/v3/auth/tokens operation"),
        "{login}"
    );
}

#[tokio::test]
async fn failed_logins_are_warnings_and_retries_are_told() {
    let (log, _guard) = Log::start(Level::INFO);
    let sandbox = Sandbox::start().await.unwrap();
    let policy = RetryPolicy::new(3).backoff(Duration::ZERO, Duration::ZERO);
    let heat = Client::new(builder(&sandbox).retry(policy).build());
    heat.stacks().list().await.unwrap();
    assert!(
        log.lines().is_empty(),
        "what goes well is no news: {:?}",
        log.lines()
    );

    sandbox.fault(
        Fault::within(Method::GET, "/stacks")
            .times(1)
            .status(503, &[], ""),
    );
    heat.stacks().list().await.unwrap();
    let lines = log.lines();
    let retry = one(
        &lines,
        &[
            "INFO",
            "heatclient::retry",
            "503",
            "attempt=2",
            "delay=",
            "/stacks",
        ],
    );
    assert!(retry.contains("GET"), "{retry}");
    assert_eq!(lines.len(), 1, "{lines:?}");

    let wrong = Session::new(demo(&sandbox.auth_url(), "wrong-password"));
    let error = Client::new(wrong).stacks().list().await.unwrap_err();
    assert_eq!((error.attempts(), error.may_have_been_sent()), (1, false));
    let lines = log.lines();
    one(
        &lines,
        &["WARN", "heatclient::token", "login failed", "401"],
    );
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(!lines.concat().contains("wrong-password"));
}
