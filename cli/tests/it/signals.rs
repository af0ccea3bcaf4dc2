//! Resources: metadata, signals, and marks.

use std::fs;

use heatclient::sandbox::Fault;
use http::Method;
use serde_json::json;
use tokio::io::AsyncWriteExt as _;

use crate::ground::{Ground, Ran};

const TEMPLATE: &str = "
heat_template_version: 2021-04-16
resources:
  handle: {type: OS::Heat::WaitConditionHandle}
  thing: {type: OS::Heat::Value, properties: {value: 1}, metadata: {a: 1, b: [x], name: ü, f: null}}
";

async fn ground(name: &str) -> Ground {
    let ground = Ground::new(name).await;
    fs::write(ground.directory.join("w.yaml"), TEMPLATE).unwrap();
    ground
        .heat("stack create web -t w.yaml --wait --poll 0.05")
        .await
        .ok();
    ground.sent();
    ground
}

#[tokio::test]
async fn metadata_is_shown() {
    let ground = ground("metadata").await;
    let text =
        "{\n  \"a\": 1,\n  \"b\": [\n    \"x\"\n  ],\n  \"name\": \"\\u00fc\",\n  \"f\": null\n}\n";
    for line in [
        "stack resource metadata web thing",
        "resource-metadata web thing",
    ] {
        assert_eq!(ground.heat(line).await.ok(), text, "{line}");
        assert_eq!(
            ground.sent(),
            [
                "GET stacks/web",
                "GET stacks/web/ID/resources/thing/metadata"
            ]
        );
    }
    for (format, text) in [
        ("value", "1\n[\"x\"]\nü\nNone\n"),
        ("yaml", "a: 1\nb:\n- x\nname: \"\\xFC\"\nf: null\n"),
        (
            "shell",
            "a=\"1\"\nb=\"[\\\"x\\\"]\"\nname=\"ü\"\nf=\"None\"\n",
        ),
    ] {
        let line = format!("stack resource metadata web thing -f {format}");
        assert_eq!(ground.heat(&line).await.ok(), text, "{format}");
    }
    assert_eq!(
        ground.heat("stack resource metadata web handle").await.ok(),
        "{}\n"
    );
    for (line, message) in [
        (
            "stack resource metadata web nope",
            "Stack web or resource nope not found.",
        ),
        (
            "stack resource metadata nope thing",
            "Stack nope or resource thing not found.",
        ),
        (
            "resource-metadata web nope",
            "Stack or resource not found: web nope",
        ),
    ] {
        ground
            .heat(line)
            .await
            .failed(1, &format!("ERROR: {message}"));
    }
}

#[tokio::test]
async fn signals_are_sent() {
    let ground = ground("signal").await;
    let data = r#"{"id": "file", "data": "from a file"}"#;
    fs::write(ground.directory.join("data.json"), data).unwrap();
    for line in [
        r#"stack resource signal web handle --data {"id":"a","data":"new"}"#,
        r#"resource-signal web handle -D {"id":"b","data":"old"}"#,
        "stack resource signal web handle --data-file data.json",
        "resource-signal web handle -f data.json",
    ] {
        assert_eq!(ground.heat(line).await.ok(), "", "{line}");
        assert_eq!(
            ground.sent(),
            [
                "GET stacks/web",
                "POST stacks/web/ID/resources/handle/signal"
            ]
        );
    }
    let mut child = ground
        .command("stack resource signal web handle --data-file -")
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin
        .write_all(br#"{"id": "stdin", "data": 7}"#)
        .await
        .unwrap();
    drop(stdin);
    Ran::from(child.wait_with_output().await.unwrap()).ok();
    let metadata = ground.json("resource-metadata web handle").await;
    for (id, data) in [
        ("a", json!("new")),
        ("b", json!("old")),
        ("file", json!("from a file")),
        ("stdin", json!(7)),
    ] {
        assert_eq!(metadata[id]["data"], data, "{metadata}");
    }
    // Without data.
    ground.heat("stack resource signal web handle").await.ok();
    let metadata = ground.json("resource-metadata web handle").await;
    assert_eq!(metadata.as_object().unwrap().len(), 5, "{metadata}");
}

#[tokio::test]
async fn wrong_signals_are_refused() {
    let ground = ground("bad-signal").await;
    fs::write(ground.directory.join("latin"), b"\xe9").unwrap();
    let object = "Data should be in JSON format: ";
    for (line, message) in [
        (
            "stack resource signal web nope",
            "Stack web or resource nope not found.",
        ),
        (
            "stack resource signal nope x",
            "Stack nope or resource x not found.",
        ),
        (
            "resource-signal web nope",
            "Stack or resource not found: web nope",
        ),
        (
            "stack resource signal web handle --data [1]",
            "Data should be a JSON dict",
        ),
        (
            "resource-signal web handle -D 1",
            "Data should be a JSON dict",
        ),
        (
            "stack resource signal web handle --data {s3cret",
            &format!("{object}key must be a string at line 1 column 2"),
        ),
        (
            "stack resource signal web handle --data-file nope",
            "nope cannot be read: No such file or directory",
        ),
        (
            "resource-signal web handle -f latin",
            "data file latin is not UTF-8",
        ),
        (
            "resource-signal web thing",
            "signal resource \"thing\" of stack \"web\": 400 Bad Request: signal is not supported for resource.",
        ),
    ] {
        ground
            .heat(line)
            .await
            .failed(1, &format!("ERROR: {message}"));
    }
    let both = ground
        .heat("stack resource signal web handle --data {} --data-file nope")
        .await;
    assert_eq!(both.code, Some(2), "{}", both.err);
    assert!(
        both.err
            .starts_with("ERROR: the argument '--data <JSON>' cannot be used with"),
        "{}",
        both.err
    );
}

#[tokio::test]
async fn resources_are_marked() {
    let ground = ground("mark").await;
    let status =
        "stack resource show web thing -f value -c resource_status -c resource_status_reason";
    for (line, shown) in [
        (
            "stack resource mark unhealthy web thing leaks",
            "CHECK_FAILED\nleaks\n",
        ),
        (
            "resource-mark-unhealthy web thing --reset",
            "CHECK_COMPLETE\n",
        ),
        ("resource-mark-unhealthy web thing", "CHECK_FAILED\n"),
        (
            "stack resource mark unhealthy web thing --reset",
            "CHECK_COMPLETE\n",
        ),
    ] {
        ground.sent();
        assert_eq!(ground.heat(line).await.ok(), "", "{line}");
        assert_eq!(
            ground.sent(),
            ["GET stacks/web", "PATCH stacks/web/ID/resources/thing"]
        );
        let now = ground.heat(status).await.ok();
        assert!(now.starts_with(shown), "{line}: {now}");
    }
    for spelling in ["stack resource mark unhealthy", "resource-mark-unhealthy"] {
        for which in ["web nope", "nope x"] {
            let ran = ground.heat(&format!("{spelling} {which}")).await;
            ran.failed(1, &format!("ERROR: Stack or resource not found: {which}"));
        }
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_is_no_success() {
    let ground = ground("lost-signal").await;
    let lost = Fault::on(Method::POST, "/signal").after_handling().close();
    ground.sandbox.fault(lost);
    let ran = ground
        .heat("stack resource signal web handle --data {}")
        .await;
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    assert!(
        ran.err
            .starts_with("ERROR: signal resource \"handle\" of stack \"web\": "),
        "{}",
        ran.err
    );
    let signals = ground
        .sent()
        .iter()
        .filter(|line| line.starts_with("POST"))
        .count();
    assert_eq!(signals, 1);
}
