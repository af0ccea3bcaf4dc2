//! The precedence of options, files, hooks and strategies, read back from the stacks.
//!
//! `rows.txt` is the table. A row is `=== title`, documents as `~~~ name`, and steps as `>>> heat …`,
//! consecutive command lines for one stack, `NAME`. The lines after a step are the expected state:
//! JSON pointers into the data that [`Stage`] reads back, and values. Hooks and errors that no line names
//! must not occur. Documents before the first row belong to all rows.
//!
//! With HEAT_LIVE_ROW=TEXT, only rows whose title contains this text run.

mod stage;

use std::sync::Arc;

use futures::StreamExt as _;
use heatclient::Error;
use heatclient::heat::StackRef;
use serde_json::Value;

use crate::cloud::Cloud;
use crate::directory::Directory;
pub use stage::{Done, Driver, Stage};

const TABLE: &str = include_str!("rows.txt");

/// The number of concurrent rows: the cloud has two cores.
const AT_ONCE: usize = 3;

#[derive(Clone)]
pub struct Row {
    pub what: String,
    pub documents: Vec<(String, String)>,
    pub steps: Vec<Step>,
}

#[derive(Clone)]
pub struct Step {
    pub line: String,
    /// JSON pointers and expected values.
    pub seen: Vec<(String, Value)>,
}

impl Row {
    /// A directory with the documents.
    pub fn directory(&self, name: &str) -> Directory {
        let directory = Directory::new(name);
        for (name, content) in &self.documents {
            directory.write(name, content);
        }
        directory
    }

    pub fn makes_a_stack(&self) -> bool {
        let told =
            |step: &Step| step.line.starts_with("orchestration") || step.line.contains("--dry-run");
        !self.steps.iter().all(told)
    }
}

pub fn table() -> Vec<Row> {
    let mut parts = TABLE.split("\n=== ");
    let common = row(parts.next().unwrap());
    let rows = parts.map(|text| {
        let mut row = row(text);
        row.documents.splice(0..0, common.documents.clone());
        row
    });
    rows.collect()
}

fn row(text: &str) -> Row {
    let mut row = Row {
        what: text.lines().next().unwrap().to_owned(),
        documents: Vec::new(),
        steps: Vec::new(),
    };
    for line in text.lines().skip(1) {
        if let Some(name) = line.strip_prefix("~~~ ") {
            row.documents.push((name.to_owned(), String::new()));
        } else if let Some(line) = line.strip_prefix(">>> heat ") {
            let line = line.to_owned();
            row.steps.push(Step {
                line,
                seen: Vec::new(),
            });
        } else if let Some(step) = row.steps.last_mut() {
            if let Some((pointer, value)) = line.split_once(' ') {
                let value = serde_json::from_str(value).expect(line);
                step.seen.push((pointer.to_owned(), value));
            }
        } else if let Some((_, content)) = row.documents.last_mut() {
            *content += line;
            *content += "\n";
        }
    }
    row
}

/// Runs one row, and returns the differences from the expected values.
async fn run(cloud: Arc<Cloud>, row: Row, driver: impl Driver, name: String) -> Vec<String> {
    let directory = row.directory(&name);
    let stage = Stage::new(&cloud, &name, &directory.0);
    let mut wrong = Vec::new();
    for step in &row.steps {
        let found = stage.step(driver, &step.line).await;
        let mut check = |pointer: &str, expected: &Value| {
            let seen = found.pointer(pointer).unwrap_or(&Value::Null);
            if seen != expected {
                wrong.push(format!(
                    "{}, by {driver:?}\n  heat {}\n  {pointer} {seen}\n  must be {expected}",
                    row.what, step.line
                ));
            }
        };
        for (pointer, expected) in &step.seen {
            check(pointer, expected);
        }
        for silent in ["/error", "/hooks"] {
            if step.seen.iter().all(|(pointer, _)| pointer != silent) {
                check(silent, &Value::Null);
            }
        }
    }
    wrong
}

/// Runs a row, and again if it fails: Heat sometimes loses an update, but not twice.
async fn run_twice_at_most(cloud: Arc<Cloud>, row: Row, driver: impl Driver) -> Vec<String> {
    let wrong = run_and_delete(Arc::clone(&cloud), row.clone(), driver).await;
    if wrong.is_empty() {
        return wrong;
    }
    eprintln!("once more: {}", wrong.join("\n"));
    run_and_delete(cloud, row, driver).await
}

/// Runs a row in a separate task, so that its stack is deleted even if the task panics.
async fn run_and_delete(cloud: Arc<Cloud>, row: Row, driver: impl Driver) -> Vec<String> {
    let (what, name) = (row.what.clone(), cloud.name("row"));
    let task = tokio::spawn(run(Arc::clone(&cloud), row, driver, name.clone()));
    let mut wrong = match task.await {
        Ok(wrong) => wrong,
        Err(panic) => vec![format!("{what}, by {driver:?}: {panic}")],
    };
    if let Err(error) = delete(&cloud, &name).await {
        wrong.push(format!("{what}, by {driver:?}: {error}"));
    }
    wrong
}

async fn delete(cloud: &Cloud, name: &str) -> Result<(), Error> {
    match cloud.try_delete(&StackRef::from(name)).await {
        Err(error) if !error.is_not_found() => Err(error),
        _ => Ok(()),
    }
}

/// Runs the rows that a filter selects by number and content, or those that HEAT_LIVE_ROW names.
pub async fn check(cloud: Cloud, driver: impl Driver, is_wanted: impl Fn(usize, &Row) -> bool) {
    let cloud = Arc::new(cloud);
    let only = std::env::var("HEAT_LIVE_ROW").ok();
    let rows = table()
        .into_iter()
        .enumerate()
        .filter(|(number, row)| match &only {
            Some(text) => row.what.contains(text),
            None => is_wanted(*number, row),
        });
    let runs = rows.map(|(_, row)| run_twice_at_most(Arc::clone(&cloud), row, driver));
    let runs = futures::stream::iter(runs).buffer_unordered(AT_ONCE);
    let wrong: Vec<_> = runs.concat().await;
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
