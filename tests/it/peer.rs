//! The manager methods of python-heatclient and ours send the same requests.
//!
//! `tests/peer/record` made each call of `tests/peer/calls.py` with python-heatclient against a server that answers
//! like Heat, and wrote the requests to `tests/peer/cases.json`. Here our method makes the same call against
//! the same server. Method, path, query, body and the number of items must be equal, except for what
//! [`rules`] and [`differences`] list, each with its reason.

mod arguments;
mod calls;
mod differences;
mod rules;
mod server;
mod software;

use std::collections::{BTreeMap, BTreeSet};

use heatclient::Client;
use serde::Deserialize;
use serde_json::{Map, Value};

use self::arguments::Arguments;
use self::calls::{CALLS, Call};
use self::differences::DIFFERENCES;
use self::rules::RULES;
use self::server::{Sent, Server};

/// What `tests/peer/record` wrote.
#[derive(Deserialize)]
struct Recording {
    cases: Vec<Case>,
}

/// A call of python-heatclient.
#[derive(Deserialize)]
struct Case {
    /// `manager.method/name`.
    case: String,
    args: Map<String, Value>,
    requests: Vec<Sent>,
    /// The number of items, if the call returned a list.
    items: Option<usize>,
    /// The exception, if the call failed.
    raises: Option<String>,
}

impl Case {
    fn method(&self) -> &str {
        self.case.split_once('/').unwrap().0
    }
}

fn recording() -> Recording {
    serde_json::from_str(include_str!("../peer/cases.json")).unwrap()
}

/// What our call did.
struct Ours {
    requests: Vec<Sent>,
    result: heatclient::Result<Option<usize>>,
}

async fn call(server: &Server, heat: &Client, call: Call, case: &Case) -> Ours {
    let arguments = Arguments::new(&case.args);
    let result = call(heat, &arguments).await;
    let unused = arguments.unused();
    assert!(
        unused.is_empty(),
        "{}: unused arguments {unused:?}",
        case.case
    );
    Ours {
        requests: server.take(),
        result,
    }
}

/// Why the calls are not equal; `None` if they are.
fn difference(case: &Case, ours: &Ours) -> Option<String> {
    let ended = match (&ours.result, &case.raises) {
        (Ok(items), None) if *items == case.items => None,
        (Ok(items), None) => Some(format!("{items:?} items, not {:?}", case.items)),
        (Ok(_), Some(raises)) => Some(format!("no error, not {raises}")),
        (Err(error), _) => Some(format!("{error:#}")),
    };
    ended.or_else(|| {
        let (ours, theirs) = (
            rules::applied(&ours.requests),
            rules::applied(&case.requests),
        );
        (ours != theirs)
            .then(|| format!("\n  {}\n  instead of\n  {}", shown(&ours), shown(&theirs)))
    })
}

fn shown(requests: &[Sent]) -> String {
    let lines: Vec<_> = requests.iter().map(ToString::to_string).collect();
    lines.join("\n  ")
}

/// What holds in each case, beside equality.
fn check_economy(case: &Case, ours: &[Sent]) {
    assert!(
        ours.len() <= case.requests.len().max(1),
        "{}: {} requests, more than {}:\n  {}",
        case.case,
        ours.len(),
        case.requests.len(),
        shown(ours)
    );
    for (n, sent) in ours.iter().enumerate() {
        let repeated = ours[..n].iter().any(|earlier| earlier.body == sent.body);
        assert!(
            sent.body.is_none() || !repeated,
            "{}: a body is sent twice",
            case.case
        );
    }
}

#[tokio::test]
async fn requests_are_those_of_python_heatclient() {
    let recording = recording();
    let server = Server::start().await;
    let heat = Client::with_token(&server.url, "token").unwrap();
    let calls: BTreeMap<_, _> = CALLS.iter().copied().collect();
    let mut methods = BTreeSet::new();
    let mut failures = Vec::new();
    let mut compared = 0;
    for case in &recording.cases {
        let method = case.method();
        let Some(&ours) = calls.get(method) else {
            failures.push(format!("{}: no call of ours", case.case));
            continue;
        };
        methods.insert(method);
        let ours = call(&server, &heat, ours, case).await;
        let differs = difference(case, &ours);
        match (
            DIFFERENCES.iter().find(|known| known.case == case.case),
            differs,
        ) {
            (None, None) => {
                check_economy(case, &ours.requests);
                compared += 1;
            }
            (None, Some(difference)) => failures.push(format!("{}: {difference}", case.case)),
            (Some(known), None) => {
                failures.push(format!(
                    "{}: not different, in spite of {}",
                    case.case, known.defect
                ));
            }
            (Some(known), Some(_)) => {
                if let Err(why) = known.check(&ours.result, &rules::applied(&ours.requests)) {
                    failures.push(format!("{} ({}): {why}", case.case, known.defect));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    assert_eq!(methods.len(), 50);
    assert_eq!(methods, calls.into_keys().collect());
    assert_eq!(compared + DIFFERENCES.len(), recording.cases.len());
    assert!(compared >= 120, "only {compared} cases are equal");
}

#[test]
fn every_difference_is_a_known_defect_of_a_recorded_case() {
    let recording = recording();
    let cases: BTreeSet<_> = recording.cases.iter().map(|case| &*case.case).collect();
    assert_eq!(cases.len(), recording.cases.len(), "a case is there twice");
    let mut listed = BTreeSet::new();
    for difference in DIFFERENCES {
        assert!(cases.contains(difference.case), "{}", difference.case);
        assert!(
            listed.insert(difference.case),
            "{} is there twice",
            difference.case
        );
        let number = difference
            .defect
            .strip_prefix("B-")
            .and_then(|n| n.parse().ok());
        assert!(
            number.is_some_and(|n: u8| (1..=34).contains(&n)),
            "{}",
            difference.defect
        );
    }
}

#[test]
fn every_rule_applies_to_a_recorded_case() {
    let recording = recording();
    let mut counts = vec![0; RULES.len()];
    for case in &recording.cases {
        let mut requests = case.requests.clone();
        for (rule, count) in RULES.iter().zip(&mut counts) {
            let before = requests.clone();
            (rule.apply)(&mut requests);
            *count += usize::from(requests != before);
        }
    }
    for (rule, count) in RULES.iter().zip(counts) {
        assert!(count > 0, "not needed: {}", rule.what);
    }
}

/// The rules must not hide what they are not for.
#[test]
fn the_comparison_sees_other_requests() {
    let changes: [fn(&mut Sent); 5] = [
        |sent| sent.method = "HEAD".to_owned(),
        |sent| sent.path.push('x'),
        |sent| sent.path.push_str("/x"),
        |sent| sent.query.push(("x".to_owned(), "true".to_owned())),
        |sent| sent.body = Some(serde_json::json!({"x": false})),
    ];
    for case in recording().cases {
        let theirs = rules::applied(&case.requests);
        assert!(!theirs.is_empty(), "{}: nothing is compared", case.case);
        for change in changes {
            let mut other = case.requests.clone();
            let last = other
                .iter_mut()
                .rfind(|sent| sent.status != 302 && !sent.empty);
            change(last.unwrap());
            assert_ne!(rules::applied(&other), theirs, "{}", case.case);
        }
        let mut twice = case.requests.clone();
        twice.extend(theirs.last().cloned());
        assert_ne!(rules::applied(&twice), theirs, "{}", case.case);
    }
}
