//! Events of stacks.

pub(crate) mod list;
pub(crate) mod log;
pub(crate) mod show;
