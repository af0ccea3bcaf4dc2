use serde::Deserialize;
use serde_json::{Map, Value};

use super::{keep_raw, nullable};

/// The answer to the validation of a template.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(remote = "Self", rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ValidatedTemplate {
    /// The template's description.
    #[serde(default, deserialize_with = "nullable")]
    pub description: String,
    /// The parameters by name, each with its `Type`, `Label`, `Default`, `Value`, constraints and
    /// so on.
    #[serde(default, deserialize_with = "nullable")]
    pub parameters: Map<String, Value>,
    /// The groups of the parameters.
    #[serde(default, deserialize_with = "nullable")]
    pub parameter_groups: Vec<Value>,
    /// The nested stacks by resource name, with their parameters; only with
    /// [`show_nested`](crate::heat::Validation::show_nested).
    #[serde(default, deserialize_with = "nullable")]
    pub nested_parameters: Map<String, Value>,
    /// The environment as Heat interpreted it.
    #[serde(default, deserialize_with = "nullable")]
    pub environment: Map<String, Value>,
    #[serde(skip)]
    raw: Map<String, Value>,
}

keep_raw!(ValidatedTemplate);
