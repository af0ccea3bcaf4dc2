//! The Heat client: stacks and their parts, updates and actions.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use heatclient::Error;
use heatclient::heat::{
    Action, Event, NewStack, SortDir, Stack, StackRef, StackUpdate, WaitProgress,
};
use heatclient_test_support::cloud::Cloud;
use serde_json::{Value, json};

/// Passes the name of each case to a macro that defines a test for it.
#[macro_export]
macro_rules! heat_cases {
    ($test:ident) => {
        $test! {
            a_stack_is_made_shown_and_deleted
            resources_events_and_outputs_are_shown
            an_update_replaces_or_amends
            actions_run_to_their_end
        }
    };
}

pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// A resource, an output and two parameters.
pub(super) fn template() -> Value {
    json!({
        "heat_template_version": "2021-04-16",
        "description": "a suite's stack",
        "parameters": {
            "text": {"type": "string", "default": "one"},
            "other": {"type": "string", "default": "two"},
        },
        "resources": {
            "value": {"type": "OS::Heat::Value", "properties": {"value": {"get_param": "text"}}},
            "second": {"type": "OS::Heat::Value", "properties": {"value": {"get_param": "other"}}},
        },
        "outputs": {
            "text": {"description": "the text", "value": {"get_attr": ["value", "value"]}},
            "other": {"value": {"get_attr": ["second", "value"]}},
        },
    })
}

/// Outputs that are the parameters. Heat sometimes loses the properties of an `OS::Heat::Value` in an
/// update in place. That does not affect these.
pub(super) fn echo() -> Value {
    let mut template = template();
    template["resources"] = json!({"none": {"type": "OS::Heat::None"}});
    for name in ["text", "other"] {
        template["outputs"][name]["value"] = json!({"get_param": name});
    }
    template
}

/// A resource that fails or is slow.
pub(super) fn test_resource(properties: Value) -> Value {
    json!({
        "heat_template_version": "2021-04-16",
        "resources": {"broken": {"type": "OS::Heat::TestResource", "properties": properties}},
    })
}

pub(super) async fn create(cloud: &Cloud, stack: NewStack) -> Result<Stack, Error> {
    let created = cloud.heat.stacks().create(stack).await?;
    cloud
        .heat
        .stacks()
        .wait(&created, Action::Create)
        .timeout(3 * MINUTE)
        .await
}

pub(super) async fn delete(cloud: &Cloud, stack: impl Into<StackRef>) {
    cloud.try_delete(&stack.into()).await.unwrap();
}

/// The text of the error without the request ID, which it must contain.
pub(super) fn text(error: &Error) -> String {
    let id = error.request_id().expect("the server names each request");
    let suffix = format!(" (request {id})");
    error
        .to_string()
        .strip_suffix(&suffix)
        .unwrap_or_else(|| panic!("{error}"))
        .to_owned()
}

pub(crate) async fn a_stack_is_made_shown_and_deleted(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("show"));
    let new = || {
        NewStack::new(&name, template())
            .parameter("text", "hello")
            .tags(["suite", "show"])
            .timeout(Duration::from_secs(301))
    };

    let preview = stacks.preview(new()).await.unwrap();
    assert_eq!(
        (preview.name.as_str(), &preview.parameters["text"]),
        (name.as_str(), &json!("hello"))
    );
    assert_eq!(preview.resources.len(), 2);
    assert!(stacks.get_opt(&name).await.unwrap().is_none());

    let created = stacks.create(new()).await.unwrap();
    assert_eq!(created.name, name);
    let stack = stacks
        .wait(&created, Action::Create)
        .timeout(3 * MINUTE)
        .await
        .unwrap();
    assert_eq!(
        (stack.id.as_str(), stack.status.to_string()),
        (created.id.as_str(), "CREATE_COMPLETE".into())
    );
    assert_eq!(
        (stack.description.as_str(), stack.timeout_mins),
        ("a suite's stack", Some(6))
    );
    assert_eq!(
        (stack.parameters["text"].as_str(), stack.tags.len()),
        (Some("hello"), 2)
    );
    assert_eq!(stack.output("text").unwrap().value, Some(json!("hello")));
    assert!(stack.disable_rollback && stack.creation_time.is_some());
    assert_eq!(stack.raw()["stack_name"], *name);

    // By name, by ID, by both, and by a response.
    let full = format!("{name}/{}", stack.id);
    for reference in [
        name.as_str().into(),
        stack.id.as_str().into(),
        full.as_str().into(),
        StackRef::from(&stack),
    ] {
        let shown = stacks.get(&reference).resolve_outputs(false).await.unwrap();
        assert_eq!(
            (shown.id, shown.name),
            (stack.id.clone(), name.clone()),
            "{reference}"
        );
        assert!(shown.outputs.is_empty());
    }

    assert_eq!(
        stacks.template(&name).await.unwrap()["description"],
        "a suite's stack"
    );
    assert_eq!(
        stacks.environment(&name).await.unwrap().parameters["text"],
        "hello"
    );
    assert!(stacks.files(&name).await.unwrap().is_empty());

    // By its name, which does not exist any more when the wait ends.
    delete(cloud, name.as_str()).await;
    assert!(stacks.get_opt(&name).await.unwrap().is_none());
    let late = stacks
        .wait(&name, Action::Delete)
        .timeout(3 * MINUTE)
        .await
        .unwrap();
    assert_eq!(
        (late.name, late.status.to_string()),
        (name, "DELETE_COMPLETE".to_owned())
    );
    assert_eq!(
        stacks.get(&full).await.unwrap().status.to_string(),
        "DELETE_COMPLETE"
    );
    assert!(stacks.delete(&full).await.unwrap_err().is_not_found());
}

