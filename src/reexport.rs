//! Crates whose types are part of this crate's public API, in the versions that it uses.
//!
//! ```
//! use heatclient::reexport::http::Method;
//! use heatclient::reexport::tower::ServiceBuilder;
//! ```
//!
//! Not re-exported are [`serde`] 1, whose macros need a dependency on it, and [`tokio`] 1, whose runtime the
//! program chooses. The [crate's page](crate#crates-in-the-public-api) says what each crate is used for.

pub use bytes;
pub use futures;
pub use http;
pub use http_body;
pub use jiff;
pub use serde_json;
pub use tower;
