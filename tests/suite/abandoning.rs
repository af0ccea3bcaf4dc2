//! Stacks that are exported, abandoned and adopted again, and the detailed list.

use std::time::Duration;

use futures::TryStreamExt as _;
use heatclient::heat::{Action, Adoption, NewStack, StackRef, Status};
use heatclient_test_support::cloud::Cloud;
use serde_json::{Value, json};

use super::heat::{MINUTE, create, delete, echo, text};

/// Passes the name of each case to a macro that defines a test for it.
#[macro_export]
macro_rules! abandoning_cases {
    ($test:ident) => {
        $test! {
            a_stack_is_exported_abandoned_and_adopted
            what_is_abandoned_cannot_be_abandoned_again
            all_stacks_are_listed_by_the_detailed_list
        }
    };
}

const CHILD: &str = "file:///child.yaml";

/// A generated text in a nested stack and one beside it, and a hidden parameter.
fn nested(name: &str) -> NewStack {
    let child = json!({
        "heat_template_version": "2021-04-16",
        "resources": {"key": {"type": "OS::Heat::RandomString"}},
        "outputs": {"key": {"value": {"get_attr": ["key", "value"]}}},
    });
    let template = json!({
        "heat_template_version": "2021-04-16",
        "parameters": {"secret": {"type": "string", "hidden": true}},
        "resources": {
            "child": {"type": "My::Child"},
            "own": {"type": "OS::Heat::RandomString", "metadata": {"a": [1]}},
        },
        "outputs": {
            "child": {"value": {"get_attr": ["child", "key"]}},
            "own": {"value": {"get_attr": ["own", "value"]}},
        },
    });
    NewStack::new(name, template)
        .environment(json!({"resource_registry": {"My::Child": CHILD}}))
        .file(CHILD, child.to_string())
        .parameter("secret", "s3cret")
}

pub(crate) async fn a_stack_is_exported_abandoned_and_adopted(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("abandon"));
    let stack = create(cloud, nested(&name).tags(["suite"])).await.unwrap();
    let value = |stack: &heatclient::heat::Stack, key| stack.output(key).unwrap().value.clone();
    let (of_child, own) = (value(&stack, "child"), value(&stack, "own"));
    let resources = cloud.heat.resources();
    let id = |list: Vec<heatclient::heat::Resource>, name: &str| {
        let found = list.into_iter().find(|resource| resource.name == name);
        found.unwrap().physical_resource_id.unwrap()
    };
    let own_id = id(resources.list(&stack).await.unwrap(), "own");

    let exported = stacks.export(&name).await.unwrap();
    assert_eq!(
        (&exported.name, &exported.id, &exported.project_id),
        (&name, &stack.id, &cloud.facts.project_id)
    );
    assert_eq!(
        (&exported.action, &exported.status),
        (&Some(Action::Create), &Some(Status::Complete))
    );
    assert_eq!(exported.tags, ["suite"]);
    assert_eq!(exported.environment.parameters["secret"], "s3cret");
    assert!(exported.files[CHILD].as_str().unwrap().contains("key"));
    assert_eq!(exported.template["resources"]["own"]["metadata"]["a"][0], 1);
    let of_own = &exported.resources["own"];
    assert_eq!(
        (
            &of_own["resource_id"],
            &of_own["type"],
            &of_own["metadata"],
            of_own["resource_data"].get("value")
        ),
        (
            &json!(own_id),
            &json!("OS::Heat::RandomString"),
            &json!({"a": [1]}),
            own.as_ref()
        )
    );
    let below = &exported.resources["child"]["resources"]["key"];
    assert_eq!(below["resource_data"].get("value"), of_child.as_ref());
    // The environment shows no secrets.
    let shown = stacks.environment(&name).await.unwrap();
    assert_eq!(shown.parameters["secret"], "******");
    assert_eq!(shown.resource_registry["My::Child"], CHILD);

    let data = stacks.abandon(&stack).await.unwrap();
    assert_eq!(data, exported);
    let wait = stacks.wait(&stack, Action::Delete).timeout(3 * MINUTE);
    wait.await.unwrap();
    assert!(stacks.get_opt(&name).await.unwrap().is_none());

    // The data survives a file.
    let stored: Value = serde_json::from_str(&serde_json::to_string(&data).unwrap()).unwrap();
    assert_eq!(Value::from(&data), stored);
    // B-06: the timeout of an adoption has an effect.
    let adoption = Adoption::new(&name, &data)
        .tags(&data.tags)
        .timeout(Duration::from_secs(7 * 60));
    let adopted = stacks.adopt(adoption).await.unwrap();
    let wait = stacks.wait(&adopted, Action::Adopt).timeout(3 * MINUTE);
    let adopted = wait.await.unwrap();
    assert_ne!(adopted.id, stack.id);
    assert_eq!(
        (adopted.timeout_mins, &*adopted.tags),
        (Some(7), &["suite".to_owned()][..])
    );
    assert_eq!(
        (value(&adopted, "child"), value(&adopted, "own")),
        (of_child, own)
    );
    assert_eq!(id(resources.list(&adopted).await.unwrap(), "own"), own_id);
    let all = resources.list(&adopted).nested_depth(1).await.unwrap();
    let status = |name: &str| {
        let found = all.iter().find(|resource| resource.name == name);
        found.unwrap().status.to_string()
    };
    assert_eq!(
        (status("key"), status("child")),
        ("ADOPT_COMPLETE".to_owned(), "ADOPT_COMPLETE".to_owned())
    );
    delete(cloud, &adopted).await;
}

