//! The reader and the emitter beside a running PyYAML: `tests/yaml/compare` runs these.

#![allow(
    clippy::disallowed_methods,
    reason = "seconds of real time bound a search"
)]

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use granit_parser::{Event, ScalarStyle, StructureStyle};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use super::nasty;
use crate::yaml::{Document, compose, node::Mark, place, to_string};

/// `tests/yaml/pyyaml.py`, which answers a line with a line.
struct Peer {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Peer {
    /// Starts it with the Python that `YAML_PYTHON` names.
    fn new() -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/yaml/pyyaml.py");
        let mut child = Command::new(std::env::var("YAML_PYTHON").expect("a Python with PyYAML"))
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        Self {
            stdin: child.stdin.take().expect("it is piped"),
            stdout: BufReader::new(child.stdout.take().expect("it is piped")),
            child,
        }
    }

    fn ask(&mut self, kind: &str, text: &str) -> Value {
        writeln!(self.stdin, "{}", json!([kind, text])).expect("it listens");
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("it answers");
        serde_json::from_str(&line).expect("an answer")
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The documents below the directory that `YAML_CORPUS` names.
fn corpus() -> Vec<(PathBuf, String)> {
    let root = std::env::var("YAML_CORPUS").expect("a directory of documents");
    let mut found = Vec::new();
    gather(Path::new(&root), &mut found);
    found.sort();
    assert!(!found.is_empty(), "no document below {root}");
    found
}

fn gather(directory: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        if path.is_dir() {
            gather(&path, found);
        } else if matches!(
            extension,
            Some("yaml" | "yml" | "template" | "env" | "json")
        ) {
            let text = std::fs::read_to_string(&path).expect("a text");
            found.push((path, text));
        }
    }
}

/// The events as `pyyaml.py` writes them, and whether they end early.
fn events(text: &str) -> (Vec<Value>, bool) {
    let mut rows: Vec<Value> = Vec::new();
    let mut open = Vec::new();
    let mut names = HashMap::new();
    let mut reached = Mark::default();
    for next in compose::events(text) {
        let Ok((event, span)) = next else {
            return (rows, true);
        };
        let start = place::mark(&span.start);
        let tag_start = span.tag_start().as_ref().map(place::mark);
        let tag = event.tag().map(ToString::to_string).unwrap_or_default();
        let mut at = start;
        let rest = match &event {
            Event::StreamStart => json!(["StreamStart"]),
            Event::StreamEnd => json!(["StreamEnd"]),
            Event::DocumentStart(..) => json!(["DocumentStart"]),
            Event::DocumentEnd => json!(["DocumentEnd"]),
            Event::SequenceEnd => json!(["SequenceEnd"]),
            Event::MappingEnd => json!(["MappingEnd"]),
            Event::Scalar(value, style, ..) => {
                let (style, value) = match style {
                    // An absent node is null, as which the parser shows it.
                    ScalarStyle::Plain if span.is_empty() => ("plain", ""),
                    ScalarStyle::Plain => ("plain", &**value),
                    ScalarStyle::SingleQuoted => ("'", &**value),
                    ScalarStyle::DoubleQuoted => ("\"", &**value),
                    ScalarStyle::Literal => ("|", &**value),
                    ScalarStyle::Folded => (">", &**value),
                };
                if matches!(style, "|" | ">") {
                    (at, _) = place::block_scalar(text, reached, &span);
                }
                json!(["Scalar", "", tag, style, value])
            }
            Event::SequenceStart(style, ..) => {
                if *style == StructureStyle::Block && open.last() != Some(&true) {
                    at = place::first_dash(text, start);
                }
                json!(["SequenceStart", "", tag, structure(*style)])
            }
            Event::MappingStart(style, ..) => json!(["MappingStart", "", tag, structure(*style)]),
            // It follows its node, which starts with the first of its properties to libyaml.
            Event::Anchor(id, name) => {
                names.insert(*id, name.to_string());
                let row = rows.last_mut().expect("a node");
                row[1] = json!(name);
                set_place(row, start);
                continue;
            }
            Event::Alias(id) => json!(["Alias", names[id]]),
            Event::UnresolvedAlias(name) => json!(["Alias", name]),
            other => panic!("{other:?}"),
        };
        match &event {
            Event::SequenceStart(..) => open.push(true),
            Event::MappingStart(..) => open.push(false),
            Event::SequenceEnd | Event::MappingEnd => drop(open.pop()),
            _ => {}
        }
        rows.push(rest);
        let row = rows.last_mut().expect("it was pushed");
        let absent = row[0] == "Scalar" && span.is_empty() && row[3] == "plain";
        if event.is_node() && !absent {
            row.as_array_mut()
                .expect("a row")
                .push(json!([at.line, at.column]));
            tag_start.into_iter().for_each(|tag| set_place(row, tag));
        }
        if !matches!(event, Event::DocumentStart(false, _)) {
            reached = place::mark(&span.end);
        }
    }
    (rows, false)
}

/// Moves the place at the end of a row to an earlier one.
fn set_place(row: &mut Value, at: Mark) {
    let place = row.as_array_mut().and_then(|row| row.last_mut());
    // An absent node has none.
    let Some(place) = place.filter(|place| place.is_array()) else {
        return;
    };
    let (line, column) = (place[0].as_u64().unwrap(), place[1].as_u64().unwrap());
    let earlier = (u64::from(at.line), u64::from(at.column)) < (line, column);
    if earlier {
        *place = json!([at.line, at.column]);
    }
}

fn structure(style: StructureStyle) -> &'static str {
    match style {
        StructureStyle::Flow => "flow",
        StructureStyle::Block => "block",
    }
}

