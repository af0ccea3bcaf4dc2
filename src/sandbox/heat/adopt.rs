//! Adoption of stacks.

use serde_json::{Map, Value};

use super::error::{Refusal, Result};
use super::python;
use super::resource_types::Type;
use super::stack::Resource;
use super::template::Template;
use crate::yaml;

/// The data of a stack to adopt.
#[derive(Debug)]
pub(super) struct AdoptData {
    pub(super) template: Map<String, Value>,
    pub(super) parameters: Map<String, Value>,
    /// Its resources by name.
    pub(super) resources: Map<String, Value>,
}

impl AdoptData {
    /// Reads the data from the body of a request.
    pub(super) fn read(body: &Map<String, Value>) -> Result<Option<Self>> {
        let Some(data) = body.get("adopt_stack_data") else {
            return Ok(None);
        };
        let invalid = |why: &str| Refusal::bad_request(format!("Invalid adopt data: {why}"));
        let Some(text) = data.as_str() else {
            return Err(Refusal::malformed());
        };
        let data = yaml::parse(text)
            .map_err(|error| invalid(&format!("Error parsing template [root stack] {error}")))?;
        let data = match data {
            Value::Object(data) => data,
            Value::Null => Map::new(),
            _ => {
                return Err(invalid(
                    "The template is not a JSON object or YAML mapping.",
                ));
            }
        };
        let template = data.get("template").ok_or_else(|| invalid("'template'"))?;
        let no_map = || Refusal::hidden("AttributeError");
        let part = |object: &Map<String, Value>, key| match object.get(key) {
            None => Ok(Map::new()),
            Some(Value::Object(part)) => Ok(part.clone()),
            Some(_) => Err(no_map()),
        };
        let environment = part(&data, "environment")?;
        Ok(Some(Self {
            template: Template::read(template).map_err(|_| no_map())?,
            parameters: part(&environment, "parameters")?,
            resources: data
                .get("resources")
                .and_then(Value::as_object)
                .cloned()
                .unwrap_or_default(),
        }))
    }
}

/// The resources of a nested stack to adopt, by name.
pub(super) fn below(
    adopted: &Map<String, Value>,
    resource: &str,
) -> Result<Map<String, Value>, String> {
    let Some(data) = adopted.get(resource) else {
        // Heat creates the nested stack, and then never completes the adoption.
        return Err("The sandbox cannot adopt a nested stack without its data".to_owned());
    };
    let resources = data.get("resources").and_then(Value::as_object);
    Ok(resources.cloned().unwrap_or_default())
}

/// Sets the physical id and the data of an adopted resource.
pub(super) fn take_over(
    resource: &mut Resource,
    known: &Value,
    properties: &Map<String, Value>,
) -> Result<(), String> {
    let Some(id) = known.get("resource_id").filter(|id| python::is_true(id)) else {
        return Err(format!(
            "Exception: resources.{}: Resource ID was not provided.",
            resource.name
        ));
    };
    resource.physical_id = python::text(id);
    resource.held = match resource.kind {
        Type::RandomString => known
            .pointer("/resource_data/value")
            .cloned()
            .unwrap_or_default(),
        kind => kind.make(properties),
    };
    Ok(())
}
