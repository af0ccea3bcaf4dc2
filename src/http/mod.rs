//! HTTP as the session speaks it: bodies, the connection pool and the layers around it.

mod body;
pub mod layers;
pub(crate) mod read;
pub(crate) mod uri;

pub use body::Body;
