//! Hooks, signals, snapshots, failures and the data of stacks.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use heatclient::heat::{Action, StackRef};
use heatclient_test_support::cloud::{Cloud, cloud};
use serde_json::Value;
use tokio::process::Command;

const TEMPLATE: &str = "
heat_template_version: 2021-04-16
parameters:
  word: {type: string}
  pass: {type: string, hidden: true}
resources:
  db-1: {type: OS::Heat::Value, properties: {value: {get_param: word}}, metadata: {a: [1]}}
  db-2: {type: OS::Heat::None}
  handle: {type: OS::Heat::WaitConditionHandle}
";

const KEY: &str = "
heat_template_version: 2021-04-16
resources:
  key: {type: OS::Heat::RandomString}
";

const ENVIRONMENT: &str = "
parameters: {word: one, pass: s3cret}
resource_registry: {resources: {db-*: {hooks: pre-create}}}
";

const FAILING: &str = "
heat_template_version: 2021-04-16
resources:
  group:
    type: OS::Heat::ResourceGroup
    properties: {count: 1, resource_def: {type: OS::Heat::TestResource, properties: {fail: true}}}
";

struct Tool<'a> {
    cloud: &'a Cloud,
    directory: PathBuf,
}

impl Tool<'_> {
    async fn run(&self, line: &str) -> (Option<i32>, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_heat"))
            .args(line.split_whitespace())
            .current_dir(&self.directory)
            .env_clear()
            .envs([
                ("OS_AUTH_URL", self.cloud.facts.auth_url.as_str()),
                ("OS_USERNAME", "demo"),
                ("OS_PASSWORD", "demo"),
                ("OS_PROJECT_NAME", "demo"),
                ("OS_USER_DOMAIN_NAME", "Default"),
                ("OS_PROJECT_DOMAIN_NAME", "Default"),
            ])
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (
            output.status.code(),
            text(output.stdout),
            text(output.stderr),
        )
    }

    async fn ok(&self, line: &str) -> String {
        let (code, out, err) = self.run(line).await;
        assert_eq!(code, Some(0), "{line}: {err}");
        out
    }

    async fn json(&self, line: &str) -> Value {
        serde_json::from_str(&self.ok(line).await).unwrap()
    }

    async fn fails(&self, line: &str, message: &str) {
        let (code, out, err) = self.run(line).await;
        assert_eq!((code, out.as_str()), (Some(1), ""), "{line}");
        assert!(err.starts_with(message), "{line}: {err}");
    }
}

fn write(directory: &Path, files: &[(&str, &str)]) {
    std::fs::create_dir_all(directory).unwrap();
    for (name, text) in files {
        std::fs::write(directory.join(name), text).unwrap();
    }
}

#[tokio::test]
async fn stack_data_hooks_and_snapshots_work_on_a_real_heat() {
    let Some(cloud) = &cloud() else {
        eprintln!("skipped: HEAT_LIVE_STATE is not set");
        return;
    };
    let name = cloud.name("data");
    let directory = std::env::temp_dir().join(&name);
    write(
        &directory,
        &[("t.yaml", TEMPLATE), ("env.yaml", ENVIRONMENT)],
    );
    let tool = Tool { cloud, directory };
    let stack = StackRef::from(&name);

    tool.ok(&format!("stack create {name} -t t.yaml -e env.yaml"))
        .await;
    let poll = format!("stack hook poll {name} -f json");
    while tool.json(&poll).await.as_array().unwrap().len() < 2 {}
    tool.ok(&format!("stack hook clear {name} db-1")).await;
    let again = format!("stack hook clear {name} db-1 --pre-create");
    let message = format!("ERROR: no pre-create hook of db-1 is pending in stack {name}");
    tool.fails(&again, &message).await;
    tool.ok(&format!("hook-clear {name} db-*")).await;
    let wait = cloud.heat.stacks().wait(&stack, Action::Create);
    wait.await.unwrap();
    let message = "ERROR: Stack status CREATE_COMPLETE not IN_PROGRESS";
    tool.fails(&format!("hook-poll {name}"), message).await;

    let signal = r#"{"id":"1","data":"ü"}"#;
    tool.ok(&format!(
        "stack resource signal {name} handle --data {signal}"
    ))
    .await;
    let metadata = format!("stack resource metadata {name} handle");
    assert_eq!(tool.json(&metadata).await["1"]["data"], "ü");
    let mark = format!("stack resource mark unhealthy {name} handle leaks");
    tool.ok(&mark).await;
    let status = format!("stack resource show {name} handle -f value -c resource_status");
    assert_eq!(tool.ok(&status).await, "CHECK_FAILED\n");
    tool.ok(&format!("resource-mark-unhealthy {name} handle --reset"))
        .await;
    assert_eq!(tool.ok(&status).await, "CHECK_COMPLETE\n");

    let made = tool
        .json(&format!(
            "stack snapshot create {name} --name night --wait -f json"
        ))
        .await;
    assert_eq!(made["status"], "COMPLETE");
    assert_eq!(made["data"]["resources"]["db-1"]["type"], "OS::Heat::Value");
    let id = made["ID"].as_str().unwrap();
    let shown = tool.json(&format!("snapshot-show {name} {id}")).await;
    assert_eq!(shown["snapshot"]["name"], "night");
    tool.ok(&format!(
        "stack update {name} --existing --parameter word=two --wait"
    ))
    .await;
    tool.ok(&format!("stack snapshot restore {name} {id} --wait"))
        .await;
    let stack_now = tool.json(&format!("stack show {name} -f json")).await;
    assert_eq!(stack_now["parameters"]["word"], "one");
    tool.ok(&format!("stack snapshot delete {name} {id}")).await;
    let message = format!("ERROR: Snapshot ID <nope> not found for stack <{name}>");
    tool.fails(&format!("stack snapshot delete {name} nope"), &message)
        .await;

    // Hidden parameters are in the data, and masked elsewhere.
    let environment = tool.ok(&format!("stack environment show {name}")).await;
    assert!(
        environment.starts_with("parameters:\n  pass: '******'\n  word: one\n"),
        "{environment}"
    );
    let exported = tool.json(&format!("stack export {name}")).await;
    assert_eq!(exported["environment"]["parameters"]["pass"], "s3cret");
    cloud.try_delete(&stack).await.unwrap();
    std::fs::remove_dir_all(&tool.directory).unwrap();
}

