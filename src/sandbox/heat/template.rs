//! Parses templates and refuses those that Heat would refuse.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::environment::Environment;
use super::error::{Refusal, Result};
use super::functions::{self, Known, Place, Source};
use super::nested::{Nested, Provider};
use super::parameters::Parameter;
use super::resource_types::Type;
use super::stack::Resource;
use super::{groups, python};
use crate::yaml;

pub(super) const VERSIONS: &[(&str, Option<&str>)] = &[
    ("2013-05-23", None),
    ("2014-10-16", None),
    ("2015-04-30", None),
    ("2015-10-15", None),
    ("2016-04-08", None),
    ("2016-10-14", Some("newton")),
    ("2017-02-24", Some("ocata")),
    ("2017-09-01", Some("pike")),
    ("2018-03-02", Some("queens")),
    ("2018-08-31", Some("rocky")),
    ("2021-04-16", Some("wallaby")),
];

/// The maximum size of a template in bytes.
const MAX_SIZE: usize = 512 << 10;

const SECTIONS: &[&str] = &[
    "heat_template_version",
    "description",
    "parameter_groups",
    "parameters",
    "resources",
    "outputs",
    "conditions",
];

const RESOURCE_KEYS: &[&str] = &[
    "type",
    "properties",
    "metadata",
    "depends_on",
    "deletion_policy",
    "update_policy",
    "description",
    "external_id",
    "condition",
];

/// A checked template.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) raw: Value,
    pub(super) description: Option<String>,
    pub(super) parameters: Vec<Parameter>,
    pub(super) resources: Vec<Definition>,
    pub(super) outputs: Vec<Output>,
}

/// The definition of a resource in a template.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) name: String,
    /// The type name in the template.
    pub(super) type_name: String,
    pub(super) kind: Type,
    /// The input of its nested stack, if it has one.
    pub(super) nested: Option<Arc<Nested>>,
    pub(super) properties: Map<String, Value>,
    pub(super) metadata: Value,
    pub(super) description: String,
    /// The resources it depends on.
    pub(super) needs: Vec<String>,
    /// The length of its longest chain of dependencies.
    pub(super) level: usize,
}

#[derive(Debug)]
pub(super) struct Output {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) value: Value,
}

impl Template {
    /// Reads a template of a request: a map or text.
    pub(super) fn read(given: &Value) -> Result<Map<String, Value>> {
        let invalid = |message: &str| {
            Refusal::bad_request(format!("Template not in valid format: {message}"))
        };
        let text = given.as_str();
        let size = text.map_or_else(|| python::json(given).len(), str::len);
        if size > MAX_SIZE {
            let message = format!(
                "Request limit exceeded: Template size ({size} bytes) exceeds maximum allowed \
                 size ({MAX_SIZE} bytes)."
            );
            return Err(Refusal::bad("RequestLimitExceeded", message));
        }
        let parsed = match text {
            Some(text) => yaml::parse(text).map_err(|error| {
                invalid(&format!("Error parsing template [root stack] {error}"))
            })?,
            None => given.clone(),
        };
        let versions = [
            "heat_template_version",
            "AWSTemplateFormatVersion",
            "HeatTemplateFormatVersion",
        ];
        match parsed {
            Value::Object(map)
                if text.is_none() || versions.iter().any(|key| map.contains_key(*key)) =>
            {
                Ok(map)
            }
            // Heat reads an empty text as an empty map.
            Value::Object(_) | Value::Null if text.is_some() => {
                Err(invalid("Template format version not found."))
            }
            _ => Err(invalid(
                "The template is not a JSON object or YAML mapping.",
            )),
        }
    }

