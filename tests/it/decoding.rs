//! Decoding of JSON that only Python accepts, and of long responses.

use std::time::Duration;

use heatclient::auth::AdminToken;
use heatclient::heat::Action;
use heatclient::{Client, ErrorKind, Session};
use heatclient_test_support::scripted::{Scripted, json as json_answer};
use serde_json::json;

const PARTS: &str = r#""id": "1", "stack_name": "web", "stack_status": "CREATE_COMPLETE", "links": [{"href": "http://h/v1/p/stacks/web/1", "rel": "self"}]"#;

fn deep(levels: usize) -> String {
    format!("{}{}", "[".repeat(levels), "]".repeat(levels))
}

/// A Heat with one stack with unusual values.
async fn odd() -> (Scripted, Client) {
    let server = Scripted::start(|seen| {
        let path = seen.path.split('?').next().unwrap();
        let (status, body) = match path {
            "/v1/p/stacks" => (
                "200 OK",
                format!(r#"{{"stacks": [{{{PARTS}, "description": "a\ud800b", "weight": NaN}}]}}"#),
            ),
            "/v1/p/stacks/web/1" => (
                "200 OK",
                format!(
                    r#"{{"stack": {{{PARTS}, "parameters": {{"ratio": "1e999"}}, "outputs": [{{"output_key": "o", "description": "", "output_value": [NaN, -Infinity, {}]}}]}}}}"#,
                    deep(300)
                ),
            ),
            "/v1/p/stacks/web/1/outputs/o" => (
                "200 OK",
                r#"{"output": {"output_key": "o", "output_value": Infinity}}"#.to_owned(),
            ),
            "/v1/p/stacks/web/1/resources" => (
                "200 OK",
                r#"{"resources": [{"resource_name": "\udfff", "resource_status": "CREATE_COMPLETE", "attributes": {"a": 1e999}}]}"#.to_owned(),
            ),
            "/v1/p/stacks/web/1/events" => (
                "200 OK",
                r#"{"events": [{"id": "e", "resource_status": "CREATE_COMPLETE", "resource_status_reason": "\ud800", "load": -Infinity}]}"#.to_owned(),
            ),
            _ => (
                "400 Bad Request",
                r#"{"code": 400, "limit": Infinity, "error": {"type": "Odd", "message": "not \udead here"}}"#.to_owned(),
            ),
        };
        json_answer(status, &body)
    })
    .await;
    let heat = Client::with_token(&format!("{}/v1/p", server.url), "token").unwrap();
    (server, heat)
}

#[tokio::test]
async fn a_stack_with_odd_values_is_readable() {
    let (_server, heat) = odd().await;
    let list = heat.stacks().list().await.unwrap();
    assert_eq!(list[0].description, "a\u{fffd}b");
    assert_eq!(
        list[0].extra().collect::<Vec<_>>(),
        [("weight", &json!("NaN"))]
    );
    let stack = heat.stacks().get("web/1").await.unwrap();
    let value = stack.output("o").unwrap().value.as_ref().unwrap();
    assert_eq!((&value[0], &value[1]), (&json!("NaN"), &json!("-Infinity")));
    assert_eq!(value[2].to_string(), deep(300));
    let output = heat.outputs().get("web/1", "o").await.unwrap();
    assert_eq!(output.value, Some(json!("Infinity")));
    let resources = heat.resources().list("web/1").await.unwrap();
    assert_eq!(resources[0].name, "\u{fffd}");
    assert_eq!(resources[0].attributes, Some(json!({"a": "Infinity"})));
    let events = heat.events().list("web/1").await.unwrap();
    assert_eq!(events[0].status_reason, "\u{fffd}");
}

#[tokio::test]
async fn a_stack_with_odd_values_can_be_waited_for() {
    let (_server, heat) = odd().await;
    let stack = heat.stacks().wait("web/1", Action::Create);
    let stack = stack.timeout(Duration::from_secs(60)).await.unwrap();
    assert_eq!(stack.name, "web");
}

#[tokio::test]
async fn an_answer_is_read_up_to_the_limit_of_the_client() {
    let (server, _) = odd().await;
    let auth = AdminToken::new(&format!("{}/v1/p", server.url), "token").unwrap();
    let session = Session::new(auth);
    let heat = |bytes| Client::builder(session.clone()).answer_limit(bytes).build();
    assert_eq!(heat(1024).stacks().list().await.unwrap().len(), 1);
    let error = heat(100).stacks().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    let text = error.to_string();
    assert!(
        text.contains("longer than the limit of 100 bytes"),
        "{text}"
    );
}

#[tokio::test]
async fn a_fault_with_odd_values_is_a_fault() {
    let (_server, heat) = odd().await;
    let error = heat.stacks().suspend("web/1").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Status);
    assert_eq!(error.fault().unwrap().message, "not \u{fffd} here");
}
