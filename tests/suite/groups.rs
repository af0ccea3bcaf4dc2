//! Groups of resources, and resources that take time.

use std::time::Duration;

use heatclient::heat::{Action, NewStack, StackUpdate};
use heatclient::{Error, ErrorKind};
use heatclient_test_support::cloud::Cloud;
use serde_json::{Map, Value, json};

use super::heat::{MINUTE, create, delete, text};

/// Passes the name of each case to a macro that defines a test for it.
#[macro_export]
macro_rules! group_cases {
    ($test:ident) => {
        $test! {
            groups_have_members
            chains_have_members_of_several_types
            what_is_wrong_in_groups_is_refused
            a_nested_failure_is_told_by_its_path
            delays_take_their_time
            a_cancelled_update_is_rolled_back
        }
    };
}

fn template(resource: Value, outputs: Value) -> Value {
    json!({
        "heat_template_version": "2021-04-16",
        "resources": {"group": resource},
        "outputs": outputs,
    })
}

pub(crate) fn group(properties: Value) -> Value {
    json!({"type": "OS::Heat::ResourceGroup", "properties": properties})
}

fn test(properties: Value) -> Value {
    json!({"type": "OS::Heat::TestResource", "properties": properties})
}

/// Outputs of these attributes of the group.
fn attributes(paths: &[&[&str]]) -> Value {
    let outputs = paths.iter().map(|path| {
        let argument: Vec<_> = std::iter::once("group")
            .chain(path.iter().copied())
            .collect();
        (path.join(" "), json!({"value": {"get_attr": argument}}))
    });
    Value::Object(outputs.collect::<Map<_, _>>())
}

pub(crate) async fn groups_have_members(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("group"));
    let paths: &[&[&str]] = &[
        &["refs"],
        &["refs", "1"],
        &["refs_map"],
        &["output"],
        &["attributes", "output"],
        &["resource.0"],
        &["resource.0.output"],
        &["resource.1", "output"],
        &["resource.7.output"],
        &["removed_rsrc_list"],
    ];
    let member = test(json!({"value": "n%index%"}));
    let mut outputs = attributes(paths);
    outputs["second"] = json!({"value": {"get_attr": ["group", "refs", 1]}});
    let new = template(group(json!({"count": 2, "resource_def": member})), outputs);
    let stack = create(cloud, NewStack::new(&name, new)).await.unwrap();

    let resources = cloud.heat.resources();
    let all = resources.list(&stack).nested_depth(1).await.unwrap();
    let mut all = all;
    // Heat lists the resources of a stack in no order.
    all.sort_by(|one, other| {
        (one.name != "group", &one.name).cmp(&(other.name != "group", &other.name))
    });
    let names: Vec<_> = all.iter().map(|resource| resource.name.as_str()).collect();
    assert_eq!(names, ["group", "0", "1"]);
    let own = &all[0];
    let members: Vec<_> = all[1..]
        .iter()
        .map(|one| one.physical_resource_id.as_ref().unwrap())
        .collect();
    assert!(
        all[1..]
            .iter()
            .all(|one| one.parent_resource.as_deref() == Some("group"))
    );

    let output = |key: &str| stack.output(key).unwrap();
    let value = |key: &str| output(key).value.clone().unwrap_or_default();
    assert_eq!(value("refs"), json!(members));
    assert_eq!(value("refs_map"), json!({"0": members[0], "1": members[1]}));
    assert_eq!(value("second"), json!(members[1]));
    assert_eq!(value("refs 1"), Value::Null);
    assert_eq!(value("output"), json!(["n0", "n1"]));
    assert_eq!(value("attributes output"), json!({"0": "n0", "1": "n1"}));
    assert_eq!(value("resource.0"), json!(members[0]));
    assert_eq!(value("resource.0.output"), "n0");
    assert_eq!(value("resource.1 output"), "n1");
    assert_eq!(value("removed_rsrc_list"), json!([]));
    assert_eq!(
        output("resource.7.output").error.as_deref(),
        Some("Member '7' not found in group resource 'group'.")
    );

    // The group is a stack of its own.
    let id = own.physical_resource_id.as_deref().unwrap();
    let child = stacks.get(id).await.unwrap();
    assert!(
        child.name.starts_with(&format!("{name}-group-")),
        "{child:?}"
    );
    assert_eq!(child.name.len(), name.len() + "-group-".len() + 12);
    assert_eq!(child.parent.as_deref(), Some(&*stack.id));
    let inner = stacks.template(&child).await.unwrap();
    assert_eq!(inner["heat_template_version"], "2015-04-30");
    assert_eq!(
        inner["resources"],
        json!({"0": test(json!({"value": "n0"})), "1": test(json!({"value": "n1"}))})
    );
    let shown = resources.get(&stack, "group").await.unwrap();
    assert_eq!(shown.raw()["attributes"]["removed_rsrc_list"], json!([]));
    delete(cloud, &stack).await;
}

