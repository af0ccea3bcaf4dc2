use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::{keep_raw, nullable, present};

/// The result of the validation of a template.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(remote = "Self", rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ValidatedTemplate {
    /// The template's description.
    #[serde(default, deserialize_with = "nullable")]
    pub description: String,
    /// The parameters by name.
    #[serde(default, deserialize_with = "nullable")]
    pub parameters: BTreeMap<String, TemplateParameter>,
    /// The groups of the parameters.
    #[serde(default, deserialize_with = "nullable")]
    pub parameter_groups: Vec<ParameterGroup>,
    /// The templates of nested stacks by resource name; only with
    /// [`show_nested`](crate::heat::Validation::show_nested).
    #[serde(default, deserialize_with = "nullable")]
    pub nested_parameters: BTreeMap<String, Self>,
    /// The type of the resource, such as `OS::Heat::ResourceGroup`; only for a nested stack.
    #[serde(default, rename = "Type")]
    pub resource_type: Option<String>,
    /// The environment as Heat interpreted it.
    #[serde(default, deserialize_with = "nullable")]
    pub environment: Map<String, Value>,
    #[serde(skip)]
    raw: Map<String, Value>,
}

keep_raw!(ValidatedTemplate);

/// A parameter of a template. Constraints that the parameter does not have are `None`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(remote = "Self", rename_all = "PascalCase")]
#[non_exhaustive]
pub struct TemplateParameter {
    /// The type: `String`, `Number`, `CommaDelimitedList`, `Json` or `Boolean`.
    #[serde(default, rename = "Type", deserialize_with = "nullable")]
    pub parameter_type: String,
    /// The description.
    #[serde(default, deserialize_with = "nullable")]
    pub description: String,
    /// The label for users; the name of the parameter if the template has none.
    #[serde(default, deserialize_with = "nullable")]
    pub label: String,
    /// The default; a parameter without one is required.
    #[serde(default, deserialize_with = "present")]
    pub default: Option<Value>,
    /// The value that the request set.
    #[serde(default, deserialize_with = "present")]
    pub value: Option<Value>,
    /// Whether the value is hidden.
    #[serde(default, deserialize_with = "flag")]
    pub no_echo: bool,
    /// The allowed values.
    #[serde(default)]
    pub allowed_values: Option<Vec<Value>>,
    /// The regular expression that the whole value must match.
    #[serde(default)]
    pub allowed_pattern: Option<String>,
    /// The minimum length: of a string in characters, of a list in elements.
    #[serde(default)]
    pub min_length: Option<u64>,
    /// The maximum length: of a string in characters, of a list in elements.
    #[serde(default)]
    pub max_length: Option<u64>,
    /// The smallest allowed number.
    #[serde(default)]
    pub min_value: Option<Value>,
    /// The largest allowed number.
    #[serde(default)]
    pub max_value: Option<Value>,
    /// The distance of allowed numbers.
    #[serde(default)]
    pub step: Option<Value>,
    /// The first allowed number, modulo [`step`](Self::step).
    #[serde(default)]
    pub offset: Option<Value>,
    /// A check by Heat, such as `nova.keypair`.
    #[serde(default)]
    pub custom_constraint: Option<String>,
    /// The description of the constraints.
    #[serde(default, deserialize_with = "nullable")]
    pub constraint_description: String,
    /// The tags.
    #[serde(default, deserialize_with = "nullable")]
    pub tags: Vec<String>,
    #[serde(skip)]
    raw: Map<String, Value>,
}

keep_raw!(TemplateParameter);

/// A group of parameters of a template.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct ParameterGroup {
    /// The label for users.
    #[serde(default, deserialize_with = "nullable")]
    pub label: String,
    /// The description.
    #[serde(default, deserialize_with = "nullable")]
    pub description: String,
    /// The names of the parameters.
    #[serde(default, deserialize_with = "nullable")]
    pub parameters: Vec<String>,
    #[serde(skip)]
    raw: Map<String, Value>,
}

keep_raw!(ParameterGroup);

/// Reads a boolean, which Heat sends as a string here.
fn flag<'de, D: Deserializer<'de>>(d: D) -> Result<bool, D::Error> {
    Ok(match Value::deserialize(d)? {
        Value::Bool(flag) => flag,
        Value::String(text) => text.eq_ignore_ascii_case("true"),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parameters_groups_and_nested_templates_are_typed() {
        let answer = json!({
            "Description": "d",
            "Parameters": {
                "a": {
                    "Type": "String", "Description": "", "NoEcho": "true", "Label": "A", "Default": "1",
                    "MinLength": 1, "MaxLength": 9, "AllowedPattern": "[0-9]+", "ConstraintDescription": "len",
                },
                "n": {
                    "Type": "Number", "Description": "", "NoEcho": "false", "Label": "n", "Default": null,
                    "Tags": ["x"], "MinValue": 1, "Step": 2, "Offset": 0, "Zone": "kept",
                },
                "b": {"Type": "Boolean", "NoEcho": false, "Value": true, "AllowedValues": [true, false]},
            },
            "ParameterGroups": [{"label": "g", "description": "gd", "parameters": ["a", "n"]}],
            "NestedParameters": {
                "g": {
                    "Type": "OS::Heat::ResourceGroup", "Description": "No description", "Parameters": {},
                    "NestedParameters": {"0": {"Type": "T", "Description": "", "Parameters": {"p": {"Type": "Json"}}}},
                },
            },
            "Environment": {"parameters": {}},
        });
        let valid: ValidatedTemplate = serde_json::from_value(answer.clone()).unwrap();
        let a = &valid.parameters["a"];
        assert_eq!(
            (&*a.parameter_type, a.no_echo, a.max_length),
            ("String", true, Some(9))
        );
        assert_eq!(a.default, Some(json!("1")));
        let n = &valid.parameters["n"];
        assert_eq!((&n.default, &n.value), (&Some(Value::Null), &None));
        assert_eq!((n.no_echo, &n.step), (false, &Some(json!(2))));
        assert_eq!(n.raw()["Zone"], "kept");
        assert_eq!(valid.parameter_groups[0].parameters, ["a", "n"]);
        let group = &valid.nested_parameters["g"];
        assert_eq!(
            group.resource_type.as_deref(),
            Some("OS::Heat::ResourceGroup")
        );
        let inner = &group.nested_parameters["0"].parameters["p"];
        assert_eq!(inner.parameter_type, "Json");
        assert_eq!(serde_json::to_value(&valid).unwrap(), answer);
    }

    #[test]
    fn missing_keys_and_nulls_are_accepted() {
        for answer in [
            json!({}),
            json!({"Description": null, "Parameters": null, "ParameterGroups": null, "Environment": null}),
            json!({"Parameters": {"p": {"Type": null, "Tags": null, "AllowedValues": null}}}),
        ] {
            let valid: ValidatedTemplate = serde_json::from_value(answer.clone()).unwrap();
            assert_eq!(serde_json::to_value(&valid).unwrap(), answer);
        }
    }
}
