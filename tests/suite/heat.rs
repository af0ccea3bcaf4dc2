//! The Heat client: what it sends, reads and says.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _};
use heatclient::heat::{
    Action, Adoption, Event, NewStack, SortDir, Stack, StackRef, StackUpdate, Validation,
};
use heatclient::{Error, ErrorKind};
use serde_json::{Value, json};

use super::Cloud;

/// Passes the name of every case to a macro that makes a test of it.
#[macro_export]
macro_rules! heat_cases {
    ($test:ident) => {
        $test! {
            a_stack_is_made_shown_and_deleted
            resources_events_and_outputs_are_shown
            an_update_replaces_or_amends
            actions_run_to_their_end
            a_failed_create_names_its_resource
            a_failed_create_is_rolled_back
            a_failed_update_names_its_resource
            refusals_say_what_the_server_said
            lists_come_page_by_page
            waiting_comes_to_an_end
            another_action_overtakes
            events_are_followed
            templates_are_validated
            a_stack_is_adopted
            what_cannot_be_adopted_is_told
        }
    };
}

pub(super) const MINUTE: Duration = Duration::from_secs(60);

/// A text, and what is made of it: a resource, an output and two parameters.
fn template() -> Value {
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

/// Outputs that are the parameters. A Heat that was seen to lose the properties of an `OS::Heat::Value`
/// which an update changes in place cannot spoil these.
fn echo() -> Value {
    let mut template = template();
    template["resources"] = json!({"none": {"type": "OS::Heat::None"}});
    for name in ["text", "other"] {
        template["outputs"][name]["value"] = json!({"get_param": name});
    }
    template
}

/// A resource that fails, or takes its time.
fn test_resource(properties: Value) -> Value {
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
        .timeout(MINUTE)
        .await
}

pub(super) async fn delete(cloud: &Cloud, stack: impl Into<StackRef>) {
    let gone = try_delete(cloud, &stack.into()).await.unwrap();
    assert_eq!(gone.status.to_string(), "DELETE_COMPLETE");
}

/// Deletes a stack; once more if it takes long: Heat was seen to forget a delete that comes soon after an update of
/// nested stacks or a cleared hook.
pub(crate) async fn try_delete(cloud: &Cloud, stack: &StackRef) -> Result<Stack, Error> {
    let stacks = cloud.heat.stacks();
    stacks.delete(stack).await?;
    match stacks.wait(stack, Action::Delete).timeout(MINUTE / 2).await {
        Err(error) if error.is_timeout() => {
            stacks.delete(stack).await?;
            stacks.wait(stack, Action::Delete).timeout(MINUTE).await
        }
        gone => gone,
    }
}

/// The error's text without the id of the request, which it must hold.
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
        .timeout(MINUTE)
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

    // By name, by id, by both, and by what answers are.
    let full = format!("{name}/{}", stack.id);
    for reference in [
        name.as_str().into(),
        stack.id.as_str().into(),
        full.as_str().into(),
        StackRef::from(&stack),
    ] {
        let shown = stacks
            .get_with(&reference)
            .resolve_outputs(false)
            .await
            .unwrap();
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
        stacks.environment(&name).await.unwrap()["parameters"]["text"],
        "hello"
    );
    assert!(stacks.files(&name).await.unwrap().is_empty());

    // By its name, which is gone before the wait is over.
    delete(cloud, name.as_str()).await;
    assert!(stacks.get_opt(&name).await.unwrap().is_none());
    let late = stacks
        .wait(&name, Action::Delete)
        .timeout(MINUTE)
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

    // Below the stack Heat redirects nothing: the name is looked up.
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
    assert_eq!(changes.added[0]["resource_name"], "extra");
    assert_eq!((changes.added.len(), changes.updated.len()), (1, 0));

    let seen = Arc::new(Mutex::new(Vec::<Event>::new()));
    let sink = Arc::clone(&seen);
    stacks.update(&name, amend()).await.unwrap();
    let amended = stacks
        .wait(&name, Action::Update)
        .timeout(MINUTE)
        .on_event(move |event| sink.lock().unwrap().push(event.clone()))
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
    // Of the events only those of the update, from its first to its last.
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    let of_stack: Vec<_> = seen
        .iter()
        .filter(|e| e.is_of_stack())
        .map(|e| e.status.to_string())
        .collect();
    assert_eq!(of_stack, ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"]);
    assert!(seen.first().unwrap().is_of_stack());

    // What a replacing update does not name goes back to the defaults.
    stacks
        .update(&stack, StackUpdate::new(echo()).parameter("other", "d"))
        .await
        .unwrap();
    let replaced = stacks
        .wait(&stack, Action::Update)
        .timeout(MINUTE)
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
        .timeout(MINUTE)
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
        .timeout(MINUTE)
        .await
        .unwrap();
    assert_eq!(checked.status.to_string(), "CHECK_COMPLETE");
    stacks.suspend(&web).await.unwrap();
    let suspended = stacks
        .wait(&web, Action::Suspend)
        .timeout(MINUTE)
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
        .timeout(MINUTE)
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

pub(crate) async fn a_failed_create_names_its_resource(cloud: &Cloud) {
    let name = cloud.name("fail");
    let error = create(
        cloud,
        NewStack::new(&name, test_resource(json!({"fail": true}))),
    )
    .await
    .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StackFailed);
    assert_eq!(
        error.to_string(),
        format!(
            "stack \"{name}\": CREATE_FAILED: resource broken (OS::Heat::TestResource): \
             ValueError: resources.broken: Test Resource failed broken"
        )
    );
    let [failure] = error.failures() else {
        panic!("{:?}", error.failures())
    };
    assert_eq!(
        (failure.path.as_str(), &*failure.status.to_string()),
        ("broken", "CREATE_FAILED")
    );
    delete(cloud, &name).await;
}

pub(crate) async fn a_failed_create_is_rolled_back(cloud: &Cloud) {
    let name = cloud.name("rollback");
    let new = NewStack::new(&name, test_resource(json!({"fail": true}))).rollback(true);
    let error = create(cloud, new).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StackFailed);
    assert_eq!(
        error.to_string(),
        format!(
            "stack \"{name}\": CREATE_FAILED, then ROLLBACK_COMPLETE: resource broken (OS::Heat::TestResource): \
             ValueError: resources.broken: Test Resource failed broken"
        )
    );
    assert_eq!(error.failures().len(), 1);
    delete(cloud, &name).await;
}

