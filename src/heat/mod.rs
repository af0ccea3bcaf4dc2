//! Heat, the Orchestration service (API v1).
//!
//! [`Client`] is the way in: its managers ([`Client::stacks`], [`Client::resources`] …) make typed
//! requests and answers. Whatever names a stack takes a [`StackRef`], which text, ids and answers
//! turn into by themselves.

mod change;
mod client;
mod events;
mod limits;
mod list;
mod model;
mod names;
mod operations;
mod outputs;
mod reference;
mod resources;
mod stacks;
mod templates;
#[cfg(test)]
mod testing;
mod wait;

pub use change::{Adoption, NewStack, StackUpdate, Validation};
pub use client::{Client, ClientBuilder};
pub use events::{EventFollow, EventList, Events, SortDir};
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
pub use wait::{ResourceFailure, Wait};
