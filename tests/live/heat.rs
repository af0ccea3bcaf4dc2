//! Tests that need a real engine: nested stacks, and a cancelled update.

use std::time::Duration;

use heatclient::ErrorKind;
use heatclient::heat::{Action, NewStack, StackUpdate};
use heatclient_test_support::cloud::Cloud;
use serde_json::{Value, json};

const MINUTE: Duration = Duration::from_secs(60);

fn template(resource: Value) -> Value {
    json!({"heat_template_version": "2021-04-16", "resources": {"group": resource}})
}

async fn delete(cloud: &Cloud, name: &str) {
    cloud.heat.stacks().delete(name).await.unwrap();
}

pub(crate) async fn a_nested_failure_is_told_by_its_path(cloud: &Cloud) {
    let name = cloud.name("nested");
    let broken = json!({"type": "OS::Heat::TestResource", "properties": {"fail": true}});
    let group = json!({"type": "OS::Heat::ResourceGroup", "properties": {"count": 1, "resource_def": broken}});
    let stacks = cloud.heat.stacks();
    let created = stacks
        .create(NewStack::new(&name, template(group)))
        .await
        .unwrap();
    let wait = stacks.wait(&created, Action::Create).timeout(3 * MINUTE);
    let error = wait.await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "stack \"{name}\": CREATE_FAILED: resource group.0 (OS::Heat::TestResource): \
             ValueError: resources[0]: Test Resource failed 0"
        )
    );
    assert_eq!(error.failures().len(), 1);
    let resources = cloud
        .heat
        .resources()
        .list(&created)
        .nested_depth(2)
        .await
        .unwrap();
    assert_eq!(resources.len(), 2);
    let inner = resources.iter().find(|r| r.name == "0").unwrap();
    assert_eq!(inner.parent_resource.as_deref(), Some("group"));
    let events = cloud
        .heat
        .events()
        .list(&created)
        .nested_depth(2)
        .await
        .unwrap();
    let inner = events.iter().find(|e| e.resource_name == "0").unwrap();
    assert_ne!(inner.stack().unwrap().1, created.id);
    delete(cloud, &name).await;
}

pub(crate) async fn a_cancelled_update_is_rolled_back(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("cancel"));
    let resource = |value: &str, seconds: u32| {
        template(json!({
            "type": "OS::Heat::TestResource",
            "properties": {"value": value, "action_wait_secs": {"update": seconds}},
        }))
    };
    let created = stacks
        .create(NewStack::new(&name, resource("a", 0)))
        .await
        .unwrap();
    stacks
        .wait(&created, Action::Create)
        .timeout(3 * MINUTE)
        .await
        .unwrap();
    stacks
        .update(&created, StackUpdate::new(resource("b", 3)))
        .await
        .unwrap();
    stacks.cancel_update(&created).await.unwrap();
    let (update, rollback) = tokio::join!(
        stacks.wait(&created, Action::Update).timeout(3 * MINUTE),
        stacks.wait(&created, Action::Rollback).timeout(3 * MINUTE),
    );
    assert_eq!(rollback.unwrap().status.to_string(), "ROLLBACK_COMPLETE");
    let error = update.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StackFailed);
    assert_eq!(
        error.to_string(),
        format!("stack \"{name}\": UPDATE was cancelled, then ROLLBACK_COMPLETE")
    );
    delete(cloud, &name).await;
}
