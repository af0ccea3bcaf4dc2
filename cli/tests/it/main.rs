//! Tests of the tool against the sandbox and scripted servers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::type_complexity,
    clippy::disallowed_methods
)]

mod abandoning;
#[cfg(unix)]
mod advice;
mod bad_documents;
mod clouds;
mod commands;
mod completion;
mod configuration;
mod differential;
mod failures;
mod ground;
mod heatclient_defects;
mod hooks;
mod identity;
mod inputs;
mod interrupts;
mod lint;
mod local;
mod options;
mod orchestration;
mod packing;
mod proxies;
mod proxy;
mod python;
mod secrets;
#[cfg(target_os = "linux")]
mod sessions;
mod signals;
mod snapshots;
mod software;
mod software_errors;
mod spelling;
mod stack_data;
mod stacks;
mod templates;
#[cfg(target_os = "linux")]
mod terminal;
mod tls;
mod waits;
mod whole_output;
mod wrong_lines;
