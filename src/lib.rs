//! An async, session-centric SDK for OpenStack, with Heat (Orchestration v1) as its service client.

pub mod yaml;
#[cfg(feature = "sandbox")]
pub mod sandbox;