#[tokio::test]
async fn a_stack_is_abandoned_on_a_real_heat() {
    let Some(cloud) = &cloud() else {
        eprintln!("skipped: HEAT_LIVE_STATE is not set");
        return;
    };
    let name = cloud.name("abandoned");
    let directory = std::env::temp_dir().join(&name);
    write(&directory, &[("key.yaml", KEY)]);
    let tool = Tool { cloud, directory };
    tool.ok(&format!("stack create {name} -t key.yaml --wait"))
        .await;
    let no_file = format!("stack abandon {name} --output-file no/such");
    tool.fails(&no_file, "ERROR: cannot write no/such: ").await;
    let exported = tool.ok(&format!("stack export {name}")).await;
    let out = tool
        .ok(&format!("stack abandon {name} --output-file data.json"))
        .await;
    assert_eq!(out, "");
    let data = std::fs::read_to_string(tool.directory.join("data.json")).unwrap();
    assert_eq!(data, exported.trim_end());
    let wait = cloud
        .heat
        .stacks()
        .wait(StackRef::from(&name), Action::Delete);
    wait.await.unwrap();
    tool.ok(&format!(
        "stack adopt {name}-2 --adopt-file data.json --wait"
    ))
    .await;
    let again = tool.ok(&format!("stack-abandon {name}-2")).await;
    let (data, again): (Value, Value) = (
        serde_json::from_str(&data).unwrap(),
        serde_json::from_str(&again).unwrap(),
    );
    assert_eq!(
        again["resources"]["key"]["resource_data"],
        data["resources"]["key"]["resource_data"]
    );
    std::fs::remove_dir_all(&tool.directory).unwrap();
}

#[tokio::test]
async fn failures_are_listed_on_a_real_heat() {
    let Some(cloud) = &cloud() else {
        eprintln!("skipped: HEAT_LIVE_STATE is not set");
        return;
    };
    let name = cloud.name("failed");
    let directory = std::env::temp_dir().join(&name);
    write(&directory, &[("fail.yaml", FAILING)]);
    let tool = Tool { cloud, directory };
    let (code, _, err) = tool
        .run(&format!("stack create {name} -t fail.yaml --wait"))
        .await;
    assert_eq!(code, Some(1), "{err}");
    assert_eq!(
        tool.ok(&format!("stack failures list {name}")).await,
        format!(
            "{name}.group.0:\n  resource_type: OS::Heat::TestResource\n  physical_resource_id: \n  \
             status: CREATE_FAILED\n  status_reason: |\n    ValueError: resources[0]: Test Resource failed 0\n"
        )
    );
    let events = tool.json(&format!("stack event list {name} -f json")).await;
    let event = &events[0];
    let (resource, id) = (&event["resource_name"], &event["id"]);
    let show = format!(
        "stack event show {name} {} {} -f json",
        resource.as_str().unwrap(),
        id.as_str().unwrap()
    );
    assert_eq!(tool.json(&show).await["id"], *id);
    cloud.try_delete(&StackRef::from(&name)).await.unwrap();
    std::fs::remove_dir_all(&tool.directory).unwrap();
}
