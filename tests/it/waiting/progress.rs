//! What `Wait::on_progress` tells, and what it costs.

use std::sync::{Arc, Mutex};

use heatclient::heat::{Action, NewStack, StackUpdate, Wait, WaitProgress};
use heatclient::sandbox::Fault;
use http::Method;
use serde_json::json;

use super::{SECOND, Stage, told};

type Seen = Arc<Mutex<Vec<WaitProgress>>>;

fn watched(wait: Wait) -> (Wait, Seen) {
    let seen = Seen::default();
    let sink = Arc::clone(&seen);
    let wait = wait.on_progress(move |progress| sink.lock().unwrap().push(progress.clone()));
    (wait, seen)
}

/// Path, status and whether it changed, of each resource.
fn rows(progress: &WaitProgress) -> Vec<(String, String, bool)> {
    let resources = progress.resources.iter();
    resources
        .map(|r| (r.path.clone(), r.status.to_string(), r.is_changed))
        .collect()
}

fn row(path: &str, status: &str, is_changed: bool) -> (String, String, bool) {
    (path.to_owned(), status.to_owned(), is_changed)
}

#[tokio::test]
async fn a_create_shows_nested_resources_at_each_poll() {
    let stage = Stage::with_stopped_clock().await;
    let slow = json!({"type": "OS::Heat::TestResource", "properties": {"wait_secs": 20}});
    let template = json!({
        "heat_template_version": "2021-04-16",
        "resources": {
            "group": {"type": "OS::Heat::ResourceGroup", "properties": {"count": 1, "resource_def": slow}},
            "last": {"type": "OS::Heat::None", "depends_on": "group"},
        },
    });
    let stacks = stage.heat.stacks();
    let new = NewStack::new("nested", template);
    let created = stage.clock.still(stacks.create(new)).await.unwrap();
    let wait = stacks.wait(&created, Action::Create).interval(SECOND);
    let (wait, seen) = watched(wait.nested_depth(5));
    stage.sandbox.clear_requests();
    assert_eq!(told(&stage.end(wait).await), "ok: CREATE_COMPLETE");
    let seen = seen.lock().unwrap();
    let (first, last) = (&seen[1], seen.last().unwrap());
    assert_eq!(first.status.to_string(), "CREATE_IN_PROGRESS");
    assert_eq!(
        rows(first),
        [
            row("group", "CREATE_IN_PROGRESS", true),
            row("last", "INIT_COMPLETE", false),
            row("group.0", "CREATE_IN_PROGRESS", true),
        ]
    );
    assert_eq!(first.resources[2].resource_type, "OS::Heat::TestResource");
    assert_eq!(last.status.to_string(), "CREATE_COMPLETE");
    assert_eq!(last.status_reason, "Stack CREATE completed successfully");
    let all = last.resources.iter();
    assert!(all.clone().count() == 3 && all.clone().all(|r| r.is_changed));
    // One request for each poll of the stack.
    let lists = stage
        .sandbox
        .count_where(|r| r.path.ends_with("/resources"));
    let id = &created.id;
    let polls = stage
        .sandbox
        .count_where(|r| r.path.ends_with(&format!("/stacks/nested/{id}")));
    // The last request is that for the outputs.
    assert_eq!((seen.len(), polls), (lists, lists + 1));
    assert!(lists > 3, "{lists}");
}

#[tokio::test]
async fn an_update_tells_what_it_does_not_change() {
    let stage = Stage::with_stopped_clock().await;
    let template = |value: &str| {
        json!({
            "heat_template_version": "2021-04-16",
            "resources": {
                "changes": {"type": "OS::Heat::TestResource", "properties": {"value": value}},
                "stays": {"type": "OS::Heat::TestResource", "properties": {"value": "x"}},
            },
        })
    };
    let stacks = stage.heat.stacks();
    let new = NewStack::new("update", template("a"));
    let created = stage.clock.still(stacks.create(new)).await.unwrap();
    stage
        .end(stacks.wait(&created, Action::Create))
        .await
        .unwrap();
    // The times of Heat have whole seconds.
    stage.clock.pass(5 * SECOND).await;
    let update = stacks.update("update", StackUpdate::new(template("b")));
    stage.clock.still(update).await.unwrap();
    let (wait, seen) = watched(stacks.wait("update", Action::Update));
    stage.end(wait).await.unwrap();
    let last = seen.lock().unwrap().last().unwrap().clone();
    assert_eq!(
        rows(&last),
        [
            row("changes", "UPDATE_COMPLETE", true),
            row("stays", "CREATE_COMPLETE", false)
        ]
    );
}

#[tokio::test]
async fn resources_that_cannot_be_read_are_those_of_the_last_time() {
    let stage = Stage::with_stopped_clock().await;
    stage.script(
        &["CHECK_IN_PROGRESS", "CHECK_IN_PROGRESS", "CHECK_COMPLETE"],
        false,
    );
    let path = format!("{}/resources", stage.path());
    let refused = Fault::on(Method::GET, &path).status(403, &[], "{}").skip(1);
    stage.sandbox.fault(refused);
    let (wait, seen) = watched(stage.wait(Action::Check).resolve_outputs(false));
    assert_eq!(told(&stage.end(wait).await), "ok: CHECK_COMPLETE");
    let seen = seen.lock().unwrap();
    let statuses: Vec<_> = seen.iter().map(|p| p.status.to_string()).collect();
    assert_eq!(
        statuses,
        ["CHECK_IN_PROGRESS", "CHECK_IN_PROGRESS", "CHECK_COMPLETE"]
    );
    assert_eq!(rows(&seen[0]).len(), 1);
    assert_eq!(seen[2].resources, seen[0].resources);
    assert_eq!(seen[0].status_reason, "because");
}
