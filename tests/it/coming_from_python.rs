//! The page for users of python-heatclient names every one of its methods, and only what exists here.

use std::collections::BTreeSet;

use serde_json::Value;

const PAGE: &str = include_str!("../../docs/coming-from-python-heatclient.md");
const INTERFACE: &str = include_str!("../../docs/public-api.txt");

/// The texts in backticks of a line.
pub(crate) fn code(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// The lines of a page outside of samples.
pub(crate) fn text(page: &'static str) -> impl Iterator<Item = &'static str> {
    let mut in_sample = false;
    page.lines().filter(move |line| {
        let fence = line.starts_with("```");
        in_sample ^= fence;
        !in_sample && !fence
    })
}

/// The paths in a page that are not in the public interface, and the number of all paths.
pub(crate) fn missing(page: &'static str) -> (BTreeSet<String>, usize) {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut count = 0;
    let mut missing = BTreeSet::new();
    for name in text(page).flat_map(code) {
        let path: String = name
            .chars()
            .take_while(|c| is_part(*c) || *c == ':')
            .collect();
        if !path.contains("::") || path.starts_with("serde_json::") {
            continue;
        }
        count += 1;
        let whole = format!("::{path}");
        let named = |line: &str| {
            let found = line.match_indices(&whole);
            let mut ends = found.map(|(at, found)| line[at + found.len()..].chars().next());
            ends.any(|next| next.is_none_or(|c| !is_part(c) && c != ':'))
        };
        if !INTERFACE.lines().any(named) {
            missing.insert(path);
        }
    }
    (missing, count)
}

#[test]
fn every_method_of_python_heatclient_has_its_row() {
    let recording: Value = serde_json::from_str(include_str!("../peer/cases.json")).unwrap();
    let cases = recording["cases"].as_array().unwrap().iter();
    let methods: BTreeSet<_> = cases
        .map(|case| case["case"].as_str().unwrap().split_once('/').unwrap().0)
        .collect();
    assert_eq!(methods.len(), 50);
    for method in methods {
        let row = text(PAGE).find(|line| line.starts_with(&format!("| `{method}` | `")));
        let ours = row.unwrap_or_else(|| panic!("no row for {method}"));
        let ours = ours.split('|').nth(2).unwrap();
        assert!(code(ours).all(|name| name.contains("::")), "{ours}");
    }
}

#[test]
fn everything_that_the_page_names_exists() {
    let (missing, count) = missing(PAGE);
    assert!(
        missing.is_empty(),
        "not in docs/public-api.txt: {missing:#?}"
    );
    assert!(count > 100, "{count}");
}
