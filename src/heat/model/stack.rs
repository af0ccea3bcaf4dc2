use serde::Deserialize;
use serde_json::{Map, Value};

use crate::clock::Instant;

use super::object::object;
use super::{Action, Link, Output, StackStatus, Status, Time, keep_raw, nullable};

/// A stack with all its details.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct Stack {
    /// Its id.
    pub id: String,
    /// Its name.
    #[serde(rename = "stack_name")]
    pub name: String,
    /// The last action and its status.
    #[serde(rename = "stack_status")]
    pub status: StackStatus,
    /// The reason for the status.
    #[serde(rename = "stack_status_reason", default, deserialize_with = "nullable")]
    pub status_reason: String,
    /// The template's description.
    #[serde(default, deserialize_with = "nullable")]
    pub description: String,
    /// When it was created.
    #[serde(default)]
    pub creation_time: Option<Time>,
    /// When the last action other than its creation began.
    #[serde(default)]
    pub updated_time: Option<Time>,
    /// When it was deleted.
    #[serde(default)]
    pub deletion_time: Option<Time>,
    /// Its parameters as strings; hidden ones are `******`.
    #[serde(default, deserialize_with = "nullable")]
    pub parameters: Map<String, Value>,
    /// Its outputs; empty if they were not requested.
    #[serde(default, deserialize_with = "nullable")]
    pub outputs: Vec<Output>,
    /// Its tags.
    #[serde(default, deserialize_with = "nullable")]
    pub tags: Vec<String>,
    /// Whether Heat leaves a failed create or update as it is, without a rollback.
    #[serde(default, deserialize_with = "nullable")]
    pub disable_rollback: bool,
    /// The timeout of an action in minutes.
    #[serde(default)]
    pub timeout_mins: Option<u64>,
    /// The id of the stack that contains it.
    #[serde(default)]
    pub parent: Option<String>,
    /// Who created it.
    #[serde(default)]
    pub stack_owner: Option<String>,
    /// The project of the users that its resources create.
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

    /// A deleted stack. `last` is its last known state.
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

object! {
    /// A stack in a list.
    #[derive(Eq)]
    pub struct StackSummary {
        /// Its id.
        required "id" => id: String,
        /// Its own URL.
        optional "links" => links: Vec<Link>,
        /// Its project; only in lists over several projects.
        optional "project" => project: Option<String>,
        /// Its name.
        required "stack_name" => name: String,
        /// The template's description.
        optional "description" => description: String,
        /// The last action and its status.
        required "stack_status" => status: StackStatus,
        /// The reason for the status.
        optional "stack_status_reason" => status_reason: String,
        /// When it was created.
        optional "creation_time" => creation_time: Option<Time>,
        /// When the last action other than its creation began.
        optional "updated_time" => updated_time: Option<Time>,
        /// When it was deleted.
        optional "deletion_time" => deletion_time: Option<Time>,
        /// Who created it.
        optional "stack_owner" => stack_owner: Option<String>,
        /// The id of the stack that contains it.
        optional "parent" => parent: Option<String>,
        /// The project of the users that its resources create.
        optional "stack_user_project_id" => stack_user_project_id: Option<String>,
        /// Its tags.
        optional "tags" => tags: Vec<String>,
    }
}

/// A stack whose creation has started.
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
    fn a_summary_is_written_as_it_came() {
        for text in [
            r#"{"id":"1","links":[{"href":"http://h/1","rel":"self"}],"project":"p","stack_name":"web","description":"","stack_status":"CREATE_COMPLETE","stack_status_reason":"","creation_time":"2026-11-25T21:21:37Z","updated_time":null,"deletion_time":null,"stack_owner":"demo","parent":null,"stack_user_project_id":"2","tags":["a","b","c"]}"#,
            r#"{"id":"1","links":null,"stack_name":"web","description":null,"stack_status":"X","stack_status_reason":null,"creation_time":"soon","updated_time":"","deletion_time":null,"stack_owner":"","parent":"","stack_user_project_id":null,"tags":null,"zone":{"b":[1.5,null],"a":"x"},"area":0}"#,
            r#"{"id":"1","links":[{"href":"","rel":"odd"},{"href":"/","rel":"self"}],"stack_name":"","stack_status":"","tags":[]}"#,
            r#"{"id":"1","stack_name":"w\"\\eb","stack_status":"UPDATE_FAILED"}"#,
        ] {
            let stack: StackSummary = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&stack).unwrap(), text);
            let whole: Map<String, Value> = serde_json::from_str(text).unwrap();
            assert_eq!(stack.raw(), whole);
            assert_eq!(
                serde_json::from_value::<StackSummary>(whole.into()).unwrap(),
                stack
            );
        }
    }

    #[test]
    fn a_summary_reads_what_it_needs_in_any_order() {
        let mut stack: StackSummary = serde_json::from_value(json!({
            "zone": 1, "tags": ["a"], "parent": "", "stack_status": "CREATE_FAILED", "stack_name": "web",
            "creation_time": "2026-11-25T21:21:37Z", "id": "1",
        }))
        .unwrap();
        assert!(stack.status.is_failed());
        assert_eq!((stack.tags.len(), &stack.parent), (1, &None));
        let created = stack.creation_time.as_ref().unwrap().timestamp().unwrap();
        assert_eq!(created.to_string(), "2026-11-25T21:21:37Z");
        assert_eq!(stack.extra().collect::<Vec<_>>(), [("zone", &json!(1))]);
        // A changed field is serialized with its new value.
        stack.parent = Some("2".to_owned());
        stack.description = "d".to_owned();
        stack.tags.clear();
        stack.creation_time = None;
        let raw = stack.raw();
        assert_eq!(
            (&raw["parent"], &raw["description"]),
            (&json!("2"), &json!("d"))
        );
        assert_eq!(
            (&raw["tags"], &raw["creation_time"]),
            (&json!([]), &Value::Null)
        );
        assert!(!raw.contains_key("updated_time"));
    }

    #[test]
    fn what_is_no_summary_is_an_error() {
        for (text, message) in [
            ("{}", "missing field `id`"),
            (
                r#"{"id":"1","stack_name":"web"}"#,
                "missing field `stack_status`",
            ),
            (
                r#"{"id":null,"stack_name":"web","stack_status":"X"}"#,
                "invalid type: null",
            ),
            ("[]", "expected an object of type StackSummary"),
            (
                r#"{"id":"1","stack_name":"web","stack_status":"X","tags":{}}"#,
                "invalid type: map",
            ),
        ] {
            let error = serde_json::from_str::<StackSummary>(text).unwrap_err();
            assert!(error.to_string().contains(message), "{error}");
        }
    }

    #[test]
    fn a_summary_is_small() {
        // Lists contain many of these: keep it small.
        assert!(
            size_of::<StackSummary>() <= 352,
            "{}",
            size_of::<StackSummary>()
        );
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
