//! The layers of a session's stack that use tokens, the catalog or the adapter.
//!
//! | layer | sees | does |
//! |---|---|---|
//! | `ResolveLayer` | the call | resolves the path to a URL at the service's endpoint |
//! | [`ReauthenticateLayer`] | the call | on a 401 invalidates the token that was refused, and replays once |
//! | [`AddTokenLayer`] | the attempt | adds the current token, if the server may receive it |
//! | `TrustLayer` | the attempt | in logins: decides whether the server may get the client certificate |
//!
//! [`transport::layers`](crate::transport::layers) has the other layers and the order of all layers. A
//! custom stack needs its own [`TokenCell`](crate::session::TokenCell):
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
