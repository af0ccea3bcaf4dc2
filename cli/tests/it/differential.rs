//! The command lines of `tests/differential/cases.py`, which were recorded with the Python tools on a real cloud, run against
//! the recorded answers: the same exit codes, output and requests, or the recorded difference with its reason.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use futures::StreamExt as _;
use heatclient_test_support::directory::Directory;
use heatclient_test_support::scripted::{Scripted, Seen, answer, json as json_answer};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::ground::{Ran, bare};

/// The first line of the recording.
#[derive(Deserialize)]
struct Head {
    files: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Case {
    tool: String,
    line: String,
    /// What the Python tool did, by format.
    python: BTreeMap<String, Done>,
    /// What ours does differently.
    differences: Vec<Difference>,
    /// The words of our command line, by format.
    words: BTreeMap<String, Vec<String>>,
    /// Our requests and their answers, by format. Commands that only read have those of one format.
    exchanges: BTreeMap<String, Vec<Exchange>>,
}

#[derive(Deserialize)]
struct Done {
    code: i32,
    out: String,
    err: Option<String>,
    /// The lines of events that a wait printed: to stdout in the Python tools, to stderr in ours.
    #[serde(default)]
    events: Vec<String>,
    #[serde(default)]
    written: BTreeMap<String, String>,
}

#[derive(Clone, Deserialize)]
struct Exchange {
    method: String,
    url: String,
    body: String,
    status: u16,
    headers: BTreeMap<String, String>,
    answer: String,
}

/// A difference from the Python tool. `why` is a line of docs/differences.md; null for one without a reason.
#[derive(Deserialize)]
struct Difference {
    format: String,
    what: String,
    /// What our tool does.
    ours: Value,
    why: Option<String>,
}

fn recorded(name: &str) -> String {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/differential");
    fs::read_to_string(directory.join(name)).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recorded_command_lines_do_what_the_python_tools_do() {
    let recording = recorded("recorded.jsonl");
    let mut lines = recording.lines();
    let head: Head = serde_json::from_str(lines.next().unwrap()).unwrap();
    let head = Arc::new(head);
    let lines: Vec<&str> = lines.collect();
    assert!(lines.len() > 190, "{} recorded cases", lines.len());
    let runs = lines.into_iter().enumerate().map(|(number, line)| {
        let case: Case = serde_json::from_str(line).unwrap();
        let head = Arc::clone(&head);
        async move { replay(number, &case, &head).await }
    });
    let problems: Vec<Vec<String>> = futures::stream::iter(runs).buffered(4).collect().await;
    let problems = problems.concat();
    assert!(
        problems.is_empty(),
        "{} differences:\n{}",
        problems.len(),
        problems.join("\n")
    );
}

/// Runs a case in all its formats. Returns what is not as recorded.
async fn replay(number: usize, case: &Case, head: &Head) -> Vec<String> {
    let title = format!("{} {}", case.tool, case.line);
    let mut problems = Vec::new();
    for (position, (format, words)) in case.words.iter().enumerate() {
        let exchanges = case
            .exchanges
            .get(format)
            .or_else(|| case.exchanges.values().next());
        let exchanges = exchanges.cloned().unwrap_or_default();
        let directory = Directory::new(&format!("differential-{number}-{position}"));
        for (name, text) in &head.files {
            fs::write(directory.0.join(name), text).unwrap();
        }
        let waits = ["--wait", "--poll"]
            .iter()
            .any(|option| case.line.contains(option));
        let Replayed {
            mut ran,
            unexpected,
            left,
        } = run(words, exchanges, waits, &directory.0).await;
        let python = &case.python[format];
        let events = match waits {
            true => take_events(&mut ran.err),
            false => Vec::new(),
        };
        let mut compare = |what: &str, python: Value, ours: Value| {
            let differs =
                |difference: &&Difference| difference.format == *format && difference.what == what;
            let recorded = case
                .differences
                .iter()
                .find(differs)
                .map(|difference| &difference.ours);
            let expected = recorded.unwrap_or(&python);
            // Without a failure there is no message.
            let is_none = expected.is_null() && ours == "";
            if *expected != ours && !is_none {
                problems.push(format!(
                    "{title}\n  {what} {format}\n    expected: {expected}\n    found:    {ours}"
                ));
            }
        };
        compare("code", json!(python.code), json!(ran.code));
        compare("out", json!(python.out), json!(ran.out));
        compare("events", json!(python.events), json!(events));
        compare(
            "written",
            json!(python.written),
            json!(written(&directory.0, head)),
        );
        if let Some(message) = &python.err {
            let found = last_message(&ran.err);
            let text = message.strip_prefix("ERROR: ").unwrap_or(message);
            // Ours also says what was being done, and has the id of the request.
            let ours = if found.contains(text) {
                message
            } else {
                &found
            };
            compare("err", json!(message), json!(ours));
        }
        // The polls of a wait depend on time. Of commands that only read, one format is recorded.
        let is_whole = case.exchanges.contains_key(format) && !waits;
        if is_whole && left != Vec::<String>::new() {
            problems.push(format!("{title}\n  requests that were not made: {left:#?}"));
        }
        if !unexpected.is_empty() {
            problems.push(format!(
                "{title}\n  requests that were not recorded: {unexpected:#?}"
            ));
        }
    }
    problems
}

/// Takes the lines of events from a text. Their ids depend on the requests before them.
fn take_events(text: &mut String) -> Vec<String> {
    let lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    text.clear();
    let mut events = Vec::new();
    for line in lines {
        match line.splitn(4, ' ').collect::<Vec<_>>().as_slice() {
            [day, time, id, rest]
                if day.len() == 10
                    && time.ends_with('Z')
                    && id.len() == 36
                    && rest.starts_with('[') =>
            {
                events.push(format!("{day} {time} ID {rest}"));
            }
            _ => text.push_str(&line),
        }
    }
    // Heat works on several resources at a time.
    events.sort();
    events
}

/// The message in a text: from its last `error:` to an empty line, or all but warnings.
fn last_message(text: &str) -> String {
    let is_start = |line: &&str| line.to_lowercase().contains("error: ");
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with("WARNING"))
        .collect();
    let start = lines.iter().rposition(is_start).unwrap_or_default();
    let lines = lines[start..].iter().map(|line| line.trim_end());
    let message: Vec<&str> = lines.take_while(|line| !line.is_empty()).collect();
    message.join("\n")
}

/// The files that a run has made.
fn written(directory: &Path, head: &Head) -> BTreeMap<String, String> {
    let files = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    let new = files.filter(|path| path.is_file() && !head.files.contains_key(&name(path)));
    new.map(|path| (name(&path), fs::read_to_string(&path).unwrap()))
        .collect()
}

/// A run against recorded answers.
struct Replayed {
    ran: Ran,
    /// The requests that were not recorded.
    unexpected: Vec<String>,
    /// The recorded requests that were not made.
    left: Vec<String>,
}

/// Runs the tool against recorded answers.
async fn run(
    words: &[String],
    exchanges: Vec<Exchange>,
    repeats: bool,
    directory: &Path,
) -> Replayed {
    let endpoint = exchanges.first().map(|exchange| endpoint(&exchange.url));
    let endpoint = endpoint.unwrap_or_else(|| "http://heat.example/v1/p".to_owned());
    let script = Arc::new(Mutex::new(Script {
        left: exchanges,
        used: Vec::new(),
        repeats,
    }));
    let answers = Arc::clone(&script);
    let unexpected = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&unexpected);
    let home = directory.display().to_string();
    let server = Scripted::start(move |seen| {
        if seen.path.ends_with("/auth/tokens") {
            return login(&endpoint);
        }
        match answers.lock().unwrap().next(seen, &home) {
            Some(exchange) => exchange.answered(),
            None => {
                log.lock()
                    .unwrap()
                    .push(format!("{} {}", seen.method, seen.path));
                json_answer("418 I'm a teapot", "{}")
            }
        }
    })
    .await;
    let mut command = bare();
    command
        .current_dir(directory)
        .env("http_proxy", &server.url)
        .env("OS_AUTH_URL", "http://keystone.example/v3")
        .envs([
            ("OS_USERNAME", "demo"),
            ("OS_PASSWORD", "demo"),
            ("OS_PROJECT_NAME", "demo"),
        ])
        .envs([
            ("OS_USER_DOMAIN_NAME", "Default"),
            ("OS_PROJECT_DOMAIN_NAME", "Default"),
        ])
        .env("HOME", directory)
        .args(words);
    let ran = command.output().await.unwrap().into();
    let unexpected = unexpected.lock().unwrap().clone();
    let left = script.lock().unwrap();
    let left = left.left.iter();
    Replayed {
        ran,
        unexpected,
        left: left
            .map(|one| format!("{} {}", one.method, one.url))
            .collect(),
    }
}

