//! Compares the values of scalars and documents with those that `tests/yaml/pyyaml.py` recorded from PyYAML.
//!
//! python-heatclient reads with libyaml. What libyaml rejects, it reads again with PyYAML's own parser.

use serde::Deserialize;

use crate::yaml::Document;

/// A text and its value as JSON; `None` if it is rejected.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    yaml: String,
    json: Option<String>,
    /// Why it is rejected.
    refused: Option<String>,
    #[serde(rename = "line")]
    _line: Option<u32>,
    /// The value from PyYAML's own parser, if it differs.
    pure: Option<String>,
    /// Our value, where it differs on purpose.
    #[serde(default, deserialize_with = "present")]
    ours: Option<Option<String>>,
    why: Option<String>,
}

/// Distinguishes `null`, which means rejected, from an absent field.
fn present<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Deserialize::deserialize(value).map(Some)
}

fn assert_cases(name: &str, cases: &str, at_least: usize) {
    let cases: Vec<Case> = cases
        .lines()
        .map(|line| serde_json::from_str(line).expect(line))
        .collect();
    assert!(cases.len() >= at_least, "{} cases", cases.len());
    let mut wrong = String::new();
    for case in cases {
        let expected = case.json.as_ref().or(case.pure.as_ref());
        assert_ne!(case.json.is_some(), case.refused.is_some(), "{case:?}");
        assert_eq!(case.ours.is_some(), case.why.is_some(), "{case:?}");
        let ours = case.ours.as_ref().map(Option::as_ref);
        assert_ne!(ours, Some(expected), "no difference: {case:?}");
        let found = Document::parse(&case.yaml).map(|document| document.root.to_json());
        if found.as_ref().ok() != ours.unwrap_or(expected) {
            wrong += &format!("{:?}\n  is {found:?}\n  not {expected:?}\n", case.yaml);
        }
    }
    assert!(wrong.is_empty(), "{name}:\n{wrong}");
}

#[test]
fn scalars_mean_what_pyyaml_makes_of_them() {
    let cases = include_str!("../../../tests/yaml/scalars.jsonl");
    assert_cases("scalars", cases, 450);
}

#[test]
fn documents_mean_what_pyyaml_makes_of_them() {
    let cases = include_str!("../../../tests/yaml/documents.jsonl");
    assert_cases("documents", cases, 800);
}
