use serde::Deserialize;
use serde_json::{Map, Value};

use super::{keep_raw, nullable};

/// What Heat tells of a template that is valid.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(remote = "Self", rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ValidatedTemplate {
    /// What the template says of itself.
    #[serde(default, deserialize_with = "nullable")]
    pub description: String,
    /// Its parameters by name: for each its `Type`, `Label`, `Default`, `Value`, limits and so on.
    #[serde(default, deserialize_with = "nullable")]
    pub parameters: Map<String, Value>,
    /// The groups that the parameters are shown in.
    #[serde(default, deserialize_with = "nullable")]
    pub parameter_groups: Vec<Value>,
    /// Resources that are stacks themselves, by name, with their parameters; only
    /// [on demand](crate::heat::Validation::show_nested).
    #[serde(default, deserialize_with = "nullable")]
    pub nested_parameters: Map<String, Value>,
    /// The environment as Heat has understood it.
    #[serde(default, deserialize_with = "nullable")]
    pub environment: Map<String, Value>,
    #[serde(skip)]
    raw: Map<String, Value>,
}

keep_raw!(ValidatedTemplate);
