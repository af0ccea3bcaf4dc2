//! Heat, the Orchestration service (API v1).
//!
//! Start with [`Client`]. Its managers ([`Client::stacks`], [`Client::resources`] …) send typed
//! requests and return typed answers. A method that takes a stack takes a [`StackRef`], which
//! converts from names, ids and answers.
//!
//! A method names its own errors under "Errors". See [`error`](mod@crate::error) for the
//! [errors of every request](crate::error#errors-of-every-request).

mod change;
mod client;
mod events;
mod failures;
mod follow;
mod limits;
mod list;
mod model;
mod names;
mod operations;
mod outputs;
mod poller;
mod reference;
mod resources;
mod stacks;
mod templates;
#[cfg(test)]
mod testing;
mod wait;

pub use change::{Adoption, NewStack, StackUpdate, Validation};
pub use client::{Client, ClientBuilder};
pub use events::{EventList, Events, SortDir};
pub use failures::{DeploymentLog, ResourceFailure, StackFailures};
pub use follow::EventFollow;
pub use limits::Limits;
pub use list::StackList;
pub use model::{
    Action, BuildInfo, CreatedStack, Event, Link, Output, Resource, ResourceChanges, Stack,
    StackPreview, StackStatus, StackSummary, Status, Time, ValidatedTemplate,
};
pub use outputs::{OutputList, Outputs};
pub use reference::StackRef;
pub use resources::{ResourceGet, ResourceList, Resources};
pub use stacks::{StackGet, Stacks, UpdatePreview};
pub use templates::Templates;
pub use wait::Wait;
