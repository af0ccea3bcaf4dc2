use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Output, keep_raw, nullable};

/// The stack that a create would make.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct StackPreview {
    /// Its name.
    #[serde(rename = "stack_name")]
    pub name: String,
    /// Its parameters, defaults filled in.
    #[serde(default, deserialize_with = "nullable")]
    pub parameters: Map<String, Value>,
    /// Its outputs; most values are known only later.
    #[serde(default, deserialize_with = "nullable")]
    pub outputs: Vec<Output>,
    /// Its resources; a list within the list is a nested stack.
    #[serde(default, deserialize_with = "nullable")]
    pub resources: Vec<Value>,
    #[serde(skip)]
    raw: Map<String, Value>,
}

keep_raw!(StackPreview);

/// What an update would do to the resources of a stack, resource by resource.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct ResourceChanges {
    /// Resources that would be made.
    #[serde(default)]
    pub added: Vec<Value>,
    /// Resources that would go.
    #[serde(default)]
    pub deleted: Vec<Value>,
    /// Resources that would be made anew.
    #[serde(default)]
    pub replaced: Vec<Value>,
    /// Resources that would stay as they are.
    #[serde(default)]
    pub unchanged: Vec<Value>,
    /// Resources that would be changed in place.
    #[serde(default)]
    pub updated: Vec<Value>,
}
