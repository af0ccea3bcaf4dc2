//! Failed stacks and refused requests.

use futures::StreamExt as _;
use heatclient::ErrorKind;
use heatclient::heat::{Action, NewStack, StackUpdate};
use heatclient_test_support::cloud::Cloud;
use serde_json::json;

use super::heat::{MINUTE, create, delete, template, test_resource, text};

/// Passes the name of each case to a macro that defines a test for it.
#[macro_export]
macro_rules! failure_cases {
    ($test:ident) => {
        $test! {
            a_failed_create_names_its_resource
            a_failed_create_is_rolled_back
            a_failed_update_names_its_resource
            refusals_say_what_the_server_said
        }
    };
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
    let events = stacks
        .wait(&name, Action::Update)
        .timeout(3 * MINUTE)
        .events();
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
    // The stream yields all events before it ends with the error.
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
    // Errors that are known beforehand are not sent.
    let local = stacks
        .create(NewStack::new(&name, template()).tags(["a,b"]))
        .await
        .unwrap_err();
    assert_eq!(local.kind(), ErrorKind::Config);
    assert!(!local.may_have_been_sent());
    let local = stacks.get("a/b/c").await.unwrap_err();
    assert_eq!(
        local.to_string(),
        "show stack \"a/b/c\": invalid stack \"a/b/c\": expected a name, an id, or name/id"
    );
}
