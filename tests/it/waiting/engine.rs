//! Endings that the sandbox's engine brings about.

use heatclient::ErrorKind;
use heatclient::heat::{Action, Event, NewStack, StackUpdate};
use heatclient::sandbox::Fault;
use http::Method;
use serde_json::json;
use std::sync::{Arc, Mutex};

use super::{SECOND, Stage, test_resource, told};

#[tokio::test]
async fn a_create_fails_with_and_without_a_rollback() {
    let stage = Stage::with_stopped_clock().await;
    let stacks = stage.heat.stacks();
    for (rollback, end) in [
        (false, "CREATE_FAILED"),
        (true, "CREATE_FAILED, then ROLLBACK_COMPLETE"),
    ] {
        let name = format!("fails-{rollback}");
        let new = NewStack::new(&name, test_resource(&json!({"fail": true}))).rollback(rollback);
        let created = stage.clock.still(stacks.create(new)).await.unwrap();
        let error = stage
            .end(stacks.wait(&created, Action::Create))
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "stack \"{name}\": {end}: resource one (OS::Heat::TestResource): ValueError: \
                     resources.one: Test Resource failed one"
            )
        );
        assert_eq!(error.failures().len(), 1);
        // The stack itself tells the same, as long as the resource exists.
        let failures = stage.clock.still(stacks.failures(&name)).await.unwrap();
        assert_eq!(failures.is_empty(), rollback);
        assert!(
            failures
                .iter()
                .all(|failure| error.failures().contains(failure))
        );
    }
    let failures = stage.clock.still(stacks.failures("web")).await.unwrap();
    assert!(failures.is_empty());
    let error = stage
        .clock
        .still(stacks.failures("none"))
        .await
        .unwrap_err();
    assert!(error.is_not_found(), "{error}");
}

#[tokio::test]
async fn an_update_ends_in_five_ways() {
    let stage = Stage::with_stopped_clock().await;
    let stacks = stage.heat.stacks();
    let slow = |value: &str| {
        let properties = json!({"value": value, "action_wait_secs": {"update": 20}});
        StackUpdate::new(test_resource(&properties))
    };
    stage
        .clock
        .still(stacks.update("web", slow("a")))
        .await
        .unwrap();
    assert_eq!(
        told(&stage.end(stage.wait(Action::Update)).await),
        "ok: UPDATE_COMPLETE"
    );

    let fails = || StackUpdate::new(test_resource(&json!({"value": "b", "fail": true})));
    stage
        .clock
        .still(stacks.update("web", fails()))
        .await
        .unwrap();
    let text = told(&stage.end(stage.wait(Action::Update)).await);
    assert!(
        text.starts_with("stack \"web\": UPDATE_FAILED: resource one"),
        "{text}"
    );

    stage
        .clock
        .still(stacks.update("web", slow("c")))
        .await
        .unwrap();
    stage.end(stage.wait(Action::Update)).await.unwrap();
    let rolled_back = fails().rollback(true);
    stage
        .clock
        .still(stacks.update("web", rolled_back))
        .await
        .unwrap();
    let text = told(&stage.end(stage.wait(Action::Update)).await);
    let expected = "stack \"web\": UPDATE_FAILED, then ROLLBACK_COMPLETE: resource one";
    assert!(text.starts_with(expected), "{text}");

    stage
        .clock
        .still(stacks.update("web", slow("d")))
        .await
        .unwrap();
    stage
        .clock
        .still(stacks.cancel_update("web"))
        .await
        .unwrap();
    let (update, rollback) = stage
        .end(futures::future::join(
            stage.wait(Action::Update).into_future(),
            stage.wait(Action::Rollback).into_future(),
        ))
        .await;
    assert_eq!(
        told(&update),
        "stack \"web\": UPDATE was cancelled, then ROLLBACK_COMPLETE"
    );
    assert_eq!(told(&rollback), "ok: ROLLBACK_COMPLETE");

    stage
        .clock
        .still(stacks.update("web", slow("e")))
        .await
        .unwrap();
    stage
        .clock
        .still(stacks.cancel_without_rollback("web"))
        .await
        .unwrap();
    let text = told(&stage.end(stage.wait(Action::Update)).await);
    assert!(text.starts_with("stack \"web\": UPDATE_FAILED: "), "{text}");
}

#[tokio::test]
async fn other_actions_end() {
    let stage = Stage::with_stopped_clock().await;
    let stacks = stage.heat.stacks();
    stage.sandbox.set_stack_delay(3 * SECOND);
    for action in [
        Action::Check,
        Action::Suspend,
        Action::Resume,
        Action::Delete,
    ] {
        let request = match action {
            Action::Check => stacks.check("web"),
            Action::Suspend => stacks.suspend("web"),
            Action::Resume => stacks.resume("web"),
            _ => stacks.delete("web"),
        };
        stage.clock.still(request).await.unwrap();
        let text = told(&stage.end(stage.wait(action.clone())).await);
        assert_eq!(text, format!("ok: {action}_COMPLETE"));
    }
}

