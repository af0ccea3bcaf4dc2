//! Events of stacks.

pub(crate) mod list;
pub(super) mod log;
pub(crate) mod show;
