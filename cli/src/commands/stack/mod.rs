//! Stacks and their parts.

pub(super) mod abandon;
mod action;
pub(super) mod adopt;
pub(super) mod cancel;
pub(super) mod check;
pub(super) mod create;
pub(super) mod delete;
pub(super) mod environment;
pub(super) mod event;
pub(super) mod export;
pub(super) mod failures;
pub(super) mod file;
pub(super) mod hook;
pub(super) mod list;
pub(super) mod output;
mod output_file;
mod project;
pub(super) mod resource;
pub(super) mod resume;
pub(super) mod show;
pub(super) mod snapshot;
pub(super) mod suspend;
pub(super) mod template;
pub(super) mod update;
pub(super) mod wait;
