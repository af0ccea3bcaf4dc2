//! The resolved configuration.

use std::fmt;
use std::sync::Arc;

use crate::auth::Credentials;
use crate::config::adapter::AdapterSettings;
use crate::config::auth::{Ask, Auth};
use crate::config::session::SessionSettings;
use crate::config::setting::Setting;
use crate::error::{Error, Result};
use crate::session::{AdapterBuilder, Session, SessionBuilder};

/// A resolved configuration: auth plugin, session settings, adapter settings, and the source of
/// each value.
///
/// ```no_run
/// # async fn example() -> heatclient::Result<()> {
/// use heatclient::{Client, config};
///
/// let cloud = config::from_env()?;
/// let session = cloud.session()?;
/// let heat = Client::from(cloud.adapter(&session));
/// for stack in heat.stacks().list().await? {
///     println!("{}", stack.name);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct CloudConfig {
    pub(super) settings: Vec<Setting>,
    pub(super) overridden: Vec<Setting>,
    pub(super) auth: Auth,
    pub(super) session: SessionSettings,
    pub(super) adapter: AdapterSettings,
    pub(super) identity: AdapterSettings,
    pub(super) disabled: Option<Error>,
    pub(super) warnings: Vec<String>,
    pub(super) choices: Vec<String>,
    pub(super) ask: Option<Arc<Ask>>,
}

impl CloudConfig {
    /// All settings that have a value, with their sources. Do not show those that are
    /// [secret](Setting::is_secret).
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }

    /// The setting with this name, such as `auth.username`.
    pub fn setting(&self, name: &str) -> Option<&Setting> {
        self.settings.iter().find(|setting| setting.name() == name)
    }

    /// Options of auth plugins that have a value without effect: a stronger source has another one, or the selected plugin
    /// has no such option. `openstack configuration show` prints them, too.
    pub fn overridden(&self) -> &[Setting] {
        &self.overridden
    }

    /// The settings of the session that do not depend on the credentials.
    pub fn session_settings(&self) -> &SessionSettings {
        &self.session
    }

    /// The name of the cloud, if it was named or is in a file.
    pub fn name(&self) -> Option<&str> {
        Some(self.setting("cloud")?.value())
    }

    /// Remarks about the files, each one line: probable typing errors in keys, files that are ignored,
    /// profiles that do not exist.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The names of the clouds in the files, if there are several and none was chosen.
    pub fn choices(&self) -> &[String] {
        &self.choices
    }

    /// The settings that select the endpoint of the orchestration service.
    pub fn adapter_settings(&self) -> &AdapterSettings {
        &self.adapter
    }

    /// Creates the credentials with the auth plugin.
    ///
    /// It blocks while the user is [asked](super::ConfigBuilder::ask) for missing secrets.
    ///
    /// # Errors
    /// [`ErrorKind::MissingOption`](crate::ErrorKind::MissingOption) with all missing options,
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if values are invalid or conflict.
    pub fn credentials(&self) -> Result<Credentials> {
        self.auth.credentials(self.ask.as_deref())
    }

    /// A session builder, for further settings.
    ///
    /// # Errors
    /// Those of [`credentials`](Self::credentials).
    pub fn session_builder(&self) -> Result<SessionBuilder> {
        let session = Session::builder(self.credentials()?);
        Ok(self.session.apply(session))
    }

    /// Creates a session. No I/O happens, except for questions for missing secrets.
    ///
    /// # Errors
    /// Those of [`credentials`](Self::credentials).
    pub fn session(&self) -> Result<Session> {
        self.session_builder().map(SessionBuilder::build)
    }

    /// An adapter for the orchestration service, for [`Client::from`](crate::Client).
    ///
    /// If the cloud's `has_orchestration` is false, each request fails.
    pub fn adapter(&self, session: &Session) -> AdapterBuilder {
        let adapter = session.adapter(&self.adapter.service_type);
        let adapter = self.adapter.apply(adapter);
        match &self.disabled {
            Some(error) => adapter.refused(error.clone()),
            None => adapter,
        }
    }

    /// An adapter for the identity service, whose region and interface may differ.
    pub fn identity_adapter(&self, session: &Session) -> AdapterBuilder {
        let adapter = session.adapter(&self.identity.service_type);
        self.identity.apply(adapter)
    }
}

impl fmt::Debug for CloudConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CloudConfig")
            .field("settings", &self.settings)
            .field("asks", &self.ask.is_some())
            .finish_non_exhaustive()
    }
}
