//! A session of the sandbox's own user.

use std::io;

use super::{Cloud, Sandbox};
use crate::auth::identity::{Password, UserRef};
use crate::auth::{DomainRef, Scope};
use crate::session::Session;

impl Sandbox {
    /// A session with default settings, which logs in as `demo` in project `demo`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> heatclient::Result<()> {
    /// let sandbox = heatclient::sandbox::Sandbox::start().await?;
    /// let heat = heatclient::Client::new(sandbox.session());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn session(&self) -> Session {
        Session::new(self.login.clone())
    }
}

/// The login of the usual user.
pub(super) fn login(cloud: &Cloud) -> io::Result<Password> {
    let demo = cloud.credentials();
    let user = UserRef::name(demo.username, DomainRef::name(demo.user_domain_name));
    let scope = Scope::project_name(demo.project_name, DomainRef::name(demo.project_domain_name));
    let login = Password::new(&cloud.addresses.auth_url(), user, demo.password);
    Ok(login.map_err(io::Error::other)?.scope(scope))
}
