//! The client against the sandbox and against servers that misbehave.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::type_complexity,
    clippy::disallowed_methods
)]

mod bad_documents;
mod bad_input;
mod cli;
mod completion;
mod decoding;
mod heat;
mod inputs;
mod keystoneauth_defects;
mod lint;
mod logging;
mod not_found;
mod options;
mod packing;
mod proxies;
mod proxy;
mod reading;
mod scripted;
mod secrets;
mod session;
#[path = "../suite/mod.rs"]
mod suite;
#[cfg(target_os = "linux")]
mod terminal;
#[path = "../support/time.rs"]
mod time;
mod tls;

use heatclient::auth::identity::{Password, UserRef};
use heatclient::auth::{DomainRef, Scope};
use heatclient::sandbox::Sandbox;
use heatclient::session::SessionBuilder;
use heatclient::{Client, Session};

/// A login as demo in project demo.
fn demo(auth_url: &str, password: &str) -> Password {
    let domain = || DomainRef::name("Default");
    Password::new(auth_url, UserRef::name("demo", domain()), password)
        .unwrap()
        .scope(Scope::project_name("demo", domain()))
}

fn builder(sandbox: &Sandbox) -> SessionBuilder {
    Session::builder(demo(&sandbox.auth_url(), "demo"))
}

fn client(sandbox: &Sandbox) -> Client {
    Client::new(builder(sandbox).build())
}
