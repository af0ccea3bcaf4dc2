//! Auth plugins: how to prove who one is.
//!
//! A plugin knows credentials and nothing of caching, refreshing or retrying: the session's
//! [`TokenCell`](crate::session::TokenCell) asks it for fresh [`AuthData`] when that is needed,
//! never twice at a time.

mod admin_token;
mod cache_key;
mod context;
pub mod identity;
mod interaction;
mod none;
mod scope;
#[cfg(test)]
pub(crate) mod testing;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use http::{HeaderName, HeaderValue, Uri};
use jiff::Timestamp;

pub use admin_token::AdminToken;
pub use cache_key::{CacheInputs, CacheKey};
pub use context::AuthContext;
pub(crate) use interaction::UserInput;
pub use interaction::{Interaction, Page, Prompt};
pub use none::NoAuth;
pub use scope::{DomainRef, ProjectRef, Scope};

use crate::catalog::AccessInfo;
use crate::error::Result;
use crate::secret::Secret;

/// Something that can prove who one is.
///
/// ```
/// use heatclient::auth::{AuthContext, AuthData, AuthPlugin};
/// use heatclient::secret::Secret;
///
/// /// Hands out the token that another program keeps in a file.
/// #[derive(Debug)]
/// struct TokenFile(std::path::PathBuf);
///
/// impl AuthPlugin for TokenFile {
///     async fn authenticate(&self, _: &AuthContext) -> heatclient::Result<AuthData> {
///         let token = std::fs::read_to_string(&self.0).map_err(|e| {
///             heatclient::Error::new(heatclient::ErrorKind::Io, "cannot read the token file").with_source(e)
///         })?;
///         AuthData::token(&Secret::from(token.trim()))
///     }
/// }
/// ```
pub trait AuthPlugin: fmt::Debug + Send + Sync + 'static {
    /// Proves it anew: logs in, or hands out what it was given.
    ///
    /// Called when there is no valid token or the one there is will expire soon; never twice at a
    /// time for one session. Whatever it sends goes through `cx`, which adds no token and so
    /// cannot come back here. What only the user can answer it asks through
    /// [`cx.ask`](AuthContext::ask) or [`cx.show`](AuthContext::show).
    ///
    /// # Errors
    /// Those of the requests it makes. All callers that wait for the login get the error.
    fn authenticate(&self, cx: &AuthContext) -> impl Future<Output = Result<AuthData>> + Send;

    /// The endpoint of every service, for a plugin that was given one and has no catalog.
    fn endpoint(&self) -> Option<&Uri> {
        None
    }

    /// The identity service, whose origin may see the token beside those in the catalog.
    fn auth_url(&self) -> Option<&Uri> {
        None
    }

    /// What it sends that nobody else may know: a password, a key.
    ///
    /// Servers may echo what they were sent: the session masks these, and the headers in
    /// [`AuthData`], in all errors and log events that quote a server. Secrets of fewer than 4
    /// bytes cannot be told from other text and are not masked.
    fn secrets(&self) -> Vec<Secret> {
        Vec::new()
    }

    /// Everything that decides whose token it gets, and what for: the key of a stored token is made
    /// from it. See [`CacheInputs`].
    ///
    /// None, the default, means that its tokens are never stored.
    fn cache_inputs(&self) -> Option<CacheInputs> {
        None
    }

    /// Whether [`authenticate`](Self::authenticate) can come to another result the next time.
    ///
    /// If not, a 401 is the caller's answer at once.
    fn is_renewable(&self) -> bool {
        true
    }
}

/// What a login gives: headers that prove it, until when, and what the token says.
#[derive(Clone)]
pub struct AuthData {
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) access: Option<Arc<AccessInfo>>,
}

impl AuthData {
    /// No headers at all: for services that ask for no proof.
    pub fn none() -> Self {
        Self {
            headers: Vec::new(),
            expires: None,
            access: None,
        }
    }

