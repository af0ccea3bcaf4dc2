//! Stacks, and all that is in them.

pub(super) mod show;
