use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Link, StackStatus, keep_raw, link, name_and_id, nonempty, nullable};

/// Something that happened to a stack or to one of its resources.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct Event {
    /// Its id, good as a marker for the events after it.
    pub id: String,
    /// When it happened.
    #[serde(default, deserialize_with = "nullable")]
    pub event_time: String,
    /// The name of the resource; of the stack itself for events of the stack.
    #[serde(default, deserialize_with = "nullable")]
    pub resource_name: String,
    /// The id of what the resource stands for, if that exists.
    #[serde(default, deserialize_with = "nonempty")]
    pub physical_resource_id: Option<String>,
    /// The action and how far it is.
    #[serde(rename = "resource_status")]
    pub status: StackStatus,
    /// Why the status is what it is.
    #[serde(
        rename = "resource_status_reason",
        default,
        deserialize_with = "nullable"
    )]
    pub status_reason: String,
    /// The resource's type; shown with one event only, never in lists.
    #[serde(default)]
    pub resource_type: Option<String>,
    /// The resource's properties; shown with one event only, never in lists.
    #[serde(default)]
    pub resource_properties: Option<Value>,
    /// URLs of itself (`self`), its resource, its stack and, in nested lists, the outermost stack (`root_stack`).
    #[serde(default, deserialize_with = "nullable")]
    pub links: Vec<Link>,
    #[serde(skip)]
    raw: Map<String, Value>,
}

keep_raw!(Event);

impl Event {
    /// Name and id of the stack that it belongs to.
    pub fn stack(&self) -> Option<(String, String)> {
        name_and_id(link(&self.links, "stack")?)
    }

    /// Whether it is about its stack as a whole and not about a resource in it.
    pub fn is_of_stack(&self) -> bool {
        // A resource may be named as its stack is: the id tells them apart.
        self.stack()
            .is_some_and(|(_, id)| self.physical_resource_id.as_deref() == Some(id.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_resource_named_as_its_stack_is_no_stack() {
        let event = |physical: &str| {
            serde_json::from_value::<Event>(json!({
                "id": "e", "resource_name": "web", "resource_status": "CREATE_COMPLETE",
                "physical_resource_id": physical,
                "links": [{"rel": "stack", "href": "http://h/v1/p/stacks/web/1"}],
            }))
            .unwrap()
        };
        assert!(event("1").is_of_stack());
        assert!(!event("web-web-abc").is_of_stack());
        assert!(!event("").is_of_stack());
    }
}
