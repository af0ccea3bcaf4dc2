//! An async, session-centric SDK for OpenStack, with Heat (Orchestration v1) as its service client.

#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod yaml;
