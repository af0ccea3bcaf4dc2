//! Failures of stacks.

pub(crate) mod list;
