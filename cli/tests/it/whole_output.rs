//! `--wait -f json`: stdout has one JSON document, or nothing, whatever happens.

use std::time::Duration;

use serde_json::{Deserializer, Value};

use crate::ground::{Ground, Ran, interrupt};
use crate::waits::pretend;

const JSON: &str = "--wait --poll 0.05 -f json";

/// The documents on stdout, which has nothing else.
fn documents(ran: &Ran) -> Vec<Value> {
    assert!(!ran.out.contains('\u{1b}'), "{:?}", ran.out);
    assert!(
        ran.out.is_empty() || ran.out.ends_with('\n'),
        "{:?}",
        ran.out
    );
    let documents = Deserializer::from_str(&ran.out).into_iter::<Value>();
    documents.collect::<Result<_, _>>().unwrap()
}

/// A ground with three stacks, and the data of one of them.
async fn ground(name: &str) -> Ground {
    let ground = Ground::new(name).await;
    for stack in ["web", "other", "left"] {
        let create = format!("stack create {stack} -t t.yaml --wait --poll 0.05");
        ground.heat(&create).await.ok();
    }
    ground
        .heat("stack export left --output-file data.json")
        .await
        .ok();
    ground
}

/// The commands, and the number of changes that they request.
const COMMANDS: &[(&str, usize)] = &[
    ("stack create new -t t.yaml", 1),
    ("stack adopt taken --adopt-file data.json", 1),
    ("stack update web -t t.yaml --parameter word=x", 1),
    ("stack suspend web other", 2),
    ("stack resume web other", 2),
    ("stack check web", 1),
    ("stack snapshot create web", 1),
    ("stack wait web other", 0),
    ("stack cancel left", 1),
    ("stack snapshot restore web {snapshot}", 1),
    ("stack delete -y web other", 2),
    (
        "software deployment create d --server s --signal-transport NO_SIGNAL",
        2,
    ),
];

/// The options for one command: some print nothing, some always wait.
fn with_options(line: &str) -> String {
    match line {
        line if line.starts_with("stack wait") => format!("{line} --poll 0.05 -f json"),
        line if line.contains("delete") || line.contains("restore") => {
            format!("{line} --wait --poll 0.05")
        }
        line => format!("{line} {JSON}"),
    }
}

#[tokio::test]
async fn a_wait_that_succeeds_prints_one_document() {
    let ground = ground("json-success").await;
    let mut snapshot = String::new();
    for (line, _) in COMMANDS {
        if line.starts_with("software") {
            // It waits for a signal; see `waits`.
            continue;
        }
        if line.contains("cancel") {
            ground.sandbox.set_stack_delay(Duration::from_secs(3600));
            ground
                .heat("stack update left -t t.yaml --parameter word=y")
                .await
                .ok();
            ground.sandbox.set_stack_delay(Duration::ZERO);
        }
        let ran = ground
            .heat(&with_options(&line.replace("{snapshot}", &snapshot)))
            .await;
        assert_eq!(ran.code, Some(0), "{line}: {}", ran.err);
        let documents = documents(&ran);
        let prints = !line.contains("delete") && !line.contains("restore");
        assert_eq!(documents.len(), usize::from(prints), "{line}: {}", ran.out);
        if line.contains("snapshot create") {
            snapshot = documents[0]["ID"].as_str().unwrap().to_owned();
        }
    }
}

/// Only a command for several stacks prints something: those that succeeded.
#[tokio::test]
async fn a_wait_that_fails_prints_at_most_one_document() {
    let ground = ground("json-failure").await;
    for (line, status, rows) in [
        ("stack create bad -t fail.yaml", None, 0),
        ("stack update left -t fail.yaml", None, 0),
        ("stack adopt web --adopt-file data.json", None, 0),
        ("stack cancel web", None, 0),
        ("stack cancel web other", None, 0),
        ("stack suspend web none other", None, 2),
        ("stack resume web other", Some("RESUME_FAILED"), 1),
        ("stack check web other", Some("CHECK_FAILED"), 1),
        ("stack wait web other", Some("CHECK_FAILED"), 1),
        ("stack check other", Some("CHECK_FAILED"), 0),
        ("stack snapshot create other", Some("SNAPSHOT_FAILED"), 0),
        ("stack delete -y other none", Some("DELETE_FAILED"), 0),
    ] {
        ground.sandbox.clear_faults();
        if let Some(status) = status {
            pretend(&ground, "other", status).await;
        }
        let ran = ground.heat(&with_options(line)).await;
        assert_eq!(ran.code, Some(1), "{line}: {}", ran.err);
        let documents = documents(&ran);
        let shown = documents.iter().map(|list| list.as_array().unwrap().len());
        let shown: Vec<usize> = shown.collect();
        let expected: &[usize] = match rows {
            0 => &[],
            rows => &[rows],
        };
        assert_eq!(shown, expected, "{line}: {}", ran.out);
    }
}

/// Nothing is printed.
#[tokio::test]
async fn a_wait_that_is_interrupted_or_times_out_prints_no_document() {
    let ground = ground("json-interrupt").await;
    let mut lines = Vec::new();
    for (number, (line, changes)) in COMMANDS.iter().enumerate() {
        let mut line = (*line).to_owned();
        // A stack that changes refuses further actions.
        for stack in ["web", "other"]
            .iter()
            .filter(|stack| line.contains(**stack))
        {
            let create = format!("stack create {stack}{number} -t t.yaml --wait --poll 0.05");
            ground.heat(&create).await.ok();
        }
        for stack in ["web", "other"] {
            line = line.replace(stack, &format!("{stack}{number}"));
        }
        if line.contains("resume") {
            ground.heat(&line.replace("resume", "suspend")).await.ok();
        }
        if line.contains("{snapshot}") {
            let create = format!("stack snapshot create web{number} {JSON}");
            let made = ground.json(&create).await;
            line = line.replace("{snapshot}", made["ID"].as_str().unwrap());
        }
        lines.push((line, *changes));
    }
    ground.sandbox.set_stack_delay(Duration::from_secs(3600));
    for stack in ["left", "web7", "other7"] {
        let update = format!("stack update {stack} -t t.yaml --parameter word=y");
        ground.heat(&update).await.ok();
    }
    for (line, changes) in lines {
        ground.sandbox.clear_requests();
        let child = ground.command(&with_options(&line)).spawn().unwrap();
        ground.until_waiting(changes).await;
        interrupt(&child).await;
        let ran = Ran::from(child.wait_with_output().await.unwrap());
        assert_eq!(
            (ran.code, ran.out.as_str()),
            (Some(130), ""),
            "{line}: {}",
            ran.err
        );
    }
    let limited = "stack wait web7 other7 --wait-timeout 0.1 -f json";
    let ran = ground.heat(limited).await;
    assert_eq!((ran.code, ran.out.as_str()), (Some(124), ""), "{}", ran.err);
}
