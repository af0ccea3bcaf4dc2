use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Output, keep_raw, nullable};

/// A preview of a stack.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct StackPreview {
    /// Its name.
    #[serde(rename = "stack_name")]
    pub name: String,
    /// Its parameters, with defaults filled in.
    #[serde(default, deserialize_with = "nullable")]
    pub parameters: Map<String, Value>,
    /// Its outputs; most values are not known before the creation.
    #[serde(default, deserialize_with = "nullable")]
    pub outputs: Vec<Output>,
    /// Its resources; a nested list is a nested stack.
    #[serde(default, deserialize_with = "nullable")]
    pub resources: Vec<Value>,
    #[serde(skip)]
    raw: Map<String, Value>,
}

keep_raw!(StackPreview);

/// What an update would change, by resource.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct ResourceChanges {
    /// Resources that would be created.
    #[serde(default)]
    pub added: Vec<Value>,
    /// Resources that would be deleted.
    #[serde(default)]
    pub deleted: Vec<Value>,
    /// Resources that would be replaced.
    #[serde(default)]
    pub replaced: Vec<Value>,
    /// Resources that would not change.
    #[serde(default)]
    pub unchanged: Vec<Value>,
    /// Resources that would be updated in place.
    #[serde(default)]
    pub updated: Vec<Value>,
}
