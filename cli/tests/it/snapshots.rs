//! Snapshots: create, list, show, restore and delete.

use std::time::Duration;

use serde_json::{Value, json};

use crate::ground::Ground;

async fn with_stack(name: &str) -> Ground {
    let ground = Ground::new(name).await;
    let create = "stack create web -t t.yaml --parameter word=one --wait --poll 0.05";
    ground.heat(create).await.ok();
    ground.sent();
    ground
}

fn keys(object: &Value) -> Vec<&String> {
    object.as_object().unwrap().keys().collect()
}

const KEYS: [&str; 7] = [
    "id",
    "name",
    "action",
    "status",
    "status_reason",
    "data",
    "creation_time",
];

#[tokio::test]
async fn a_snapshot_is_made_shown_restored_and_deleted() {
    let ground = with_stack("snapshot").await;
    let made = ground
        .json("stack snapshot create web --name night -f json")
        .await;
    assert_eq!(
        ground.sent(),
        ["GET stacks/web", "POST stacks/web/ID/snapshots"]
    );
    let mut titles = KEYS;
    titles[0] = "ID";
    assert_eq!(keys(&made), titles);
    assert_eq!(made["name"], "night");
    let id = made["ID"].as_str().unwrap();
    while ground
        .heat("stack snapshot list web -f value -c status")
        .await
        .ok()
        != "COMPLETE\n"
    {}

    ground.sent();
    let shown = ground
        .json(&format!("stack snapshot show web {id} -f json"))
        .await;
    assert_eq!(
        ground.sent(),
        ["GET stacks/web", "GET stacks/web/ID/snapshots/ID"]
    );
    assert_eq!(keys(&shown), ["snapshot"]);
    assert_eq!(keys(&shown["snapshot"]), KEYS);
    assert_eq!(shown["snapshot"]["data"]["name"], "web");
    assert_eq!(ground.json(&format!("snapshot-show web {id}")).await, shown);
    let yaml = ground
        .heat(&format!("stack snapshot show web {id}"))
        .await
        .ok();
    assert!(
        yaml.starts_with("snapshot:\n  action: CREATE\n  creation_time: ")
            && yaml.contains(&format!("\n  id: {id}\n  name: night\n")),
        "{yaml}"
    );

    let update = "stack update web --existing --parameter word=two --wait --poll 0.05";
    ground.heat(update).await.ok();
    ground.sent();
    let restore = format!("stack snapshot restore web {id} --wait --poll 0.05");
    let restored = ground.heat(&restore).await;
    assert!(
        restored.err.contains("[web]: RESTORE_COMPLETE  "),
        "{}",
        restored.err
    );
    assert_eq!(restored.ok(), "");
    assert_eq!(
        ground.sent()[..2],
        ["GET stacks/web", "POST stacks/web/ID/snapshots/ID/restore"]
    );
    assert_eq!(ground.heat("output-show web said").await.ok(), "one\n");

    ground.sent();
    assert_eq!(
        ground
            .heat(&format!("stack snapshot delete web {id}"))
            .await
            .ok(),
        ""
    );
    assert_eq!(
        ground.sent(),
        ["GET stacks/web", "DELETE stacks/web/ID/snapshots/ID"]
    );
    while ground.json("stack snapshot list web -f json").await != json!([]) {}
}

#[tokio::test]
async fn the_old_spellings_do_the_same() {
    let ground = with_stack("old-snapshot").await;
    let made = ground.json("stack-snapshot -n ü web").await;
    assert_eq!(keys(&made), KEYS);
    assert_eq!(made["name"], "ü");
    while !ground
        .heat("snapshot-list web")
        .await
        .ok()
        .contains("| COMPLETE |")
    {}
    let second = ground.heat("stack-snapshot web --wait --poll 0.05").await;
    assert!(
        second.err.contains("[web]: SNAPSHOT_COMPLETE  "),
        "{}",
        second.err
    );
    let second: Value = serde_json::from_str(&second.ok()).unwrap();
    assert_eq!(
        (&second["name"], &second["status"]),
        (&Value::Null, &json!("COMPLETE"))
    );
    ground.sent();
    let list = ground.heat("snapshot-list web").await.ok();
    assert_eq!(
        ground.sent(),
        ["GET stacks/web", "GET stacks/web/ID/snapshots"]
    );
    let title: Vec<_> = list
        .lines()
        .nth(1)
        .unwrap()
        .split('|')
        .map(str::trim)
        .collect();
    assert_eq!(
        title[1..7],
        [
            "id",
            "name",
            "action",
            "status",
            "status_reason",
            "creation_time"
        ]
    );
    let ids: Vec<_> = list
        .lines()
        .skip(3)
        .filter_map(|line| line.get(2..38))
        .collect();
    assert!(ids.len() == 3 && ids[0] <= ids[1], "{list}");

    let id = made["id"].as_str().unwrap();
    assert_eq!(
        ground.heat(&format!("stack-restore web {id}")).await.ok(),
        ""
    );
    while !ground
        .heat("stack show web -f value -c stack_status")
        .await
        .ok()
        .starts_with("RESTORE_COMPLETE")
    {}
    assert_eq!(
        ground
            .heat(&format!("snapshot-delete -y web {id}"))
            .await
            .ok(),
        format!("Request to delete the snapshot {id} of the stack web has been accepted.\n")
    );
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let ground = with_stack("no-snapshot").await;
    let new = "Snapshot ID <s> not found for stack <web>";
    let old = "Stack or snapshot not found";
    for (line, message) in [
        ("stack snapshot create nope", "Stack not found: nope"),
        ("stack-snapshot nope", "Stack not found: nope"),
        ("stack snapshot list nope", "Stack not found: nope"),
        ("snapshot-list nope", "Stack not found: nope"),
        ("stack snapshot show web s", new),
        (
            "stack snapshot show nope s",
            "Snapshot ID <s> not found for stack <nope>",
        ),
        ("snapshot-show web s", old),
        (
            "stack snapshot restore web s",
            "Stack web or snapshot s not found.",
        ),
        (
            "stack snapshot restore nope s",
            "Stack nope or snapshot s not found.",
        ),
        ("stack-restore web s", old),
        ("stack snapshot delete web s", new),
        ("snapshot-delete -y nope s", old),
    ] {
        ground
            .heat(line)
            .await
            .failed(1, &format!("ERROR: {message}"));
    }
    assert_eq!(ground.heat("stack snapshot list web").await.ok(), "\n");
    ground.sandbox.set_stack_delay(Duration::from_secs(3600));
    let timeout = "-q stack snapshot create web --wait --poll 0.05 --wait-timeout 0.2";
    let late = ground.heat(timeout).await;
    assert_eq!((late.code, late.out.as_str()), (Some(124), ""));
    let advice = ". Wait for it with: heat stack wait --action snapshot web\n";
    assert!(
        late.err.contains("timed out after ") && late.err.ends_with(advice),
        "{}",
        late.err
    );
    let busy = ground.heat("stack snapshot create web").await;
    assert_eq!(busy.code, Some(1));
    let start = "ERROR: create a snapshot of stack \"web\": 409 Conflict: ";
    assert!(busy.err.starts_with(start), "{}", busy.err);
}