pub(crate) async fn a_failed_update_names_its_resource(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("upfail"));
    let stack = create(
        cloud,
        NewStack::new(&name, test_resource(json!({"value": "a"}))),
    )
    .await
    .unwrap();
    let update =
        StackUpdate::existing().package(test_resource(json!({"value": "b", "fail": true})));
    stacks.update(&name, update).await.unwrap();
    let events = stacks.wait(&name, Action::Update).timeout(MINUTE).events();
    let events: Vec<_> = events.collect().await;
    let (last, events) = events.split_last().unwrap();
    let error = last.as_ref().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StackFailed);
    assert!(
        error.to_string().starts_with(&format!(
            "stack \"{name}\": UPDATE_FAILED: resource broken (OS::Heat::TestResource): "
        )),
        "{error}"
    );
    // The stream tells all there is before it ends with the error.
    let last = events.last().unwrap().as_ref().unwrap();
    assert!(
        last.is_of_stack() && last.status.to_string() == "UPDATE_FAILED",
        "{last:?}"
    );
    delete(cloud, &stack).await;
}

pub(crate) async fn refusals_say_what_the_server_said(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("refuse"));
    let missing = [
        (stacks.get(&name).await.unwrap_err(), "show stack"),
        (
            stacks.template(&name).await.unwrap_err(),
            "show template of stack",
        ),
        (stacks.delete(&name).await.unwrap_err(), "delete stack"),
        (stacks.check(&name).await.unwrap_err(), "check stack"),
        (
            stacks
                .update(&name, StackUpdate::existing())
                .await
                .unwrap_err(),
            "update stack",
        ),
        (
            cloud.heat.resources().list(&name).await.unwrap_err(),
            "list resources of stack",
        ),
        (
            cloud.heat.events().list(&name).await.unwrap_err(),
            "list events of stack",
        ),
        (
            cloud.heat.outputs().list(&name).await.unwrap_err(),
            "list outputs of stack",
        ),
        (
            stacks.wait(&name, Action::Create).await.unwrap_err(),
            "wait for CREATE of stack",
        ),
    ];
    for (error, doing) in missing {
        assert!(
            error.is_not_found() && error.kind() == ErrorKind::Status,
            "{error:?}"
        );
        assert_eq!(
            text(&error),
            format!("{doing} \"{name}\": 404 Not Found: The Stack ({name}) could not be found.")
        );
    }

    let stack = create(cloud, NewStack::new(&name, template()))
        .await
        .unwrap();
    let taken = stacks
        .create(NewStack::new(&name, template()))
        .await
        .unwrap_err();
    assert!(taken.is_conflict());
    assert_eq!(
        text(&taken),
        format!("create stack \"{name}\": 409 Conflict: The Stack ({name}) already exists.")
    );
    assert_eq!(
        taken.fault().and_then(|fault| fault.error_type.as_deref()),
        Some("StackExists")
    );
    delete(cloud, &stack).await;

    let unknown = stacks
        .create(NewStack::new(&name, template()).parameter("none", 1))
        .await
        .unwrap_err();
    assert_eq!(unknown.status().map(|s| s.as_u16()), Some(400));
    assert!(
        text(&unknown).contains("The Parameter (none) was not defined in template."),
        "{unknown}"
    );
    // What can be known beforehand is not sent.
    let local = stacks
        .create(NewStack::new(&name, template()).tags(["a,b"]))
        .await
        .unwrap_err();
    assert_eq!(local.kind(), ErrorKind::Config);
    assert!(!local.may_have_been_sent());
    let local = stacks.get("a/b/c").await.unwrap_err();
    assert_eq!(
        local.to_string(),
        "show stack \"a/b/c\": \"a/b/c\" is no stack; expected a name, an id, or name/id"
    );
}

