use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An action of Heat on a stack or a resource.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Action {
    /// No action yet.
    #[default]
    Init,
    /// `POST /stacks`.
    Create,
    /// `PUT` or `PATCH` of a stack.
    Update,
    /// `DELETE` of a stack.
    Delete,
    /// Rollback of a create or update that failed or was cancelled.
    Rollback,
    /// Check of the real state of each resource.
    Check,
    /// Suspend.
    Suspend,
    /// Resume after a suspend.
    Resume,
    /// Adoption of existing resources.
    Adopt,
    /// Snapshot.
    Snapshot,
    /// Restore of a snapshot.
    Restore,
    /// An unknown action.
    Other(String),
}

impl Action {
    /// The name in Heat's API: `CREATE`.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Init => "INIT",
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::Rollback => "ROLLBACK",
            Self::Check => "CHECK",
            Self::Suspend => "SUSPEND",
            Self::Resume => "RESUME",
            Self::Adopt => "ADOPT",
            Self::Snapshot => "SNAPSHOT",
            Self::Restore => "RESTORE",
            Self::Other(name) => name,
        }
    }

    fn known(name: &str) -> Option<Self> {
        Some(match name {
            "INIT" => Self::Init,
            "CREATE" => Self::Create,
            "UPDATE" => Self::Update,
            "DELETE" => Self::Delete,
            "ROLLBACK" => Self::Rollback,
            "CHECK" => Self::Check,
            "SUSPEND" => Self::Suspend,
            "RESUME" => Self::Resume,
            "ADOPT" => Self::Adopt,
            "SNAPSHOT" => Self::Snapshot,
            "RESTORE" => Self::Restore,
            _ => return None,
        })
    }

    /// Whether Heat rolls back after a failure, unless the stack disables it.
    pub(crate) fn rolls_back(&self) -> bool {
        matches!(
            self,
            Self::Create | Self::Adopt | Self::Update | Self::Restore
        )
    }
}

/// Reads the name without regard to case.
impl From<&str> for Action {
    fn from(name: &str) -> Self {
        Self::known(name)
            .or_else(|| Self::known(&name.to_ascii_uppercase()))
            .unwrap_or_else(|| Self::Other(name.to_owned()))
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Reads and writes the name unchanged.
macro_rules! as_text {
    ($type:ident, $expected:literal, $read:expr) => {
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                struct Text;

                impl serde::de::Visitor<'_> for Text {
                    type Value = $type;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str($expected)
                    }

                    fn visit_str<E>(self, text: &str) -> Result<$type, E> {
                        let read: fn(&str) -> $type = $read;
                        Ok(read(text))
                    }
                }

                d.deserialize_str(Text)
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(self.as_str())
            }
        }
    };
}
pub(super) use as_text;

as_text!(Action, "an action such as CREATE", |text| {
    Action::known(text).unwrap_or_else(|| Action::Other(text.to_owned()))
});
as_text!(Status, "a status such as COMPLETE", |text| text.into());

/// The status of an action.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// In progress.
    InProgress,
    /// Complete.
    Complete,
    /// Failed.
    Failed,
    /// An unknown status.
    Other(String),
}

impl Status {
    /// The name in Heat's API: `IN_PROGRESS`.
    pub fn as_str(&self) -> &str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Complete => "COMPLETE",
            Self::Failed => "FAILED",
            Self::Other(name) => name,
        }
    }
}

impl From<&str> for Status {
    fn from(name: &str) -> Self {
        match name {
            "IN_PROGRESS" => Self::InProgress,
            "COMPLETE" => Self::Complete,
            "FAILED" => Self::Failed,
            _ => Self::Other(name.to_owned()),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The status of a stack or a resource: the last action and its status.
///
/// ```
/// use heatclient::heat::{Action, StackStatus, Status};
///
/// let status: StackStatus = "CREATE_IN_PROGRESS".into();
/// assert_eq!(status.action, Action::Create);
/// assert_eq!(status.status, Status::InProgress);
/// assert_eq!(status.to_string(), "CREATE_IN_PROGRESS");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct StackStatus {
    /// The last action.
    pub action: Action,
    /// The status of that action.
    pub status: Status,
}

/// The empty string.
impl Default for StackStatus {
    fn default() -> Self {
        Self::new(Action::Other(String::new()), Status::Other(String::new()))
    }
}

impl StackStatus {
    /// Combines an action and its status.
    pub fn new(action: Action, status: Status) -> Self {
        Self { action, status }
    }

    /// Whether the action is in progress.
    pub fn is_in_progress(&self) -> bool {
        self.status == Status::InProgress
    }

    /// Whether the action succeeded.
    pub fn is_complete(&self) -> bool {
        self.status == Status::Complete
    }

    /// Whether the action failed.
    pub fn is_failed(&self) -> bool {
        self.status == Status::Failed
    }
}

impl From<&str> for StackStatus {
    fn from(text: &str) -> Self {
        match text.split_once('_') {
            Some((action, status)) => Self::new(Action::from(action), Status::from(status)),
            None => Self::new(Action::from(text), Status::Other(String::new())),
        }
    }
}

impl FromStr for StackStatus {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self::from(text))
    }
}

impl fmt::Display for StackStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status.as_str() {
            "" => f.pad(self.action.as_str()),
            status => f.pad(&format!("{}_{status}", self.action)),
        }
    }
}

impl<'de> Deserialize<'de> for StackStatus {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Text;

        impl serde::de::Visitor<'_> for Text {
            type Value = StackStatus;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a status such as CREATE_COMPLETE")
            }

            fn visit_str<E>(self, text: &str) -> Result<StackStatus, E> {
                Ok(StackStatus::from(text))
            }
        }

        d.deserialize_str(Text)
    }
}

impl Serialize for StackStatus {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_comes_back_as_it_was() {
        for text in [
            "CREATE_COMPLETE",
            "DELETE_IN_PROGRESS",
            "ROLLBACK_FAILED",
            "MIGRATE_COMPLETE",
            "CHECK_ODD",
            "ODD",
            "",
        ] {
            let status = StackStatus::from(text);
            assert_eq!(status.to_string(), text);
            assert_eq!(serde_json::to_value(&status).unwrap(), text);
            assert_eq!(
                serde_json::from_str::<StackStatus>(&format!("{text:?}")).unwrap(),
                status
            );
        }
    }

    #[test]
    fn action_ends_at_the_first_underscore() {
        assert_eq!(
            StackStatus::from("UPDATE_IN_PROGRESS"),
            StackStatus::new(Action::Update, Status::InProgress)
        );
        assert_eq!(
            StackStatus::from("MIGRATE_COMPLETE"),
            StackStatus::new(Action::Other("MIGRATE".into()), Status::Complete)
        );
        assert_eq!(format!("[{:<8}]", Action::from("create")), "[CREATE  ]");
    }
}
