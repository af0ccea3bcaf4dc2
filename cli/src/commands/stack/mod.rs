//! Stacks and their parts.

mod action;
pub(super) mod adopt;
mod adopt_data;
pub(super) mod cancel;
pub(super) mod check;
pub(super) mod create;
pub(super) mod delete;
pub(super) mod event;
pub(super) mod list;
pub(super) mod output;
mod project;
pub(super) mod resource;
pub(super) mod resume;
pub(super) mod show;
pub(super) mod suspend;
pub(super) mod template;
pub(super) mod update;
pub(super) mod wait;