/// The endpoint of a request to Heat: its URL up to the project.
fn endpoint(url: &str) -> String {
    url.splitn(6, '/').take(5).collect::<Vec<_>>().join("/")
}

/// The recorded exchanges of a run.
struct Script {
    left: Vec<Exchange>,
    used: Vec<Exchange>,
    /// Whether the polls of a wait may be repeated.
    repeats: bool,
}

impl Script {
    /// The recorded exchange for a request: the next one like it, or else the last one.
    fn next(&mut self, seen: &Seen, directory: &str) -> Option<Exchange> {
        let body = String::from_utf8_lossy(&seen.body).replace(directory, "/templates");
        let value = |text: &str| serde_json::from_str::<Value>(text).ok();
        let is_like = |exchange: &Exchange| {
            let same_body = exchange.body == body
                || value(&exchange.body).is_some() && value(&exchange.body) == value(&body);
            exchange.method == seen.method && exchange.url == seen.path && same_body
        };
        if let Some(place) = self.left.iter().position(is_like) {
            self.used.push(self.left.remove(place));
            return self.used.last().cloned();
        }
        let mut used = self.used.iter().rev();
        used.find(|exchange| self.repeats && is_like(exchange))
            .cloned()
    }
}

impl Exchange {
    fn answered(&self) -> Vec<u8> {
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"));
        answer(
            &format!("{} Recorded", self.status),
            &headers.collect::<String>(),
            &self.answer,
        )
    }
}

