//! The crates whose types are part of this crate's interface, in the versions that it uses.
//!
//! ```
//! use heatclient::reexport::http::Method;
//! use heatclient::reexport::tower::ServiceBuilder;
//! ```
//!
//! [`heatclient::transport`](crate::transport) is something else: bodies, the connection pool and the layers.

pub use http;
pub use jiff;
pub use tower;
