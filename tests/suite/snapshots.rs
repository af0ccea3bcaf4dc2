//! Snapshots of stacks.

use std::time::Duration;

use futures::TryStreamExt as _;
use heatclient::heat::{Action, NewStack, Stack, StackUpdate, Status};
use heatclient_test_support::cloud::Cloud;
use serde_json::json;

use super::heat::{MINUTE, create, delete, echo, template, test_resource, text};

/// Passes the name of each case to a macro that defines a test for it.
#[macro_export]
macro_rules! snapshot_cases {
    ($test:ident) => {
        $test! {
            snapshots_are_taken_restored_and_deleted
            a_snapshot_contains_the_data_of_its_stack
            what_has_no_snapshot_is_told
        }
    };
}

/// Waits for an action, and returns the stack.
async fn done(cloud: &Cloud, name: &str, action: Action) -> Stack {
    let wait = cloud.heat.stacks().wait(name, action);
    wait.timeout(3 * MINUTE).await.unwrap()
}

pub(crate) async fn snapshots_are_taken_restored_and_deleted(cloud: &Cloud) {
    let (stacks, snapshots, name) = (
        cloud.heat.stacks(),
        cloud.heat.snapshots(),
        cloud.name("snapshot"),
    );
    let new = NewStack::new(&name, echo()).parameter("text", "before");
    let stack = create(cloud, new.tags(["kept"])).await.unwrap();
    assert!(snapshots.list(&name).await.unwrap().is_empty());

    let first = snapshots.create(&name).name("first one").await.unwrap();
    assert_eq!(
        (first.name.as_deref(), first.action, first.status),
        (
            Some("first one"),
            Some(Action::Create),
            Some(Status::InProgress)
        )
    );
    assert!(first.creation_time.is_some());
    let taken = done(cloud, &name, Action::Snapshot).await;
    assert_eq!(taken.status.to_string(), "SNAPSHOT_COMPLETE");
    let first = snapshots.get(&stack, &first.id).await.unwrap();
    assert!(first.is_complete());
    assert_eq!(first.status_reason, "Stack SNAPSHOT completed successfully");

    let second = snapshots.create(&stack).await.unwrap();
    assert_eq!(second.name, None);
    done(cloud, &name, Action::Snapshot).await;
    let mut listed = snapshots.list(&name).await.unwrap();
    let streamed: Vec<_> = snapshots.list(&name).stream().try_collect().await.unwrap();
    assert_eq!(listed, streamed);
    listed.sort_by_key(|snapshot| snapshot.id != first.id);
    assert_eq!(listed[0], first);
    assert_eq!((listed.len(), &listed[1].id), (2, &second.id));

    let update = StackUpdate::existing().parameter("text", "after");
    stacks.update(&name, update).await.unwrap();
    let updated = done(cloud, &name, Action::Update).await;
    assert_eq!(updated.output("text").unwrap().value, Some(json!("after")));
    snapshots.restore(&name, &first.id).await.unwrap();
    let restored = done(cloud, &name, Action::Restore).await;
    assert_eq!(restored.status.to_string(), "RESTORE_COMPLETE");
    assert_eq!(
        restored.output("text").unwrap().value,
        Some(json!("before"))
    );
    assert_eq!(restored.id, stack.id);
    // Heat does not restore them, and removes those that the stack has.
    assert!(restored.tags.is_empty());

    snapshots.delete(&stack, &second.id).await.unwrap();
    let gone = async {
        while let Ok(left) = snapshots.get(&stack, &second.id).await {
            assert_eq!(left.action, Some(Action::Delete));
            assert!(!left.is_complete());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let gone = tokio::time::timeout(3 * MINUTE, gone).await;
    gone.expect("the snapshot is deleted");
    let left = snapshots.list(&name).await.unwrap();
    assert_eq!(left, [first]);
    delete(cloud, &stack).await;
}

pub(crate) async fn a_snapshot_contains_the_data_of_its_stack(cloud: &Cloud) {
    let (snapshots, name) = (cloud.heat.snapshots(), cloud.name("contents"));
    let new = NewStack::new(&name, template()).parameter("text", "hello");
    let stack = create(cloud, new.tags(["suite"])).await.unwrap();
    let begun = snapshots.create(&stack).await.unwrap();
    let data = begun.stack_data().unwrap();
    assert_eq!(data.action, Some(Action::Create));
    assert!(data.resources.is_empty());
    done(cloud, &name, Action::Snapshot).await;
    let snapshot = snapshots.get(&stack, begun.id).await.unwrap();
    let data = snapshot.stack_data().unwrap();
    assert_eq!(
        (data.name, data.id, data.tags, data.project_id),
        (
            name.clone(),
            stack.id.clone(),
            vec!["suite".to_owned()],
            cloud.facts.project_id.clone()
        )
    );
    assert_eq!(
        (data.action, data.status),
        (Some(Action::Snapshot), Some(Status::Complete))
    );
    assert_eq!(data.environment.parameters["text"], "hello");
    assert_eq!(data.template["description"], "a suite's stack");
    assert_eq!(
        (
            data.resources.len(),
            &data.resources["value"]["type"],
            &data.resources["value"]["action"]
        ),
        (2, &json!("OS::Heat::Value"), &json!("SNAPSHOT"))
    );
    let events = cloud.heat.events().list(&stack).await.unwrap();
    let second = events
        .iter()
        .filter(|event| event.resource_name == "second");
    let statuses: Vec<_> = second.map(|event| event.status.to_string()).collect();
    assert_eq!(
        statuses,
        [
            "CREATE_IN_PROGRESS",
            "CREATE_COMPLETE",
            "SNAPSHOT_IN_PROGRESS",
            "SNAPSHOT_COMPLETE"
        ]
    );
    delete(cloud, &stack).await;
}

pub(crate) async fn what_has_no_snapshot_is_told(cloud: &Cloud) {
    let (snapshots, name) = (cloud.heat.snapshots(), cloud.name("none"));
    let stack = create(cloud, NewStack::new(&name, echo())).await.unwrap();
    let get = snapshots.get(&name, "nope").await.unwrap_err();
    let deleted = snapshots.delete(&name, "nope").await.unwrap_err();
    let restored = snapshots.restore(&name, "nope").await.unwrap_err();
    for (what, error) in [("show", get), ("delete", deleted), ("restore", restored)] {
        assert!(error.is_not_found());
        assert_eq!(
            text(&error),
            format!(
                "{what} snapshot \"nope\" of stack \"{name}\": 404 Not Found: \
                 Snapshot with id nope not found"
            )
        );
    }

    let busy = cloud.name("busy");
    let slow = test_resource(json!({"action_wait_secs": {"create": 3600}}));
    let stacks = cloud.heat.stacks();
    let created = stacks.create(NewStack::new(&busy, slow)).await.unwrap();
    let error = snapshots.create(&created).await.unwrap_err();
    assert!(error.is_conflict());
    assert_eq!(
        text(&error),
        format!(
            "create a snapshot of stack \"{busy}\": 409 Conflict: \
             Stack {busy} already has an action (CREATE) in progress."
        )
    );

    // That of another stack.
    let snapshot = snapshots.create(&stack).await.unwrap();
    done(cloud, &name, Action::Snapshot).await;
    let error = snapshots.get(&busy, &snapshot.id).await.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(
        text(&error),
        format!(
            "show snapshot \"{id}\" of stack \"{busy}\": 404 Not Found: \
             The Snapshot ({id}) for Stack ({busy}) could not be found.",
            id = snapshot.id
        )
    );
    delete(cloud, &created).await;
    delete(cloud, &stack).await;

    let error = snapshots.list(&name).await.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(
        text(&error),
        format!(
            "list snapshots of stack \"{name}\": 404 Not Found: The Stack ({name}) could not be found."
        )
    );
}
