//! Helpers for tests of your own code, without a cloud and without sockets (feature `testing`).
//!
//! - [`ScriptedTransport`] responds to the requests of a session from a closure or a list, and records them.
//! - [`token()`] describes a token and its catalog. It is an auth plugin, and it builds the response of
//!   Keystone to the logins of other plugins.
//! - [`json`], [`empty`], [`interrupted`] and [`refused`] are the results of a script.
//!
//! With a paused clock (`tokio::time::pause`) retries and polls take no real time. Use the
//! [sandbox](crate::sandbox) for tests that need the behaviour of Heat.
//!
//! ```
//! use heatclient::testing::{self, ScriptedTransport};
//! use heatclient::{Client, Session};
//! use http::Method;
//! use serde_json::json;
//!
//! // The code to test.
//! async fn delete_failed(heat: &Client) -> heatclient::Result<usize> {
//!     let failed = heat.stacks().list().filter("status", "FAILED").await?;
//!     for stack in &failed {
//!         heat.stacks().delete(stack).await?;
//!     }
//!     Ok(failed.len())
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> heatclient::Result<()> {
//! let cloud = ScriptedTransport::new(|request| match (&request.method, request.path()) {
//!     (&Method::GET, "/v1/p/stacks") => {
//!         assert_eq!(request.query("status").as_deref(), Some("FAILED"));
//!         let stack = json!({"id": "1", "stack_name": "web", "stack_status": "CREATE_FAILED"});
//!         testing::json(200, json!({"stacks": [stack]}))
//!     }
//!     (&Method::DELETE, "/v1/p/stacks/web/1") => testing::empty(204),
//!     _ => testing::empty(500),
//! });
//! let token = testing::token().project("p").endpoint("orchestration", "http://heat.example/v1/p");
//! let heat = Client::new(Session::builder(token).transport(cloud.clone()).build());
//! assert_eq!(delete_failed(&heat).await?, 1);
//! assert_eq!(cloud.requests().len(), 2);
//! # Ok(()) }
//! ```

mod answer;
mod token;
mod transport;

pub use answer::{empty, interrupted, json, refused};
pub use token::{Token, token};
pub use transport::{RecordedRequest, ScriptedTransport};