pub(crate) async fn what_is_abandoned_cannot_be_abandoned_again(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("again"));
    let stack = create(cloud, NewStack::new(&name, echo())).await.unwrap();
    let full = StackRef::from(&stack);
    let data = stacks.abandon(&full).await.unwrap();
    assert_eq!(data.resources["none"]["type"], "OS::Heat::None");
    // Before Heat has deleted the stack, it would answer with data without resources.
    let error = stacks.abandon(&full).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert!(error.stack_data().is_none());
    let wait = stacks.wait(&full, Action::Delete).timeout(3 * MINUTE);
    wait.await.unwrap();
    let missing = format!("The Stack ({name}) could not be found.");
    let refused = async || {
        let error = stacks.export(&full).await.unwrap_err();
        assert!(error.is_not_found());
        text(&error)
    };
    // The name is free a moment after the stack is DELETE_COMPLETE.
    assert!(stacks.get_opt(&name).await.unwrap().is_none());
    assert_eq!(
        refused().await,
        format!("export stack \"{name}\": 404 Not Found: {missing}")
    );
    let error = stacks.abandon(&full).await.unwrap_err();
    assert_eq!(
        text(&error),
        format!("abandon stack \"{name}\": 404 Not Found: {missing}")
    );
    // The name is looked up, which finds nothing.
    let error = stacks.abandon(&name).await.unwrap_err();
    assert!(error.is_not_found());
}

pub(crate) async fn all_stacks_are_listed_by_the_detailed_list(cloud: &Cloud) {
    let (stacks, tag) = (cloud.heat.stacks(), cloud.name("detail"));
    let new = nested(&tag).tags([&tag]);
    let first = create(cloud, new).await.unwrap();
    let other = format!("{tag}-2");
    let second = create(cloud, NewStack::new(other, echo()).tags([&tag]))
        .await
        .unwrap();
    let own = |list: Vec<heatclient::heat::StackSummary>| {
        let own = |stack: &heatclient::heat::StackSummary| stack.name.starts_with(&tag);
        list.into_iter().filter(own).collect::<Vec<_>>()
    };
    let detailed = own(stacks.list_detail().await.unwrap());
    let streamed = stacks.list_detail().stream().try_collect().await.unwrap();
    assert_eq!(detailed, own(streamed));
    // The same as a plain list, in spite of its name; nested stacks are missing.
    assert_eq!(detailed, stacks.list().tags([&tag]).await.unwrap());
    assert_eq!(detailed.len(), 2);
    delete(cloud, &first).await;
    delete(cloud, &second).await;
}
