//! The effect of environments and files on a stack.

use heatclient::Error;
use heatclient::heat::{Action, NewStack, Stack, StackUpdate, Validation};
use heatclient::template::Packer;
use heatclient::template::Source;
use heatclient_test_support::cloud::Cloud;
use serde_json::{Value, json};

use super::heat::{MINUTE, create, delete, text};

/// Passes the name of each case to a macro that defines a test for it.
#[macro_export]
macro_rules! environment_cases {
    ($test:ident) => {
        $test! {
            values_win_over_environments_and_those_over_defaults
            files_take_the_places_of_their_names
            files_that_are_not_there_are_missed
            types_stand_for_others
            environments_are_kept_or_replaced
        }
    };
}

fn template() -> Value {
    let parameter = json!({"type": "string", "default": "template"});
    let echo = |name: &str| json!({"value": {"get_param": name}});
    json!({
        "heat_template_version": "2021-04-16",
        "parameters": {"one": parameter, "two": parameter, "three": parameter, "four": parameter},
        "outputs": {"one": echo("one"), "two": echo("two"), "three": echo("three"), "four": echo("four")},
    })
}

fn outputs(stack: &Stack) -> [&str; 4] {
    ["one", "two", "three", "four"].map(|name| {
        let value = stack.output(name).unwrap().value.as_ref();
        value.and_then(Value::as_str).unwrap()
    })
}

async fn updated(cloud: &Cloud, name: &str, update: StackUpdate) -> Stack {
    let stacks = cloud.heat.stacks();
    stacks.update(name, update).await.unwrap();
    let wait = stacks.wait(name, Action::Update).timeout(3 * MINUTE);
    wait.await.unwrap()
}

pub(crate) async fn values_win_over_environments_and_those_over_defaults(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("wins"));
    let package = || {
        let first = "parameters: {one: first, two: first}\nparameter_defaults: {three: default, two: default}";
        let last = "parameters: {two: last}";
        Packer::new()
            .template(Source::text(template().to_string()))
            .environment(Source::text(first))
            .environment(Source::text(last))
            .parameter("one", "value")
    };
    let package = || async { package().pack().await.unwrap() };
    let new = NewStack::new(&name, package().await);
    let preview = stacks.preview(new.clone()).await.unwrap();
    let previewed =
        ["one", "two", "three", "four"].map(|name| preview.parameters[name].as_str().unwrap());
    assert_eq!(previewed, ["value", "last", "default", "template"]);
    let validation = Validation::new(package().await);
    let valid = cloud
        .heat
        .templates()
        .validate(validation)
        .await
        .unwrap()
        .parameters;
    assert_eq!(
        (&valid["one"].value, &valid["two"].value),
        (&Some(json!("value")), &Some(json!("last")))
    );
    assert_eq!(valid["three"].default, Some("default".into()));

    let stack = create(cloud, new).await.unwrap();
    assert_eq!(outputs(&stack), ["value", "last", "default", "template"]);
    let stack = updated(
        cloud,
        &name,
        StackUpdate::existing().parameter("two", "value"),
    )
    .await;
    assert_eq!(outputs(&stack), ["value", "value", "default", "template"]);
    let stack = updated(cloud, &name, StackUpdate::existing().clear_parameter("two")).await;
    assert_eq!(outputs(&stack), ["value", "default", "default", "template"]);
    let stack = updated(cloud, &name, StackUpdate::new(package().await)).await;
    assert_eq!(outputs(&stack), ["value", "last", "default", "template"]);
    delete(cloud, &stack).await;
}

fn reads(value: Value) -> Value {
    json!({
        "heat_template_version": "2021-04-16",
        "parameters": {"path": {"type": "string", "default": "file:///greeting"}},
        "resources": {"read": {"type": "OS::Heat::Value", "properties": {"value": value}}},
        "outputs": {
            "read": {"value": {"get_attr": ["read", "value"]}},
            "direct": {"value": {"get_file": "file:///greeting"}},
            "missing": {"value": {"get_file": "file:///none"}},
        },
    })
}

pub(crate) async fn files_take_the_places_of_their_names(cloud: &Cloud) {
    let name = cloud.name("files");
    let whole = json!({
        "plain": {"get_file": "file:///greeting"},
        "named": {"get_file": {"get_param": "path"}},
        "part": {"str_replace": {"template": {"get_file": "file:///greeting"}, "params": {"hello": "bye"}}},
    });
    let new = NewStack::new(&name, reads(whole)).file("file:///greeting", "hello\n");
    let stack = create(cloud, new).await.unwrap();
    let value = |key: &str| stack.output(key).unwrap().value.clone();
    assert_eq!(
        value("read"),
        Some(json!({"plain": "hello\n", "named": "hello\n", "part": "bye\n"}))
    );
    assert_eq!(value("direct"), Some(json!("hello\n")));
    let missing = stack.output("missing").unwrap();
    assert_eq!(
        missing.error.as_deref(),
        Some("No content found in the \"files\" section for get_file path: file:///none")
    );
    let files = cloud.heat.stacks().files(&stack).await.unwrap();
    assert_eq!(Value::Object(files), json!({"file:///greeting": "hello\n"}));
    delete(cloud, &stack).await;
}

