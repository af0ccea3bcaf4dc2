//! Environments of stacks.

pub(crate) mod show;