#[test]
#[ignore = "needs PyYAML and a corpus"]
fn events_are_those_of_pyyaml() {
    let mut peer = Peer::new();
    let (mut documents, mut count, mut different) = (0, 0, 0);
    for (path, text) in corpus() {
        let answer = peer.ask("events", &text);
        let theirs = answer["events"].as_array().expect("events");
        let (ours, refused) = events(&text);
        documents += 1;
        count += theirs.len();
        let other = ours
            .iter()
            .zip(theirs)
            .find(|(ours, theirs)| ours != theirs);
        if let Some((ours, theirs)) = other {
            println!("{}: {ours}, PyYAML {theirs}", path.display());
            different += 1;
        } else if ours.len() != theirs.len() || refused != answer["refused"].is_string() {
            println!(
                "{}: {refused}, PyYAML {}",
                path.display(),
                answer["refused"]
            );
            different += 1;
        }
    }
    println!("{documents} documents, {count} events, {different} documents differ");
    assert_eq!(different, 0);
}

#[test]
#[ignore = "needs PyYAML"]
fn pyyaml_reads_what_is_emitted() {
    let mut peer = Peer::new();
    let mut runner = TestRunner::deterministic();
    let count = number("YAML_VALUES", 5_000);
    for _ in 0..count {
        let value = nasty::value().new_tree(&mut runner).expect("a value");
        let text = to_string(&value.current());
        let answer = peer.ask("load", &text);
        let json = answer["json"].as_str();
        let json = json.unwrap_or_else(|| panic!("{answer}: {text}"));
        let read = Document::parse_json(json).expect(json).root.to_value();
        assert_eq!(read, Ok(value.current()), "{text}");
        // And so does its other parser.
        assert_eq!(answer.get("pure"), None, "{text}");
    }
    println!("{count} values");
}

