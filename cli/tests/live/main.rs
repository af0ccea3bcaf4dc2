//! The tool on a real Keystone and a real Heat.
//!
//! `HEAT_LIVE_STATE` names the state directory of a cloud that `tests/cloud/up` started. Without it
//! each test prints that it is skipped.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

mod clouds;
mod data;
mod identity;
mod precedence;
mod proxies;
mod software;
mod waiting;
