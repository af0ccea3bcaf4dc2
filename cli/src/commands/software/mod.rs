//! Software configs and deployments.

pub(crate) mod config;
pub(crate) mod deployment;
