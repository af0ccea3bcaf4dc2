//! Details of an error about a stack that was waited for.

use std::fmt;

use crate::error::Error;
use crate::heat::model::StackStatus;

/// A failed resource and the reason.
///
/// Displayed as `resource servers.0 (OS::Nova::Server): no valid host was found`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResourceFailure {
    /// The names of the resources from the stack down to this one: `servers.0`.
    pub path: String,
    /// The resource's type, such as `OS::Nova::Server`; empty if unknown.
    pub resource_type: String,
    /// The physical id, if the resource was created.
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

/// The source of the error of a wait.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// The stack's last known status.
    pub(super) status: Option<StackStatus>,
    pub(super) failures: Vec<ResourceFailure>,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.status {
            Some(status) => write!(f, "the stack is {status}")?,
            None => f.write_str("the stack's status is unknown")?,
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
    /// The resources that failed, for [`ErrorKind::StackFailed`](crate::ErrorKind::StackFailed).
    pub fn failures(&self) -> &[ResourceFailure] {
        self.outcome().map_or(&[], |outcome| &outcome.failures)
    }

    /// The last known status of the stack that was waited for, for
    /// [`ErrorKind::WaitTimeout`](crate::ErrorKind::WaitTimeout) and
    /// [`ErrorKind::StackFailed`](crate::ErrorKind::StackFailed).
    pub fn last_status(&self) -> Option<&StackStatus> {
        self.outcome()?.status.as_ref()
    }

    fn outcome(&self) -> Option<&Outcome> {
        std::error::Error::source(self)?.downcast_ref()
    }
}