/// The name of a stack is taken by a new one, while two waits for the old one run.
#[tokio::test]
async fn a_new_stack_of_the_same_name_is_another_one() {
    let stage = Stage::with_stopped_clock().await;
    let stacks = stage.heat.stacks();
    let slow = json!({"action_wait_secs": {"create": 3600}});
    let old = stage.create("again", slow).await;
    let create = tokio::spawn(stacks.wait("again", Action::Create).into_future());
    let delete = tokio::spawn(stacks.wait("again", Action::Delete).into_future());
    stage.end(tokio::time::sleep(2 * SECOND)).await;
    stage.clock.still(stacks.delete(&old)).await.unwrap();
    stage.end(stacks.wait(&old, Action::Delete)).await.unwrap();
    let new = stage.create("again", json!({})).await;
    let id = |text: &str| stage.heat.stacks().get(text);
    let new = stage.end(id(&new.to_string())).await.unwrap();
    let created = stage.end(create).await.unwrap().unwrap_err();
    assert_eq!(created.kind(), ErrorKind::StackFailed);
    assert_eq!(created.superseded_by(), Some(&Action::Delete));
    let deleted = stage.end(delete).await.unwrap().unwrap();
    assert_eq!(deleted.status.to_string(), "DELETE_COMPLETE");
    assert_ne!(deleted.id, new.id);
}

#[tokio::test]
async fn a_dropped_wait_sends_nothing_more() {
    let stage = Stage::with_stopped_clock().await;
    stage.script(&["UPDATE_IN_PROGRESS"], true);
    let wait = stage.wait(Action::Update);
    let dropped = tokio::time::timeout(10 * SECOND, wait.into_future());
    assert!(stage.end(dropped).await.is_err());
    let polls = stage.polls();
    stage.end(tokio::time::sleep(60 * SECOND)).await;
    assert_eq!(stage.polls(), polls);
    assert!(polls > 5, "{polls}");
}

#[tokio::test]
async fn a_callback_that_panics_ends_the_wait_and_nothing_else() {
    let stage = Stage::with_stopped_clock().await;
    let wait = stage
        .wait(Action::Create)
        .on_event(|event| panic!("{}", event.id));
    let panicked = stage.end(tokio::spawn(wait.into_future())).await;
    assert!(panicked.unwrap_err().is_panic());
    assert_eq!(
        told(&stage.end(stage.wait(Action::Create)).await),
        "ok: CREATE_COMPLETE"
    );
}

/// Heat is away in the middle of following, and the stack is deleted in the end.
#[tokio::test]
async fn following_loses_and_repeats_no_event() {
    let stage = Stage::with_stopped_clock().await;
    let (stacks, events) = (stage.heat.stacks(), stage.heat.events());
    let listed = stage.clock.still(events.list("web")).await.unwrap();
    let follow = |start: Option<&str>| {
        let follow = events.follow("web").interval(SECOND);
        let follow = match start {
            None => follow.from_beginning(true),
            Some(id) => follow.after(id),
        };
        let seen = Arc::new(Mutex::new(Vec::<Event>::new()));
        let all = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            use futures::TryStreamExt as _;
            let mut stream = Box::pin(follow.stream());
            while let Some(event) = stream.try_next().await? {
                all.lock().unwrap().push(event);
            }
            Ok::<_, heatclient::Error>(())
        });
        (seen, task)
    };
    let (first, all) = follow(None);
    let (second, rest) = follow(Some(&listed[0].id));
    for away in [0, 40, 0, 5] {
        stage.clock.still(stacks.check("web")).await.unwrap();
        stage.sandbox.fault(
            Fault::within(Method::GET, "/events")
                .status(503, &[], "")
                .times(away),
        );
        stage.end(tokio::time::sleep(20 * SECOND)).await;
    }
    stage.clock.still(stacks.delete("web")).await.unwrap();
    // The deletion ends both streams.
    stage.end(all).await.unwrap().unwrap();
    stage.end(rest).await.unwrap().unwrap();
    let listed = stage.clock.still(events.list(&stage.web)).await.unwrap();
    assert!(listed.len() > 15, "{}", listed.len());
    assert_eq!(*first.lock().unwrap(), listed);
    assert_eq!(*second.lock().unwrap(), listed[1..]);
    // Nobody can follow what does not exist.
    let (_, none) = follow(None);
    let error = stage.end(none).await.unwrap().unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert!(
        error
            .to_string()
            .starts_with("follow events of stack \"web\": 404"),
        "{error}"
    );
}

#[tokio::test]
async fn following_ends_when_the_caller_says_so_or_heat_stays_away() {
    use futures::TryStreamExt as _;
    let stage = Stage::with_stopped_clock().await;
    let follow = stage.heat.events().follow("web").from_beginning(true);
    let follow = follow.interval(SECOND);
    let until = follow.clone().until(|event| event.resource_name == "one");
    let events: Vec<Event> = stage
        .end(until.stream().try_collect::<Vec<_>>())
        .await
        .unwrap();
    assert_eq!(events.last().unwrap().resource_name, "one");
    assert_eq!(events.len(), 2);
    stage
        .sandbox
        .fault(Fault::within(Method::GET, "/events").status(503, &[], ""));
    let before = heatclient::clock::now();
    let short = follow.tolerate_errors_for(60 * SECOND).stream();
    let error = stage.end(short.try_collect::<Vec<_>>()).await.unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("follow events of stack \"web\": 503"),
        "{error}"
    );
    let passed = heatclient::clock::now() - before;
    assert!(passed >= 60 * SECOND && passed < 90 * SECOND, "{passed:?}");
}
