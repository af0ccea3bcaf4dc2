//! Tests of the library against the sandbox and scripted servers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::type_complexity,
    clippy::disallowed_methods
)]

mod auth_docs;
mod auth_plugins;
mod auto_traits;
mod bad_documents;
mod bad_input;
mod cancellation;
mod decoding;
mod foreign_layer;
mod foreign_plugin;
mod heat;
mod keystoneauth_defects;
mod logging;
mod not_found;
mod packing;
mod proxy;
mod reading;
mod runtimes;
mod seam;
mod secrets;
mod session;
#[path = "../suite/mod.rs"]
mod suite;
mod tls;
mod tower_layers;
mod two_services;
