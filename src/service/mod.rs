//! The base of clients for OpenStack services: operations, requests, lists and polling.
//!
//! A service client consists of a table of [`Operation`]s and of managers that send them through an
//! [`Adapter`](crate::session::Adapter). [`heat`](crate::heat) is built this way. A client of another
//! service needs only this module:
//!
//! ```
//! use heatclient::Session;
//! use heatclient::service::{Item, List, Operation, ResponseFuture};
//! use heatclient::session::Adapter;
//! use serde::Deserialize;
//!
//! static LIST: Operation = Operation::get("/projects", "list projects").envelope("projects");
//! static SHOW: Operation =
//!     Operation::get("/projects/{project}", "show project {project}").envelope("project");
//!
//! #[derive(Debug, Deserialize)]
//! struct Project {
//!     id: String,
//!     name: String,
//! }
//!
//! impl Item for Project {
//!     fn marker(&self) -> &str {
//!         &self.id
//!     }
//! }
//!
//! struct Projects(Adapter);
//!
//! impl Projects {
//!     fn new(session: &Session) -> Self {
//!         Self(session.adapter("identity").version(3).build())
//!     }
//!
//!     fn list(&self) -> List<Project> {
//!         List::new(LIST.request(&self.0))
//!     }
//!
//!     fn get(&self, id: &str) -> ResponseFuture<Project> {
//!         SHOW.request(&self.0).path("project", id).fetch()
//!     }
//! }
//! ```

mod envelope;
mod list;
mod operation;
mod path;
mod poll;
mod request;
mod rounds;
#[cfg(test)]
mod testing;

pub use list::{Item, ItemStream, List};
pub use operation::Operation;
pub use poll::Poll;
pub use request::{Request, ResponseFuture};
pub(crate) use rounds::{Pace, Rounds};
