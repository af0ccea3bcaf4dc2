//! Environments: parameters, defaults and the resource registry.

use serde_json::{Map, Value, json};

use super::error::{Refusal, Result};
use super::hooks;
use super::template::Template;
use crate::yaml;

const SECTIONS: &[&str] = &[
    "parameters",
    "parameter_defaults",
    "resource_registry",
    "event_sinks",
    "encrypted_param_names",
    "parameter_merge_strategies",
];

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Environment {
    pub(super) parameters: Map<String, Value>,
    pub(super) defaults: Map<String, Value>,
    registry: Map<String, Value>,
    event_sinks: Vec<Value>,
    pub(super) encrypted: Vec<Value>,
    pub(super) files: Map<String, Value>,
    /// The number of parent stacks.
    pub(super) depth: usize,
}

impl Environment {
    /// Reads files, environment and parameters of a request. Parameters take precedence.
    ///
    /// Environment files replace the environment and take precedence over the parameters.
    pub(super) fn read(body: &Map<String, Value>) -> Result<Self> {
        let mut environment = Self {
            files: map(body, "files")?.clone(),
            ..Self::default()
        };
        let names = body.get("environment_files").and_then(Value::as_array);
        let given = body.get("environment").filter(|given| !given.is_null());
        let names = names.filter(|names| !names.is_empty());
        if let Some(given) = given.filter(|_| names.is_none()) {
            environment.merge(given)?;
        }
        environment
            .parameters
            .extend(map(body, "parameters")?.clone());
        for name in names.into_iter().flatten() {
            let name = name.as_str().unwrap_or_default();
            let content = environment.files.get(name).cloned();
            let content = content.ok_or_else(|| {
                Refusal::bad_request(format!("Environment file {name} was not sent"))
            })?;
            let later = Self::parse(&content)?;
            if later.contains_key("parameter_merge_strategies") {
                return Err(Refusal::invalid(
                    "The sandbox does not support \"parameter_merge_strategies\" in environment files",
                ));
            }
            environment.merge(&Value::Object(later))?;
        }
        Ok(environment)
    }

    fn parse(given: &Value) -> Result<Map<String, Value>> {
        let wrong = |message: &str| {
            Refusal::bad_request(format!("Environment not in valid format: {message}"))
        };
        let parsed = match given {
            Value::String(text) => yaml::parse(text).map_err(|error| wrong(&error.to_string()))?,
            other => other.clone(),
        };
        let parsed = match parsed {
            Value::Object(parsed) => parsed,
            Value::Null => Map::new(),
            _ => {
                return Err(wrong(
                    "The environment is not a valid YAML mapping data type.",
                ));
            }
        };
        for (section, content) in &parsed {
            if !SECTIONS.contains(&section.as_str()) {
                return Err(wrong(&format!(
                    "environment has wrong section \"{section}\""
                )));
            }
            if content.is_null() {
                return Err(wrong(&format!(
                    "environment has empty section \"{section}\""
                )));
            }
        }
        Ok(parsed)
    }

    fn merge(&mut self, given: &Value) -> Result<()> {
        let parsed = Self::parse(given)?;
        self.parameters.extend(map(&parsed, "parameters")?.clone());
        self.defaults
            .extend(map(&parsed, "parameter_defaults")?.clone());
        register(&mut self.registry, map(&parsed, "resource_registry")?)?;
        self.event_sinks
            .extend(list(&parsed, "event_sinks")?.iter().cloned());
        self.encrypted
            .extend(list(&parsed, "encrypted_param_names")?.iter().cloned());
        Ok(())
    }

    /// Adds parameters, over which all others take precedence.
    pub(super) fn add_parameters(&mut self, parameters: Map<String, Value>) {
        for (name, value) in parameters {
            self.parameters.entry(name).or_insert(value);
        }
    }

    /// The type to which the registry maps this type.
    pub(super) fn implementation<'a>(&'a self, kind: &'a str) -> &'a str {
        let target = |kind: &&str| self.registry.get(*kind).and_then(Value::as_str);
        // Types that map to each other in a circle do not exist.
        let chain = std::iter::successors(Some(kind), target);
        chain.take(self.registry.len() + 2).last().unwrap_or(kind)
    }

    /// The hooks of resources, by name.
    pub(super) fn hooks(&self) -> Option<&Map<String, Value>> {
        self.registry.get("resources")?.as_object()
    }

    /// The environment of a resource's nested stack: without parameters, and without types that map to the
    /// template itself.
    pub(super) fn below(&self, url: &str, resource: &str) -> Self {
        let mut below = self.clone();
        below.parameters.clear();
        below.registry.retain(|_, target| target != url);
        if let Some(Value::Object(hooks)) = below.registry.get_mut("resources") {
            *hooks = hooks::below(hooks, resource);
        }
        below.encrypted.clear();
        below.depth += 1;
        below
    }

    pub(super) fn equals_except_parameters(&self, other: &Self) -> bool {
        let mut this = self.clone();
        this.parameters.clone_from(&other.parameters);
        this == *other
    }

    /// This environment after a PATCH.
    pub(super) fn patched(&self, patch: Self, clear: &[String]) -> Result<Self> {
        let mut patched = self.clone();
        patched.parameters.retain(|name, _| !clear.contains(name));
        patched.parameters.extend(patch.parameters);
        patched.defaults.extend(patch.defaults);
        register(&mut patched.registry, &patch.registry)?;
        patched.event_sinks.extend(patch.event_sinks);
        patched.files.extend(patch.files);
        Ok(patched)
    }

    /// The environment as shown with a template, without the types of nested templates.
    pub(super) fn to_json(&self, template: &Template) -> Value {
        let mut registry = self.registry.clone();
        for url in template.nested_types() {
            registry.insert(url.to_owned(), url.into());
        }
        registry.entry("resources").or_insert_with(|| json!({}));
        json!({
            "resource_registry": registry,
            "parameters": self.parameters,
            "parameter_defaults": self.defaults,
            "event_sinks": self.event_sinks,
        })
    }
}

/// Adds entries to a registry. A null value removes an entry.
fn register(registry: &mut Map<String, Value>, entries: &Map<String, Value>) -> Result<()> {
    for (name, target) in entries {
        match target {
            Value::Null => {
                registry.remove(name);
            }
            Value::String(_) if !name.contains('*') => {
                registry.insert(name.clone(), target.clone());
            }
            Value::Object(resources) if name == "resources" => {
                let known = registry.entry(name.clone()).or_insert_with(|| json!({}));
                if let Value::Object(known) = known {
                    hooks::register(known, resources)?;
                }
            }
            _ => {
                return Err(Refusal::invalid(format!(
                    "The sandbox does not support the resource_registry entry \"{name}\""
                )));
            }
        }
    }
    Ok(())
}

fn list<'a>(body: &'a Map<String, Value>, key: &str) -> Result<&'a [Value]> {
    match body.get(key) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(Refusal::hidden("ValueError")),
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