/// Mutates the documents of a corpus for as many seconds as `YAML_SECONDS` tells, and shows those that PyYAML reads
/// otherwise. Only those on whose value both cannot agree are wrong: what one refuses the other may well allow.
#[test]
#[ignore = "needs PyYAML and a corpus"]
fn mutated_documents_mean_what_pyyaml_makes_of_them() {
    let mut peer = Peer::new();
    let corpus = corpus();
    let mut random = Mutator::new(number("YAML_SEED", 1));
    let seconds = number("YAML_SECONDS", 30);
    let start = std::time::Instant::now();
    let (mut read, mut refused, mut strict, mut lax, mut wrong) = (0, 0, 0, 0, 0);
    while start.elapsed().as_secs() < seconds {
        let (_, text) = &corpus[random.below(corpus.len())];
        let text = random.mutate(text);
        let answer = peer.ask("load", &text);
        let theirs = answer["json"].as_str().or_else(|| answer["pure"].as_str());
        let ours = Document::parse(&text).map(|document| document.root.to_json());
        match (&ours, theirs) {
            (Ok(ours), Some(theirs)) if ours == theirs => read += 1,
            (Ok(ours), Some(theirs)) => {
                wrong += 1;
                println!("other: {text:?}\n  {ours}\n  {theirs}");
            }
            (Ok(_), None) => {
                lax += 1;
                println!("lax: {text:?}\n  {}", answer["refused"]);
            }
            (Err(errors), Some(_)) => {
                strict += 1;
                println!("strict: {text:?}\n  {}", errors[0]);
            }
            (Err(_), None) => refused += 1,
        }
    }
    println!(
        "{read} read and {refused} refused alike, {strict} refused by us alone, {lax} by PyYAML alone, {wrong} read \
         otherwise"
    );
    assert_eq!(wrong, 0);
}

fn number(variable: &str, default: u64) -> u64 {
    let text = std::env::var(variable).ok();
    text.map_or(default, |text| text.parse().expect(variable))
}

/// Makes small documents out of parts of large ones, and signs.
struct Mutator(fastrand::Rng);

impl Mutator {
    fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    fn below(&mut self, end: usize) -> usize {
        self.0.usize(..end.max(1))
    }

    fn mutate(&mut self, text: &str) -> String {
        const PARTS: [&str; 64] = [
            " ",
            "  ",
            "\n",
            "\n\n",
            "\n ",
            "\n  ",
            "\t",
            ":",
            ": ",
            "- ",
            "-",
            "? ",
            "?",
            ",",
            "[",
            "]",
            "{",
            "}",
            "'",
            "\"",
            "#",
            " #",
            "|",
            ">",
            "|-",
            ">+",
            "|2",
            "&a ",
            "*a ",
            "*a",
            "!",
            "!!str ",
            "!!int ",
            "!!set ",
            "<<: ",
            "=",
            "~",
            "null",
            "yes",
            "0",
            "07",
            "1:30",
            "1.5",
            ".5",
            "1_0",
            "0x1",
            "2013-05-23",
            "---\n",
            "...\n",
            "%",
            "@",
            "`",
            "\\",
            "\\n",
            "\\\n",
            "a",
            "b: c",
            "é",
            "''",
            "[]",
            "{}",
            "\r\n",
            "a: &a {b: c}\n",
            "!!omap ",
        ];
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let from = self.below(lines.len());
        let length = 1 + self.below(12);
        let mut chars: Vec<char> = lines
            .iter()
            .skip(from)
            .take(length)
            .flat_map(|line| line.chars())
            .take(600)
            .collect();
        for _ in 0..=self.below(4) {
            let at = self.below(chars.len() + 1);
            let end = match self.below(3) {
                0 => at,
                1 => (at + 1).min(chars.len()),
                _ => (at + self.below(20)).min(chars.len()),
            };
            let part: Vec<char> = match self.below(4) {
                0 => Vec::new(),
                1 => chars[at..end].to_vec(),
                _ => PARTS[self.below(PARTS.len())].chars().collect(),
            };
            let to = self.below(chars.len() + 1);
            match self.below(2) {
                0 => drop(chars.splice(at..end, part)),
                _ => drop(chars.splice(to..to, part)),
            }
        }
        chars.into_iter().collect()
    }
}
