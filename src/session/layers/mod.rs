//! The layers of a session's stack that know tokens, the catalog or the adapter.
//!
//! | layer | sees | does |
//! |---|---|---|
//! | `ResolveLayer` | the call | puts the service's endpoint before the path |
//! | [`ReauthenticateLayer`] | the call | on a 401 invalidates the token that was refused, and replays once |
//! | [`AddTokenLayer`] | the attempt | adds the current token where it may go |
//! | `TrustLayer` | the attempt | in logins: where the client certificate may be offered |
//!
//! [`transport::layers`](crate::transport::layers) has the others, and the order of all of them. A stack
//! that is put together by hand has a [`TokenCell`](crate::session::TokenCell) of its own:
//!
//! ```
//! use std::sync::Arc;
//!
//! use heatclient::auth::{AuthContext, Credentials};
//! use heatclient::session::TokenCell;
//! use heatclient::session::layers::{ReauthenticateLayer, AddTokenLayer};
//! use heatclient::transport::layers::{RetryLayer, RetryPolicy};
//! use heatclient::transport::{BoxService, HttpClient, Pool, PoolConfig};
//! use tower::ServiceBuilder;
//!
//! fn stack(credentials: Credentials) -> BoxService {
//!     let pool = Pool::new(PoolConfig::default());
//!     let retry = RetryLayer::new(RetryPolicy::default());
//!     let login = ServiceBuilder::new().layer(retry.clone()).service(pool.for_logins());
//!     let context = AuthContext::new(HttpClient::new(BoxService::new(login), retry.clone()));
//!     let cell = Arc::new(TokenCell::new(credentials, context));
//!     let stack = ServiceBuilder::new()
//!         .layer(ReauthenticateLayer::new(Arc::clone(&cell)))
//!         .layer(retry)
//!         .layer(AddTokenLayer::new(cell))
//!         .service(pool);
//!     BoxService::new(stack)
//! }
//! # let _ = stack(heatclient::auth::NoAuth::new().into());
//! ```

mod reauthenticate;
mod resolve;
mod token;
mod trust;

pub use reauthenticate::{Reauthenticate, ReauthenticateFuture, ReauthenticateLayer};
pub(crate) use resolve::ResolveLayer;
pub use token::{AddToken, AddTokenFuture, AddTokenLayer};
pub(crate) use trust::TrustLayer;
