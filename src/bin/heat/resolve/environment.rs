//! Environment files: read, checked and merged into one.
//!
//! Heat gets the merged environment and no list of files, so that parameters of the command line
//! win over those of the files.

use std::path::PathBuf;

use heatclient::yaml;
use serde_json::{Map, Value};

use crate::exit::Failure;

const SECTIONS: [&str; 6] = [
    "parameters",
    "parameter_defaults",
    "resource_registry",
    "encrypted_param_names",
    "event_sinks",
    "parameter_merge_strategies",
];

/// The environment that all files together make; `None` without files.
pub(super) fn environment(files: &[PathBuf]) -> Result<Option<Value>, Failure> {
    if files.is_empty() {
        return Ok(None);
    }
    let mut merged = Map::new();
    for path in files {
        let path = super::local(path)?;
        let shown = path.display();
        let text = std::fs::read_to_string(&path).map_err(|error| {
            Failure::Message(format!("cannot read the environment {shown}: {error}"))
        })?;
        let sections = sections(&text)
            .map_err(|why| Failure::Message(format!("environment {shown}: {why}")))?;
        if files.len() > 1 && sections.contains_key("parameter_merge_strategies") {
            return Err(Failure::Message(format!(
                "environment {shown}: parameter_merge_strategies among several files are not supported yet"
            )));
        }
        merge(&mut merged, sections);
    }
    Ok(Some(merged.into()))
}

/// The sections of one file.
fn sections(text: &str) -> Result<Map<String, Value>, String> {
    let value = yaml::parse(text).map_err(|error| {
        format!(
            "line {}, column {}: {}",
            error.mark().line,
            error.mark().column,
            error.message()
        )
    })?;
    let sections = match value {
        Value::Null => Map::new(),
        Value::Object(sections) => sections,
        _ => return Err("not an environment: a mapping is expected".to_owned()),
    };
    for (name, content) in &sections {
        if !SECTIONS.contains(&name.as_str()) {
            return Err(format!(
                "wrong section {name:?}; expected {}",
                SECTIONS.join(", ")
            ));
        }
        if content.is_null() {
            return Err(format!("section {name:?} is empty"));
        }
    }
    if let Some(registry) = sections.get("resource_registry") {
        let mut files = Vec::new();
        find_files(registry, &mut files);
        if !files.is_empty() {
            return Err(format!(
                "refers to other files, which are not sent along yet: {}",
                files.join(", ")
            ));
        }
    }
    Ok(sections)
}

/// What a registry maps types to is another type, which has a `::`, or a file.
fn find_files<'a>(registry: &'a Value, found: &mut Vec<&'a str>) {
    let Value::Object(entries) = registry else {
        return;
    };
    for (name, value) in entries {
        match (name.as_str(), value) {
            ("hooks" | "restricted_actions" | "base_url", _) => {}
            (_, Value::String(target)) if !target.contains("::") => found.push(target),
            (_, inner) => find_files(inner, found),
        }
    }
}

/// Mappings are merged, everything else is replaced; null replaces no mapping.
fn merge(into: &mut Map<String, Value>, from: Map<String, Value>) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(Value::Object(old)), Value::Object(new)) => merge(old, new),
            (Some(Value::Object(_)), Value::Null) => {}
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn later_files_win_and_mappings_merge() {
        let mut merged = sections("parameters: {a: 1, m: {x: 1, y: 2}, l: [1]}").unwrap();
        merge(
            &mut merged,
            sections("parameters: {a: 2, m: {y: 3}, l: [2]}").unwrap(),
        );
        merge(
            &mut merged,
            sections("parameters: {m: null}\nresource_registry: {A: 'B::C'}").unwrap(),
        );
        assert_eq!(
            Value::Object(merged),
            json!({
                "parameters": {"a": 2, "m": {"x": 1, "y": 3}, "l": [2]},
                "resource_registry": {"A": "B::C"},
            })
        );
        assert!(sections("").unwrap().is_empty());
    }

    #[test]
    fn what_is_no_environment_says_so() {
        for (text, message) in [
            ("[a]", "not an environment: a mapping is expected"),
            (
                "parameter: {a: 1}",
                "wrong section \"parameter\"; expected parameters, parameter_defaults, resource_registry, \
                 encrypted_param_names, event_sinks, parameter_merge_strategies",
            ),
            ("parameters:", "section \"parameters\" is empty"),
            (
                "resource_registry: {A: web.yaml, resources: {b: {C: 'http://h/c.yaml', hooks: pre-create}}, D: 'E::F'}",
                "refers to other files, which are not sent along yet: web.yaml, http://h/c.yaml",
            ),
        ] {
            assert_eq!(sections(text).unwrap_err(), message);
        }
        let bad = sections("parameters: [").unwrap_err();
        assert!(bad.starts_with("line "), "{bad}");
    }

    #[test]
    fn files_that_cannot_be_read_are_named() {
        let error = environment(&["no/such.yaml".into()]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot read the environment no/such.yaml: No such file or directory (os error 2)"
        );
        assert_eq!(environment(&[]).unwrap(), None);
    }
}
