//! Tests that need a real engine: nested stacks, a cancelled update, and a template that Heat downloads.

use std::time::Duration;

use heatclient::ErrorKind;
use heatclient::heat::{Action, NewStack, StackUpdate, Validation};
use heatclient::template::Package;
use heatclient_test_support::cloud::Cloud;
use heatclient_test_support::scripted::Scripted;
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

pub(crate) async fn a_template_is_downloaded_by_heat(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("download"));
    let server = Scripted::start(|request| {
        let size = request.path.trim_matches(|c: char| !c.is_ascii_digit());
        let body = format!(
            "{{heat_template_version: 2021-04-16, parameters: {{size: {{type: number, default: {size}}}}}}}"
        );
        let length = body.len();
        format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
            .into()
    });
    let server = server.await;
    let package = |size: u32| Package::from_url(format!("{}/{size}.yaml", server.url));
    let valid = cloud.heat.templates().validate(Validation::new(package(1)));
    let size = &valid.await.unwrap().parameters["size"];
    assert_eq!(size.default, Some(1.into()));
    let preview = stacks.preview(NewStack::new(&name, package(2)));
    assert_eq!(preview.await.unwrap().parameters["size"], "2");
    let created = stacks.create(NewStack::new(&name, package(3))).await;
    let created = created.unwrap();
    let wait = stacks.wait(&created, Action::Create).timeout(3 * MINUTE);
    assert_eq!(wait.await.unwrap().parameters["size"], "3");
    let patch = |size| StackUpdate::existing().package(package(size));
    stacks.preview_update(&created, patch(4)).await.unwrap();
    for update in [patch(5), StackUpdate::new(package(5))] {
        stacks.update(&created, update).await.unwrap();
        let wait = stacks.wait(&created, Action::Update).timeout(3 * MINUTE);
        assert_eq!(wait.await.unwrap().parameters["size"], "5");
    }
    // Heat downloads that of a PATCH twice.
    let mut paths: Vec<_> = server.seen().into_iter().map(|seen| seen.path).collect();
    paths.dedup();
    let expected = [1, 2, 3, 4, 5].map(|size| format!("/{size}.yaml"));
    assert_eq!(paths, expected);
    delete(cloud, &name).await;
}
