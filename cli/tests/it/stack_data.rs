//! The environment, the files, the events and the failures of stacks.

use std::fs;

use heatclient::sandbox::Fault;
use http::Method;
use serde_json::json;

use crate::ground::Ground;

const PARENT: &str = "
heat_template_version: 2021-04-16
parameters:
  word: {type: string, default: none}
  pass: {type: string, hidden: true, default: hush}
resources:
  thing: {type: OS::Heat::Value, properties: {value: {get_param: word}}}
  child: {type: child.yaml}
";

const CHILD: &str = "
heat_template_version: 2021-04-16
resources:
  inner: {type: OS::Heat::None}
";

const ENVIRONMENT: &str = "
parameters: {word: left, pass: s3cret}
parameter_defaults: {zed: 1}
";

async fn nested(name: &str) -> Ground {
    let ground = Ground::new(name).await;
    for (file, text) in [
        ("parent.yaml", PARENT),
        ("child.yaml", CHILD),
        ("env.yaml", ENVIRONMENT),
    ] {
        fs::write(ground.directory.join(file), text).unwrap();
    }
    let create = "stack create web -t parent.yaml -e env.yaml --wait --poll 0.05";
    ground.heat(create).await.ok();
    ground.sent();
    ground
}

#[tokio::test]
async fn the_environment_of_a_stack_is_shown() {
    let ground = nested("environment").await;
    let shown = ground.heat("stack environment show web").await.ok();
    let start = "parameters:\n  pass: '******'\n  word: left\nresource_registry:\n";
    assert!(shown.starts_with(start), "{shown}");
    assert!(
        shown.ends_with("parameter_defaults:\n  zed: 1\n"),
        "{shown}"
    );
    assert_eq!(
        ground.sent(),
        [
            "GET stacks/web/environment",
            "GET stacks/web/ID/environment"
        ]
    );
    let parts = ground.json("stack environment show web -f json").await;
    let keys: Vec<_> = parts.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        ["parameters", "resource_registry", "parameter_defaults"]
    );
    let one = "stack environment show web -f value -c parameter_defaults";
    assert_eq!(ground.heat(one).await.ok(), "{\"zed\": 1}\n");
    let missing = ground.heat("stack environment show nope").await;
    missing.failed(1, "ERROR: Stack not found: nope");
}

#[tokio::test]
async fn the_files_of_a_stack_are_shown() {
    let ground = nested("files").await;
    let files = ground.json("stack file list web -f json").await;
    let files = files["files"].as_object().unwrap();
    let (url, text) = files.iter().next().unwrap();
    assert!(url.ends_with("/child.yaml"), "{url}");
    assert!(text.as_str().unwrap().contains("OS::Heat::None"));
    assert_eq!(
        ground.sent(),
        ["GET stacks/web/files", "GET stacks/web/ID/files"]
    );
    ground.heat("stack create bare -t t.yaml").await.ok();
    assert_eq!(
        ground.heat("stack file list bare").await.ok(),
        "files: {}\n"
    );
    let missing = ground.heat("stack file list nope").await;
    missing.failed(1, "ERROR: Stack not found: nope");
}

#[tokio::test]
async fn an_event_is_shown() {
    let ground = nested("event").await;
    let events = ground.json("stack event list web -f json").await;
    let of_thing = |event: &&serde_json::Value| event["resource_name"] == "thing";
    let event = events.as_array().unwrap().iter().find(of_thing).unwrap();
    let id = event["id"].as_str().unwrap();
    ground.sent();
    let shown = ground
        .json(&format!("stack event show web thing {id} -f json"))
        .await;
    // One look-up and the event; the Python tool sends six requests.
    assert_eq!(
        ground.sent(),
        [
            "GET stacks/web",
            "GET stacks/web/ID/resources/thing/events/ID"
        ]
    );
    let keys: Vec<_> = shown.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "id",
            "links",
            "event_time",
            "logical_resource_id",
            "resource_name",
            "physical_resource_id",
            "resource_status",
            "resource_status_reason",
            "resource_type",
            "resource_properties"
        ]
    );
    assert_eq!(shown["resource_properties"], json!({"value": "left"}));
    let table = ground
        .heat(&format!("stack event show web thing {id} -c links -c id"))
        .await
        .ok();
    assert!(
        table.contains(" (self)") && table.contains(" (stack)"),
        "{table}"
    );
    for old in ["event-show", "event"] {
        let table = ground.heat(&format!("{old} web thing {id}")).await.ok();
        let second = table.lines().nth(1).unwrap();
        assert!(second.starts_with("| Property "), "{old}: {table}");
        assert!(table.contains("|   \"value\": \"left\""), "{old}: {table}");
    }
    for (line, text) in [
        (
            format!("stack event show nope thing {id}"),
            "The Stack (nope) could not be found.",
        ),
        (format!("stack event show web nope {id}"), "No event "),
        (
            "stack event show web thing nope".to_owned(),
            "No event nope found",
        ),
        (
            "event-show web thing nope".to_owned(),
            "No event nope found",
        ),
    ] {
        let ran = ground.heat(&line).await;
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{line}");
        let start = "ERROR: show event ";
        assert!(
            ran.err.starts_with(start) && ran.err.contains(text),
            "{line}: {}",
            ran.err
        );
    }
}

