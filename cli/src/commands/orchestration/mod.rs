//! The Heat service.

pub(crate) mod build;
pub(crate) mod template;