fn login(endpoint: &str) -> Vec<u8> {
    let project = endpoint.rsplit('/').next().unwrap();
    let body = json!({"token": {
        "methods": ["password"],
        "user": {"id": "u", "name": "demo", "domain": {"id": "default", "name": "Default"}},
        "project": {"id": project, "name": "demo", "domain": {"id": "default", "name": "Default"}},
        "expires_at": "2999-01-01T00:00:00.000000Z",
        "issued_at": "2026-01-01T00:00:00.000000Z",
        "roles": [{"id": "r", "name": "member"}],
        "catalog": [{"type": "orchestration", "name": "heat", "id": "s", "endpoints": [
            {"id": "e", "interface": "public", "region": "RegionOne", "region_id": "RegionOne", "url": endpoint}]}],
    }});
    let headers = "x-subject-token: gAAAA\r\ncontent-type: application/json\r\n";
    answer("201 Created", headers, &body.to_string())
}

#[test]
fn each_difference_is_documented() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/differences.md");
    let docs = fs::read_to_string(docs).unwrap();
    let docs = docs.split_whitespace().collect::<Vec<_>>().join(" ");
    for line in recorded("recorded.jsonl").lines().skip(1) {
        let case: Case = serde_json::from_str(line).unwrap();
        for difference in &case.differences {
            let why = difference.why.as_deref();
            let what = format!("{} {}: {}", case.tool, case.line, difference.what);
            assert!(
                why.is_some_and(|why| docs.contains(why)),
                "{what}: docs/differences.md lacks {why:?}"
            );
        }
    }
}

#[test]
fn each_command_of_both_tools_is_recorded() {
    let names = include_str!("../formats/commands.txt");
    let recording = recorded("recorded.jsonl");
    let lines: Vec<String> = recording
        .lines()
        .skip(1)
        .map(|line| serde_json::from_str::<Case>(line).unwrap())
        .map(|case| format!("{} ", case.line))
        .collect();
    let is_missing = |name: &&str| {
        let start = format!("{name} ");
        !lines.iter().any(|line| line.starts_with(&start))
    };
    let missing: Vec<&str> = names.lines().filter(is_missing).collect();
    // They print the names of our own commands.
    assert_eq!(missing, ["bash-completion", "bash_completion"]);
}
