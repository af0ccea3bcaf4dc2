//! Auth plugins: how a session authenticates.
//!
//! A plugin holds credentials. It does not cache, renew or retry: the session's
//! [`TokenCell`](crate::session::TokenCell) calls it when it needs new [`AuthData`], never twice at
//! the same time.

mod admin_token;
mod cache_key;
mod context;
mod exec;
mod http_basic;
pub mod identity;
mod interaction;
mod none;
mod scope;
mod service_token;
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
pub use exec::{Exec, ExecUser};
pub use http_basic::HttpBasic;
pub(crate) use interaction::UserInput;
pub use interaction::{Interaction, Page, Prompt};
pub use none::NoAuth;
pub use scope::{DomainRef, ProjectRef, Scope};
pub use service_token::ServiceToken;

use crate::catalog::AccessInfo;
use crate::error::Result;
use crate::secret::Secret;

/// A way to authenticate.
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
    /// Authenticates: logs in, or returns fixed data.
    ///
    /// The session calls it if it has no valid token or if the token expires soon, never twice at
    /// the same time. Requests must go through `cx`, which adds no token, so a login cannot wait
    /// for itself. To ask the user, call [`cx.ask`](AuthContext::ask) or
    /// [`cx.show`](AuthContext::show).
    ///
    /// # Errors
    /// Those of its requests. Every caller that waits for the login gets the error.
    fn authenticate(&self, cx: &AuthContext) -> impl Future<Output = Result<AuthData>> + Send;

    /// The endpoint of every service, for a plugin with a fixed endpoint and no catalog.
    fn endpoint(&self) -> Option<&Uri> {
        None
    }

    /// The URL of the identity service. The token may be sent to its origin, beside those in the
    /// catalog.
    fn auth_url(&self) -> Option<&Uri> {
        None
    }

    /// Further servers of its logins, such as one for OAuth 2.0 tokens. Logins may offer them the
    /// session's client certificate, as they may to the servers of [`auth_url`](Self::auth_url) and
    /// [`endpoint`](Self::endpoint).
    fn login_urls(&self) -> Vec<Uri> {
        Vec::new()
    }

    /// The secrets that it sends, such as a password or a key.
    ///
    /// Servers may quote what they were sent. The session masks these secrets, and the headers in
    /// [`AuthData`], in all errors and log events that quote a server. Secrets of fewer than 4
    /// bytes are not masked, because they may occur in other text.
    fn secrets(&self) -> Vec<Secret> {
        Vec::new()
    }

    /// All values that determine the identity and scope of its tokens. The key of a stored token is
    /// computed from them: see [`CacheInputs`].
    ///
    /// `None`, the default, means that its tokens are never stored.
    fn cache_inputs(&self) -> Option<CacheInputs> {
        None
    }

    /// Whether [`authenticate`](Self::authenticate) can return another result the next time.
    ///
    /// If not, a 401 is returned to the caller at once.
    fn is_renewable(&self) -> bool {
        true
    }
}

/// The result of a login: headers for authentication, their expiry, and the token's details.
#[derive(Clone)]
pub struct AuthData {
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) access: Option<Arc<AccessInfo>>,
    pub(crate) endpoint: Option<Uri>,
    pub(crate) servers: Vec<Uri>,
}

impl AuthData {
    /// No headers, for services without authentication.
    pub fn none() -> Self {
        Self {
            headers: Vec::new(),
            expires: None,
            access: None,
            endpoint: None,
            servers: Vec::new(),
        }
    }

    /// A token without known expiry, sent as `X-Auth-Token`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if the token is not a valid header value.
    pub fn token(token: &Secret) -> Result<Self> {
        Ok(Self::none().header(
            HeaderName::from_static("x-auth-token"),
            token.to_header_value()?,
        ))
    }

    /// A token with Keystone's details: expiry, scope and catalog.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if the token is not a valid header value.
    pub fn access(access: impl Into<Arc<AccessInfo>>) -> Result<Self> {
        let access = access.into();
        let mut data = Self::token(access.token())?;
        data.expires = access.expires();
        data.access = Some(access);
        Ok(data)
    }

    /// Adds a header that is sent with each request. It is marked sensitive.
    #[must_use]
    pub fn header(mut self, name: HeaderName, mut value: HeaderValue) -> Self {
        value.set_sensitive(true);
        self.headers.push((name, value));
        self
    }

    /// Sets the expiry of the headers, by this machine's clock
    /// ([`clock::wall`](crate::clock::wall)).
    #[must_use]
    pub fn expires(mut self, at: Timestamp) -> Self {
        self.expires = Some(at);
        self
    }

    /// Sets the endpoint of every service, if only the login reveals it: see
    /// [`AuthPlugin::endpoint`], which takes precedence.
    #[must_use]
    pub fn endpoint(mut self, url: Uri) -> Self {
        self.endpoint = Some(url);
        self
    }

    /// Adds a server that may receive the headers, beside those of [`AuthPlugin::auth_url`], the
    /// endpoint and the catalog.
    #[must_use]
    pub fn server(mut self, url: Uri) -> Self {
        self.servers.push(url);
        self
    }

    /// Lets the headers expire no later than at this time.
    pub(crate) fn expires_by(mut self, at: Option<Timestamp>) -> Self {
        self.expires = match (self.expires, at) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        self
    }

    /// The value of a header.
    pub(crate) fn get(&self, name: &str) -> Option<&HeaderValue> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value)
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

/// A shared handle to an auth plugin of any type. Loaders return it and sessions take it.
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

    pub(crate) fn login_urls(&self) -> Vec<Uri> {
        self.0.login_urls()
    }

    pub(crate) fn secrets(&self) -> Vec<Secret> {
        self.0.secrets()
    }

    pub(crate) fn is_renewable(&self) -> bool {
        self.0.is_renewable()
    }

    /// The key under which a token of these credentials may be stored; `None` if it may not be
    /// stored.
    ///
    /// Two plugins of one type have the same key if everything that determines the token is equal,
    /// including the secret.
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

/// The object-safe form of [`AuthPlugin`]: its futures are boxed.
trait DynAuthPlugin: fmt::Debug + Send + Sync {
    fn authenticate<'a>(
        &'a self,
        cx: &'a AuthContext,
    ) -> Pin<Box<dyn Future<Output = Result<AuthData>> + Send + 'a>>;
    fn endpoint(&self) -> Option<&Uri>;
    fn auth_url(&self) -> Option<&Uri>;
    fn login_urls(&self) -> Vec<Uri>;
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

    fn login_urls(&self) -> Vec<Uri> {
        AuthPlugin::login_urls(self)
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
