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
mod hooks;
mod limits;
mod list;
mod model;
mod names;
mod operations;
mod outputs;
mod reference;
mod resources;
mod signal_url;
mod stacks;
mod templates;
#[cfg(test)]
mod testing;
mod wait;

pub use change::{Adoption, NewStack, StackUpdate, Validation};
pub use client::{Client, ClientBuilder};
pub use events::{EventFollow, EventList, Events, SortDir};
pub use hooks::{HookClear, HookPoll, Hooks, PendingHook};
pub use limits::Limits;
pub use list::StackList;
pub use model::{
    Action, BuildInfo, CreatedStack, Event, Link, Output, Resource, ResourceChanges, Stack,
    StackPreview, StackStatus, StackSummary, Status, Time, ValidatedTemplate,
};
pub use outputs::{OutputList, Outputs};
pub use reference::StackRef;
pub use resources::{MarkUnhealthy, ResourceGet, ResourceList, ResourceSignal, Resources};
pub use signal_url::{SignalUrl, SignalUrlRequest};
pub use stacks::{StackGet, Stacks, UpdatePreview};
pub use templates::Templates;
pub use wait::{ResourceFailure, Wait};

pub use crate::template::Hook;
