//! What a stack left behind when it was abandoned, or what was exported of it.

use std::fs;
use std::path::Path;

use heatclient::yaml;
use serde_json::Value;

use crate::exit::Failure;

/// Reads a file of JSON or YAML.
pub(super) fn read(path: &Path) -> Result<Value, Failure> {
    let shown = path.display();
    let text = fs::read_to_string(path).map_err(|error| {
        Failure::Message(format!("cannot read the data to adopt {shown}: {error}"))
    })?;
    parse(&text).map_err(|why| Failure::Message(format!("data to adopt {shown}: {why}")))
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
