use serde_json::Value;

use super::object::object;
use super::{Link, StackStatus, Time, link, name_and_id};

object! {
    /// A resource of a stack.
    pub struct Resource {
        /// When it was last changed.
        optional "updated_time" => updated_time: Option<Time>,
        /// When it was created.
        optional "creation_time" => creation_time: Option<Time>,
        /// Its name, same as `name`.
        optional "logical_resource_id" => logical_resource_id: String,
        /// Its name in the template.
        required "resource_name" => name: String,
        /// The physical id, if the resource was created.
        optional "physical_resource_id" => physical_resource_id: Option<String>,
        /// The last action and its status.
        required "resource_status" => status: StackStatus,
        /// The reason for the status.
        optional "resource_status_reason" => status_reason: String,
        /// Its type, such as `OS::Nova::Server`.
        optional "resource_type" => resource_type: String,
        /// URLs of the resource (`self`), its stack (`stack`) and its nested stack (`nested`).
        optional "links" => links: Vec<Link>,
        /// The names of the resources that depend on it.
        optional "required_by" => required_by: Vec<String>,
        /// The resource whose nested stack contains it.
        optional "parent_resource" => parent_resource: Option<String>,
        /// Its description in the template; only with a single resource.
        optional "description" => description: Option<String>,
        /// Its attributes; only with a single resource or a list with details.
        optional "attributes" => attributes: Option<Value>,
    }
}

impl Resource {
    /// The name and id of its stack.
    pub fn stack(&self) -> Option<(String, String)> {
        name_and_id(link(&self.links, "stack")?)
    }

    /// The name and id of its nested stack.
    pub fn nested_stack(&self) -> Option<(String, String)> {
        name_and_id(link(&self.links, "nested")?)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_resource_is_written_as_it_came() {
        for text in [
            r#"{"updated_time":"2026-11-25T21:21:38Z","creation_time":"2026-11-25T21:21:38Z","logical_resource_id":"r","resource_name":"r","physical_resource_id":"1","resource_status":"CREATE_COMPLETE","resource_status_reason":"state changed","resource_type":"OS::Heat::None","links":[{"href":"http://h","rel":"self"},{"href":"http://h","rel":"nested"}],"required_by":["a"],"parent_resource":"g"}"#,
            r#"{"resource_name":"r","physical_resource_id":null,"resource_status":"X","required_by":null,"description":"","attributes":{"b":1,"a":null},"zone":"z"}"#,
        ] {
            let resource: Resource = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&resource).unwrap(), text);
        }
    }

    #[test]
    fn links_name_the_stacks_around() {
        let resource: Resource = serde_json::from_value(json!({
            "resource_name": "g",
            "resource_status": "CREATE_COMPLETE",
            "physical_resource_id": "",
            "links": [
                {"rel": "self", "href": "http://h/v1/p/stacks/web/1/resources/g"},
                {"rel": "stack", "href": "http://h/v1/p/stacks/web/1"},
                {"rel": "nested", "href": "http://h/v1/p/stacks/web%2Dg/2"},
            ],
        }))
        .unwrap();
        assert_eq!(resource.stack(), Some(("web".into(), "1".into())));
        assert_eq!(resource.nested_stack(), Some(("web-g".into(), "2".into())));
        assert_eq!(resource.physical_resource_id, None);
        assert_eq!(resource.raw()["physical_resource_id"], "");
    }
}
