//! An async, session-centric SDK for OpenStack in the manner of keystoneauth, with Heat
//! (Orchestration v1) as its service client.
//!
//! ```no_run
//! # async fn example() -> heatclient::Result<()> {
//! use std::time::Duration;
//! use heatclient::heat::{Action, NewStack};
//! use heatclient::template::Packer;
//! use heatclient::{Client, Session, loading};
//!
//! // A loader makes an auth plugin from options, ...
//! let auth = loading::plugin_loader("password")?.load([
//!     ("auth_url", "https://keystone.example/v3"),
//!     ("username", "demo"),
//!     ("password", "swordfish"),
//!     ("project_name", "demo"),
//!     ("user_domain_name", "Default"),
//!     ("project_domain_name", "Default"),
//! ])?;
//! // ... the plugin feeds a session, ...
//! let session = Session::new(auth);
//! // ... and the session serves clients, which are cheap to clone and meant to be shared.
//! let heat = Client::new(session);
//!
//! // A package is a template with the files and environments that belong to it.
//! let package = Packer::new().template("web.yaml").environment("production.yaml").pack().await?;
//! let stack = heat.stacks().create(NewStack::new("web", package).parameter("size", 3)).await?;
//! let stack = heat
//!     .stacks()
//!     .wait(&stack, Action::Create)
//!     .timeout(Duration::from_secs(30 * 60))
//!     .await?;
//! # Ok(()) }
//! ```
//!
//! # Where to look
//!
//! - [`config`]: environment variables and explicit values to sessions and clients.
//! - [`loading`]: names and options to auth plugins; register loaders of your own.
//! - [`auth`]: the [`AuthPlugin`](auth::AuthPlugin) trait, scopes, Keystone's methods.
//! - [`session`]: [`Session`], a [`tower::Service`], and the [`Adapter`](session::Adapter) that service
//!   clients stand on.
//! - [`transport::layers`]: what every request passes through; each layer can be used by itself.
//! - [`catalog`]: what a token says, and where services are.
//! - [`heat`]: the client: stacks, resources, events, outputs.
//! - `sandbox`: a Keystone and a Heat in memory, for first steps and for your tests.
//!
//! # Promises
//!
//! However many calls there are, there is one login. While a token is valid nobody waits for the
//! next. A token goes only to the servers of its catalog. What may not be repeated is not. Every
//! step has a time limit. Secrets are wiped from memory and never printed. Errors are
//! [one type](Error), and one line.
//!
//! # Crates of the interface
//!
//! Signatures have types of these crates and of no others; an incompatible version of one of them is an
//! incompatible version of this crate.
//!
//! | crate | version | types |
//! |---|---|---|
//! | [`bytes`] | 1 | `Bytes`: bodies that were read |
//! | [`futures`] | 0.3 | the trait `Stream` |
//! | [`http`] | 1 | requests, answers, methods, headers, URLs |
//! | [`http_body`] | 1 | the trait `Body` |
//! | [`jiff`] | 0.2 | `Timestamp` |
//! | [`serde`] | 1 | `Serialize`, `Deserialize` |
//! | [`serde_json`] | 1 | `Value`, `Map` |
//! | [`tokio`] | 1 | `Instant`, of tests' paused clocks |
//! | [`tower`] | 0.5 | `Service`, `Layer`, `BoxError`, `BoxCloneSyncService` |
//!
//! All but [`serde`] and [`tokio`] are in [`reexport`], in the versions that are used here.
//!
//! Structs and enums that may grow are `#[non_exhaustive]`. The futures and streams of services, layers and
//! managers have names; those of `async` functions have none, and are [`Send`].
//!
//! # Features
//!
//! | feature | default | what |
//! |---|---|---|
//! | `cli` | yes | the `heat` tool; library users turn it off |
//! | `sandbox` | yes | `sandbox` |
//! | `aws-lc-rs` | no | aws-lc-rs as the TLS crypto provider in place of ring |
//! | `webpki-roots` | no | Mozilla's roots, compiled in, in place of the system's |

pub mod auth;
pub mod catalog;
pub mod clock;
pub mod config;
pub mod error;
#[cfg(test)]
mod hang;
pub mod heat;
pub mod json;
pub mod loading;
pub mod reexport;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod secret;
pub mod service;
pub mod session;
mod suggest;
pub mod template;
pub mod transport;
pub mod uri;
pub mod yaml;

pub use error::{Error, ErrorKind, Result};
pub use heat::Client;
pub use session::Session;

#[cfg(test)]
#[path = "../tests/support/src/time.rs"]
mod time;

/// The samples of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
