//! The metadata of servers.

pub(crate) mod show;
