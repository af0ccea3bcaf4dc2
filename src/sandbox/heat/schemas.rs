//! `GET /resource_types`: the types with their schemas, and templates for them.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::error::{Refusal, Result};
use super::request::{Request, ok};
use super::resource_types::{RESOURCE_TYPES, unavailable};
use super::{pattern::Pattern, plain};
use crate::sandbox::call::Answer;

const STATUSES: &[&str] = &[
    "UNKNOWN",
    "SUPPORTED",
    "DEPRECATED",
    "UNSUPPORTED",
    "HIDDEN",
];

/// What Heat 27 says of a resource type.
#[derive(Debug, Deserialize)]
struct Schema {
    /// The name of Heat's class.
    class: String,
    description: String,
    resource_type: String,
    properties: Map<String, Value>,
    attributes: Map<String, Value>,
    support_status: Value,
}

/// The types of the sandbox, in Heat's order.
static SCHEMAS: LazyLock<Vec<Schema>> = LazyLock::new(|| {
    let mut all: Vec<Schema> =
        serde_json::from_str(include_str!("schemas.json")).unwrap_or_default();
    all.retain(|schema| RESOURCE_TYPES.contains(&schema.resource_type.as_str()));
    all
});

fn find(name: &str) -> Option<&'static Schema> {
    SCHEMAS.iter().find(|schema| schema.resource_type == name)
}

impl Request<'_> {
    pub(super) fn resource_types(&self, route: &[&str]) -> Result<Answer> {
        let missing = |name: &str| {
            let message = format!("The Resource Type ({name}) could not be found.");
            Refusal::not_found("EntityNotFound", message)
        };
        match route {
            [] => self.list_types(),
            [name] => match find(name) {
                Some(schema) => Ok(ok(&schema.document())),
                // Heat says that the service is missing, unlike for a template that uses the type.
                None => match unavailable(name) {
                    Some(service) => Err(Refusal::unavailable(
                        service,
                        name,
                        "Service endpoint not in service catalog.",
                    )),
                    None => Err(missing(name)),
                },
            },
            [name, "template"] => {
                let query = self.query();
                let format = query.get("template_type").unwrap_or("cfn");
                let hot = match format.to_ascii_lowercase().as_str() {
                    "hot" => true,
                    "cfn" => false,
                    _ => {
                        return Err(Refusal::bad_request(format!(
                            "Template type is not supported: Invalid template type \"{format}\", \
                             valid types are: cfn, hot."
                        )));
                    }
                };
                let schema = find(name).ok_or_else(|| missing(name))?;
                Ok(ok(&schema.template(hot)?))
            }
            _ => Ok(plain::not_found(self.call)),
        }
    }

    fn list_types(&self) -> Result<Answer> {
        let query = self.query();
        let with_description = query.flag("with_description")?.unwrap_or(false);
        let status = query.get("support_status");
        if status.is_some_and(|status| !STATUSES.contains(&status)) {
            return Err(Refusal::bad(
                "Invalid",
                "Data supplied was not valid: Invalid support status and should be one of \
                 ('UNKNOWN', 'SUPPORTED', 'DEPRECATED', 'UNSUPPORTED', 'HIDDEN')",
            ));
        }
        let name = query.get("name").map(Pattern::parse).transpose()?;
        let version = query.get("version");
        let is = |schema: &Schema, key: &str, wanted: Option<&str>| {
            wanted.is_none() || schema.support_status.get(key).and_then(Value::as_str) == wanted
        };
        let found = SCHEMAS.iter().filter(|schema| {
            name.as_ref()
                .is_none_or(|name| name.matches_start(&schema.resource_type))
                && is(schema, "status", status)
                && is(schema, "version", version)
        });
        let shown: Vec<_> = found
            .map(|schema| {
                let name = &schema.resource_type;
                match with_description {
                    true => json!({"resource_type": name, "description": schema.description}),
                    false => json!(name),
                }
            })
            .collect();
        Ok(ok(&json!({"resource_types": shown})))
    }
}

impl Schema {
    fn document(&self) -> Value {
        json!({
            "resource_type": self.resource_type,
            "properties": self.properties,
            "attributes": self.attributes,
            "support_status": self.support_status,
        })
    }