    /// A bare token that is sent as `X-Auth-Token`, without a known end.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) for characters that no header may carry.
    pub fn token(token: &Secret) -> Result<Self> {
        Ok(Self::none().header(
            HeaderName::from_static("x-auth-token"),
            token.to_header_value()?,
        ))
    }

    /// A token with all that Keystone says of it: expiry, scope, catalog.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) for characters that no header may carry.
    pub fn access(access: AccessInfo) -> Result<Self> {
        let mut data = Self::token(access.token())?;
        data.expires = access.expires();
        data.access = Some(Arc::new(access));
        Ok(data)
    }

    /// Adds a header to send with each request; it is marked sensitive.
    #[must_use]
    pub fn header(mut self, name: HeaderName, mut value: HeaderValue) -> Self {
        value.set_sensitive(true);
        self.headers.push((name, value));
        self
    }

    /// Sets when the headers expire, by this machine's clock ([`clock::wall`](crate::clock::wall)).
    #[must_use]
    pub fn expires(mut self, at: Timestamp) -> Self {
        self.expires = Some(at);
        self
    }
}

impl fmt::Debug for AuthData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("AuthData")
            .field("headers", &names)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// A shared handle to an auth plugin of whatever type: what loaders make and sessions take.
#[derive(Clone)]
pub struct Credentials(Arc<dyn DynAuthPlugin>);

impl Credentials {
    pub(crate) async fn authenticate(&self, cx: &AuthContext) -> Result<AuthData> {
        self.0.authenticate(cx).await
    }

    pub(crate) fn endpoint(&self) -> Option<&Uri> {
        self.0.endpoint()
    }

    pub(crate) fn auth_url(&self) -> Option<&Uri> {
        self.0.auth_url()
    }

    pub(crate) fn secrets(&self) -> Vec<Secret> {
        self.0.secrets()
    }

    pub(crate) fn is_renewable(&self) -> bool {
        self.0.is_renewable()
    }

    /// The key under which a token of these credentials may be stored; none if it may not.
    ///
    /// Two plugins of one type have the same key if all that decides whose token they get is the
    /// same, the secret included.
    pub fn cache_key(&self) -> Option<CacheKey> {
        self.0.cache_inputs()?.key()
    }
}

impl<P: AuthPlugin> From<P> for Credentials {
    fn from(plugin: P) -> Self {
        Self(Arc::new(plugin))
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The twin of [`AuthPlugin`] that can stand behind a pointer: its future is boxed.
trait DynAuthPlugin: fmt::Debug + Send + Sync {
    fn authenticate<'a>(
        &'a self,
        cx: &'a AuthContext,
    ) -> Pin<Box<dyn Future<Output = Result<AuthData>> + Send + 'a>>;
    fn endpoint(&self) -> Option<&Uri>;
    fn auth_url(&self) -> Option<&Uri>;
    fn secrets(&self) -> Vec<Secret>;
    fn cache_inputs(&self) -> Option<CacheInputs>;
    fn is_renewable(&self) -> bool;
}

impl<P: AuthPlugin> DynAuthPlugin for P {
    fn authenticate<'a>(
        &'a self,
        cx: &'a AuthContext,
    ) -> Pin<Box<dyn Future<Output = Result<AuthData>> + Send + 'a>> {
        Box::pin(AuthPlugin::authenticate(self, cx))
    }

    fn endpoint(&self) -> Option<&Uri> {
        AuthPlugin::endpoint(self)
    }

    fn auth_url(&self) -> Option<&Uri> {
        AuthPlugin::auth_url(self)
    }

    fn secrets(&self) -> Vec<Secret> {
        AuthPlugin::secrets(self)
    }

    fn cache_inputs(&self) -> Option<CacheInputs> {
        AuthPlugin::cache_inputs(self)
    }

    fn is_renewable(&self) -> bool {
        AuthPlugin::is_renewable(self)
    }
}