pub(crate) async fn chains_have_members_of_several_types(cloud: &Cloud) {
    let name = cloud.name("chain");
    let chain = json!({"type": "OS::Heat::ResourceChain", "properties": {
        "resources": ["OS::Heat::TestResource", "OS::Heat::None"],
        "resource_properties": {"value": "v"},
    }});
    let paths: &[&[&str]] = &[&["refs"], &["resource.0.output"], &["attributes", "output"]];
    let new = template(chain, attributes(paths));
    let stack = create(cloud, NewStack::new(&name, new)).await.unwrap();
    let resources = cloud.heat.resources();
    let all = resources.list(&stack).nested_depth(1).await.unwrap();
    let member = |name: &str| all.iter().find(|one| one.name == name).unwrap();
    assert_eq!(member("0").resource_type, "OS::Heat::TestResource");
    assert_eq!(member("1").resource_type, "OS::Heat::None");
    assert_eq!(member("0").required_by, ["1"]);
    let value = |key: &str| stack.output(key).unwrap().value.clone().unwrap();
    let ids = ["0", "1"].map(|name| member(name).physical_resource_id.clone());
    assert_eq!(value("refs"), json!(ids));
    assert_eq!(value("resource.0.output"), "v");
    assert_eq!(value("attributes output"), json!({"0": "v", "1": null}));
    delete(cloud, &stack).await;
}

pub(crate) async fn what_is_wrong_in_groups_is_refused(cloud: &Cloud) {
    let name = cloud.name("groupwrong");
    let member = |properties| json!({"type": "OS::Heat::TestResource", "properties": properties});
    let of = |key: &str, value: Value| {
        let mut properties = json!({"resource_def": member(json!({}))});
        properties[key] = value;
        group(properties)
    };
    let chain = |properties| json!({"type": "OS::Heat::ResourceChain", "properties": properties});
    let delay = |properties| json!({"type": "OS::Heat::Delay", "properties": properties});
    let own = "Property error: : resources.group.properties";
    for (resource, why) in [
        (group(json!({"count": 1})), format!("{own}: : Property resource_def not assigned")),
        (of("x", json!(1)), format!("{own}: : Unknown Property x")),
        (of("count", json!(-1)), format!("{own}.count: : -1 is out of range (min: 0, max: None)")),
        (
            of("index_var", json!("a")),
            format!("{own}.index_var: : length (1) is out of range (min: 3, max: None)"),
        ),
        (
            of("removal_policies_mode", json!("x")),
            format!("{own}.removal_policies_mode: : \"x\" is not an allowed value [\"append\", \"update\"]"),
        ),
        (
            of("resource_def", json!({"properties": {}})),
            format!("{own}.resource_def: : Property type not assigned"),
        ),
        (
            of("resource_def", json!({"type": "OS::Heat::None", "depends_on": "x"})),
            format!("{own}.resource_def: : Unknown Property depends_on"),
        ),
        (
            of("resource_def", json!({"type": "OS::Bogus"})),
            "The Resource Type (OS::Bogus) could not be found.".to_owned(),
        ),
        (
            of("resource_def", member(json!({"nope": 1}))),
            "Property error: : resources.group<nested_stack>.resources[0].properties: : Unknown Property nope"
                .to_owned(),
        ),
        (chain(json!({})), format!("{own}: : Property resources not assigned")),
        (
            chain(json!({"resources": ["OS::Heat::TestResource"], "resource_properties": {"x": 1}})),
            "Property error: : resources.group<nested_stack>.resources[0].properties: : Unknown Property x"
                .to_owned(),
        ),
        (
            delay(json!({"min_wait": -1})),
            format!("{own}.min_wait: : -1 is out of range (min: 0, max: None)"),
        ),
        (
            delay(json!({"actions": ["CREATE", "X"]})),
            format!(
                "{own}.actions: : [\"CREATE\", \"X\"] is not an allowed value \
                 [\"CREATE\", \"DELETE\", \"SUSPEND\", \"RESUME\"]"
            ),
        ),
    ] {
        let new = NewStack::new(&name, template(resource, json!({})));
        let error = cloud.heat.stacks().create(new).await.unwrap_err();
        let expected = format!("create stack \"{name}\": 400 Bad Request: {why}");
        assert_eq!(text(&error), expected);
    }
    // An attribute that the members do not have.
    let good = group(json!({"resource_def": member(json!({}))}));
    let new = template(good, attributes(&[&["nope"]]));
    let error = cloud.heat.stacks().create(NewStack::new(&name, new)).await;
    assert_eq!(
        text(&error.unwrap_err()),
        format!(
            "create stack \"{name}\": 400 Bad Request: resources.group<nested_stack>.outputs.nope.Value[0].get_attr: : \
             The Referenced Attribute (0 nope) is incorrect."
        )
    );
}

