//! Groups of resources: `OS::Heat::ResourceGroup` and `OS::Heat::ResourceChain`.
//!
//! A group is a nested stack whose template has a resource for each member. An attribute of the group that its
//! stack refers to is an output of that template.

use serde_json::{Map, Value, json};

use super::environment::Environment;
use super::error::{Refusal, Result};
use super::functions;
use super::nested::MAX_DEPTH;
use super::python;
use super::resource_types::Type;
use super::stack::{Resource, Settings, Stack};
use super::stacks;
use super::template::{Definition, Output};

/// The maximum number of resources in a stack.
const MAX_RESOURCES: usize = 1000;

/// The key of a group's own data: the names of members that must not come back.
const REMOVED: &str = "removed_rsrc_list";

/// The input of a group, without its properties.
#[derive(Debug)]
pub(super) struct Members {
    kind: Type,
    environment: Environment,
    /// The attributes that the stack refers to, each a path.
    attributes: Vec<Vec<String>>,
}

impl Members {
    pub(super) fn new(kind: Type, environment: &Environment, resource: &str) -> Self {
        Self {
            kind,
            environment: environment.below("", resource),
            attributes: Vec::new(),
        }
    }

    /// Finds the attributes that a template refers to.
    pub(super) fn refer(&mut self, own: &str, resources: &[Definition], outputs: &[Output]) {
        for resource in resources {
            for value in resource.properties.values() {
                functions::attributes_of(value, own, &mut self.attributes);
            }
        }
        for output in outputs {
            functions::attributes_of(&output.value, own, &mut self.attributes);
        }
    }

    /// Checks the members, when the properties of the group are known.
    pub(super) fn check(&self, resource: &str, properties: &Map<String, Value>) -> Result<()> {
        let mut names = self.names(properties, &[]);
        if self.kind == Type::ResourceGroup {
            // The members are alike. Heat finds out later if there are too many.
            names.truncate(1);
        }
        if self.environment.depth > MAX_DEPTH {
            let message = format!("Request limit exceeded: Recursion depth exceeds {MAX_DEPTH}.");
            return Err(Refusal::bad("RequestLimitExceeded", message));
        }
        for (index, _) in names.iter().enumerate() {
            let kind = self.type_of(properties, index);
            Type::named(&kind, self.environment.implementation(&kind))?;
        }
        let below = || stacks::check_members(&self.build(properties, &names)?);
        let place = format!("{}<nested_stack>", python::path(resource));
        below().map_err(|refusal| refusal.below(&place))
    }

    /// The settings of the nested stack. `resource` is the group as it is now.
    pub(super) fn settings(
        &self,
        properties: &Map<String, Value>,
        resource: Option<&Resource>,
    ) -> Result<Settings> {
        let removed = removed(properties, resource);
        let names = self.names(properties, &removed);
        if names.len() > MAX_RESOURCES {
            let message = "Request limit exceeded: Maximum resources per stack exceeded.";
            return Err(Refusal::bad("RequestLimitExceeded", message));
        }
        self.build(properties, &names)
    }

    fn names(&self, properties: &Map<String, Value>, removed: &[String]) -> Vec<String> {
        let count = match self.kind {
            Type::ResourceGroup => {
                let count = properties.get("count").map_or(Some(1), Value::as_u64);
                usize::try_from(count.unwrap_or(0)).unwrap_or(usize::MAX)
            }
            _ => chain(properties).len(),
        };
        let names = (0_u64..).map(|number| number.to_string());
        let left = names.filter(|name| !removed.contains(name));
        // One more than allowed is enough to know that there are too many.
        left.take(count.min(MAX_RESOURCES + 1)).collect()
    }

    fn type_of(&self, properties: &Map<String, Value>, index: usize) -> String {
        let found = match self.kind {
            Type::ResourceGroup => properties
                .get("resource_def")
                .and_then(|def| def.get("type")),
            _ => chain(properties).get(index),
        };
        found.map(python::text).unwrap_or_default()
    }

