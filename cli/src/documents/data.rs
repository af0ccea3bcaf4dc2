//! Reads structured data: what a stack is adopted from, or the definition of a software config.

use std::path::Path;

use heatclient::Session;
use heatclient::template::{Policy, Source};
use heatclient::yaml;
use serde_json::Value;

use crate::exit::Failure;

/// The size limit of YAML documents.
const MAX_BYTES: usize = 64 << 20;

/// Reads JSON or YAML. Errors call the document by `what` it is and its name.
pub(crate) async fn read_data(
    what: &str,
    name: &Path,
    source: &Source,
    policy: Policy,
    session: &Session,
) -> Result<Value, Failure> {
    let text = read_text(what, name, source, policy, session).await?;
    parse(&text).map_err(|why| failed(what, name, &why))
}

/// Reads a text.
pub(crate) async fn read_text(
    what: &str,
    name: &Path,
    source: &Source,
    policy: Policy,
    session: &Session,
) -> Result<String, Failure> {
    let policy = policy.file_limit(MAX_BYTES);
    let bytes = source.read_through(&policy, session).await?;
    String::from_utf8(bytes).map_err(|_| failed(what, name, "it is not UTF-8"))
}

fn failed(what: &str, name: &Path, why: &str) -> Failure {
    Failure::Message(format!("{what} {}: {why}", name.display()))
}

fn parse(text: &str) -> Result<Value, String> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with('{') {
        serde_json::from_str(text).map_err(|error| error.to_string())
    } else {
        yaml::parse(text).map_err(|error| {
            let (line, column) = (error.mark().line, error.mark().column);
            format!("line {line}, column {column}: {}", error.message())
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_and_yaml_are_told_apart() {
        for text in ["\u{feff}{\n\t\"a\": \"\\ud83d\\ude00\"}", "a: \u{1f600}"] {
            assert_eq!(parse(text).unwrap(), json!({"a": "\u{1f600}"}), "{text}");
        }
        assert_eq!(parse("").unwrap(), Value::Null);
        for text in ["{\"a\": }", "a: ["] {
            assert!(parse(text).unwrap_err().contains("line 1"), "{text}");
        }
    }
}