pub(crate) async fn lists_come_page_by_page(cloud: &Cloud) {
    let (stacks, tag) = (cloud.heat.stacks(), cloud.name("list"));
    let none = json!({"heat_template_version": "2021-04-16"});
    let mut made = Vec::new();
    for n in 0..5 {
        let name = format!("{tag}-{n}");
        made.push(
            create(cloud, NewStack::new(name, none.clone()).tags([&tag]))
                .await
                .unwrap(),
        );
    }
    let names = |list: Vec<heatclient::heat::StackSummary>| {
        list.into_iter().map(|s| s.name).collect::<Vec<_>>()
    };
    let list = || {
        stacks
            .list()
            .tags([&tag])
            .sort_keys(["stack_name"])
            .sort_dir(SortDir::Asc)
    };
    let all: Vec<_> = made.iter().map(|stack| stack.name.clone()).collect();

    assert_eq!(names(list().await.unwrap()), all);
    for size in [1, 2, 5, 6] {
        assert_eq!(
            names(list().page_size(size).await.unwrap()),
            all,
            "pages of {size}"
        );
    }
    assert_eq!(names(list().limit(3).page_size(2).await.unwrap()), all[..3]);
    assert_eq!(
        names(list().limit(3).marker(&made[0].id).await.unwrap()),
        all[1..4]
    );
    assert_eq!(names(list().limit(0).await.unwrap()), all[..0]);
    assert_eq!(
        names(
            list()
                .filter("name", &all[1])
                .filter("name", &all[3])
                .await
                .unwrap()
        ),
        [&*all[1], &*all[3]]
    );
    assert_eq!(list().count().await.unwrap(), 5);
    assert!(stacks.count().await.unwrap() >= 5);
    let failed = stacks
        .list()
        .filter("name", &all[0])
        .filter("status", "FAILED")
        .await
        .unwrap();
    assert!(failed.is_empty());
    let summary = list().limit(1).await.unwrap().remove(0);
    assert_eq!(
        (summary.id.as_str(), summary.tags),
        (made[0].id.as_str(), vec![tag.clone()])
    );
    assert_eq!(summary.status.to_string(), "CREATE_COMPLETE");

    // The next page is asked for when the last is used up, not before.
    let mut stream = Box::pin(list().page_size(2).stream());
    assert_eq!(stream.try_next().await.unwrap().unwrap().name, all[0]);
    drop(stream);
    for stack in &made {
        delete(cloud, stack).await;
    }
    assert_eq!(names(list().show_deleted().await.unwrap()).len(), 5);
}

