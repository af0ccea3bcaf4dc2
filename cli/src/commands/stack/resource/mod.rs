//! Resources of stacks.

pub(crate) mod list;
pub(crate) mod show;