    /// Checks a template. The environment maps its resource types.
    pub(super) fn parse(raw: Map<String, Value>, environment: &Environment) -> Result<Self> {
        check_version(&raw)?;
        if let Some(section) = raw.keys().find(|key| !SECTIONS.contains(&key.as_str())) {
            let message = format!("The template section is invalid: {section}");
            return Err(Refusal::invalid(message));
        }
        if raw
            .get("conditions")
            .is_some_and(|conditions| !conditions.is_null())
        {
            return Err(Refusal::invalid(
                "The sandbox does not support the template section \"conditions\"",
            ));
        }
        let parameters = parameters(&raw)?;
        groups::check(&raw, &parameters)?;
        let mut resources = section(&raw, "resources")?
            .iter()
            .map(|(name, defined)| Definition::parse(name, defined, environment))
            .collect::<Result<Vec<_>>>()?;
        let is_taken = |name: &str| parameters.iter().any(|parameter| parameter.name() == name);
        if let Some(twice) = resources.iter().find(|resource| is_taken(&resource.name)) {
            let message = format!("Duplicate names {{'{}'}}", twice.name);
            return Err(Refusal::invalid(message));
        }
        let outputs = section(&raw, "outputs")?
            .iter()
            .map(|(name, defined)| Output::parse(name, defined))
            .collect::<Result<Vec<_>>>()?;
        refer(&mut resources, &outputs);
        let description = raw.get("description").filter(|text| !text.is_null());
        let mut template = Self {
            description: description.map(python::text),
            parameters,
            resources,
            outputs,
            raw: Value::Object(raw),
        };
        template.check_functions()?;
        template.order()?;
        Ok(template)
    }

    pub(super) fn resource(&self, name: &str) -> Option<&Definition> {
        self.resources.iter().find(|resource| resource.name == name)
    }

    /// The type names that are URLs of templates.
    pub(super) fn nested_types(&self) -> impl Iterator<Item = &str> {
        self.resources.iter().filter_map(|resource| {
            let url = resource.nested.as_ref()?.provider()?.url.as_str();
            (url == resource.type_name).then_some(url)
        })
    }

    pub(super) fn has_nested(&self) -> bool {
        self.resources
            .iter()
            .any(|resource| resource.nested.is_some())
    }

    /// Checks the templates of nested stacks.
    pub(super) fn check_nested(&self) -> Result<()> {
        for resource in &self.resources {
            if let Some(nested) = resource.provider() {
                nested.check(&resource.name, &resource.properties)?;
            }
        }
        Ok(())
    }

    /// The names of the resources that depend on this one.
    pub(super) fn required_by(&self, name: &str) -> Vec<&str> {
        self.resources
            .iter()
            .filter(|resource| resource.needs.iter().any(|needed| needed == name))
            .map(|resource| resource.name.as_str())
            .collect()
    }

    fn check_functions(&mut self) -> Result<()> {
        let mut found = Vec::with_capacity(self.resources.len());
        for resource in &self.resources {
            let mut needs = Vec::new();
            for name in &resource.needs {
                if !self.has_resource(name) {
                    return Err(Refusal::reference(name, &resource.name));
                }
                needs.push(name.clone());
            }
            for (property, value) in &resource.properties {
                let place = Place::property(&resource.name, property);
                functions::check(value, &place, &*self, &mut needs)?;
            }
            found.push(needs);
        }
        for (resource, needs) in self.resources.iter_mut().zip(found) {
            resource.needs = needs;
        }
        for output in &self.outputs {
            let place = Place::output(&output.name);
            functions::check(&output.value, &place, self, &mut Vec::new())?;
        }
        Ok(())
    }

    /// Determines the level of each resource, or finds a circular dependency.
    fn order(&mut self) -> Result<()> {
        let mut levels: HashMap<&str, usize> = HashMap::new();
        while levels.len() < self.resources.len() {
            let ready: Vec<_> = self
                .resources
                .iter()
                .filter(|resource| !levels.contains_key(resource.name.as_str()))
                .filter_map(|resource| {
                    let below = resource
                        .needs
                        .iter()
                        .map(|name| levels.get(name.as_str()).copied());
                    let level = below
                        .map(|level| Some(level? + 1))
                        .collect::<Option<Vec<_>>>()?;
                    Some((resource.name.as_str(), level.into_iter().max().unwrap_or(0)))
                })
                .collect();
            if ready.is_empty() {
                return Err(self.circular_dependency(&levels));
            }
            levels.extend(ready);
        }
        let levels: Vec<_> = self
            .resources
            .iter()
            .map(|resource| levels.get(resource.name.as_str()).copied())
            .collect();
        for (resource, level) in self.resources.iter_mut().zip(levels) {
            resource.level = level.unwrap_or(0);
        }
        Ok(())
    }

