//! The configuration of the tool.

pub(super) mod show;