#[tokio::test]
async fn failures_are_listed_with_their_reasons() {
    let ground = Ground::new("failure-list").await;
    let deep = "
heat_template_version: 2021-04-16
resources:
  group: {type: OS::Heat::ResourceGroup, properties: {count: 1, resource_def: {type: fail.yaml}}}
  fine: {type: OS::Heat::None}
";
    fs::write(ground.directory.join("deep.yaml"), deep).unwrap();
    ground
        .heat("stack create fine -t t.yaml --wait --poll 0.05")
        .await
        .ok();
    let failed = ground
        .heat("stack create web -t deep.yaml --wait --poll 0.05")
        .await;
    assert_eq!(failed.code, Some(1));
    ground.sent();
    let expected = "web.group.0.bad:\n  resource_type: OS::Heat::TestResource\n  physical_resource_id: \n  \
                    status: CREATE_FAILED\n  status_reason: |\n    ValueError: resources.bad: Test Resource failed bad\n";
    let listed = ground.heat("stack failures list web").await.ok();
    assert_eq!(listed, expected);
    assert_eq!(
        ground.sent(),
        [
            "GET stacks/web",
            "GET stacks/web/ID",
            "GET stacks/web/ID",
            "GET stacks/web/ID/resources"
        ]
    );
    let shown = ground.json("stack show web -f json").await;
    let by_id = format!(
        "stack failures list {} --long",
        shown["id"].as_str().unwrap()
    );
    assert_eq!(ground.heat(&by_id).await.ok(), expected);
    assert_eq!(ground.heat("stack failures list fine").await.ok(), "");
    let missing = ground.heat("stack failures list nope").await;
    missing.failed(
        1,
        "ERROR: show stack \"nope\": 404 Not Found: The Stack (nope) could not be found.",
    );
}

#[tokio::test]
async fn long_reasons_and_logs_are_cut() {
    let ground = Ground::new("long-reasons").await;
    let failed = ground
        .heat("stack create web -t fail.yaml --wait --poll 0.05")
        .await;
    assert_eq!(failed.code, Some(1));
    let numbers = |range: std::ops::RangeInclusive<u32>| {
        let lines: Vec<_> = range.map(|n| n.to_string()).collect();
        lines.join("\n")
    };
    let resource = json!({
        "resource_name": "bad", "resource_type": "OS::Heat::SoftwareDeployment", "resource_status": "CREATE_FAILED",
        "physical_resource_id": "d1", "resource_status_reason": numbers(1..=12), "links": [],
    });
    let deployment = json!({"software_deployment": {
        "id": "d1", "status": "FAILED", "output_values": {"deploy_stdout": "one\r\ntwo\n", "deploy_stderr": numbers(1..=11)},
    }});
    for (path, body) in [
        ("/resources", json!({"resources": [resource]})),
        ("/software_deployments/d1", deployment),
    ] {
        let fault = Fault::within(Method::GET, path).status(200, &[], body.to_string());
        ground.sandbox.fault(fault);
    }
    let head = "web.bad:\n  resource_type: OS::Heat::SoftwareDeployment\n  physical_resource_id: d1\n  \
                status: CREATE_FAILED\n  status_reason: |\n";
    let indented = |range| {
        let lines = numbers(range);
        let lines: Vec<_> = lines.lines().map(|line| format!("    {line}\n")).collect();
        lines.concat()
    };
    assert_eq!(
        ground.heat("stack failures list web").await.ok(),
        format!(
            "{head}    ...\n\n{}  deploy_stdout: |\n    one\n    two\n  deploy_stderr: |\n    ...\n{}    \
             (truncated, view all with --long)\n",
            indented(3..=12),
            indented(2..=11)
        )
    );
    assert_eq!(
        ground.heat("stack failures list web --long").await.ok(),
        format!(
            "{head}{}  deploy_stdout: |\n    one\n    two\n  deploy_stderr: |\n{}",
            indented(1..=12),
            indented(1..=11)
        )
    );
}
