//! `docs/commands.md`: the commands of both Python tools, and the operations of Heat's API that they use, from the
//! requests in `tests/differential/recorded.jsonl`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::ground::{Ran, bare};

/// If set, the test writes the page.
const WRITE: &str = "HEAT_WRITE_COMMANDS";

const HEAD: &str = "# Commands

The commands of both Python tools, and the operations of Heat's API (`docs/api-coverage.md`) that `heat` requested for them in the recorded
command lines (`tests/differential`). The last table has the commands that only this tool has. `heat help COMMAND` explains each.

Generated from the recording and the tool; a test compares the two. To write it again:
`HEAT_WRITE_COMMANDS=1 cargo test -p heatclient-cli --test it commands`.
";

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// An operation: its method, and the segments of its path.
struct Operation {
    name: String,
    method: String,
    path: Vec<String>,
}

/// The operations in the table of `docs/api-coverage.md`.
fn operations() -> Vec<Operation> {
    let table = fs::read_to_string(repository("docs/api-coverage.md")).unwrap();
    let row = |line: &str| {
        let mut cells = line.split('|').map(str::trim).skip(1);
        let (method, path) = (
            cells.next()?,
            cells.next()?.strip_prefix('`')?.strip_suffix('`')?,
        );
        Some(Operation {
            name: format!("{method} {path}"),
            method: method.to_owned(),
            path: path.split('/').skip(1).map(str::to_owned).collect(),
        })
    };
    table.lines().filter_map(row).collect()
}

/// Whether a path fits; a stack is a name, or a name and an id.
fn fits(path: &[&str], operation: &[String]) -> bool {
    match (operation, path) {
        ([], []) => true,
        ([segment, rest @ ..], [first, more @ ..]) => {
            let fits_one = (segment == first || segment.starts_with('{')) && fits(more, rest);
            fits_one || (segment == "{stack}" && !more.is_empty() && fits(&more[1..], rest))
        }
        _ => false,
    }
}

/// The operation of a request to Heat.
fn operation<'a>(operations: &'a [Operation], method: &str, url: &str) -> Option<&'a str> {
    let path = url.split(['?', '#']).next()?;
    let (_, path) = path.split_once("/v1/")?;
    let path: Vec<&str> = path.split('/').skip(1).collect();
    let fitting = operations
        .iter()
        .filter(|one| one.method == method && fits(&path, &one.path));
    let literals = |one: &&Operation| {
        one.path
            .iter()
            .filter(|segment| !segment.starts_with('{'))
            .count()
    };
    Some(&fitting.max_by_key(literals)?.name)
}

async fn page() -> String {
    let names = fs::read_to_string(repository("cli/tests/formats/commands.txt")).unwrap();
    let operations = operations();
    let mut used: BTreeMap<&str, BTreeSet<&str>> =
        names.lines().map(|name| (name, BTreeSet::new())).collect();
    let recording = fs::read_to_string(repository("tests/differential/recorded.jsonl")).unwrap();
    for case in recording.lines().skip(1) {
        let case: Value = serde_json::from_str(case).unwrap();
        let line = format!("{} ", case["line"].as_str().unwrap());
        let starts = |name: &&str| line.starts_with(&format!("{name} "));
        let Some(name) = names.lines().filter(starts).max_by_key(|name| name.len()) else {
            continue;
        };
        for exchange in case["exchanges"]
            .as_object()
            .unwrap()
            .values()
            .flat_map(|of| of.as_array().unwrap())
        {
            let part = |key: &str| exchange[key].as_str().unwrap();
            used.get_mut(name)
                .unwrap()
                .extend(operation(&operations, part("method"), part("url")));
        }
    }
    let mut page = HEAD.to_owned();
    for (title, is_old) in [("`openstack`", false), ("The old `heat`", true)] {
        write!(
            page,
            "\n## {title}\n\n| command | operations |\n| --- | --- |\n"
        )
        .unwrap();
        for name in names.lines().filter(|name| name.contains(' ') != is_old) {
            let operations: Vec<String> =
                used[name].iter().map(|name| format!("`{name}`")).collect();
            let operations = operations.join(", ");
            writeln!(page, "| `{name}` | {operations} |").unwrap();
        }
    }
    page.push_str("\n## Only here\n\n| command | what it does |\n| --- | --- |\n");
    for name in own_commands(&names).await {
        writeln!(page, "| `{name}` | {} |", about(&name).await).unwrap();
    }
    page
}

async fn printed(line: &str) -> String {
    let output = bare().args(line.split(' ')).output().await.unwrap();
    Ran::from(output).ok()
}

/// The commands that are not among these names.
async fn own_commands(names: &str) -> Vec<String> {
    let data = printed("complete --shell none").await;
    let lines = data.lines().filter_map(|line| line.trim().split_once("='"));
    let of: BTreeMap<&str, &str> = lines
        .map(|(key, words)| (key, words.trim_end_matches('\'')))
        .collect();
    let mut found = Vec::new();
    let mut open = vec![String::new()];
    while let Some(command) = open.pop() {
        let words = of[format!("cmds{}", command.replace(' ', "_")).as_str()];
        let is_noun = !words.starts_with('-');
        let inner = words
            .split(' ')
            .filter(|word| is_noun && !word.is_empty() && *word != "help");
        open.extend(inner.map(|word| format!("{command} {word}")));
        if !is_noun && !names.lines().any(|name| name == command.trim()) {
            found.push(command.trim().to_owned());
        }
    }
    found.sort();
    found
}

/// The description in the help of a command.
async fn about(command: &str) -> String {
    let help = printed(&format!("help {command}")).await;
    let mut parts = help.split("\n\n");
    let about = parts.find(|part| !part.to_lowercase().starts_with("usage:"));
    about.unwrap().trim().to_owned()
}

#[tokio::test]
async fn the_page_lists_the_operations_of_the_recorded_requests() {
    let path = repository("docs/commands.md");
    let page = page().await;
    if std::env::var_os(WRITE).is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/commands.md is not up to date; its head says how to write it"
    );
}

#[test]
fn requests_belong_to_operations() {
    let operations = operations();
    assert!(operations.len() > 40);
    for (method, url, name) in [
        ("GET", "http://h/v1/p/stacks?limit=1", Some("GET /stacks")),
        (
            "GET",
            "http://h/v1/p/stacks/detail",
            Some("GET /stacks/detail"),
        ),
        (
            "GET",
            "http://h/v1/p/stacks/web",
            Some("GET /stacks/{stack}"),
        ),
        (
            "PUT",
            "http://h/v1/p/stacks/web/1",
            Some("PUT /stacks/{stack}"),
        ),
        (
            "GET",
            "http://h/v1/p/stacks/web/1/export",
            Some("GET /stacks/{stack}/export"),
        ),
        (
            "GET",
            "http://h/v1/p/stacks/web/1/resources/r/events/e",
            Some("GET /stacks/{stack}/resources/{resource}/events/{event}"),
        ),
        ("GET", "http://h/v1/p/build_info", Some("GET /build_info")),
        ("GET", "http://h/v3/projects", None),
    ] {
        assert_eq!(operation(&operations, method, url), name, "{method} {url}");
    }
}