pub(crate) async fn files_that_are_not_there_are_missed(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("missed"));
    let missed = "No content found in the \"files\" section for get_file path: file:///none";
    let no_text = "Argument to \"get_file\" must be a string";
    for (value, why) in [
        (json!({"get_file": "file:///none"}), missed),
        (json!([{"deep": {"get_file": "file:///none"}}]), missed),
        (json!({"get_file": ["file:///greeting"]}), no_text),
        (json!({"get_file": 1}), no_text),
    ] {
        let new = || NewStack::new(&name, reads(value.clone())).file("file:///greeting", "hello");
        let why =
            format!("400 Bad Request: Property error: : resources.read.properties.value: : {why}");
        let error = stacks.create(new()).await.unwrap_err();
        assert_eq!(text(&error), format!("create stack \"{name}\": {why}"));
        let error = stacks.preview(new()).await.unwrap_err();
        assert_eq!(text(&error), format!("preview stack \"{name}\": {why}"));
        // Heat does not look for files in a validation.
        let validation = Validation::new(reads(value.clone()));
        cloud.heat.templates().validate(validation).await.unwrap();
    }
    // The name of a file is resolved before any resource exists, and no resource has the name of a parameter.
    let value = json!({"type": "OS::Heat::Value", "properties": {"value": "file:///greeting"}});
    let why = format!("Property error: : resources.read.properties.value: : {no_text}");
    for (resource, why) in [("late", why.as_str()), ("path", "Duplicate names {'path'}")] {
        let mut template = reads(json!({"get_file": {"get_attr": [resource, "value"]}}));
        template["resources"][resource] = value.clone();
        let new = NewStack::new(&name, template).file("file:///greeting", "hello");
        let error = stacks.create(new).await.unwrap_err();
        assert_eq!(
            text(&error),
            format!("create stack \"{name}\": 400 Bad Request: {why}")
        );
    }
}

pub(crate) async fn types_stand_for_others(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("types"));
    let template = json!({
        "heat_template_version": "2021-04-16",
        "resources": {
            "word": {"type": "My::Word", "properties": {"value": "said"}},
            "test": {"type": "OS::Heat::TestResource", "properties": {"value": "said"}},
        },
        "outputs": {"said": {"value": {"get_attr": ["word", "value"]}}},
    });
    let registry = |registry: Value| json!({"resource_registry": registry});
    let mapped = json!({
        "My::Word": "My::Other", "My::Other": "OS::Heat::Value", "OS::Heat::TestResource": "OS::Heat::None",
    });
    let new = NewStack::new(&name, template.clone()).environment(registry(mapped));
    let preview = stacks.preview(new.clone()).await.unwrap();
    let of = |name: &str| {
        let mut resources = preview.all_resources();
        let found = resources.find(|resource| resource.name == name).unwrap();
        (
            found.resource_type.as_str(),
            Value::from(found.properties.clone()),
        )
    };
    assert_eq!(
        of("word"),
        ("My::Word", json!({"value": "said", "type": null}))
    );
    assert_eq!(of("test"), ("OS::Heat::TestResource", json!({})));

    let stack = create(cloud, new).await.unwrap();
    assert_eq!(stack.output("said").unwrap().value, Some(json!("said")));
    let (resources, events) = (cloud.heat.resources(), cloud.heat.events());
    let mine = resources.list(&stack).filter("type", "My::Word");
    assert_eq!(mine.await.unwrap().len(), 1);
    let mine = events.list(&stack).filter("resource_type", "My::Word");
    let id = mine.resource("word").await.unwrap().remove(0).id;
    let event = events.get(&stack, "word", &id).await.unwrap();
    assert_eq!(event.resource_type.as_deref(), Some("My::Word"));
    delete(cloud, &stack).await;

    for entries in [
        json!({}),
        json!({"My::Word": "My::Other"}),
        json!({"My::Word": null}),
    ] {
        let new = NewStack::new(&name, template.clone()).environment(registry(entries));
        let error = stacks.create(new).await.unwrap_err();
        assert_eq!(
            text(&error),
            format!(
                "create stack \"{name}\": 400 Bad Request: The Resource Type (My::Word) could not be found."
            )
        );
    }
}

pub(crate) async fn environments_are_kept_or_replaced(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("kept"));
    let environment = json!({
        "parameters": {"one": "given", "two": "given"},
        "parameter_defaults": {"three": "default"},
        "resource_registry": {"My::A": "OS::Heat::None"},
        "encrypted_param_names": ["one"],
    });
    let new = NewStack::new(&name, template()).environment(environment);
    let stack = create(cloud, new).await.unwrap();
    let patch = json!({
        "parameters": {"two": "patched"},
        "parameter_defaults": {"four": "default"},
        "resource_registry": {"My::B": "OS::Heat::None"},
    });
    let kept = updated(cloud, &name, StackUpdate::existing().environment(patch)).await;
    assert_eq!(outputs(&kept), ["given", "patched", "default", "default"]);
    assert_eq!(
        Value::from(stacks.environment(&name).await.unwrap()),
        json!({
            "parameters": {"one": "given", "two": "patched"},
            "parameter_defaults": {"three": "default", "four": "default"},
            "resource_registry": {
                "My::A": "OS::Heat::None", "My::B": "OS::Heat::None", "resources": {},
            },
            "encrypted_param_names": ["one"],
            "event_sinks": [],
        })
    );
    let replaced = updated(cloud, &name, StackUpdate::new(template())).await;
    assert_eq!(outputs(&replaced), ["template"; 4]);
    let environment = stacks.environment(&name).await.unwrap();
    assert_eq!(
        Value::Object(environment.resource_registry),
        json!({"resources": {}})
    );
    delete(cloud, &stack).await;

    let refused: Error = stacks
        .create(NewStack::new(&name, template()).environment(json!({"parameters": null})))
        .await
        .unwrap_err();
    assert_eq!(
        text(&refused),
        format!(
            "create stack \"{name}\": 400 Bad Request: \
             Environment not in valid format: environment has empty section \"parameters\""
        )
    );
}