pub(crate) async fn waiting_comes_to_an_end(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("wait"));
    let slow = test_resource(json!({"action_wait_secs": {"create": 3600}}));
    let created = stacks.create(NewStack::new(&name, slow)).await.unwrap();
    let error = stacks
        .wait(&created, Action::Create)
        // reached: the stack takes an hour
        .timeout(Duration::from_secs(3))
        .await
        .unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(
        error.to_string(),
        format!(
            "wait for CREATE of stack \"{name}\": timed out after 3s; the stack is CREATE_IN_PROGRESS"
        )
    );
    delete(cloud, &created).await;
    let stack = create(cloud, NewStack::new(&name, template()))
        .await
        .unwrap();
    // Done already: told at once, with all its events. A second look would come too late.
    let events: Vec<_> = stacks
        .wait(&name, Action::Create)
        .interval(60 * MINUTE)
        .timeout(MINUTE)
        .events()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(
        events.first().unwrap().status.to_string(),
        "CREATE_IN_PROGRESS"
    );
    assert_eq!(events.last().unwrap().status.to_string(), "CREATE_COMPLETE");
    // Nobody began an update: that is said after a while rather than waited for.
    let error = stacks
        .wait(&name, Action::Update)
        .timeout(MINUTE)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("stack \"{name}\": no UPDATE is under way: the stack is CREATE_COMPLETE")
    );
    delete(cloud, &stack).await;
}

pub(crate) async fn another_action_overtakes(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("overtake"));
    let slow = test_resource(json!({"action_wait_secs": {"create": 3600}}));
    let created = stacks.create(NewStack::new(&name, slow)).await.unwrap();
    let wait = tokio::spawn(
        stacks
            .wait(&created, Action::Create)
            .timeout(MINUTE)
            .into_future(),
    );
    tokio::time::sleep(Duration::from_millis(200)).await;
    stacks.delete(&created).await.unwrap();
    let error = wait.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StackFailed);
    let text = error.to_string();
    assert!(
        text.starts_with(&format!(
            "stack \"{name}\": CREATE was overtaken by another action: the stack is DELETE_"
        )),
        "{text}"
    );
    let gone = stacks
        .wait(&created, Action::Delete)
        .timeout(MINUTE)
        .await
        .unwrap();
    assert_eq!(gone.status.to_string(), "DELETE_COMPLETE");
}

pub(crate) async fn events_are_followed(cloud: &Cloud) {
    let (stacks, events, name) = (
        cloud.heat.stacks(),
        cloud.heat.events(),
        cloud.name("follow"),
    );
    let stack = create(cloud, NewStack::new(&name, template()))
        .await
        .unwrap();
    let fast = Duration::from_millis(100);
    let first = events
        .follow(&name)
        .from_beginning()
        .interval(fast)
        .stream();
    let first: Vec<_> = first.take(3).try_collect().await.unwrap();
    let listed = events.list(&name).limit(3).await.unwrap();
    assert_eq!(first, listed);
    let second = events
        .follow(&name)
        .after(&first[0].id)
        .interval(fast)
        .stream();
    assert_eq!(
        Box::pin(second).try_next().await.unwrap().unwrap().id,
        listed[1].id
    );

    let follow = events.follow(&stack).interval(fast).stream();
    let before = events.list(&stack).await.unwrap();
    let new = tokio::spawn(async move { Box::pin(follow).try_next().await });
    // Nobody can tell when the following has begun; it has when an event is new to it.
    while !new.is_finished() {
        stacks.check(&stack).await.unwrap();
        let wait = stacks.wait(&stack, Action::Check).timeout(MINUTE);
        wait.await.unwrap();
        tokio::time::sleep(fast).await;
    }
    let new = new.await.unwrap().unwrap().unwrap();
    assert!(new.status.to_string().starts_with("CHECK_"), "{new:?}");
    assert!(before.iter().all(|event| event.id != new.id), "{new:?}");
    delete(cloud, &stack).await;
}

