//! Outputs of deployments.

pub(crate) mod show;
