//! Software deployments.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod metadata;
pub(crate) mod output;
pub(crate) mod show;
