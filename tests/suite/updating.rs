//! The options of updates: tags, timeout, rollback, parameters, and where the template comes from.

use std::time::Duration;

use heatclient::ErrorKind;
use heatclient::heat::{Action, NewStack, Stack, StackUpdate, Validation};
use heatclient::template::Package;
use heatclient_test_support::cloud::Cloud;
use serde_json::{Value, json};

use super::heat::{MINUTE, create, delete, echo, text};

/// Passes the name of each case to a macro that defines a test for it.
#[macro_export]
macro_rules! updating_cases {
    ($test:ident) => {
        $test! {
            tags_are_replaced_kept_and_removed
            timeout_and_rollback_are_set_or_kept
            parameters_go_back_to_their_defaults
            a_preview_may_converge
            heat_parses_a_template
            a_template_that_heat_cannot_fetch_is_told
        }
    };
}

async fn updated(cloud: &Cloud, stack: &Stack, update: StackUpdate) -> Stack {
    let stacks = cloud.heat.stacks();
    stacks.update(stack, update).await.unwrap();
    let wait = stacks.wait(stack, Action::Update).timeout(3 * MINUTE);
    wait.await.unwrap()
}

/// B-17.
pub(crate) async fn tags_are_replaced_kept_and_removed(cloud: &Cloud) {
    let name = cloud.name("tags");
    let new = NewStack::new(&name, echo()).tags(["old", "older one"]);
    let stack = create(cloud, new).await.unwrap();
    assert_eq!(stack.tags, ["old", "older one"]);
    let existing = StackUpdate::existing;
    let none = <[&str; 0]>::default;
    let tags = async |update| updated(cloud, &stack, update).await.tags;
    assert_eq!(tags(existing().tags(["new"])).await, ["new"]);
    assert_eq!(tags(existing().parameter("text", 1)).await, ["new"]);
    let refused = existing().tags(none());
    let error = cloud.heat.stacks().update(&stack, refused).await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(!error.may_have_been_sent());
    assert_eq!(
        error.to_string(),
        format!(
            "update stack \"{name}\": Heat cannot remove all tags in an update of the existing template \
             (PATCH); send the template too (PUT), or set at least one tag"
        )
    );
    let whole = || StackUpdate::new(echo());
    assert_eq!(tags(whole().tags(["a", "b"])).await, ["a", "b"]);
    assert!(tags(whole().tags(none())).await.is_empty());
    assert_eq!(tags(whole().tags(["c"])).await, ["c"]);
    assert!(tags(whole()).await.is_empty());
    let stacks = cloud.heat.stacks();
    let listed = stacks.list().filter("name", &name).await.unwrap();
    assert!(listed[0].tags.is_empty());
    delete(cloud, &stack).await;

    let untagged = NewStack::new(&name, echo()).tags(none());
    let stack = create(cloud, untagged).await.unwrap();
    assert!(stack.tags.is_empty());
    delete(cloud, &stack).await;
}

pub(crate) async fn timeout_and_rollback_are_set_or_kept(cloud: &Cloud) {
    let name = cloud.name("options");
    let stack = create(cloud, NewStack::new(&name, echo())).await.unwrap();
    assert_eq!((stack.timeout_mins, stack.disable_rollback), (None, true));
    let options = async |update| {
        let stack = updated(cloud, &stack, update).await;
        (stack.timeout_mins, stack.disable_rollback)
    };
    let existing = StackUpdate::existing;
    let minutes = |minutes: u32| minutes * MINUTE;
    let update = existing().timeout(minutes(9)).rollback(true);
    assert_eq!(options(update).await, (Some(9), false));
    assert_eq!(options(existing()).await, (Some(9), false));
    assert_eq!(options(StackUpdate::new(echo())).await, (Some(9), false));
    let update = StackUpdate::new(echo()).timeout(minutes(10));
    assert_eq!(options(update).await, (Some(10), false));
    let update = existing().rollback(false);
    assert_eq!(options(update).await, (Some(10), true));
    // Heat would ignore it.
    let refused = existing().timeout(Duration::ZERO);
    let error = cloud.heat.stacks().update(&stack, refused).await;
    assert_eq!(
        error.unwrap_err().to_string(),
        format!("update stack \"{name}\": invalid timeout of zero: use at least 1 minute")
    );
    delete(cloud, &stack).await;
}

