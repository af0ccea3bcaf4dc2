//! The builder of a configuration from its sources.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::config::adapter::{AdapterSettings, IDENTITY, ORCHESTRATION, disabled};
use crate::config::auth::{Ask, Auth};
use crate::config::choice::{Chosen, choose};
use crate::config::cloud::CloudConfig;
use crate::config::entry::Entry;
use crate::config::ini;
use crate::config::keys::{
    DEFAULT_DOMAIN, IDENTITY_API_VERSION, SERVICE_PROVIDER, TLS_CIPHERS, unknown,
};
use crate::config::search::Search;
use crate::config::session::SessionSettings;
use crate::config::setting::Setting;
use crate::config::source::{Lookup, Named, Origin, Sources};
use crate::config::{unused, version};
use crate::error::{Error, ErrorKind, Result};
use crate::secret::Secret;

/// Collects the sources of a [`CloudConfig`].
///
/// Precedence: explicit values, then environment variables, then files, then defaults. Empty values
/// are ignored.
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
    search: Option<Search>,
    ini: Option<(PathBuf, String)>,
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

    /// Selects a cloud of the files. The same as an explicit value `cloud`.
    pub fn cloud(self, name: &str) -> Self {
        self.explicit([("cloud", name)])
    }

    /// Reads clouds.yaml, secure.yaml and clouds-public.yaml from the directories that openstacksdk
    /// searches, and from the files that variables name: `OS_CLIENT_CONFIG_FILE`,
    /// `OS_CLIENT_SECURE_FILE` and `OS_CLIENT_CONFIG_PATH`.
    ///
    /// The cloud is the one that is named, explicitly or by `OS_CLOUD`. Without a name it is the only one
    /// in the files, unless variables describe a cloud.
    pub fn files(mut self) -> Self {
        self.search = Some(Search::Standard);
        self
    }

    /// Reads the files of [`files`](Self::files) from these directories instead of the usual ones. The
    /// first file of a name is used.
    pub fn files_in<P: Into<PathBuf>>(mut self, directories: impl IntoIterator<Item = P>) -> Self {
        let directories = directories.into_iter().map(Into::into).collect();
        self.search = Some(Search::Directories(directories));
        self
    }

    /// Uses this text in place of a file, for example from a secret store. The name decides what it is:
    /// `clouds.yaml`, `secure.yaml` or `clouds-public.yaml`, or one of these with the ending `json`. No file
    /// is read then.
    ///
    /// ```
    /// use heatclient::config::ConfigBuilder;
    ///
    /// let clouds = "
    /// clouds:
    ///   production:
    ///     auth: {auth_url: https://keystone.example/v3, username: scaler, user_domain_name: Default}
    ///     regions: [north, south]
    /// ";
    /// let secure = "clouds: {production: {auth: {password: swordfish}}}";
    /// let cloud = ConfigBuilder::new()
    ///     .document("clouds.yaml", clouds)
    ///     .document("secure.yaml", secure)
    ///     .cloud("production")
    ///     .build()?;
    /// assert_eq!(cloud.adapter_settings().region.as_deref(), Some("north"));
    /// assert_eq!(cloud.setting("auth.username").unwrap().source().to_string(), "clouds.yaml:4");
    /// # Ok::<(), heatclient::Error>(())
    /// ```
    pub fn document(mut self, name: impl Into<PathBuf>, text: impl Into<Secret>) -> Self {
        let document = (name.into(), text.into());
        match &mut self.search {
            Some(Search::Documents(documents)) => documents.push(document),
            _ => self.search = Some(Search::Documents(vec![document])),
        }
        self
    }

    /// Reads a section of an ini file in the form of oslo.config, as OpenStack services use it: the
    /// options of auth plugin, session and adapter. It is used in place of clouds.yaml.
    pub fn ini(mut self, path: impl Into<PathBuf>, section: &str) -> Self {
        self.ini = Some((path.into(), section.to_owned()));
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

    /// Resolves all settings. It sends no request and does not ask the user.
    ///
    /// Missing credentials are not an error here, but of [`CloudConfig::session`].
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if a value is invalid or not supported, a file cannot be read or the cloud
    /// is not in the files; [`ErrorKind::UnknownPlugin`] if the auth plugin is not registered;
    /// [`ErrorKind::UnknownOption`] if an explicit value is neither a setting nor an option of any auth
    /// plugin, or if a key in a cloud's `auth` is not an option. Errors about files have path and line.
    pub fn build(&self) -> Result<CloudConfig> {
        let mut chosen = self.chosen()?;
        let entry = chosen.entry.take();
        let sources = self.sources(entry.as_ref());
        refuse_unsupported(&sources)?;
        let versions = version::resolve(&sources)?;
        let (mut adapter, adapter_settings) = AdapterSettings::resolve(&sources, &ORCHESTRATION)?;
        let (identity, identity_settings) = AdapterSettings::resolve(&sources, &IDENTITY)?;
        let (mut auth, mut settings) = Auth::resolve(&sources)?;
        auth.is_ini = self.ini.is_some();
        if let Some(message) = unknown(self.explicit.names(), |name| auth.has_option(name)) {
            return Err(Error::new(ErrorKind::UnknownOption, message));
        }
        if let (Some(entry), None) = (&entry, &self.ini) {
            auth.check(entry)?;
        }
        let (session, session_settings) = SessionSettings::resolve(&sources)?;
        settings.extend(adapter_settings);
        for setting in identity_settings {
            // Those of the service come first.
            if !settings.iter().any(|known| known.name() == setting.name()) {
                settings.push(setting);
            }
        }
        settings.extend(session_settings);
        settings.push(match sources.find(&DEFAULT_DOMAIN) {
            Some(found) => Setting::new("default_domain", found),
            None => Setting::default("default_domain", "default"),
        });
        settings.extend(versions.settings);
        adapter.versions = versions.range;
        adapter.default_microversion = versions.default_microversion;
        settings.extend(
            sources
                .find(&IDENTITY_API_VERSION)
                .map(|found| Setting::new("identity_api_version", found)),
        );
        settings.extend(chosen.own.map(|found| Setting::new("cloud", found)));
        let mut warnings = chosen.warnings;
        if let Some(entry) = &entry {
            warnings.extend(unused::report(entry, &auth, &mut settings));
        }
        let overridden = unused::overridden(&sources, entry.as_ref(), &settings);
        warnings.extend(ignored_ciphers(&sources));
        let disabled = disabled(&sources);
        Ok(CloudConfig {
            settings,
            overridden,
            auth,
            session,
            adapter,
            identity,
            disabled,
            warnings,
            choices: chosen.choices,
            ask: self.ask.clone(),
        })
    }

    /// Resolves the settings of a session without a cloud. All other settings are ignored, even if
    /// they are invalid, and no file is read.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if a value is not valid, such as an `api_timeout` that is not a number of seconds.
    pub fn session_settings(&self) -> Result<SessionSettings> {
        SessionSettings::resolve(&self.sources(None)).map(|(session, _)| session)
    }

    /// The cloud of the files that is used.
    fn chosen(&self) -> Result<Chosen> {
        match &self.ini {
            Some((path, section)) => Ok(Chosen {
                entry: Some(ini::read(path, section)?),
                ..Chosen::default()
            }),
            None => choose(
                &self.sources(None),
                self.variables.as_deref(),
                self.search.as_ref(),
            ),
        }
    }

    /// All sources, in order of precedence.
    fn sources<'a>(&'a self, entry: Option<&'a Entry>) -> Sources<'a> {
        let explicit = Origin::Named(&self.explicit);
        let variables = self.variables.as_deref();
        let first = variables.map(|lookup| Origin::Variables(lookup, entry.is_none()));
        let last = variables.map(Origin::Last);
        let origins = [explicit]
            .into_iter()
            .chain(first)
            .chain(entry.map(Origin::File))
            .chain(last);
        Sources(origins.collect())
    }
}

/// A warning if cipher suites are selected, which has no effect.
fn ignored_ciphers(sources: &Sources<'_>) -> Option<String> {
    let found = sources.find(&TLS_CIPHERS)?;
    Some(format!(
        "tls_ciphers ({}) is ignored: all supported cipher suites are AEAD with ephemeral keys, and there is no choice; \
         tls_min_version 1.3 excludes those of TLS 1.2",
        found.source
    ))
}

/// Refuses settings that would select another cloud.
fn refuse_unsupported(sources: &Sources<'_>) -> Result<()> {
    let Some(provider) = sources.find(&SERVICE_PROVIDER) else {
        return Ok(());
    };
    let message = format!(
        "service provider {:?} (--os-service-provider, OS_SERVICE_PROVIDER): Keystone-to-Keystone federation is \
         not supported; log in to that cloud directly",
        provider.text()
    );
    Err(provider.located(Error::new(ErrorKind::Config, message)))
}

impl fmt::Debug for ConfigBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfigBuilder")
            .field("explicit", &self.explicit)
            .field("variables", &self.variables.is_some())
            .field("ask", &self.ask.is_some())
            .field("search", &self.search)
            .field("ini", &self.ini)
            .finish()
    }
}
