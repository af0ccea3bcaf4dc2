//! An async SDK for OpenStack, built around a session like keystoneauth, with a client for Heat
//! (Orchestration v1).
//!
//! ```no_run
//! # async fn example() -> heatclient::Result<()> {
//! use std::time::Duration;
//! use heatclient::heat::{Action, NewStack};
//! use heatclient::template::Packer;
//! use heatclient::{Client, Session, loading};
//!
//! // A loader creates an auth plugin from options.
//! let auth = loading::plugin_loader("password")?.load([
//!     ("auth_url", "https://keystone.example/v3"),
//!     ("username", "demo"),
//!     ("password", "swordfish"),
//!     ("project_name", "demo"),
//!     ("user_domain_name", "Default"),
//!     ("project_domain_name", "Default"),
//! ])?;
//! // A session logs in with the plugin.
//! let session = Session::new(auth);
//! // A client sends its requests through the session. Clients are cheap to clone; share them.
//! let heat = Client::new(session);
//!
//! // A package is a template with its files and environments.
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
//! # Modules
//!
//! - [`config`]: builds sessions and clients from explicit values, environment variables and files.
//! - [`loading`]: creates auth plugins from names and options; custom loaders can be registered.
//! - [`auth`]: the [`AuthPlugin`](auth::AuthPlugin) trait, scopes, Keystone's auth methods.
//! - [`session`]: [`Session`], a [`tower::Service`], and the [`Adapter`](session::Adapter), which is the
//!   base of service clients.
//! - [`service`]: operations, requests, lists and polling for clients of any OpenStack service.
//! - [`transport::layers`]: the layers that every request passes; each can be used by itself.
//! - [`catalog`]: access info, service catalog and version discovery.
//! - [`heat`]: the Heat client: every operation of its API, waiting, following events.
//! - [`template`]: packing and checking of templates.
//! - `sandbox` (feature): an in-memory Keystone and Heat for first steps and tests.
//! - `testing` (feature): a scripted transport and descriptions of tokens, for tests without a server.
//! - [`mod@error`]: the error type, and the errors of every request.
//!
//! # Guarantees
//!
//! - Concurrent calls share one login.
//! - A call with a valid token never waits for the renewal of the token.
//! - A token is sent only to the identity service, the endpoints in its catalog and a configured endpoint.
//! - A request is retried only if its method or the failure makes that safe.
//! - Each step of a call has a time limit.
//! - Secrets are never printed. The memory of passwords and request bodies is wiped after use.
//!   Tokens also remain in header values, and in the bytes of Keystone's response, until these are dropped.
//! - There is [one error type](Error). Its message is one line.
//!
//! # Crates in the public API
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
//! All features are off by default.
//!
//! | feature | effect |
//! |---|---|
//! | `sandbox` | the module `sandbox` |
//! | `testing` | the module `testing` |
//! | `http2` | use HTTP/2 with https servers that offer it (ALPN) |
//! | `aws-lc-rs` | use aws-lc-rs as the TLS crypto provider instead of ring |
//! | `webpki-roots` | use Mozilla's root certificates, compiled in, instead of the system's |

pub mod auth;
pub mod catalog;
pub mod clock;
pub mod config;
pub mod error;
mod glob;
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
#[cfg(any(test, feature = "testing"))]
pub mod testing;
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

/// The samples of the page for users of python-heatclient, compiled.
#[cfg(doctest)]
#[doc = include_str!("../docs/coming-from-python-heatclient.md")]
mod coming_from_python_heatclient {}

/// The samples of the page for users of keystoneauth, compiled.
#[cfg(all(doctest, feature = "testing"))]
#[doc = include_str!("../docs/coming-from-keystoneauth.md")]
mod coming_from_keystoneauth {}
