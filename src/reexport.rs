//! Crates whose types are part of this crate's public API, in the versions that it uses.
//!
//! ```
//! use heatclient::reexport::http::Method;
//! use heatclient::reexport::tower::ServiceBuilder;
//! ```

pub use http;
pub use jiff;
pub use tower;