pub(crate) async fn a_nested_failure_is_told_by_its_path(cloud: &Cloud) {
    let name = cloud.name("nested");
    let broken = test(json!({"fail": true}));
    let new = template(
        group(json!({"count": 1, "resource_def": broken})),
        json!({}),
    );
    let stacks = cloud.heat.stacks();
    let created = stacks.create(NewStack::new(&name, new)).await.unwrap();
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
    let stack = stacks.get(&created).await.unwrap();
    assert_eq!(
        stack.status_reason,
        "Resource CREATE failed: ValueError: resources.group.resources[0]: Test Resource failed 0"
    );
    let resources = cloud.heat.resources().list(&created).nested_depth(2);
    let resources = resources.await.unwrap();
    assert_eq!(resources.len(), 2);
    let inner = resources.iter().find(|r| r.name == "0").unwrap();
    assert_eq!(inner.parent_resource.as_deref(), Some("group"));
    let events = cloud.heat.events().list(&created).nested_depth(2);
    let events = events.await.unwrap();
    let inner = events.iter().find(|e| e.resource_name == "0").unwrap();
    assert_ne!(inner.stack().unwrap().1, created.id);
    delete(cloud, &created).await;
}

pub(crate) async fn delays_take_their_time(cloud: &Cloud) {
    let name = cloud.name("delay");
    let delay = json!({"type": "OS::Heat::Delay", "properties": {"min_wait": 0.2, "actions": ["CREATE", "DELETE"]}});
    let output = json!({"id": {"value": {"get_resource": "group"}}});
    let started = tokio::time::Instant::now();
    let delayed = Duration::from_millis(200);
    let new = NewStack::new(&name, template(delay, output));
    let stack = create(cloud, new).await.unwrap();
    assert_eq!(delayed.saturating_sub(started.elapsed()), Duration::ZERO);
    // There is nothing behind it.
    assert_eq!(stack.output("id").unwrap().value, Some(json!("group")));
    let resource = cloud.heat.resources().get(&stack, "group").await.unwrap();
    assert_eq!(resource.physical_resource_id, None);
    let stacks = cloud.heat.stacks();
    stacks.check(&stack).await.unwrap();
    let checked = stacks.wait(&stack, Action::Check).timeout(3 * MINUTE);
    assert_eq!(
        checked.await.unwrap().status_reason,
        "Stack CHECK completed successfully. 'CHECK' not fully supported (see resources)"
    );
    delete(cloud, &stack).await;
}

pub(crate) async fn a_cancelled_update_is_rolled_back(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("cancel"));
    let resource = |value: &str, seconds: u32| {
        let waits = json!({"update": seconds});
        let properties = json!({"value": value, "action_wait_secs": waits});
        template(test(properties), json!({}))
    };
    let created = create(cloud, NewStack::new(&name, resource("a", 0))).await;
    let created = created.unwrap();
    let update = StackUpdate::new(resource("b", 3));
    stacks.update(&created, update).await.unwrap();
    stacks.cancel_update(&created).await.unwrap();
    let (update, rollback) = tokio::join!(
        stacks.wait(&created, Action::Update).timeout(3 * MINUTE),
        stacks.wait(&created, Action::Rollback).timeout(3 * MINUTE),
    );
    assert_eq!(rollback.unwrap().status.to_string(), "ROLLBACK_COMPLETE");
    let error: Error = update.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StackFailed);
    assert_eq!(
        error.to_string(),
        format!("stack \"{name}\": UPDATE was cancelled, then ROLLBACK_COMPLETE")
    );
    delete(cloud, &created).await;
}
