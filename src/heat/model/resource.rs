use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Link, StackStatus, keep_raw, link, name_and_id, nonempty, nullable};

/// A resource of a stack.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct Resource {
    /// Its name in the template.
    #[serde(rename = "resource_name")]
    pub name: String,
    /// Its type, such as `OS::Nova::Server`.
    #[serde(default, deserialize_with = "nullable")]
    pub resource_type: String,
    /// The id of what it stands for, if that came to exist.
    #[serde(default, deserialize_with = "nonempty")]
    pub physical_resource_id: Option<String>,
    /// The last action and how far it is.
    #[serde(rename = "resource_status")]
    pub status: StackStatus,
    /// Why the status is what it is.
    #[serde(
        rename = "resource_status_reason",
        default,
        deserialize_with = "nullable"
    )]
    pub status_reason: String,
    /// When it was made.
    #[serde(default)]
    pub creation_time: Option<String>,
    /// When it changed last.
    #[serde(default)]
    pub updated_time: Option<String>,
    /// The names of the resources that need it.
    #[serde(default, deserialize_with = "nullable")]
    pub required_by: Vec<String>,
    /// The resource whose nested stack it is in.
    #[serde(default)]
    pub parent_resource: Option<String>,
    /// Its attributes; shown with one resource, or with the list's details.
    #[serde(default)]
    pub attributes: Option<Value>,
    /// URLs of itself (`self`), its stack (`stack`) and the stack behind it (`nested`).
    #[serde(default, deserialize_with = "nullable")]
    pub links: Vec<Link>,
    #[serde(skip)]
    raw: Map<String, Value>,
}

keep_raw!(Resource);

impl Resource {
    /// Name and id of the stack that it belongs to.
    pub fn stack(&self) -> Option<(String, String)> {
        name_and_id(link(&self.links, "stack")?)
    }

    /// Name and id of the nested stack that it stands for.
    pub fn nested_stack(&self) -> Option<(String, String)> {
        name_and_id(link(&self.links, "nested")?)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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
