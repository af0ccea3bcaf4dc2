//! HTTP as the session speaks it: bodies, the connection pool and the layers around it.

mod body;
mod connector;
pub(crate) mod date;
pub(crate) mod exchange;
pub mod layers;
pub(crate) mod not_found;
pub(crate) mod operation;
mod pool;
pub(crate) mod read;
#[cfg(test)]
pub(crate) mod testing;
mod tls;
pub(crate) mod uri;

pub use body::Body;
pub use pool::{Pool, PoolConfig, PoolFuture};
pub use tls::TlsConfig;
pub use uri::parse_url;