    fn build(&self, properties: &Map<String, Value>, names: &[String]) -> Result<Settings> {
        let mut resources = Map::new();
        for (index, name) in names.iter().enumerate() {
            let mut member = Map::new();
            member.insert("type".to_owned(), self.type_of(properties, index).into());
            let (given, metadata) = match self.kind {
                Type::ResourceGroup => {
                    let part = |key| properties.get("resource_def").and_then(|def| def.get(key));
                    let variable = properties.get("index_var").and_then(Value::as_str);
                    let variable = variable.unwrap_or("%index%");
                    let given = part("properties").map(|given| replace(given, variable, name));
                    (given, part("metadata").cloned())
                }
                _ => (properties.get("resource_properties").cloned(), None),
            };
            if let Some(Value::Object(mut given)) = given {
                given.retain(|_, value| !value.is_null());
                if !given.is_empty() {
                    member.insert("properties".to_owned(), given.into());
                }
            }
            if let Some(metadata) = metadata.filter(|metadata| !metadata.is_null()) {
                member.insert("metadata".to_owned(), metadata);
            }
            let concurrent = properties.get("concurrent").and_then(Value::as_bool);
            let before = index.checked_sub(1).and_then(|before| names.get(before));
            if let (Type::ResourceChain, Some(before), false) =
                (self.kind, before, concurrent.unwrap_or(false))
            {
                member.insert("depends_on".to_owned(), json!([before]));
            }
            resources.insert(name.clone(), member.into());
        }
        let mut outputs = Map::new();
        for path in &self.attributes {
            if let Some(value) = expression(self.kind, path, names) {
                outputs.insert(path.join(", "), json!({"value": value}));
            }
        }
        if self.kind == Type::ResourceGroup {
            let map = expression(self.kind, &["refs_map".to_owned()], names);
            outputs.insert("refs_map".to_owned(), json!({"value": map}));
        }
        let raw = Map::from_iter([
            ("heat_template_version".to_owned(), "2015-04-30".into()),
            ("resources".to_owned(), resources.into()),
            ("outputs".to_owned(), outputs.into()),
        ]);
        stacks::settings(raw, self.environment.clone())
    }
}

/// The types of a chain.
fn chain(properties: &Map<String, Value>) -> &[Value] {
    let types = properties.get("resources").and_then(Value::as_array);
    types.map_or(&[], Vec::as_slice)
}

/// Replaces the variable of a group in all texts of a member's properties.
fn replace(value: &Value, variable: &str, name: &str) -> Value {
    match value {
        Value::String(text) => text.replace(variable, name).into(),
        Value::Array(items) => {
            let items = items.iter().map(|item| replace(item, variable, name));
            items.collect()
        }
        Value::Object(object) => {
            let replaced = object
                .iter()
                .map(|(key, item)| (key.clone(), replace(item, variable, name)));
            Value::Object(replaced.collect())
        }
        other => other.clone(),
    }
}

/// An attribute of a group as an expression in its nested stack; `None` if the group has no such attribute.
fn expression(kind: Type, path: &[String], names: &[String]) -> Option<Value> {
    let (key, rest) = path.split_first()?;
    let attribute = |name: &str, rest: &[String]| {
        let parts = std::iter::once(name).chain(rest.iter().map(String::as_str));
        json!({"get_attr": parts.collect::<Vec<_>>()})
    };
    let reference = |name: &String| json!({"get_resource": name});
    if let Some(member) = key.strip_prefix("resource.") {
        let (name, own) = match member.split_once('.') {
            Some((name, own)) => (name, Some(own.to_owned())),
            None => (member, None),
        };
        let name = names.iter().find(|known| *known == name)?;
        let path: Vec<_> = own.into_iter().chain(rest.iter().cloned()).collect();
        return Some(match path.is_empty() {
            true => reference(name),
            false => attribute(name, &path),
        });
    }
    Some(match key.as_str() {
        "refs" => names.iter().map(reference).collect(),
        "refs_map" if kind == Type::ResourceGroup => {
            let map = names.iter().map(|name| (name.clone(), reference(name)));
            Value::Object(map.collect())
        }
        "attributes" if rest.is_empty() => return None,
        "attributes" => {
            let map = names
                .iter()
                .map(|name| (name.clone(), attribute(name, rest)));
            Value::Object(map.collect())
        }
        REMOVED if kind == Type::ResourceGroup => return None,
        _ => names.iter().map(|name| attribute(name, path)).collect(),
    })
}

