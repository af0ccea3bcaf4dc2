//! HTTP: bodies, the connection pool and the layers around it.

mod body;
pub(crate) mod call;
pub(crate) mod client;
mod connector;
pub(crate) mod date;
pub mod layers;
pub(crate) mod not_found;
mod pool;
pub(crate) mod read;
#[cfg(test)]
pub(crate) mod testing;
mod tls;

pub use body::Body;
pub use call::{Call, CallOptions, UrlShape};
pub use client::{BoxService, HttpClient};
pub use pool::{Pool, PoolConfig, PoolFuture};
pub use tls::{TlsConfig, TlsVersion};
