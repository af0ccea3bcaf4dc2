use serde_json::Value;

use super::object::object;
use super::{Action, StackData, Status, Time};

object! {
    /// A snapshot of a stack.
    pub struct Snapshot {
        /// Its id.
        required "id" => id: String,
        /// Its name, if it has one. Several snapshots may have the same name.
        optional "name" => name: Option<String>,
        /// What Heat did last with the snapshot itself: [`Create`](Action::Create) or
        /// [`Delete`](Action::Delete). Older releases do not tell.
        optional "action" => action: Option<Action>,
        /// The status of that action.
        optional "status" => status: Option<Status>,
        /// The reason for the status.
        optional "status_reason" => status_reason: String,
        /// The stack at that time, including values of hidden parameters and secrets of its
        /// resources. See [`stack_data`](Self::stack_data).
        secret "data" => data: Option<Value>,
        /// When it was created.
        optional "creation_time" => creation_time: Option<Time>,
    }
}

impl Snapshot {
    /// Whether the snapshot is complete and can be restored.
    pub fn is_complete(&self) -> bool {
        let being_deleted = self.action == Some(Action::Delete);
        self.status == Some(Status::Complete) && !being_deleted
    }

    /// The stack at that time; `None` if the data is missing or in an unknown format. It has no
    /// resources before the snapshot is complete.
    pub fn stack_data(&self) -> Option<StackData> {
        serde::Deserialize::deserialize(self.data.as_ref()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_is_written_as_it_came() {
        for text in [
            // Heat 27, in progress and complete.
            r#"{"id":"7a","name":null,"action":"CREATE","status":"IN_PROGRESS","status_reason":null,"data":{"name":"web","id":"1","action":"CREATE","environment":{"resource_registry":{"resources":{}},"parameters":{"p":"one"},"parameter_defaults":{},"event_sinks":[]},"files":{},"status":"COMPLETE","template":{"heat_template_version":"2021-04-16"},"resources":{},"project_id":"p","stack_user_project_id":"u","tags":["a","b"]},"creation_time":"2026-11-26T03:42:53Z"}"#,
            r#"{"id":"7a","name":"night","action":"CREATE","status":"COMPLETE","status_reason":"Stack SNAPSHOT completed successfully","data":{"resources":{"r":{"name":"r","resource_id":"web-r-w6","type":"OS::Heat::RandomString","action":"SNAPSHOT","status":"COMPLETE","metadata":{},"resource_data":{"value":"JYz6"}}}},"creation_time":"2026-11-26T03:42:53Z"}"#,
            // An older Heat; nothing but nulls; unknown values and fields.
            r#"{"id":"7a","name":"","status":"COMPLETE","status_reason":"","data":null,"creation_time":""}"#,
            r#"{"id":"7a","name":null,"action":null,"status":null,"status_reason":null,"data":null,"creation_time":null}"#,
            r#"{"id":"7a","action":"create","status":"","size":{"b":1,"a":2}}"#,
        ] {
            let snapshot: Snapshot = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&snapshot).unwrap(), text);
        }
        assert!(serde_json::from_str::<Snapshot>("{}").is_err());
    }

    #[test]
    fn debug_shows_no_secrets() {
        let text = r#"{"id":"7a","data":{"environment":{"parameters":{"p":"hush"}},"resources":{"r":{"resource_data":{"value":"hush"}}}}}"#;
        let snapshot: Snapshot = serde_json::from_str(text).unwrap();
        let shown = format!("{snapshot:?}");
        assert!(!shown.contains("hush"), "{shown}");
        assert!(shown.contains("data: Some([redacted])"), "{shown}");
        let data = format!("{:?}", snapshot.stack_data().unwrap());
        assert!(!data.contains("hush"), "{data}");
        for shown in [
            r#"parameters: {"p": [redacted]}"#,
            r#"resources: {"r": [redacted]}"#,
        ] {
            assert!(data.contains(shown), "{data}");
        }
    }

    #[test]
    fn only_a_complete_snapshot_can_be_restored() {
        let snapshot = |action: &str, status: &str| {
            let text = format!(r#"{{"id":"7a","action":{action},"status":{status}}}"#);
            serde_json::from_str::<Snapshot>(&text).unwrap()
        };
        assert!(snapshot(r#""CREATE""#, r#""COMPLETE""#).is_complete());
        assert!(snapshot("null", r#""COMPLETE""#).is_complete());
        assert!(!snapshot(r#""CREATE""#, r#""IN_PROGRESS""#).is_complete());
        assert!(!snapshot(r#""DELETE""#, r#""IN_PROGRESS""#).is_complete());
        assert!(!snapshot("null", "null").is_complete());
    }

    #[test]
    fn its_data_is_that_of_a_stack() {
        let text = r#"{"id":"7a","data":{"name":"web","tags":["a"],"resources":{"r":{}}}}"#;
        let snapshot: Snapshot = serde_json::from_str(text).unwrap();
        let data = snapshot.stack_data().unwrap();
        assert_eq!(
            (data.name.as_str(), data.tags.len(), data.resources.len()),
            ("web", 1, 1)
        );
        let none: Snapshot = serde_json::from_str(r#"{"id":"7a","data":[1]}"#).unwrap();
        assert_eq!(none.stack_data(), None);
    }
}
