//! The service itself.

pub(crate) mod build;
pub(crate) mod template;
