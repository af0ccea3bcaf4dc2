//! SARIF 2.1.0, the report format of code hosts and editors.

use heatclient::template::{Place, Problem, RULES, Rule};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};
use url::Url;

use crate::documents::Stdin;

/// Characters that a URI cannot hold (RFC 3986, section 2). Non-ASCII characters are always encoded.
const INVALID: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Characters that the path of a relative reference cannot hold (section 4.2). A colon would end a scheme.
const REFUSED: &AsciiSet = &INVALID
    .add(b'#')
    .add(b'%')
    .add(b':')
    .add(b'?')
    .add(b'[')
    .add(b']');

/// The log of one run.
pub(super) fn log(problems: &[Problem]) -> Value {
    let rule = |rule: &Rule| {
        json!({
            "id": rule.id,
            "shortDescription": {"text": rule.about},
            "defaultConfiguration": {"level": rule.severity.as_str()},
        })
    };
    let driver = json!({
        "name": "heat",
        "version": env!("CARGO_PKG_VERSION"),
        "rules": RULES.iter().map(rule).collect::<Value>(),
    });
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": driver},
            "columnKind": "unicodeCodePoints",
            "results": problems.iter().map(result).collect::<Value>(),
        }],
    })
}

fn result(problem: &Problem) -> Value {
    let rule = RULES.iter().position(|rule| rule.id == problem.rule);
    let related = |place| {
        json!({
            "message": {"text": "referenced here"},
            "physicalLocation": location(place),
        })
    };
    let related = problem.chain.iter().map(related).collect::<Vec<_>>();
    object([
        ("ruleId", Some(problem.rule.into())),
        ("ruleIndex", rule.map(Value::from)),
        ("level", Some(problem.severity.as_str().into())),
        ("message", Some(json!({"text": problem.message}))),
        (
            "locations",
            Some(json!([{"physicalLocation": location(&problem.place)}])),
        ),
        (
            "relatedLocations",
            (!related.is_empty()).then(|| related.into()),
        ),
    ])
}

fn location(place: &Place) -> Value {
    let snippet = place
        .snippet
        .as_ref()
        .map(|snippet| json!({"text": snippet.text}));
    let region = place.mark.map(|mark| {
        object([
            ("startLine", Some(mark.line.into())),
            ("startColumn", Some(mark.column.into())),
            ("snippet", snippet),
        ])
    });
    object([
        ("artifactLocation", Some(artifact(&place.document))),
        ("region", region),
    ])
}

/// An object of the members that have a value.
fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    members
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}

/// The location of a document. The standard input has no URI.
fn artifact(document: &str) -> Value {
    if document == Stdin::NAME {
        return json!({"description": {"text": document}});
    }
    json!({"uri": uri(document)})
}

/// The URI of a document: its URL, in which `…` may replace secrets, or its path.
fn uri(document: &str) -> String {
    if document.contains("://") {
        return utf8_percent_encode(document, INVALID).to_string();
    }
    match Url::from_file_path(document) {
        Ok(url) => url.into(),
        Err(()) => utf8_percent_encode(document, REFUSED).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_become_uris() {
        for (document, expected) in [
            ("web.yaml", "web.yaml"),
            ("../a b/ü#1.yaml", "../a%20b/%C3%BC%231.yaml"),
            ("c:x.yaml", "c%3Ax.yaml"),
            ("/srv/a b.yaml", "file:///srv/a%20b.yaml"),
            ("https://h.example/a.yaml", "https://h.example/a.yaml"),
            (
                "https://…@[::1]/a%20b?…",
                "https://%E2%80%A6@[::1]/a%20b?%E2%80%A6",
            ),
        ] {
            assert_eq!(uri(document), expected);
        }
    }
}
