use serde_json::{Map, Value};

use super::object::object;
use super::{Action, Environment, Status};

object! {
    /// All that Heat knows about a stack and its resources: the answer of
    /// [`Stacks::abandon`](crate::heat::Stacks::abandon) and
    /// [`Stacks::export`](crate::heat::Stacks::export).
    ///
    /// [`Adoption::new`](crate::heat::Adoption::new) takes it. To store it, serialize it to JSON;
    /// no field is lost.
    ///
    /// It contains secrets: values of hidden parameters, and data of resources such as generated
    /// passwords and private keys.
    pub struct StackData {
        /// The stack's name.
        optional "name" => name: String,
        /// The stack's id.
        optional "id" => id: String,
        /// The last action before.
        optional "action" => action: Option<Action>,
        /// The environment, with the values of hidden parameters.
        optional "environment" => environment: Environment,
        /// The files: contents by URL.
        optional "files" => files: Map<String, Value>,
        /// The status of the last action.
        optional "status" => status: Option<Status>,
        /// The template.
        optional "template" => template: Map<String, Value>,
        /// The resources by their names, each with `resource_id`, `type`, `metadata`, `resource_data`
        /// and others. That of a nested stack is the data of the nested stack.
        secret "resources" => resources: Map<String, Value>,
        /// The project.
        optional "project_id" => project_id: String,
        /// The project of the users that its resources created.
        optional "stack_user_project_id" => stack_user_project_id: Option<String>,
        /// The tags. Heat does not give them to a stack that adopts the data; see
        /// [`Adoption::tags`](crate::heat::Adoption::tags).
        optional "tags" => tags: Vec<String>,
    }
}

impl From<&StackData> for Value {
    fn from(data: &StackData) -> Self {
        Self::Object(data.raw())
    }
}

impl From<StackData> for Value {
    fn from(data: StackData) -> Self {
        Self::from(&data)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn data_is_written_as_it_came() {
        for text in [
            // Heat 27: a resource and a nested stack.
            r#"{"name":"web","id":"4f","action":"CREATE","environment":{"resource_registry":{"resources":{},"My::Child":"file:///child.yaml"},"parameters":{"h":"s3cret"},"parameter_defaults":{},"event_sinks":[]},"files":{"file:///child.yaml":"heat_template_version: 2021-04-16\n"},"status":"COMPLETE","template":{"heat_template_version":"2021-04-16","resources":{"r":{"type":"OS::Heat::RandomString","metadata":{"m":1}},"c":{"type":"My::Child"}}},"resources":{"r":{"name":"r","resource_id":"web-r-iwv","type":"OS::Heat::RandomString","action":"CREATE","status":"COMPLETE","metadata":{"m":1},"resource_data":{"value":"ByZg"}},"c":{"name":"web-c-352","id":"73","action":"CREATE","resources":{"k":{"name":"k"}},"tags":null}},"project_id":"d0","stack_user_project_id":"28","tags":["a","b"]}"#,
            r#"{"name":null,"action":null,"environment":null,"files":null,"status":"ODD","template":null,"resources":null,"project_id":null,"stack_user_project_id":null,"tags":null,"zone":1}"#,
            "{}",
        ] {
            let data: StackData = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&data).unwrap(), text);
            assert_eq!(Value::from(&data).to_string(), text);
        }
        for wrong in ["[]", r#"{"resources":[]}"#, r#"{"tags":"a"}"#] {
            assert!(serde_json::from_str::<StackData>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn data_can_be_changed() {
        let text = r#"{"name":"web","environment":{"parameters":{"p":1}},"tags":null,"zone":1}"#;
        let mut data: StackData = serde_json::from_str(text).unwrap();
        data.environment
            .parameters
            .insert("p".to_owned(), json!("two"));
        data.tags.push("a".to_owned());
        data.action = Some(Action::Check);
        assert_eq!(
            Value::from(data),
            json!({
                "name": "web", "environment": {"parameters": {"p": "two"}}, "tags": ["a"],
                "action": "CHECK", "zone": 1,
            })
        );
    }
}
