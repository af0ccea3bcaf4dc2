//! Marks on resources.

pub(crate) mod unhealthy;
