//! The services of Heat.

pub(crate) mod list;