pub(crate) async fn templates_are_validated(cloud: &Cloud) {
    let templates = cloud.heat.templates();
    let template = json!({
        "heat_template_version": "2021-04-16",
        "description": "a suite's template",
        "parameters": {
            "size": {"type": "number", "label": "how many", "constraints": [{"range": {"min": 1}}]},
            "text": {"type": "string", "default": "one", "hidden": true, "tags": ["a"]},
            "zone": {"type": "comma_delimited_list", "description": "where"},
        },
        "parameter_groups": [{"label": "all", "parameters": ["size", "text"]}],
        "resources": {"none": {"type": "OS::Heat::None"}},
    });
    let validation = Validation::new(template.clone())
        .environment(json!({"parameters": {"size": 2}, "parameter_defaults": {"text": "two"}}))
        .parameter("zone", ["x"])
        .show_nested(true)
        .ignore_errors(["99001"]);
    let valid = templates.validate(validation).await.unwrap();
    assert_eq!(
        Value::Object(valid.raw().clone()),
        json!({
            "Description": "a suite's template",
            "Parameters": {
                "size": {
                    "Type": "Number", "Description": "", "NoEcho": "false", "Label": "how many",
                    "Value": 2, "MinValue": 1,
                },
                "text": {
                    "Type": "String", "Description": "", "NoEcho": "true", "Label": "text",
                    "Default": "two", "Tags": ["a"],
                },
                "zone": {
                    "Type": "CommaDelimitedList", "Description": "where", "NoEcho": "false", "Label": "zone",
                    "Value": ["x"],
                },
            },
            "ParameterGroups": [{"label": "all", "parameters": ["size", "text"]}],
            "Environment": {
                "parameters": {"size": 2, "zone": ["x"]}, "parameter_defaults": {"text": "two"},
                "resource_registry": {"resources": {}}, "event_sinks": [],
            },
        })
    );
    assert_eq!(valid.description, "a suite's template");
    assert_eq!(
        (valid.parameters.len(), valid.parameter_groups.len()),
        (3, 1)
    );
    assert_eq!(valid.environment["parameters"]["size"], 2);
    assert!(valid.nested_parameters.is_empty());

    let with = |key: &str, value: Value| {
        let mut template = template.clone();
        template[key] = value;
        Validation::new(template)
    };
    let same = || Validation::new(template.clone());
    for (validation, message) in [
        (
            same().parameter("none", 1),
            "400 Bad Request: The Parameter (none) was not defined in template.",
        ),
        (
            same().environment(json!({"parameter": {}})),
            "400 Bad Request: Environment not in valid format: environment has wrong section \"parameter\"",
        ),
        (
            with("resource", json!({})),
            "400 Bad Request: The template section is invalid: resource",
        ),
        (
            with(
                "resources",
                json!({"a": {"type": "OS::Heat::Value", "properties": {"value": 1, "size": 1}}}),
            ),
            "400 Bad Request: Property error: resources.a.properties: Unknown Property size",
        ),
        (
            with(
                "parameter_groups",
                json!([{"label": "all", "parameters": ["size", "none"]}]),
            ),
            "400 Bad Request: Parameter Groups error: parameter_groups.all: \
             The grouped parameter none does not reference a valid parameter.",
        ),
    ] {
        let error = templates.validate(validation).await.unwrap_err();
        assert_eq!(text(&error), format!("validate template: {message}"));
    }
    let unknown = same().ignore_errors(["99001", "7"]);
    let error = templates.validate(unknown).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    let error = error.to_string();
    assert!(
        error.ends_with(", as it does for error codes that it does not know: \"99001,7\""),
        "{error}"
    );
}

