//! Templates of stacks.

pub(crate) mod show;