pub(crate) async fn resources_events_and_outputs_are_shown(cloud: &Cloud) {
    let name = cloud.name("parts");
    let stack = create(cloud, NewStack::new(&name, template()))
        .await
        .unwrap();
    let (resources, events, outputs) = (
        cloud.heat.resources(),
        cloud.heat.events(),
        cloud.heat.outputs(),
    );

    let mut all = resources.list(&name).await.unwrap();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!(
        all.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(),
        ["second", "value"]
    );
    assert!(
        all.iter()
            .all(|r| r.resource_type == "OS::Heat::Value" && r.status.is_complete())
    );
    assert_eq!(all[0].stack(), Some((name.clone(), stack.id.clone())));
    let one = resources
        .list(&stack)
        .filter("name", "value")
        .nested_depth(1)
        .await
        .unwrap();
    assert_eq!(
        one.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(),
        ["value"]
    );
    let refused = resources
        .list(&stack)
        .filter("colour", "red")
        .await
        .unwrap_err();
    assert_eq!(
        text(&refused),
        format!(
            "list resources of stack \"{name}\": 400 Bad Request: Invalid filter parameters ['colour']"
        )
    );

    // Heat does not redirect requests below the stack, so the name is looked up.
    let value = resources
        .get(&name, "value")
        .with_attr("value")
        .await
        .unwrap();
    assert_eq!(
        (value.name.as_str(), &value.attributes.unwrap()["value"]),
        ("value", &json!("one"))
    );
    let missing = resources.get(&name, "a/b ?").await.unwrap_err();
    assert!(missing.is_not_found());

    let all = events.list(&name).await.unwrap();
    assert!(all.first().unwrap().is_of_stack() && all.last().unwrap().is_of_stack());
    assert_eq!(
        all.first().unwrap().status.to_string(),
        "CREATE_IN_PROGRESS"
    );
    assert_eq!(all.last().unwrap().status.to_string(), "CREATE_COMPLETE");
    let backwards = events
        .list(&name)
        .sort_dir(SortDir::Desc)
        .limit(2)
        .await
        .unwrap();
    assert_eq!(backwards.len(), 2);
    assert_eq!(backwards[0].id, all.last().unwrap().id);
    let rest = events.list(&name).marker(&all[0].id).await.unwrap();
    assert_eq!((rest.len(), &rest[0].id), (all.len() - 1, &all[1].id));
    let of_value = events.list(&name).resource("value").await.unwrap();
    assert!(of_value.len() >= 2 && of_value.iter().all(|event| event.resource_name == "value"));
    let event = events.get(&name, "value", &of_value[0].id).await.unwrap();
    assert_eq!(
        (event.id.as_str(), event.resource_type.as_deref()),
        (of_value[0].id.as_str(), Some("OS::Heat::Value"))
    );
    let none = events
        .list(&name)
        .filter("resource_status", "FAILED")
        .await
        .unwrap();
    assert!(none.is_empty());

    let mut keys: Vec<_> = outputs
        .list(&name)
        .await
        .unwrap()
        .into_iter()
        .map(|o| (o.key, o.description, o.value))
        .collect();
    keys.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(
        (keys[0].0.as_str(), keys[1].1.as_str(), &keys[1].2),
        ("other", "the text", &None)
    );
    let output = outputs.get(&name, "other").await.unwrap();
    assert_eq!((output.value, output.error), (Some(json!("two")), None));
    let missing = outputs.get(&name, "none").await.unwrap_err();
    assert!(missing.is_not_found());
    assert_eq!(
        text(&missing),
        format!(
            "show output \"none\" of stack \"{name}\": 404 Not Found: Specified output key none not found."
        )
    );

    assert!(
        cloud
            .heat
            .build_info()
            .await
            .unwrap()
            .api
            .contains_key("revision")
    );
    delete(cloud, &stack).await;
}

