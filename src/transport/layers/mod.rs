//! The layers of a stack, outermost first. Those in [`session::layers`] use the session.
//!
//! | layer | sees | does |
//! |---|---|---|
//! | [`DeadlineLayer`] | the call | limits its time: login, retries, redirects, delays |
//! | [`CallSpanLayer`] | the call | one `tracing` span; adds attempts and duration to errors |
//! | `resolve`, of the session | the call | resolves the path to a URL at the service's endpoint |
//! | `reauthenticate`, of the session | the call | on a 401 invalidates the token that was refused, and replays once |
//! | [`RedirectLayer`] | each redirect | keeps method and body; sends no credentials to another origin |
//! | [`RetryLayer`] | each attempt | idempotency, back-off, budget, `Retry-After` |
//! | [`DefaultHeadersLayer`] | the attempt | adds `User-Agent`, `Accept` … |
//! | `token`, of the session | the attempt | adds the current token, if the server may receive it |
//! | [`ConcurrencyLayer`] | the attempt | limits concurrent wire requests |
//! | [`RateLimitLayer`] | the attempt | limits the rate of wire requests |
//! | [`AttemptLayer`] | the attempt | counts it, limits its time and logs it |
//! | [`GzipLayer`] | the attempt | decodes `Content-Encoding: gzip` |
//!
//! The layers log with `tracing`. Headers, bodies, queries and secrets are never logged.
//!
//! | target | level | content |
//! |---|---|---|
//! | `heatclient::call` | debug | the span of a call |
//! | `heatclient::attempt` | debug | each wire request and its result |
//! | `heatclient::retry` | info | each retry, its reason and its delay |
//! | `heatclient::redirect` | warn | a server that redirects to https: configure its https URL |
//! | `heatclient::token` | debug | logins and renewals |
//! | `heatclient::token` | warn | a login or a renewal that failed |
//!
//! The innermost service is the connection [`Pool`](crate::transport::Pool). The layer of the default
//! headers is inside the layers that keep a copy of the request, so that they do not copy these headers.
//!
//! [`session::layers`]: crate::session::layers
//!
//! All layers are `tower` layers over `Service<http::Request<Body>>` whose error is [`Error`]. They can
//! be combined into a custom stack:
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
mod rate_limit;
mod redirect;
pub(crate) mod replay;
mod retry;
mod span;

pub(crate) use attempt::READ_TIMEOUT;
pub use attempt::{Attempt, AttemptFuture, AttemptLayer};
pub(crate) use concurrency::Permits;
pub use concurrency::{Concurrency, ConcurrencyFuture, ConcurrencyLayer};
pub(crate) use deadline::passed as deadline_passed;
pub use deadline::{Deadline, DeadlineFuture, DeadlineLayer};
pub use default_headers::{DefaultHeaders, DefaultHeadersLayer};
pub use gzip::{Gzip, GzipFuture, GzipLayer};
pub(crate) use rate_limit::Limiter;
pub use rate_limit::{RateLimit, RateLimitLayer, RateLimited, RateLimitedFuture};
pub(crate) use redirect::{MOST as MOST_REDIRECTS, guarded, is_credential};
pub use redirect::{Redirect, RedirectFuture, RedirectLayer};
pub(crate) use retry::{Reason, retry_after};
pub use retry::{Retry, RetryFuture, RetryLayer, RetryPolicy};
pub use span::{CallSpan, CallSpanFuture, CallSpanLayer};

use std::future::Future;
use std::pin::Pin;

use http::{Request, Response};
use tower::Service;

use crate::error::{Error, Result};
use crate::transport::Body;

/// A boxed future for rare paths. Hot paths have named futures and do not allocate.
pub(crate) type BoxFuture = Pin<Box<dyn Future<Output = Result<Response<Body>>> + Send>>;

/// A service of HTTP messages that can be cloned for replays. Layers wrap such services.
///
/// It is implemented for every service with matching types.
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

/// A service of HTTP messages with any error type, for custom layers and transports.
///
/// It is implemented for every service with matching types.
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
