//! The layers of a stack, outermost first, one a file. Those of [`session::layers`] know the session.
//!
//! | layer | sees | does |
//! |---|---|---|
//! | [`DeadlineLayer`] | the call | bounds all of it: login, retries, redirects, waiting |
//! | [`CallSpanLayer`] | the call | one `tracing` span; attempts and time of a failure |
//! | `resolve`, of the session | the call | puts the service's endpoint before the path |
//! | `reauthenticate`, of the session | the call | on a 401 invalidates the token that was refused, and replays once |
//! | [`RedirectLayer`] | each hop | same method and body; credentials are not sent to another origin |
//! | [`RetryLayer`] | each try | idempotency, back-off, budget, `Retry-After` |
//! | [`DefaultHeadersLayer`] | the attempt | `User-Agent`, `Accept` … as prebuilt values |
//! | `token`, of the session | the attempt | adds the current token where it may go |
//! | [`ConcurrencyLayer`] | the attempt | a permit for each wire request |
//! | [`AttemptLayer`] | the attempt | counts, times out and reports it |
//! | [`GzipLayer`] | the attempt | decodes `Content-Encoding: gzip` |
//!
//! What happens is logged with `tracing`; neither headers, bodies, queries nor secrets are:
//!
//! | target | level | what |
//! |---|---|---|
//! | `heatclient::call` | debug | the span of a call |
//! | `heatclient::attempt` | debug | each request on the wire, and how it ended |
//! | `heatclient::retry` | info | what is sent again, why, and after which delay |
//! | `heatclient::redirect` | warn | a server that has moved to https: configure its new URL |
//! | `heatclient::token` | debug | logins and renewals |
//! | `heatclient::token` | warn | a login or a renewal that failed |
//!
//! Beneath them is the connection [`Pool`](crate::transport::Pool). The default headers stand below
//! the replaying layers so that these, which keep a copy of the request, need not copy them.
//!
//! [`session::layers`]: crate::session::layers
//!
//! All are `tower` layers over `Service<http::Request<Body>>` that fail with
//! [`Error`], and can be put together by hand:
//!
//! ```
//! use heatclient::transport::layers::{AttemptLayer, RetryLayer, RetryPolicy};
//! use heatclient::transport::{Pool, PoolConfig};
//! use tower::ServiceBuilder;
//!
//! let service = ServiceBuilder::new()
//!     .layer(RetryLayer::new(RetryPolicy::default()))
//!     .layer(AttemptLayer::default())
//!     .service(Pool::new(PoolConfig::default()));
//! # let _ = service;
//! ```

mod attempt;
mod concurrency;
mod deadline;
mod default_headers;
pub(crate) mod first_then;
pub(crate) mod future;
mod gzip;
mod redirect;
pub(crate) mod replay;
mod retry;
mod span;

pub(crate) use attempt::READ_TIMEOUT;
pub use attempt::{Attempt, AttemptFuture, AttemptLayer};
pub use concurrency::{Concurrency, ConcurrencyFuture, ConcurrencyLayer};
pub(crate) use deadline::passed as deadline_passed;
pub use deadline::{Deadline, DeadlineFuture, DeadlineLayer};
pub use default_headers::{DefaultHeaders, DefaultHeadersLayer};
pub use gzip::{Gzip, GzipFuture, GzipLayer};
pub(crate) use redirect::{MOST as MOST_REDIRECTS, is_credential};
pub use redirect::{Redirect, RedirectFuture, RedirectLayer};
pub(crate) use retry::retry_after;
pub use retry::{Retry, RetryFuture, RetryLayer, RetryPolicy};
pub use span::{CallSpan, CallSpanFuture, CallSpanLayer};

use std::future::Future;
use std::pin::Pin;

use http::{Request, Response};
use tower::Service;

use crate::error::{Error, Result};
use crate::transport::Body;

/// The future of a rare path; hot paths have named futures and allocate nothing.
pub(crate) type BoxFuture = Pin<Box<dyn Future<Output = Result<Response<Body>>> + Send>>;

/// What every layer wraps and is: a service of HTTP messages that can be cloned into a replay.
///
/// Whatever service fits has it; nobody implements it by hand.
pub trait HttpService:
    Service<Request<Body>, Response = Response<Body>, Error = Error, Future: Send + 'static>
    + Clone
    + Send
    + Sync
    + 'static
{
}

impl<S> HttpService for S where
    S: Service<Request<Body>, Response = Response<Body>, Error = Error, Future: Send + 'static>
        + Clone
        + Send
        + Sync
        + 'static
{
}

/// A service of HTTP messages with an error type of its own: what users' layers and transports are.
///
/// Whatever service fits has it; nobody implements it by hand.
pub trait AnyHttpService:
    Service<
        Request<Body>,
        Response = Response<Body>,
        Error: Into<tower::BoxError>,
        Future: Send + 'static,
    > + Clone
    + Send
    + Sync
    + 'static
{
}

impl<S> AnyHttpService for S where
    S: Service<
            Request<Body>,
            Response = Response<Body>,
            Error: Into<tower::BoxError>,
            Future: Send + 'static,
        > + Clone
        + Send
        + Sync
        + 'static
{
}
