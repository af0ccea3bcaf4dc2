//! The crates whose types are part of this crate's interface, in the versions that it uses.
//!
//! ```
//! use heatclient::reexport::http::Method;
//! use heatclient::reexport::tower::ServiceBuilder;
//! ```
//!
//! Not here are [`serde`] 1, whose macros need a dependency on it, and [`tokio`] 1, whose runtime programs set up.
//! The [page of the crate](crate#crates-of-the-interface) says what each crate is used for.
//!
//! [`heatclient::transport`](crate::transport) is something else: bodies, the connection pool and the layers.

pub use bytes;
pub use futures;
pub use http;
pub use http_body;
pub use jiff;
pub use serde_json;
pub use tower;
