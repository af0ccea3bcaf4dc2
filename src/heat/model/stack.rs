use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::clock::Instant;

use super::{Action, Link, Output, StackStatus, Status, keep_raw, nullable};

/// A stack, with all that Heat tells of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct Stack {
    /// Its id.
    pub id: String,
    /// Its name.
    #[serde(rename = "stack_name")]
    pub name: String,
    /// The last action and how far it is.
    #[serde(rename = "stack_status")]
    pub status: StackStatus,
    /// Why the status is what it is.
    #[serde(rename = "stack_status_reason", default, deserialize_with = "nullable")]
    pub status_reason: String,
    /// The template's description.
    #[serde(default, deserialize_with = "nullable")]
    pub description: String,
    /// When it was made.
    #[serde(default)]
    pub creation_time: Option<String>,
    /// When the last action other than its creation began.
    #[serde(default)]
    pub updated_time: Option<String>,
    /// When it was deleted.
    #[serde(default)]
    pub deletion_time: Option<String>,
    /// Its parameters, as texts; hidden ones are `******`.
    #[serde(default, deserialize_with = "nullable")]
    pub parameters: Map<String, Value>,
    /// Its outputs; none when they were not asked for.
    #[serde(default, deserialize_with = "nullable")]
    pub outputs: Vec<Output>,
    /// Its tags.
    #[serde(default, deserialize_with = "nullable")]
    pub tags: Vec<String>,
    /// Whether a create or update that fails is left as it is.
    #[serde(default, deserialize_with = "nullable")]
    pub disable_rollback: bool,
    /// How long an action may take.
    #[serde(default)]
    pub timeout_mins: Option<u64>,
    /// The id of the stack that it is nested in.
    #[serde(default)]
    pub parent: Option<String>,
    /// Who made it.
    #[serde(default)]
    pub stack_owner: Option<String>,
    /// The project of the users that its resources need.
    #[serde(default)]
    pub stack_user_project_id: Option<String>,
    /// Its own URL.
    #[serde(default, deserialize_with = "nullable")]
    pub links: Vec<Link>,
    #[serde(skip)]
    raw: Map<String, Value>,
}

keep_raw!(Stack);

impl Stack {
    /// The output named `key`.
    pub fn output(&self, key: &str) -> Option<&Output> {
        self.outputs.iter().find(|output| output.key == key)
    }

    /// A stack that is deleted, `last` being what was last seen of it.
    pub(crate) fn deleted(last: Option<Self>, name: &str, id: &str) -> Self {
        let status = StackStatus::new(Action::Delete, Status::Complete);
        let mut stack = last.unwrap_or_else(|| Self {
            id: id.to_owned(),
            name: name.to_owned(),
            status: status.clone(),
            status_reason: String::new(),
            description: String::new(),
            creation_time: None,
            updated_time: None,
            deletion_time: None,
            parameters: Map::new(),
            outputs: Vec::new(),
            tags: Vec::new(),
            disable_rollback: false,
            timeout_mins: None,
            parent: None,
            stack_owner: None,
            stack_user_project_id: None,
            links: Vec::new(),
            raw: Map::from_iter([
                ("id".to_owned(), id.into()),
                ("stack_name".to_owned(), name.into()),
            ]),
        });
        stack
            .raw
            .insert("stack_status".to_owned(), status.to_string().into());
        stack.status = status;
        stack
    }
}

/// A stack as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct StackSummary {
    /// Its id.
    pub id: String,
    /// Its name.
    #[serde(rename = "stack_name")]
    pub name: String,
    /// The last action and how far it is.
    #[serde(rename = "stack_status")]
    pub status: StackStatus,
    /// Why the status is what it is.
    #[serde(rename = "stack_status_reason", default, deserialize_with = "nullable")]
    pub status_reason: String,
    /// The template's description.
    #[serde(default, deserialize_with = "nullable")]
    pub description: String,
    /// When it was made.
    #[serde(default)]
    pub creation_time: Option<String>,
    /// When the last action other than its creation began.
    #[serde(default)]
    pub updated_time: Option<String>,
    /// When it was deleted.
    #[serde(default)]
    pub deletion_time: Option<String>,
    /// Who made it.
    #[serde(default)]
    pub stack_owner: Option<String>,
    /// The id of the stack that it is nested in.
    #[serde(default)]
    pub parent: Option<String>,
    /// The project of the users that its resources need.
    #[serde(default)]
    pub stack_user_project_id: Option<String>,
    /// Its tags.
    #[serde(default, deserialize_with = "nullable")]
    pub tags: Vec<String>,
    /// Its project; shown in lists over several projects only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Its own URL.
    #[serde(default, deserialize_with = "nullable")]
    pub links: Vec<Link>,
}

/// A stack whose creation has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreatedStack {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its own URL.
    pub links: Vec<Link>,
    pub(crate) created: Instant,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn unknown_keys_and_their_order_survive() {
        let text = r#"{"stack_name":"web","zone":1,"id":"1","tags":null,"parameters":{"b":"1","a":"2"},"stack_status":"CREATE_COMPLETE","stack_status_reason":null,"outputs":[{"output_key":"ip","description":"d","output_value":[1]}],"alpha":{"y":1,"x":2}}"#;
        let stack: Stack = serde_json::from_str(text).unwrap();
        assert_eq!(stack.status.action, Action::Create);
        assert_eq!(stack.output("ip").unwrap().value, Some(json!([1])));
        assert!(stack.tags.is_empty() && stack.status_reason.is_empty());
        assert_eq!(serde_json::to_string(&stack).unwrap(), text);
    }

    #[test]
    fn what_is_no_stack_is_an_error() {
        for text in [
            "{}",
            "[]",
            r#"{"id":"1","stack_name":"web"}"#,
            r#"{"id":1,"stack_name":"web","stack_status":"X"}"#,
        ] {
            assert!(serde_json::from_str::<Stack>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_deleted_stack_keeps_what_was_seen() {
        let seen: Stack =
            serde_json::from_value(json!({"id": "1", "stack_name": "web", "stack_status": "DELETE_IN_PROGRESS", "tags": ["x"]}))
                .unwrap();
        let gone = Stack::deleted(Some(seen), "web", "1");
        assert_eq!(
            (gone.tags.len(), gone.status.to_string()),
            (1, "DELETE_COMPLETE".to_owned())
        );
        assert_eq!(gone.raw()["stack_status"], "DELETE_COMPLETE");
        assert_eq!(Stack::deleted(None, "web", "1").raw()["id"], "1");
    }
}
