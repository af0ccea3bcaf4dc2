//! Files of stacks.

pub(crate) mod list;
