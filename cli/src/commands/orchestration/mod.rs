//! The Heat service.

pub(crate) mod build;
pub(crate) mod resource_type;
pub(crate) mod service;
pub(crate) mod template;