pub(crate) async fn an_update_replaces_or_amends(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("update"));
    let new = NewStack::new(&name, echo())
        .parameter("text", "a")
        .parameter("other", "b")
        .tags(["one"]);
    let stack = create(cloud, new).await.unwrap();

    let amend = || StackUpdate::existing().parameter("text", "c");
    let mut larger = echo();
    larger["resources"]["extra"] = json!({"type": "OS::Heat::None"});
    let preview = stacks.preview_update(&name, StackUpdate::existing().package(larger));
    let changes = preview.await.unwrap();
    assert_eq!(changes.added[0].name, "extra");
    assert_eq!((changes.added.len(), changes.updated.len()), (1, 0));

    let seen = Arc::new(Mutex::new(Vec::<Event>::new()));
    let sink = Arc::clone(&seen);
    stacks.update(&name, amend()).await.unwrap();
    let progress = Arc::new(Mutex::new(Vec::<WaitProgress>::new()));
    let states = Arc::clone(&progress);
    let amended = stacks
        .wait(&name, Action::Update)
        .timeout(3 * MINUTE)
        .on_event(move |event| sink.lock().unwrap().push(event.clone()))
        .on_progress(move |state| states.lock().unwrap().push(state.clone()))
        .await
        .unwrap();
    assert_eq!(
        (
            amended.parameters["text"].as_str(),
            amended.parameters["other"].as_str()
        ),
        (Some("c"), Some("b"))
    );
    assert_eq!(amended.output("text").unwrap().value, Some(json!("c")));
    assert!(amended.updated_time.is_some());
    // Only the events of the update, from the first to the last.
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    let of_stack: Vec<_> = seen
        .iter()
        .filter(|e| e.is_of_stack())
        .map(|e| e.status.to_string())
        .collect();
    assert_eq!(of_stack, ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"]);
    assert!(seen.first().unwrap().is_of_stack());
    let last = progress.lock().unwrap().pop().unwrap();
    assert_eq!(last.status.to_string(), "UPDATE_COMPLETE");
    let resources: Vec<_> = last.resources.iter().map(|r| r.path.as_str()).collect();
    assert_eq!(resources, ["none"]);

    // A replacing update resets all parameters that it does not name.
    stacks
        .update(&stack, StackUpdate::new(echo()).parameter("other", "d"))
        .await
        .unwrap();
    let replaced = stacks
        .wait(&stack, Action::Update)
        .timeout(3 * MINUTE)
        .await
        .unwrap();
    assert_eq!(
        (
            replaced.parameters["text"].as_str(),
            replaced.parameters["other"].as_str()
        ),
        (Some("one"), Some("d"))
    );

    stacks
        .update(&stack, StackUpdate::existing().clear_parameter("other"))
        .await
        .unwrap();
    let cleared = stacks
        .wait(&stack, Action::Update)
        .timeout(3 * MINUTE)
        .await
        .unwrap();
    assert_eq!(cleared.parameters["other"], "two");
    delete(cloud, &stack).await;
}

pub(crate) async fn actions_run_to_their_end(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("act"));
    let stack = create(cloud, NewStack::new(&name, template()))
        .await
        .unwrap();
    let web = StackRef::from(name.as_str());

    stacks.check(&web).await.unwrap();
    let checked = stacks
        .wait(&web, Action::Check)
        .timeout(3 * MINUTE)
        .await
        .unwrap();
    assert_eq!(checked.status.to_string(), "CHECK_COMPLETE");
    stacks.suspend(&web).await.unwrap();
    let suspended = stacks
        .wait(&web, Action::Suspend)
        .timeout(3 * MINUTE)
        .await
        .unwrap();
    assert_eq!(suspended.status.to_string(), "SUSPEND_COMPLETE");
    let refused = stacks
        .update(&web, StackUpdate::existing().parameter("text", "x"))
        .await
        .unwrap_err();
    assert_eq!(
        text(&refused),
        format!(
            "update stack \"{name}\": 400 Bad Request: Updating a stack when it is suspended is not supported."
        )
    );
    stacks.resume(&web).await.unwrap();
    let resumed = stacks
        .wait(&web, Action::Resume)
        .timeout(3 * MINUTE)
        .await
        .unwrap();
    assert_eq!(resumed.status.to_string(), "RESUME_COMPLETE");
    let refused = stacks.cancel_update(&web).await.unwrap_err();
    assert_eq!(
        text(&refused),
        format!(
            "cancel the update of stack \"{name}\": 400 Bad Request: \
             Cancelling update when stack is RESUME_COMPLETE is not supported."
        )
    );
    delete(cloud, &stack).await;
}
