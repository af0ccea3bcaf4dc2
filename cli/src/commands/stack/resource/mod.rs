//! Resources of stacks.

mod dot;
pub(crate) mod list;
pub(crate) mod show;
