//! Logins to Keystone, one method per file.
//!
//! The loaders of [`loading`](crate::loading) create these plugins. You can also create them
//! directly:
//!
//! ```
//! use heatclient::auth::identity::{Password, UserRef};
//! use heatclient::auth::{DomainRef, Scope};
//! use heatclient::Session;
//!
//! let default = || DomainRef::name("Default");
//! let auth = Password::new("http://keystone:5000/v3", UserRef::name("demo", default()), "swordfish")?
//!     .scope(Scope::project_name("demo", default()));
//! let session = Session::new(auth);
//! # Ok::<(), heatclient::Error>(())
//! ```

mod application_credential;
mod existing_token;
mod login;
mod method;
mod multi_factor;
mod oauth2;
mod otp;
mod password;
mod token;
mod tokenless;
mod totp;
mod url;
mod v2;

use std::fmt;

use serde::Serialize;

pub use application_credential::{ApplicationCredential, CredentialRef};
pub use existing_token::ExistingToken;
pub(super) use existing_token::details;
pub use login::Login;
pub use method::{FurtherMethods, LoginMethod, Receipt};
pub use multi_factor::{Factor, MultiFactor};
pub use oauth2::{OAuth2ClientCredential, OAuth2MtlsClientCredential};
pub use otp::TotpSecret;
pub use password::Password;
pub use token::Token;
pub use tokenless::TokenlessAuth;
pub use totp::{Passcode, Totp};
pub use url::AuthUrl;
pub use v2::{V2Password, V2Scope, V2Token, V2User};

use crate::auth::DomainRef;

/// A user, by id or by name within a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum UserRef {
    /// The user with this id.
    Id(String),
    /// The user with this name.
    #[serde(untagged)]
    Name {
        /// The user's name.
        name: String,
        /// The user's domain.
        domain: DomainRef,
    },
}

impl UserRef {
    /// The user with this id.
    pub fn id(id: impl Into<String>) -> Self {
        Self::Id(id.into())
    }

    /// The user with this name in a domain.
    pub fn name(name: impl Into<String>, domain: DomainRef) -> Self {
        Self::Name {
            name: name.into(),
            domain,
        }
    }
}

/// Writes the name or the id.
impl fmt::Display for UserRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(name) | Self::Name { name, .. } => f.write_str(name),
        }
    }
}

/// Helpers for the tests of other modules.
#[cfg(test)]
pub(super) mod testing {
    pub(in crate::auth) use super::login::tests::token;
}