    /// A template with one such resource.
    fn template(&self, hot: bool) -> Result<Value> {
        let class = &self.class;
        let (mut parameters, mut properties, mut outputs) = (Map::new(), Map::new(), Map::new());
        for (name, schema) in &self.properties {
            parameters.insert(name.clone(), parameter(schema, hot)?);
            let is_list = schema.get("type").is_some_and(|kind| kind == "list");
            let property = match (hot, is_list) {
                (true, _) => json!({"get_param": name}),
                (false, true) => json!({"Fn::Split": [",", {"Ref": name}]}),
                (false, false) => json!({"Ref": name}),
            };
            properties.insert(name.clone(), property);
        }
        for (name, schema) in &self.attributes {
            let about = schema.get("description");
            let output = match hot {
                true => json!({"value": {"get_attr": [class, name]}, "description": about}),
                false => json!({"Value": {"Fn::GetAtt": [class, name]}, "Description": about}),
            };
            outputs.insert(name.clone(), output);
        }
        let id = match hot {
            true => json!({"value": {"get_resource": class}}),
            false => json!({"Value": {"Ref": class}}),
        };
        outputs.insert("OS::stack_id".to_owned(), id);
        let about = format!("Initial template of {class}");
        let kind = &self.resource_type;
        Ok(match hot {
            true => json!({
                "heat_template_version": "2016-10-14",
                "description": about,
                "parameters": parameters,
                "outputs": outputs,
                "resources": {class: {"type": kind, "properties": properties}},
            }),
            false => json!({
                "HeatTemplateFormatVersion": "2012-12-12",
                "Description": about,
                "Parameters": parameters,
                "Resources": {class: {"Type": kind, "Properties": properties}},
                "Outputs": outputs,
            }),
        })
    }
}

/// The declaration of a parameter for a property.
fn parameter(schema: &Value, hot: bool) -> Result<Value> {
    let kind = schema
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let (hot_kind, cfn_kind) = match kind {
        "integer" | "number" => ("number", "Number"),
        "string" => ("string", "String"),
        "boolean" => ("boolean", "Boolean"),
        "map" => ("json", "Json"),
        "list" => ("comma_delimited_list", "CommaDelimitedList"),
        // Heat has no parameter for a property of any type.
        _ => return Err(Refusal::unexpected("KeyError")),
    };
    let constraints = schema.get("constraints").and_then(Value::as_array);
    let mut declared = Map::new();
    let mut put = |hot_key: &str, cfn_key: &str, value: Value| {
        let key = if hot { hot_key } else { cfn_key };
        declared.insert(key.to_owned(), value);
    };
    put("type", "Type", if hot { hot_kind } else { cfn_kind }.into());
    if let Some(about) = schema.get("description") {
        put("description", "Description", about.clone());
    }
    if let Some(default) = schema.get("default") {
        put("default", "Default", default.clone());
    }
    if hot {
        if let Some(constraints) = constraints {
            let known = constraints.iter().map(hot_constraint).collect();
            put("constraints", "", known);
        }
        return Ok(declared.into());
    }
    for constraint in constraints.into_iter().flatten() {
        let names = [
            ("range", ["MinValue", "MaxValue"]),
            ("length", ["MinLength", "MaxLength"]),
        ];
        for (key, names) in names {
            let limits = constraint.get(key);
            for (end, name) in ["min", "max"].iter().zip(names) {
                if let Some(limit) = limits.and_then(|limits| limits.get(end)) {
                    put("", name, limit.clone());
                }
            }
        }
        for (key, name) in [
            ("allowed_values", "AllowedValues"),
            ("allowed_pattern", "AllowedPattern"),
        ] {
            if let Some(rule) = constraint.get(key) {
                put("", name, rule.clone());
            }
        }
    }
    if kind == "boolean" {
        let words = json!(["True", "true", "False", "false"]);
        put("", "AllowedValues", words);
    }
    Ok(declared.into())
}

/// A constraint in a template. Heat leaves out those that templates do not have.
fn hot_constraint(constraint: &Value) -> Value {
    let known = ["range", "length", "allowed_values", "allowed_pattern"];
    let rules = constraint.as_object().into_iter().flatten();
    let kept = rules.filter(|(key, _)| known.contains(&key.as_str()));
    kept.map(|(key, rule)| (key.clone(), rule.clone()))
        .collect::<Map<_, _>>()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_a_schema() {
        let known: Vec<_> = SCHEMAS.iter().map(|schema| &schema.resource_type).collect();
        for name in RESOURCE_TYPES {
            assert!(known.iter().any(|known| known == name), "{name}");
        }
    }

    /// As Heat 27 answers.
    #[test]
    fn templates_have_a_parameter_for_each_property() {
        let schema = find("OS::Heat::RandomString").unwrap();
        let hot = schema.template(true).unwrap();
        assert_eq!(
            hot["parameters"]["length"],
            json!({"type": "number", "description": "Length of the string to generate.", "default": 32,
                "constraints": [{"range": {"min": 1, "max": 512}}]})
        );
        let cfn = schema.template(false).unwrap();
        assert_eq!(
            cfn["Parameters"]["length"],
            json!({"Type": "Number", "Description": "Length of the string to generate.", "Default": 32,
                "MinValue": 1, "MaxValue": 512})
        );
        assert_eq!(
            cfn["Resources"]["RandomString"]["Properties"]["character_classes"],
            json!({"Fn::Split": [",", {"Ref": "character_classes"}]})
        );
        let test = find("OS::Heat::TestResource")
            .unwrap()
            .template(true)
            .unwrap();
        let delay = &test["parameters"]["constraint_prop_secs"];
        assert_eq!(delay["constraints"], json!([{}]));
    }
}
