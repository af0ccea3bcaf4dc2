//! `configuration …`: how the tool is configured.

pub(super) mod show;
