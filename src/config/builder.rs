//! The builder of a configuration from its sources.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::config::adapter::AdapterSettings;
use crate::config::auth::{Ask, Auth};
use crate::config::cloud::CloudConfig;
use crate::config::session::SessionSettings;
use crate::config::setting::{
    API_VERSION, CLOUD, IDENTITY_API_VERSION, SERVICE_PROVIDER, Setting, unknown,
};
use crate::config::source::{Lookup, Named, Origin, Source, Sources};
use crate::error::{Error, ErrorKind, Result};
use crate::secret::Secret;

/// Collects the sources of a [`CloudConfig`].
///
/// Precedence: explicit values, then environment variables, then defaults. Empty values are
/// ignored.
///
/// ```
/// use heatclient::config::{ConfigBuilder, Source};
///
/// let cloud = ConfigBuilder::new()
///     .explicit([("username", "admin"), ("password", "swordfish")])
///     .env(|name| match name {
///         "OS_AUTH_URL" => Some("https://keystone.example/v3".to_owned()),
///         "OS_USERNAME" => Some("demo".to_owned()),
///         _ => None,
///     })
///     .build()?;
/// let user = cloud.setting("auth.username").unwrap();
/// assert_eq!((user.value(), user.source()), ("admin", &Source::Explicit));
/// let session = cloud.session()?;
/// # Ok::<(), heatclient::Error>(())
/// ```
#[derive(Clone, Default)]
#[must_use = "the configuration is made by build"]
pub struct ConfigBuilder {
    explicit: Named,
    variables: Option<Arc<Lookup>>,
    ask: Option<Arc<Ask>>,
}

impl ConfigBuilder {
    /// A builder without sources: every setting has its default.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds values that take precedence over all other sources, such as those of a command line.
    ///
    /// Names are those of clouds.yaml, with dashes or underscores: `region_name`, `cacert`, and
    /// options of auth plugins such as `username`. Options that the selected auth plugin does not
    /// have are ignored. The last value of a name wins.
    pub fn explicit<K, V>(mut self, pairs: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: AsRef<str>,
        V: Into<Secret>,
    {
        for (name, value) in pairs {
            self.explicit.set(name.as_ref(), value.into());
        }
        self
    }

    /// Adds a path, which may be any OS string: `cacert`, `cert` or `key`. It takes precedence over
    /// a string of the same name.
    pub fn explicit_path(mut self, name: &str, path: impl Into<PathBuf>) -> Self {
        self.explicit.set_path(name, path.into());
        self
    }

    /// Reads environment variables with this function.
    pub fn env(mut self, lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        self.variables = Some(Arc::new(lookup));
        self
    }

    /// Reads the environment variables of the process. Variables that are not valid Unicode are
    /// ignored.
    pub fn process_env(self) -> Self {
        self.env(|name| std::env::var(name).ok())
    }

    /// Asks for missing secrets with this function. It gets the prompt (`Password: `) and returns
    /// `None` if the user cannot be asked.
    ///
    /// It is called only if no other value is missing, and never by [`build`](Self::build).
    pub fn ask(mut self, ask: impl Fn(&str) -> Option<Secret> + Send + Sync + 'static) -> Self {
        self.ask = Some(Arc::new(ask));
        self
    }

    /// Resolves all settings. It reads no file, sends no request, and does not ask the user.
    ///
    /// Missing credentials are not an error here, but of [`CloudConfig::session`].
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if a value is invalid or not supported, [`ErrorKind::UnknownPlugin`]
    /// if the auth plugin is not registered, [`ErrorKind::UnknownOption`] if an explicit value is
    /// neither a setting nor an option of any auth plugin.
    pub fn build(&self) -> Result<CloudConfig> {
        let sources = self.sources();
        let version = refuse_unsupported(&sources)?;
        let (adapter, adapter_settings) = AdapterSettings::resolve(&sources)?;
        let (auth, mut settings) = Auth::resolve(&sources)?;
        if let Some(message) = unknown(self.explicit.names(), |name| auth.has_option(name)) {
            return Err(Error::new(ErrorKind::UnknownOption, message));
        }
        let (session, session_settings) = SessionSettings::resolve(&sources)?;
        settings.extend(adapter_settings);
        settings.extend(session_settings);
        settings.push(version);
        Ok(CloudConfig {
            settings,
            auth,
            session,
            adapter,
            ask: self.ask.clone(),
        })
    }

    /// Resolves the settings of a session without a cloud. All other settings are ignored, even if
    /// they are invalid.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if `api_timeout` is not a number of seconds.
    pub fn session_settings(&self) -> Result<SessionSettings> {
        SessionSettings::resolve(&self.sources()).map(|(session, _)| session)
    }

    /// All sources, in order of precedence.
    fn sources(&self) -> Sources<'_> {
        let explicit = Origin::Named(&self.explicit, &Source::Explicit);
        let variables = self.variables.as_deref().map(Origin::Variables);
        Sources([explicit].into_iter().chain(variables).collect())
    }
}

/// Refuses settings that would select another cloud or API. Returns the API version.
fn refuse_unsupported(sources: &Sources<'_>) -> Result<Setting> {
    let refused = |message: String| Err(Error::new(ErrorKind::Config, message));
    if let Some(cloud) = sources.find(&CLOUD) {
        return refused(format!(
            "cloud {:?} (--os-cloud, OS_CLOUD): clouds.yaml is not supported yet; set the OS_* \
             variables",
            cloud.text()
        ));
    }
    if let Some(provider) = sources.find(&SERVICE_PROVIDER) {
        return refused(format!(
            "service provider {:?} (--os-service-provider, OS_SERVICE_PROVIDER): Keystone-to-Keystone federation is \
             not supported; log in to that cloud directly",
            provider.text()
        ));
    }
    let identity = sources.find(&IDENTITY_API_VERSION);
    if let Some(version) =
        identity.filter(|version| version.text().trim_start_matches('v').starts_with('2'))
    {
        return refused(format!(
            "version {:?} of the identity API is not supported; use 3, or omit --os-identity-api-version",
            version.text()
        ));
    }
    match sources.find(&API_VERSION) {
        None => Ok(Setting::default("orchestration_api_version", "1")),
        Some(version) if matches!(version.text(), "1" | "v1" | "1.0") => {
            Ok(Setting::new("orchestration_api_version", version))
        }
        Some(other) => refused(format!(
            "version {:?} of Heat's API does not exist; use 1",
            other.text()
        )),
    }
}

impl fmt::Debug for ConfigBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfigBuilder")
            .field("explicit", &self.explicit)
            .field("variables", &self.variables.is_some())
            .field("ask", &self.ask.is_some())
            .finish()
    }
}
