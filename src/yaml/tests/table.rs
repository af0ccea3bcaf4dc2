//! What PyYAML made of scalars and documents, as `tests/yaml/pyyaml.py` recorded it, beside what we make of them.
//!
//! python-heatclient reads with libyaml, and what that refuses once more with PyYAML's own parser.

use serde::Deserialize;

use crate::yaml::Document;

/// A text and what it means, as the JSON that is sent; nothing if it is refused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    yaml: String,
    json: Option<String>,
    /// Why it is refused.
    refused: Option<String>,
    #[serde(rename = "line")]
    _line: Option<u32>,
    /// What PyYAML's own parser makes of it, if that is not the same.
    pure: Option<String>,
    /// What we make of it where that is something else on purpose.
    #[serde(default, deserialize_with = "present")]
    ours: Option<Option<String>>,
    why: Option<String>,
}

/// Tells `null`, for refused, from nothing.
fn present<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Deserialize::deserialize(value).map(Some)
}

fn hold(name: &str, cases: &str, at_least: usize) {
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
    hold("scalars", cases, 450);
}

#[test]
fn documents_mean_what_pyyaml_makes_of_them() {
    let cases = include_str!("../../../tests/yaml/documents.jsonl");
    hold("documents", cases, 800);
}