    fn circular_dependency(&self, ordered: &HashMap<&str, usize>) -> Refusal {
        let label = |name: &str| {
            let class = self
                .resource(name)
                .map_or("", |resource| resource.kind.class());
            format!("{class} \"{name}\"")
        };
        let edges: Vec<_> = self
            .resources
            .iter()
            .filter(|resource| !ordered.contains_key(resource.name.as_str()))
            .map(|resource| {
                let needs: Vec<_> = resource
                    .needs
                    .iter()
                    .filter(|name| !ordered.contains_key(name.as_str()))
                    .map(|name| label(name))
                    .collect();
                format!("{}: {{{}}}", label(&resource.name), needs.join(", "))
            })
            .collect();
        let message = format!("Circular Dependency Found: {{{}}}", edges.join(", "));
        Refusal::bad("CircularDependencyException", message)
    }
}

impl Known for Template {
    fn has_parameter(&self, name: &str) -> bool {
        matches!(name, "OS::stack_name" | "OS::stack_id" | "OS::project_id")
            || self
                .parameters
                .iter()
                .any(|parameter| parameter.name() == name)
    }

    fn has_resource(&self, name: &str) -> bool {
        self.resource(name).is_some()
    }

    fn has_attribute(&self, resource: &str, attribute: &str) -> bool {
        self.resource(resource)
            .is_some_and(|resource| resource.kind.has_attribute(attribute))
    }
}

impl Definition {
    fn parse(name: &str, defined: &Value, environment: &Environment) -> Result<Self> {
        let Some(defined) = defined.as_object() else {
            let found = python::type_name(defined);
            return Err(Refusal::invalid(format!(
                "\"resources\" must contain a map of resource maps. Found a [<class '{found}'>] \
                 instead"
            )));
        };
        if name.contains('/') {
            return Err(Refusal::invalid("Resource name may not contain \"/\""));
        }
        if let Some(key) = defined
            .keys()
            .find(|key| !RESOURCE_KEYS.contains(&key.as_str()))
        {
            let message = format!("\"{key}\" is not a valid keyword inside a resource definition");
            return Err(Refusal::invalid(message));
        }
        if let Some(key) = ["external_id", "condition", "update_policy"]
            .iter()
            .find(|key| defined.contains_key(**key))
        {
            let message =
                format!("The sandbox does not support \"{key}\" in a resource definition");
            return Err(Refusal::invalid(message));
        }
        let kind = defined
            .get("type")
            .ok_or_else(|| Refusal::invalid("Each resource must contain a type key."))?;
        let type_name = python::text(kind);
        let implementation = environment.implementation(&type_name);
        let kind = Type::named(&type_name, implementation)?;
        let nested = Nested::of(kind, implementation, environment, name)?;
        let properties = match defined.get("properties") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(properties)) => properties.clone(),
            Some(other) => {
                let found = python::type_name(other);
                return Err(Refusal::invalid(format!(
                    "Resource {name} properties type mismatch: map expected, found {found}"
                )));
            }
        };
        match nested.as_ref().and_then(|nested| nested.provider()) {
            Some(provider) => provider.check_names(name, &properties)?,
            None => kind.check_names(name, &properties)?,
        }
        let needs = match defined.get("depends_on") {
            Some(Value::String(name)) => vec![name.clone()],
            Some(Value::Array(names)) => names.iter().map(python::text).collect(),
            _ => Vec::new(),
        };
        Ok(Self {
            name: name.to_owned(),
            type_name,
            kind,
            nested,
            properties,
            metadata: defined
                .get("metadata")
                .cloned()
                .unwrap_or_else(|| Map::new().into()),
            description: defined
                .get("description")
                .map(python::text)
                .unwrap_or_default(),
            needs,
            level: 0,
        })
    }
}

impl Definition {
    /// The template of its nested stack, if its type is one.
    fn provider(&self) -> Option<&Provider> {
        self.nested.as_ref()?.provider()
    }

    /// Whether the resource's nested stack was created from this template.
    pub(super) fn is_of_template(&self, resource: &Resource) -> bool {
        match (&self.nested, &resource.nested) {
            (Some(nested), Some(stack)) => nested.is_of(stack),
            _ => true,
        }
    }

