use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::object::object;
use super::{Action, Link, Output, Status, Time, keep_raw, nullable};

/// A preview of a stack.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct StackPreview {
    /// Its name.
    #[serde(rename = "stack_name")]
    pub name: String,
    /// The template's description.
    #[serde(default, deserialize_with = "nullable")]
    pub description: String,
    /// Its parameters as strings, with defaults filled in; hidden ones are `******`.
    #[serde(default, deserialize_with = "nullable")]
    pub parameters: Map<String, Value>,
    /// Its outputs; most values are not known before the creation.
    #[serde(default, deserialize_with = "nullable")]
    pub outputs: Vec<Output>,
    /// Its resources.
    #[serde(default, deserialize_with = "nullable")]
    pub resources: Vec<PreviewedResources>,
    /// Its tags.
    #[serde(default, deserialize_with = "nullable")]
    pub tags: Vec<String>,
    /// Whether Heat would leave a failed create as it is, without a rollback.
    #[serde(default, deserialize_with = "nullable")]
    pub disable_rollback: bool,
    /// The timeout of the create in minutes.
    #[serde(default)]
    pub timeout_mins: Option<u64>,
    /// Its own URL.
    #[serde(default, deserialize_with = "nullable")]
    pub links: Vec<Link>,
    #[serde(skip)]
    raw: Map<String, Value>,
}

keep_raw!(StackPreview);

impl StackPreview {
    /// All resources, also those of nested stacks.
    pub fn all_resources(&self) -> impl Iterator<Item = &PreviewedResource> {
        let mut left: Vec<_> = self.resources.iter().rev().collect();
        std::iter::from_fn(move || {
            loop {
                match left.pop()? {
                    PreviewedResources::One(resource) => return Some(&**resource),
                    PreviewedResources::Nested(resources) => left.extend(resources.iter().rev()),
                }
            }
        })
    }
}

/// A resource of a previewed stack, or the resources of a nested stack.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum PreviewedResources {
    /// A resource.
    One(Box<PreviewedResource>),
    /// The resources of a nested stack.
    Nested(Vec<Self>),
}

object! {
    /// A resource in the preview of a stack or of an update.
    pub struct PreviewedResource {
        /// When it was last changed; only of an existing resource.
        optional "updated_time" => updated_time: Option<Time>,
        /// When it was created; only of an existing resource.
        optional "creation_time" => creation_time: Option<Time>,
        /// Its name in the template.
        required "resource_name" => name: String,
        /// The physical id; only of an existing resource.
        optional "physical_resource_id" => physical_resource_id: Option<String>,
        /// The last action; [`Action::Init`] of a new resource.
        optional "resource_action" => action: Option<Action>,
        /// The status of the last action.
        optional "resource_status" => status: Option<Status>,
        /// The reason for the status.
        optional "resource_status_reason" => status_reason: String,
        /// Its type, such as `OS::Nova::Server`.
        optional "resource_type" => resource_type: String,
        /// Its stack and its path there: the keys `tenant`, `stack_name`, `stack_id` and `path`.
        optional "resource_identity" => resource_identity: Option<Value>,
        /// Its stack: the keys `tenant`, `stack_name`, `stack_id` and `path`.
        optional "stack_identity" => stack_identity: Option<Value>,
        /// The name of its stack.
        optional "stack_name" => stack_name: String,
        /// The names of the resources that depend on it.
        optional "required_by" => required_by: Vec<String>,
        /// The resource whose nested stack contains it.
        optional "parent_resource" => parent_resource: Option<String>,
        /// Its nested stack: the keys `tenant`, `stack_name`, `stack_id` and `path`.
        optional "nested_stack_id" => nested_stack_id: Option<Value>,
        /// Its description in the template.
        optional "description" => description: String,
        /// Its metadata.
        optional "metadata" => metadata: Map<String, Value>,
        /// Its attributes, as far as they are known.
        optional "attributes" => attributes: Map<String, Value>,
        /// Its properties, with defaults filled in; only in the preview of a stack.
        optional "properties" => properties: Map<String, Value>,
    }
}

/// What an update would change, by resource.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct ResourceChanges {
    /// Resources that would be created.
    #[serde(default)]
    pub added: Vec<PreviewedResource>,
    /// Resources that would be deleted.
    #[serde(default)]
    pub deleted: Vec<PreviewedResource>,
    /// Resources that would be replaced.
    #[serde(default)]
    pub replaced: Vec<PreviewedResource>,
    /// Resources that would not change.
    #[serde(default)]
    pub unchanged: Vec<PreviewedResource>,
    /// Resources that would be updated in place.
    #[serde(default)]
    pub updated: Vec<PreviewedResource>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn resource(name: &str) -> Value {
        let identity = json!({"tenant": "p", "stack_name": "web", "stack_id": "None", "path": ""});
        json!({
            "updated_time": null, "creation_time": null, "resource_name": name, "physical_resource_id": "",
            "resource_action": "INIT", "resource_status": "COMPLETE", "resource_status_reason": "",
            "resource_type": "OS::Heat::Value", "resource_identity": identity, "stack_identity": identity,
            "stack_name": "web", "required_by": [], "description": "", "metadata": {},
            "attributes": {"value": null}, "properties": {"value": "1", "type": null}, "zone": 1,
        })
    }

    #[test]
    fn nested_stacks_are_lists_of_resources() {
        let shown = json!({
            "stack_name": "web", "id": "None", "tags": [], "timeout_mins": null,
            "resources": [resource("a"), [resource("b"), [resource("c")]], resource("d")],
        });
        let preview: StackPreview = serde_json::from_value(shown.clone()).unwrap();
        let names: Vec<_> = preview.all_resources().map(|r| r.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c", "d"]);
        assert_eq!(serde_json::to_value(&preview).unwrap(), shown);
        let PreviewedResources::One(first) = &preview.resources[0] else {
            panic!("not a resource");
        };
        assert_eq!(first.action, Some(Action::Init));
        assert_eq!(first.properties["value"], "1");
        assert_eq!(serde_json::to_value(first).unwrap(), resource("a"));
    }

    #[test]
    fn changes_are_serialized_as_sent() {
        let shown = json!({
            "added": [resource("a")], "deleted": [], "replaced": [], "unchanged": [], "updated": [{"resource_name": "b"}],
        });
        let changes: ResourceChanges = serde_json::from_value(shown.clone()).unwrap();
        assert_eq!(changes.updated[0].status, None);
        assert_eq!(serde_json::to_value(&changes).unwrap(), shown);
    }
}
