use serde_json::Value;

use super::object::object;
use super::{Link, StackStatus, Time, link, name_and_id};

object! {
    /// An event of a stack or of one of its resources.
    pub struct Event {
        /// Its id, which can be used as a marker in lists.
        required "id" => id: String,
        /// URLs of the event (`self`), its resource, its stack and, in nested lists, the outermost
        /// stack (`root_stack`).
        optional "links" => links: Vec<Link>,
        /// When it happened.
        optional "event_time" => event_time: Option<Time>,
        /// The name of the resource, same as `resource_name`.
        optional "logical_resource_id" => logical_resource_id: String,
        /// The name of the resource; for events of a stack, the name of the stack.
        optional "resource_name" => resource_name: String,
        /// The physical id of the resource, if it exists.
        optional "physical_resource_id" => physical_resource_id: Option<String>,
        /// The action and its status.
        required "resource_status" => status: StackStatus,
        /// The reason for the status.
        optional "resource_status_reason" => status_reason: String,
        /// The resource's type; only with a single event, never in lists.
        optional "resource_type" => resource_type: Option<String>,
        /// The resource's properties; only with a single event, never in lists.
        optional "resource_properties" => resource_properties: Option<Value>,
    }
}

impl Event {
    /// The name and id of its stack.
    pub fn stack(&self) -> Option<(String, String)> {
        name_and_id(link(&self.links, "stack")?)
    }

    /// The id of the outermost stack; only in lists of events of nested stacks.
    pub(crate) fn root_stack(&self) -> Option<String> {
        name_and_id(link(&self.links, "root_stack")?).map(|(_, id)| id)
    }

    /// Whether the event is about its stack as a whole.
    pub fn is_of_stack(&self) -> bool {
        // A resource may have the same name as its stack: the ids differ.
        self.stack()
            .is_some_and(|(_, id)| self.physical_resource_id.as_deref() == Some(id.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_is_written_as_it_came() {
        for text in [
            r#"{"id":"e","links":[],"event_time":"2026-11-25T21:21:38Z","logical_resource_id":"r","resource_name":"r","physical_resource_id":"","resource_status":"CREATE_COMPLETE","resource_status_reason":"state changed"}"#,
            r#"{"id":"e","event_time":null,"resource_name":null,"physical_resource_id":null,"resource_status":"X","resource_type":"OS::Heat::None","resource_properties":null,"new":[]}"#,
        ] {
            let event: Event = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&event).unwrap(), text);
            assert_eq!(event.physical_resource_id, None);
        }
    }

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
