//! Code shared by the tests of the library and of the tool.

pub mod cases;
pub mod cloud;
pub mod directory;
pub mod echo;
pub mod log;
pub mod precedence;
pub mod proxy;
pub mod scripted;
pub mod secured;
pub mod time;

use heatclient::auth::identity::{Password, UserRef};
use heatclient::auth::{DomainRef, Scope};
use heatclient::sandbox::Sandbox;
use heatclient::session::SessionBuilder;
use heatclient::{Client, Session};

/// A login as demo in project demo.
pub fn demo(auth_url: &str, password: &str) -> Password {
    let domain = || DomainRef::name("Default");
    Password::new(auth_url, UserRef::name("demo", domain()), password)
        .unwrap()
        .scope(Scope::project_name("demo", domain()))
}

pub fn builder(sandbox: &Sandbox) -> SessionBuilder {
    Session::builder(demo(&sandbox.auth_url(), "demo"))
}

pub fn client(sandbox: &Sandbox) -> Client {
    Client::new(builder(sandbox).build())
}
