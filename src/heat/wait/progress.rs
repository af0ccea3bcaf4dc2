//! The progress of a wait: the stack and its resources at one moment.

use jiff::Timestamp;

use crate::heat::failures::{nested, path};
use crate::heat::model::{Action, Resource, StackStatus, Status};
use crate::heat::poller::State;
use crate::secret::Mask;

/// The state of a stack and its resources. Passed to the function of [`Wait::on_progress`](super::Wait::on_progress).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitProgress {
    /// Action and status of the stack.
    pub status: StackStatus,
    /// The reason for the status.
    pub status_reason: String,
    /// The resources, also those of nested stacks down to the levels of
    /// [`Wait::nested_depth`](super::Wait::nested_depth), in Heat's order. Resources that were deleted are missing.
    pub resources: Vec<ResourceProgress>,
}

/// The state of a resource during an action.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResourceProgress {
    /// The names of the resources from the stack down to this one: `servers.0`.
    pub path: String,
    /// The resource's type, such as `OS::Nova::Server`.
    pub resource_type: String,
    /// Action and status. `INIT_COMPLETE` before the resource's creation begins.
    pub status: StackStatus,
    /// The reason for the status.
    pub status_reason: String,
    /// Whether Heat changed the resource since the stack's action began. Heat's times have whole seconds: a
    /// change within the second before counts, too.
    pub is_changed: bool,
}

impl WaitProgress {
    pub(super) fn new(state: &State, resources: &[Resource], mask: &Mask) -> Self {
        let nested = nested(resources);
        // Before the first update a stack has no time of an update: all changes belong to its creation.
        let is_changed = |resource: &Resource| {
            let changed: Option<Timestamp> =
                resource.updated_time.as_ref().and_then(|t| t.timestamp());
            resource.status.action != Action::Init && changed >= state.updated
        };
        let of = |resource: &Resource| ResourceProgress {
            path: path(resource, &nested),
            resource_type: resource.resource_type.clone(),
            status: resource.status.clone(),
            status_reason: mask.text(&resource.status_reason).into_owned(),
            is_changed: resource.status.status == Status::InProgress || is_changed(resource),
        };
        Self {
            status: state.status.clone(),
            status_reason: mask.text(&state.reason).into_owned(),
            resources: resources.iter().map(of).collect(),
        }
    }
}
