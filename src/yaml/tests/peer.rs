//! Compares the reader and the emitter with a running PyYAML. `tests/yaml/compare` runs these tests.

#![allow(
    clippy::disallowed_methods,
    reason = "seconds of real time bound a search"
)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use super::{events, nasty};
use crate::yaml::{Document, to_string};

/// A running `tests/yaml/pyyaml.py`, which answers each line with a line.
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

#[test]
#[ignore = "needs PyYAML and a corpus"]
fn events_are_those_of_pyyaml() {
    let mut peer = Peer::new();
    let (mut documents, mut count, mut different) = (0, 0, 0);
    for (path, text) in corpus() {
        let answer = peer.ask("events", &text);
        documents += 1;
        count += answer["events"].as_array().map_or(0, Vec::len);
        if let Some((ours, theirs)) = events::difference(&text, &answer) {
            println!("{}: {ours}, PyYAML {theirs}", path.display());
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
        // Its other parser agrees.
        assert_eq!(answer.get("pure"), None, "{text}");
    }
    println!("{count} values");
}

/// Mutates the documents of a corpus for `YAML_SECONDS` seconds. Only different values are failures: one parser may reject
/// what the other accepts, because of YAML 1.2. `YAML_SHOW` prints these documents.
#[test]
#[ignore = "needs PyYAML and a corpus"]
fn mutated_documents_mean_what_pyyaml_makes_of_them() {
    let mut peer = Peer::new();
    let corpus = corpus();
    let mut random = Mutator::new(number("YAML_SEED", 1));
    let seconds = number("YAML_SECONDS", 30);
    let show = std::env::var_os("YAML_SHOW").is_some();
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
                println!("different: {text:?}\n  {ours}\n  {theirs}");
            }
            (Ok(_), None) => {
                lax += 1;
                if show {
                    println!("refused by PyYAML: {text:?}\n  {}", answer["refused"]);
                }
            }
            (Err(errors), Some(_)) => {
                strict += 1;
                if show {
                    println!("refused by us: {text:?}\n  {}", errors[0]);
                }
            }
            (Err(_), None) => refused += 1,
        }
    }
    println!(
        "{read} read and {refused} refused alike, {strict} refused by us alone, {lax} by PyYAML alone, {wrong} read \
         differently"
    );
    assert_eq!(wrong, 0);
}

fn number(variable: &str, default: u64) -> u64 {
    let text = std::env::var(variable).ok();
    text.map_or(default, |text| text.parse().expect(variable))
}

/// Makes small documents from parts of large ones and YAML indicators.
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
