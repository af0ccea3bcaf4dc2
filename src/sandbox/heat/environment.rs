//! Environments: parameters, defaults, and types put in place of others.

use serde_json::{Map, Value, json};

use super::error::{Refusal, Result};
use crate::yaml;

const SECTIONS: &[&str] = &[
    "parameters",
    "parameter_defaults",
    "resource_registry",
    "event_sinks",
    "encrypted_param_names",
    "parameter_merge_strategies",
];

#[derive(Debug, Clone, Default)]
pub(super) struct Environment {
    pub(super) parameters: Map<String, Value>,
    pub(super) defaults: Map<String, Value>,
    registry: Map<String, Value>,
    pub(super) files: Map<String, Value>,
}

impl Environment {
    /// Reads what a request says: its files, its environment, and its parameters, which win.
    pub(super) fn read(body: &Map<String, Value>) -> Result<Self> {
        let mut environment = Self {
            files: map(body, "files")?.clone(),
            ..Self::default()
        };
        for name in body
            .get("environment_files")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let name = name.as_str().unwrap_or_default();
            let content = environment.files.get(name).cloned().ok_or_else(|| {
                Refusal::bad_request(format!("Environment file {name} was not sent"))
            })?;
            environment.merge(&content)?;
        }
        if let Some(given) = body.get("environment").filter(|given| !given.is_null()) {
            environment.merge(given)?;
        }
        for (name, value) in map(body, "parameters")? {
            environment.parameters.insert(name.clone(), value.clone());
        }
        Ok(environment)
    }

    fn merge(&mut self, given: &Value) -> Result<()> {
        let wrong = |message: &str| {
            Refusal::bad_request(format!("Environment not in valid format: {message}"))
        };
        let not_a_map = "The environment is not a valid YAML mapping data type.";
        let parsed = match given {
            Value::String(text) => yaml::parse(text).map_err(|error| wrong(&error.to_string()))?,
            other => other.clone(),
        };
        let parsed = match parsed {
            Value::Object(parsed) => parsed,
            Value::Null => return Ok(()),
            _ => return Err(wrong(not_a_map)),
        };
        if let Some(section) = parsed.keys().find(|key| !SECTIONS.contains(&key.as_str())) {
            return Err(wrong(&format!(
                "environment has wrong section \"{section}\""
            )));
        }
        let mut registry = Map::new();
        for (section, into) in [
            ("parameters", &mut self.parameters),
            ("parameter_defaults", &mut self.defaults),
            ("resource_registry", &mut registry),
        ] {
            match parsed.get(section) {
                None | Some(Value::Null) => {}
                Some(Value::Object(entries)) => into.extend(entries.clone()),
                Some(_) => return Err(wrong(not_a_map)),
            }
        }
        for (name, target) in registry {
            match &target {
                Value::Object(hooks) if name == "resources" && hooks.is_empty() => {}
                Value::String(_) => {
                    self.registry.insert(name, target);
                }
                _ => {
                    return Err(Refusal::invalid(format!(
                        "The sandbox has no resource_registry entry like \"{name}\""
                    )));
                }
            }
        }
        Ok(())
    }

    /// Adds parameters, which all others win over.
    pub(super) fn add_parameters(&mut self, parameters: Map<String, Value>) {
        for (name, value) in parameters {
            self.parameters.entry(name).or_insert(value);
        }
    }

    /// The type that is to be used in place of this one.
    pub(super) fn replacement(&self, kind: &str) -> Option<String> {
        self.registry
            .get(kind)
            .and_then(Value::as_str)
            .map(str::to_owned)
    }

    /// This environment changed by that of a PATCH.
    pub(super) fn patched(&self, patch: Self, clear: &[String]) -> Self {
        let mut patched = self.clone();
        patched.parameters.retain(|name, _| !clear.contains(name));
        patched.parameters.extend(patch.parameters);
        patched.defaults.extend(patch.defaults);
        patched.registry.extend(patch.registry);
        patched.files.extend(patch.files);
        patched
    }

    pub(super) fn to_json(&self) -> Value {
        let mut registry = self.registry.clone();
        registry.insert("resources".to_owned(), json!({}));
        json!({
            "resource_registry": registry,
            "parameters": self.parameters,
            "parameter_defaults": self.defaults,
            "event_sinks": [],
        })
    }
}

fn map<'a>(body: &'a Map<String, Value>, key: &str) -> Result<&'a Map<String, Value>> {
    static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    match body.get(key) {
        None | Some(Value::Null) => Ok(&EMPTY),
        Some(Value::Object(map)) => Ok(map),
        Some(_) => Err(Refusal::hidden("ValueError")),
    }
}