pub(crate) async fn parameters_go_back_to_their_defaults(cloud: &Cloud) {
    let new = NewStack::new(cloud.name("clear"), echo());
    let given = new.parameters([("text", "given"), ("other", "given")]);
    let stack = create(cloud, given).await.unwrap();
    let values = async |update| {
        let stack = updated(cloud, &stack, update).await;
        ["text", "other"].map(|name| stack.parameters[name].as_str().unwrap().to_owned())
    };
    let existing = StackUpdate::existing;
    let update = existing().clear_parameter("text").clear_parameter("none");
    assert_eq!(values(update).await, ["one", "given"]);
    // What is set has priority.
    let update = existing()
        .clear_parameters(["text", "other"])
        .parameter("text", "set");
    assert_eq!(values(update).await, ["set", "two"]);
    let update = StackUpdate::new(echo()).parameter("other", "set");
    assert_eq!(values(update).await, ["one", "set"]);
    delete(cloud, &stack).await;
}

/// B-18. The preview has the flag; Heat ignores it.
pub(crate) async fn a_preview_may_converge(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("converge"));
    let stack = create(cloud, NewStack::new(&name, echo())).await.unwrap();
    for update in [StackUpdate::existing(), StackUpdate::new(echo())] {
        let update = update.converge(true);
        let preview = stacks.preview_update(&stack, update.clone()).await;
        assert_eq!(preview.unwrap().unchanged.len(), 1);
        let updated = updated(cloud, &stack, update).await;
        assert_eq!(updated.status.to_string(), "UPDATE_COMPLETE");
    }
    delete(cloud, &stack).await;
}

const TEXT: &str = "
heat_template_version: 2021-04-16
description: a text
parameters: {size: {type: number, default: 010}}
resources: {none: {type: OS::Heat::None}}
";

pub(crate) async fn heat_parses_a_template(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("text"));
    let package = || Package::from_text(TEXT);
    let valid = cloud.heat.templates().validate(Validation::new(package()));
    assert_eq!(valid.await.unwrap().description, "a text");
    let new = NewStack::new(&name, package());
    let preview = stacks.preview(new.clone()).await.unwrap();
    assert_eq!(preview.resources.len(), 1);
    let stack = create(cloud, new).await.unwrap();
    // As YAML 1.1 reads it.
    assert_eq!(stack.parameters["size"], "8");
    let template = stacks.template(&stack).await.unwrap();
    assert_eq!(template["parameters"]["size"]["default"], 8);
    let update = StackUpdate::new(Package::from_text(TEXT.replace("010", "12")));
    let updated = updated(cloud, &stack, update).await;
    assert_eq!(updated.parameters["size"], "12");
    delete(cloud, &stack).await;

    let broken = NewStack::new(&name, Package::from_text("a: b"));
    let error = stacks.create(broken).await.unwrap_err();
    assert_eq!(
        text(&error),
        format!(
            "create stack \"{name}\": 400 Bad Request: Template not in valid format: \
             Template format version not found."
        )
    );
}

pub(crate) async fn a_template_that_heat_cannot_fetch_is_told(cloud: &Cloud) {
    let (stacks, name) = (cloud.heat.stacks(), cloud.name("url"));
    let stack = create(cloud, NewStack::new(&name, echo())).await.unwrap();
    // Nothing listens there.
    let closed = "http://127.0.0.1:1/web.yaml";
    for (url, why) in [
        ("file:///etc/web.yaml", "Invalid URL scheme file".to_owned()),
        (closed, format!("Failed to retrieve template from {closed}")),
    ] {
        let package = || Package::from_url(url);
        let other = format!("{name}-2");
        let create = stacks.create(NewStack::new(&other, package()));
        let preview = stacks.preview(NewStack::new(&other, package()));
        let update = stacks.update(&stack, StackUpdate::new(package()));
        let patch = StackUpdate::existing().package(package());
        let preview_update = stacks.preview_update(&stack, patch);
        let validate = Validation::new(package());
        let validate = cloud.heat.templates().validate(validate);
        for (what, error) in [
            (format!("create stack \"{other}\""), create.await.err()),
            (format!("preview stack \"{other}\""), preview.await.err()),
            (format!("update stack \"{name}\""), update.await.err()),
            (
                format!("preview update of stack \"{name}\""),
                preview_update.await.err(),
            ),
            ("validate template".to_owned(), validate.await.err()),
        ] {
            assert_eq!(
                text(&error.unwrap()),
                format!("{what}: 400 Bad Request: Could not retrieve template: {why}")
            );
        }
    }
    let kept: Value = stacks.template(&stack).await.unwrap().into();
    assert_eq!(kept["outputs"], json!(echo()["outputs"]));
    delete(cloud, &stack).await;
}