/// What is left of a stack: a text that was made up, and a value.
fn remains() -> Value {
    json!({
        "template": {
            "heat_template_version": "2021-04-16",
            "parameters": {"text": {"type": "string"}, "other": {"type": "string", "default": "two"}},
            "resources": {
                "key": {"type": "OS::Heat::RandomString"},
                "none": {"type": "OS::Heat::None", "depends_on": "key"},
            },
            "outputs": {
                "key": {"value": {"get_attr": ["key", "value"]}},
                "text": {"value": {"get_param": "text"}},
            },
        },
        "environment": {"parameters": {"text": "left"}, "resource_registry": {"resources": {}}},
        "files": {"file:///kept": "kept"},
        "resources": {
            "key": {"resource_id": "old-key", "resource_data": {"value": "s3cret"}},
            "none": {"resource_id": "old-none"},
        },
    })
}

pub(crate) async fn a_stack_is_adopted(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("adopt"));
    let adoption = Adoption::new(&name, remains())
        .parameter("other", "given")
        .timeout(Duration::from_secs(301))
        .tags(["suite"]);
    let created = stacks.adopt(adoption.clone()).await.unwrap();
    assert_eq!(created.name, name);
    let wait = stacks.wait(&created, Action::Adopt).timeout(MINUTE);
    let stack = wait.await.unwrap();
    assert_eq!(
        (
            stack.status.to_string(),
            stack.timeout_mins,
            stack.disable_rollback
        ),
        ("ADOPT_COMPLETE".to_owned(), Some(6), true)
    );
    assert_eq!(
        (&stack.parameters["text"], &stack.parameters["other"]),
        (&json!("left"), &json!("given"))
    );
    assert_eq!(stack.output("key").unwrap().value, Some(json!("s3cret")));
    assert_eq!(stack.tags, ["suite"]);
    assert_eq!(stacks.files(&stack).await.unwrap()["file:///kept"], "kept");
    let mut resources = cloud.heat.resources().list(&stack).await.unwrap();
    resources.sort_by(|a, b| a.name.cmp(&b.name));
    let ids: Vec<_> = resources
        .iter()
        .map(|r| r.physical_resource_id.as_deref())
        .collect();
    assert_eq!(ids, [Some("old-key"), Some("old-none")]);

    let taken = stacks.adopt(adoption).await.unwrap_err();
    assert_eq!(
        text(&taken),
        format!("adopt stack \"{name}\": 409 Conflict: The Stack ({name}) already exists.")
    );
    delete(cloud, &stack).await;
}

pub(crate) async fn what_cannot_be_adopted_is_told(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("remains"));
    let mut remains = remains();
    remains["resources"]["key"] = json!({});
    let adoption = Adoption::new(&name, remains.clone());
    let why = "resource key (OS::Heat::RandomString): Exception: resources.key: Resource ID was not provided.";
    for (rollback, status) in [(false, ""), (true, ", then ROLLBACK_COMPLETE")] {
        let created = stacks
            .adopt(adoption.clone().rollback(rollback))
            .await
            .unwrap();
        let wait = stacks.wait(&created, Action::Adopt).timeout(MINUTE);
        let error = wait.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StackFailed);
        assert_eq!(
            error.to_string(),
            format!("stack \"{name}\": ADOPT_FAILED{status}: {why}")
        );
        delete(cloud, &created).await;
    }

    let unknown = adoption.parameter("none", 1);
    let error = stacks.adopt(unknown).await.unwrap_err();
    assert_eq!(
        text(&error),
        format!(
            "adopt stack \"{name}\": 400 Bad Request: The Parameter (none) was not defined in template."
        )
    );
    remains["template"] = Value::Null;
    let error = stacks
        .adopt(Adoption::new(&name, remains))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.may_have_been_sent()),
        (ErrorKind::Config, false)
    );
}
