//! Heat, the Orchestration service (API v1).
//!
//! Start with [`Client`]. Its managers ([`Client::stacks`], [`Client::resources`] …) send typed
//! requests and return typed answers. A method that takes a stack takes a [`StackRef`], which
//! converts from names, ids and answers.
//!
//! # Errors of every request
//!
//! A method names its own errors under "Errors". In addition, every request can fail with these
//! kinds of [`Error`](crate::Error):
//!
//! - [`Config`](crate::ErrorKind::Config): a value or setting is invalid; nothing was sent.
//! - [`Auth`](crate::ErrorKind::Auth) and [`Interaction`](crate::ErrorKind::Interaction): the login
//!   failed.
//! - [`Catalog`](crate::ErrorKind::Catalog) and [`Discovery`](crate::ErrorKind::Discovery): the
//!   catalog or the service has no matching endpoint.
//! - [`Connect`](crate::ErrorKind::Connect), [`Tls`](crate::ErrorKind::Tls),
//!   [`Timeout`](crate::ErrorKind::Timeout), [`Interrupted`](crate::ErrorKind::Interrupted) and
//!   [`Redirect`](crate::ErrorKind::Redirect): no answer was received.
//!   [`may_have_been_sent`](crate::Error::may_have_been_sent) says whether the server may have got
//!   the request.
//! - [`Status`](crate::ErrorKind::Status): the server answered with an error. See
//!   [`status`](crate::Error::status), [`fault`](crate::Error::fault),
//!   [`is_not_found`](crate::Error::is_not_found), [`is_conflict`](crate::Error::is_conflict),
//!   [`is_unauthorized`](crate::Error::is_unauthorized) and
//!   [`is_forbidden`](crate::Error::is_forbidden).
//! - [`Decode`](crate::ErrorKind::Decode): the answer cannot be read.
//!
//! Transient errors have been retried before; [`is_transient`](crate::Error::is_transient) says
//! whether a later call may succeed.

mod change;
mod client;
mod events;
mod limits;
mod list;
pub mod model;
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
