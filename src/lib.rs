//! An async, session-centric SDK for OpenStack, with Heat (Orchestration v1) as its service client.

pub mod auth;
pub mod catalog;
pub mod clock;
pub mod error;
pub mod heat;
pub mod http;
pub mod loading;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod secret;
pub mod session;
pub mod yaml;

pub use error::{Error, ErrorKind, Result};
pub use heat::Client;
pub use session::Session;
