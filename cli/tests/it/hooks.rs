//! Hooks: polling and clearing.

use std::fs;

use heatclient::sandbox::Fault;
use http::Method;
use serde_json::{Value, json};

use crate::ground::{Ground, Ran};

const PARENT: &str = "
heat_template_version: 2021-04-16
resources:
  db-1: {type: OS::Heat::None}
  db-2: {type: OS::Heat::None}
  web: {type: OS::Heat::None}
  child: {type: child.yaml}
";

const CHILD: &str = "
heat_template_version: 2021-04-16
resources:
  inner: {type: OS::Heat::None}
";

const HOOKS: &str = "
resource_registry:
  resources:
    db-*: {hooks: pre-create}
    child: {inner: {hooks: pre-create}}
";

/// A stack that waits at three hooks.
async fn waiting(name: &str) -> Ground {
    let ground = Ground::new(name).await;
    for (file, text) in [
        ("parent.yaml", PARENT),
        ("child.yaml", CHILD),
        ("hooks.yaml", HOOKS),
    ] {
        fs::write(ground.directory.join(file), text).unwrap();
    }
    ground
        .heat("stack create web -t parent.yaml -e hooks.yaml")
        .await
        .ok();
    let poll = "stack hook poll web --nested-depth 1 -f json";
    while ground.json(poll).await.as_array().unwrap().len() < 3 {}
    ground.sent();
    ground
}

async fn pending(ground: &Ground) -> Vec<String> {
    let hooks = ground
        .json("stack hook poll web --nested-depth 1 -f json")
        .await;
    let name = |hook: &Value| hook["Resource Name"].as_str().unwrap().to_owned();
    let mut names: Vec<_> = hooks.as_array().unwrap().iter().map(name).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn pending_hooks_are_listed() {
    let ground = waiting("hook-poll").await;
    let hooks = ground.json("stack hook poll web -f json").await;
    assert_eq!(
        ground.sent(),
        [
            "GET stacks/web",
            "GET stacks/web/ID",
            "GET stacks/web/ID/events"
        ]
    );
    assert_eq!(hooks.as_array().unwrap().len(), 2);
    let first = hooks[0].as_object().unwrap();
    let keys: Vec<_> = first.keys().collect();
    assert_eq!(
        keys,
        [
            "Resource Name",
            "ID",
            "Resource Status Reason",
            "Resource Status",
            "Event Time"
        ]
    );
    assert_eq!(
        first["Resource Status Reason"],
        "CREATE paused until Hook pre-create is cleared"
    );
    let nested = ground
        .heat("stack hook poll web --nested-depth 1 -f value -c resource_name -c stack_name")
        .await
        .ok();
    assert!(nested.contains("inner web-child-"), "{nested}");

    // By id, for which the Python tools fail. B-08.
    let shown = ground.json("stack show web -f json").await;
    let by_id = format!("stack hook poll {} -f json", shown["id"].as_str().unwrap());
    assert_eq!(ground.json(&by_id).await, hooks);

    let old = ground.heat("hook-poll -n 1 web").await.ok();
    let title = old.lines().nth(1).unwrap();
    let titles: Vec<_> = title.split('|').map(str::trim).collect();
    assert_eq!(
        titles[1..7],
        [
            "resource_name",
            "id",
            "resource_status_reason",
            "resource_status",
            "event_time",
            "stack_name"
        ]
    );
    assert_eq!(old.lines().count(), 7, "{old}");

    ground
        .heat("stack create other -t t.yaml --wait --poll 0.05")
        .await
        .ok();
    for line in ["stack hook poll", "hook-poll"] {
        let ran = ground.heat(&format!("{line} other")).await;
        ran.failed(1, "ERROR: Stack status CREATE_COMPLETE not IN_PROGRESS");
        let ran = ground.heat(&format!("{line} nope")).await;
        ran.failed(1, "ERROR: Stack not found: nope");
    }
}

#[tokio::test]
async fn hooks_are_cleared() {
    let ground = waiting("hook-clear").await;
    assert_eq!(ground.heat("stack hook clear web db-1").await.ok(), "");
    assert_eq!(
        ground.sent(),
        [
            "GET stacks/web",
            "GET stacks/web/ID",
            "GET stacks/web/ID/events",
            "POST stacks/web/ID/resources/db-1/signal"
        ]
    );
    assert_eq!(pending(&ground).await, ["db-2", "inner"]);
    let again = ground.heat("stack hook clear web db-1").await;
    again.failed(1, "ERROR: no hook of db-1 is pending in stack web");
    let other = ground.heat("stack hook clear web db-2 --pre-update").await;
    other.failed(
        1,
        "ERROR: no pre-update hook of db-2 is pending in stack web",
    );

    // The errors do not keep others from being cleared.
    let some = ground
        .heat("hook-clear --pre-create web nope db-* gone")
        .await;
    assert_eq!(
        (some.code, some.err.as_str()),
        (
            Some(1),
            "ERROR: no pre-create hook of nope is pending in stack web\n\
             ERROR: no pre-create hook of gone is pending in stack web\n"
        )
    );
    assert_eq!(pending(&ground).await, ["inner"]);
    assert_eq!(ground.heat("hook-clear web chi*/in*").await.ok(), "");
    let wait = "stack event list web -f value -c resource_status --filter resource_name=web";
    while !ground.heat(wait).await.ok().contains("CREATE_COMPLETE") {}

    for line in ["stack hook clear", "hook-clear"] {
        let ran = ground.heat(&format!("{line} nope x --pre-delete")).await;
        ran.failed(1, "ERROR: Stack not found: nope");
        let ran = ground.heat(&format!("{line} nope x")).await;
        ran.failed(1, "ERROR: Stack not found: nope");
    }
}

#[tokio::test]
async fn a_hook_that_heat_refuses_to_clear_is_named() {
    let ground = waiting("hook-refused").await;
    let body = json!({"code": 403, "title": "Forbidden", "error": {"message": "not yours", "type": "Forbidden"}});
    let refused = Fault::on(Method::POST, "/resources/db-1/signal");
    ground
        .sandbox
        .fault(refused.status(403, &[], body.to_string()));
    let ran = ground.heat("stack hook clear web db-1 child/inner").await;
    let line = "ERROR: clear hook pre-create of resource \"db-1\" of stack \"web\": 403 Forbidden: not yours";
    Ran { ..ran }.failed(1, line);
    assert_eq!(pending(&ground).await, ["db-1", "db-2"]);
}
