//! Details of an error about a stack, a snapshot or a deployment that was waited for.

use std::fmt;

use crate::error::Error;
use crate::heat::ResourceFailure;
use crate::heat::model::{Action, StackStatus};

/// The source of the error of a wait.
#[derive(Debug)]
pub(super) struct Outcome {
    /// What was waited for: `stack`.
    pub(super) subject: &'static str,
    /// Its last known status.
    pub(super) status: Option<StackStatus>,
    /// The action that took over.
    pub(super) superseded_by: Option<Action>,
    pub(super) failures: Vec<ResourceFailure>,
}

impl Outcome {
    pub(super) fn new(subject: &'static str, status: Option<StackStatus>) -> Self {
        Self {
            subject,
            status,
            superseded_by: None,
            failures: Vec::new(),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.status {
            Some(status) => write!(f, "the {} is {status}", self.subject)?,
            None => write!(f, "the status of the {} is unknown", self.subject)?,
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

    /// The last known status of what was waited for, for
    /// [`ErrorKind::WaitTimeout`](crate::ErrorKind::WaitTimeout) and
    /// [`ErrorKind::StackFailed`](crate::ErrorKind::StackFailed).
    pub fn last_status(&self) -> Option<&StackStatus> {
        self.outcome()?.status.as_ref()
    }

    /// The action that took over from the one that was waited for, such as a delete during an update.
    pub fn superseded_by(&self) -> Option<&Action> {
        self.outcome()?.superseded_by.as_ref()
    }

    fn outcome(&self) -> Option<&Outcome> {
        std::error::Error::source(self)?.downcast_ref()
    }
}
