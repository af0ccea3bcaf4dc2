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

mod abandoning;
mod auth_docs;
mod auth_plugins;
mod auto_traits;
mod bad_documents;
mod bad_input;
mod cancellation;
mod coming_from_keystoneauth;
mod coming_from_python;
mod decoding;
mod deployments;
mod discovery;
mod elsewhere;
mod explain;
mod foreign_layer;
mod foreign_plugin;
mod heat;
mod heatclient_defects;
mod keystoneauth_defects;
mod lists;
mod logging;
mod not_found;
mod packing;
mod peer;
mod probes;
mod proxy;
mod reading;
mod redaction;
mod runtimes;
mod seam;
mod secrets;
mod session;
mod signals;
#[path = "../suite/mod.rs"]
mod suite;
mod tls;
mod tls_files;
mod tower_layers;
mod two_services;
mod waiting;
