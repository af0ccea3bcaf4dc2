//! What an error says of the stack that was waited for.

use std::fmt;

use crate::error::Error;
use crate::heat::model::StackStatus;

/// A resource that failed, and why: what a stack's failure comes down to.
///
/// As text: `resource servers.0 (OS::Nova::Server): no valid host was found`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResourceFailure {
    /// The way to the resource through nested stacks, from below the stack itself: `servers.0`.
    pub path: String,
    /// The resource's type, such as `OS::Nova::Server`; empty if Heat did not tell.
    pub resource_type: String,
    /// The id of what the resource stands for, if it came to exist.
    pub physical_resource_id: Option<String>,
    /// Action and status: `CREATE_FAILED`.
    pub status: StackStatus,
    /// The resource's own reason.
    pub reason: String,
}

impl fmt::Display for ResourceFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "resource {}", self.path)?;
        if !self.resource_type.is_empty() {
            write!(f, " ({})", self.resource_type)?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// How a wait ended that has no stack to give: the error's source.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// The stack's status when it was seen last.
    pub(super) status: Option<StackStatus>,
    pub(super) failures: Vec<ResourceFailure>,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.status {
            Some(status) => write!(f, "the stack is {status}")?,
            None => f.write_str("the stack was not seen")?,
        }
        match self.failures.len() {
            0 => Ok(()),
            1 => f.write_str("; 1 resource failed"),
            failures => write!(f, "; {failures} resources failed"),
        }
    }
}

impl std::error::Error for Outcome {}

impl Error {
    /// The resources that failed, when a stack did
    /// ([`ErrorKind::StackFailed`](crate::ErrorKind::StackFailed)).
    pub fn failures(&self) -> &[ResourceFailure] {
        self.outcome().map_or(&[], |outcome| &outcome.failures)
    }

    /// The last status of the stack that was waited for
    /// ([`ErrorKind::WaitTimeout`](crate::ErrorKind::WaitTimeout),
    /// [`ErrorKind::StackFailed`](crate::ErrorKind::StackFailed)); `None` if it was not seen.
    pub fn last_status(&self) -> Option<&StackStatus> {
        self.outcome()?.status.as_ref()
    }

    fn outcome(&self) -> Option<&Outcome> {
        std::error::Error::source(self)?.downcast_ref()
    }
}