    /// The properties with their current values.
    pub(super) fn properties(&self, source: &dyn Source) -> Result<Map<String, Value>> {
        let mut properties = Map::new();
        for (key, value) in &self.properties {
            let value = functions::resolve(value, source).map_err(|message| {
                let name = &self.name;
                let place = python::path(name);
                Refusal::invalid(format!(
                    "Property error: : {place}.properties.{key}: : {message}"
                ))
            })?;
            properties.insert(key.clone(), value);
        }
        match self.provider() {
            Some(provider) => provider.coerce(&self.name, properties),
            None => self.kind.coerce(&self.name, properties),
        }
    }
}

impl Output {
    fn parse(name: &str, defined: &Value) -> Result<Self> {
        let wrong = |message: String| {
            Refusal::invalid(format!(
                "Output validation error: : outputs.{name}: : {message}"
            ))
        };
        let Some(defined) = defined.as_object() else {
            let found = python::type_name(defined);
            return Err(wrong(format!(
                "Output definitions must be a map. Found a {found} instead"
            )));
        };
        if defined.contains_key("condition") {
            return Err(wrong(
                "The sandbox does not support \"condition\" in an output".to_owned(),
            ));
        }
        let value = defined
            .get("value")
            .ok_or_else(|| wrong("Each output definition must contain a value key.".to_owned()))?;
        let description = defined.get("description");
        Ok(Self {
            name: name.to_owned(),
            description: description
                .map_or_else(|| "No description given".to_owned(), python::text),
            value: value.clone(),
        })
    }
}

/// Tells groups which of their attributes the template refers to.
fn refer(resources: &mut [Definition], outputs: &[Output]) {
    for index in 0..resources.len() {
        let Some(resource) = resources.get_mut(index) else {
            return;
        };
        let (name, Some(mut nested)) = (resource.name.clone(), resource.nested.take()) else {
            continue;
        };
        // Nobody else knows it yet.
        if let Some(Nested::Members(members)) = Arc::get_mut(&mut nested) {
            members.refer(&name, resources, outputs);
        }
        if let Some(resource) = resources.get_mut(index) {
            resource.nested = Some(nested);
        }
    }
}

pub(super) fn parameters(raw: &Map<String, Value>) -> Result<Vec<Parameter>> {
    match raw.get("parameters") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Object(declared)) => {
            let declared = declared.iter();
            declared
                .map(|(name, declared)| Parameter::parse(name, declared))
                .collect()
        }
        Some(_) => Err(Refusal::hidden("AttributeError")),
    }
}

fn section<'a>(raw: &'a Map<String, Value>, name: &str) -> Result<&'a Map<String, Value>> {
    static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    match raw.get(name) {
        None | Some(Value::Null) => Ok(&EMPTY),
        Some(Value::Object(section)) => Ok(section),
        Some(other) => {
            let found = python::type_name(other);
            Err(Refusal::invalid(format!(
                "'{found}' object has no attribute 'items'"
            )))
        }
    }
}

fn check_version(raw: &Map<String, Value>) -> Result<()> {
    let invalid = |message: &str| {
        let message = format!("The template version is invalid: {message}");
        Err(Refusal::bad("InvalidTemplateVersion", message))
    };
    for key in ["AWSTemplateFormatVersion", "HeatTemplateFormatVersion"] {
        if raw.contains_key(key) {
            return invalid(&format!("the sandbox does not support \"{key}\""));
        }
    }
    let version = match raw.get("heat_template_version") {
        None | Some(Value::Null) => return invalid("Template version was not provided"),
        Some(version) => python::text(version),
    };
    let known = |(date, alias): &(&str, Option<&str>)| *date == version || *alias == Some(&version);
    if VERSIONS.iter().any(known) {
        return Ok(());
    }
    let dates = VERSIONS.iter().map(|(date, _)| *date);
    let aliases = VERSIONS.iter().filter_map(|(_, alias)| *alias);
    let all: Vec<_> = dates.chain(aliases).collect();
    invalid(&format!(
        "\"heat_template_version: {version}\". \"heat_template_version\" should be one of: {}",
        all.join(", ")
    ))
}