/// The value of an attribute of a group, or Heat's error text.
pub(super) fn attribute(group: &Resource, child: &Stack, path: &[Value]) -> Result<Value, String> {
    let texts: Vec<_> = path.iter().map(python::text).collect();
    let Some(key) = texts.first() else {
        return Ok(Value::Null);
    };
    if key == REMOVED && group.kind == Type::ResourceGroup {
        return Ok(json!(removed_before(group)));
    }
    let state = child.lock();
    let members = &state.settings.template.resources;
    let names: Vec<_> = members.iter().map(|member| member.name.clone()).collect();
    match expression(group.kind, &texts, &names) {
        // A part of the list is no attribute of the members. Heat finds nothing by a text.
        Some(list) if key == "refs" => {
            let list = state.resolve(child, &list)?;
            match path.get(1) {
                None => Ok(list),
                Some(index) => {
                    let index = index.as_u64().and_then(|index| usize::try_from(index).ok());
                    let found = index.and_then(|index| list.get(index));
                    Ok(found.cloned().unwrap_or_default())
                }
            }
        }
        Some(value) => state.resolve(child, &value),
        None => Err(match key.strip_prefix("resource.") {
            Some(member) => {
                let name = member.split('.').next().unwrap_or_default();
                let group = &group.name;
                format!("Member '{name}' not found in group resource '{group}'.")
            }
            None => {
                let group = &group.name;
                format!("The Referenced Attribute ({group} {key}) is incorrect.")
            }
        }),
    }
}

/// The data that a group keeps, before its members change.
pub(super) fn kept(properties: &Map<String, Value>, group: &Resource) -> Value {
    match group.kind {
        Type::ResourceGroup => json!({REMOVED: removed(properties, Some(group))}),
        _ => group.held.clone(),
    }
}

/// The data of a group, after its members changed.
pub(super) fn held(group: &Resource, child: &Stack) -> Value {
    match group.kind {
        Type::ResourceGroup => group.held.clone(),
        _ => {
            let refs = attribute(group, child, &["refs".into()]);
            json!({"refs": refs.unwrap_or_default()})
        }
    }
}

fn removed_before(group: &Resource) -> Vec<String> {
    let names = group.held.get(REMOVED).and_then(Value::as_array);
    names.into_iter().flatten().map(python::text).collect()
}

/// The names that the policies of the properties exclude, beside those excluded before.
fn removed(properties: &Map<String, Value>, group: Option<&Resource>) -> Vec<String> {
    let before = group.map(removed_before).unwrap_or_default();
    let child = group.and_then(|group| group.nested.as_ref());
    let policies = properties.get("removal_policies").and_then(Value::as_array);
    let policies = policies.into_iter().flatten();
    let named = policies.filter_map(|policy| policy.get("resource_list")?.as_array());
    let added = named.flatten().filter_map(|item| {
        let text = python::text(item);
        let Some(child) = child.filter(|_| !before.contains(&text)) else {
            return Some(text);
        };
        // The item is the name of a member, or what refers to it.
        let state = child.lock();
        let is_meant =
            |member: &&Resource| member.name == text || python::text(&member.reference()) == text;
        let found = state.resources.iter().find(is_meant);
        found.map(|member| member.name.clone())
    });
    let added: Vec<_> = added.collect();
    let mode = properties.get("removal_policies_mode");
    let mut all = match mode.and_then(Value::as_str) {
        Some("update") => Vec::new(),
        _ => before.clone(),
    };
    all.extend(added);
    all.sort();
    all.dedup();
    all
}
