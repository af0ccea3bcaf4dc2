//! Software configs and deployments, and what Heat offers, through the tool.

use std::process::Stdio;
use std::time::Duration;

use heatclient::heat::{DeploymentUpdate, Status};
use heatclient_test_support::cloud::{Cloud, cloud};
use heatclient_test_support::directory::Directory;
use serde_json::{Value, json};
use tokio::process::Command;

/// Runs the tool. Returns its exit code, stdout and stderr.
async fn heat(cloud: &Cloud, line: &str) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_heat"))
        .args(line.split_whitespace())
        .env_clear()
        .envs([
            ("OS_AUTH_URL", cloud.facts.auth_url.as_str()),
            ("OS_USERNAME", "demo"),
            ("OS_PASSWORD", "demo"),
            ("OS_PROJECT_NAME", "demo"),
            ("OS_USER_DOMAIN_ID", "default"),
            ("OS_PROJECT_DOMAIN_ID", "default"),
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

#[track_caller]
fn succeeded((code, out, err): (Option<i32>, String, String)) -> String {
    assert_eq!(code, Some(0), "{err}");
    out
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn configs_and_deployments_have_their_life() {
    let Some(cloud) = cloud() else {
        eprintln!("skipped: HEAT_LIVE_STATE is not set");
        return;
    };
    let name = cloud.name("software");
    let directory = Directory::new("software");
    let definition = "inputs: [{name: who, default: wörld}, {name: n, type: Number, default: '5'}]";
    let definition = directory.write("def.yaml", definition);
    let create = format!(
        "software config create {name} --group script --definition-file {}",
        definition.display()
    );
    let config = json(&succeeded(heat(&cloud, &create).await));
    // Heat converts default values and adds types.
    assert_eq!(config["inputs"][1]["default"], 5);
    assert_eq!(config["inputs"][0]["type"], "String");
    let config_id = config["id"].as_str().unwrap();
    let old = succeeded(heat(&cloud, &format!("config-show {config_id}")).await);
    assert_eq!(json(&old), config);
    assert!(old.contains("w\\u00f6rld"), "{old}");

    let deploy = format!(
        "software deployment create {name} --server {name} --config {config_id} --input-value who=me \
         --signal-transport NO_SIGNAL -f json"
    );
    let deployment = json(&succeeded(heat(&cloud, &deploy).await));
    assert_eq!(
        (&deployment["status"], &deployment["status_reason"]),
        (&json!("IN_PROGRESS"), &json!("None"))
    );
    let id = deployment["id"].as_str().unwrap();
    let metadata =
        succeeded(heat(&cloud, &format!("software deployment metadata show {name}")).await);
    assert_eq!(json(&metadata)[0]["inputs"][0]["value"], "me");
    let results = DeploymentUpdate::complete()
        .stdout("a\nb\n")
        .output("x", json!({"y": [1]}));
    cloud
        .heat
        .software_deployments()
        .update(id, results)
        .await
        .unwrap();
    let shown = heat(
        &cloud,
        &format!("software deployment output show {id} --all"),
    )
    .await;
    assert_eq!(
        succeeded(shown),
        "output_values:\n\n  deploy_stdout: |\n    a\n    b\n  x: {\"y\": [1]}\n"
    );
    let list = heat(
        &cloud,
        &format!("software deployment list --server {name} -f value -c id -c status"),
    )
    .await;
    assert_eq!(succeeded(list), format!("{id} COMPLETE\n"));

    let (code, _, err) = heat(
        &cloud,
        &format!(
            "config-delete {} nope",
            deployment["config_id"].as_str().unwrap()
        ),
    )
    .await;
    assert_eq!(code, Some(1));
    assert!(
        err.contains("can not be deleted as it is referenced"),
        "{err}"
    );
    assert!(
        err.ends_with("ERROR: Unable to delete 2 of the 2 configs.\n"),
        "{err}"
    );
    for line in [
        format!("software deployment delete {id}"),
        format!("config-delete {config_id}"),
    ] {
        assert_eq!(succeeded(heat(&cloud, &line).await), "", "{line}");
    }
    let (code, _, err) = heat(&cloud, &format!("software config show {config_id}")).await;
    assert_eq!(code, Some(1));
    assert!(
        err.starts_with(&format!("ERROR: Configuration not found: {config_id}")),
        "{err}"
    );
}

/// Heat accepts the template with the config, refuses the config, and says nothing about the reason.
#[tokio::test]
async fn a_config_with_an_unknown_type_is_refused_with_advice() {
    let Some(cloud) = cloud() else {
        eprintln!("skipped: HEAT_LIVE_STATE is not set");
        return;
    };
    let directory = Directory::new("software-type");
    let definition = directory.write("def.yaml", "inputs: [{name: a, type: Nope}]");
    let line = format!("config-create c -f {}", definition.display());
    let (code, out, err) = heat(&cloud, &line).await;
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(
        err.contains("400 Bad Request") && err.contains("; check the types, "),
        "{err}"
    );
}

#[tokio::test]
async fn what_heat_offers_is_listed() {
    let Some(cloud) = cloud() else {
        eprintln!("skipped: HEAT_LIVE_STATE is not set");
        return;
    };
    let versions = succeeded(heat(&cloud, "orchestration template version list").await);
    assert!(
        versions.contains(
            "| heat_template_version.2021-04-16     | hot  | heat_template_version.wallaby "
        ),
        "{versions}"
    );
    let functions = "orchestration template function list heat_template_version.wallaby --with_conditions -f value -c Functions";
    let functions = succeeded(heat(&cloud, functions).await);
    assert!(functions.lines().any(|name| name == "not"), "{functions}");
    let types = "orchestration resource type list --filter name=OS::Heat::RandomS.* --long -f json";
    let types = json(&succeeded(heat(&cloud, types).await));
    assert_eq!(types[0]["Resource Type"], "OS::Heat::RandomString");
    assert_eq!(types.as_array().unwrap().len(), 1);
    let template = succeeded(heat(&cloud, "resource-type-template OS::Heat::RandomString").await);
    assert!(
        template.starts_with("Description: Initial template of RandomString\n"),
        "{template}"
    );
    // Only administrators may list the engines.
    let (code, _, err) = heat(&cloud, "orchestration service list").await;
    assert_eq!(code, Some(1));
    assert!(err.contains("403 Forbidden"), "{err}");
}

#[tokio::test]
async fn a_deployment_is_waited_for() {
    let Some(cloud) = cloud() else {
        eprintln!("skipped: HEAT_LIVE_STATE is not set");
        return;
    };
    for (update, code) in [
        (DeploymentUpdate::complete().stdout("done"), 0),
        (
            DeploymentUpdate::new()
                .status(Status::Failed)
                .stderr("no disk")
                .status_code(3),
            1,
        ),
    ] {
        let name = cloud.name("deployment");
        let line = format!(
            "software deployment create {name} --server {name} --signal-transport NO_SIGNAL --wait --poll 0.2 -f json"
        );
        let deployments = cloud.heat.software_deployments();
        let signal = async {
            let id = loop {
                let list = deployments.list().server(&*name).await.unwrap();
                if let Some(found) = list.first() {
                    break found.id.clone();
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            };
            deployments.update(&id, update).await.unwrap();
            id
        };
        let (ran, id) = tokio::join!(heat(&cloud, &line), signal);
        let (found, out, err) = ran;
        assert_eq!(found, Some(code), "{err}");
        match code {
            0 => assert_eq!(json(&out)["status"], "COMPLETE"),
            _ => assert!(out.is_empty() && err.contains("no disk"), "{out}{err}"),
        }
        succeeded(heat(&cloud, &format!("software deployment delete {id}")).await);
    }
}
