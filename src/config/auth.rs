//! Selects the auth plugin and collects its values.

use crate::auth::Credentials;
use crate::config::entry::Entry;
use crate::config::keys::{
    AUTH_TOKEN, AUTH_TYPE, ENDPOINT, IDENTITY_API_VERSION, INCLUDE_PASSWORD, NO_CLIENT_AUTH,
    is_option,
};
use crate::config::options::{Finder, option};
use crate::config::setting::Setting;
use crate::config::source::{Found, Source, Sources};
use crate::config::standalone::Standalone;
use crate::config::template::expand;
use crate::error::{Error, ErrorKind, Result};

use crate::loading::{Opt, OptionValues, PluginLoader, plugin_loader, without_variables};
use crate::secret::Secret;
use crate::suggest::nearest;

/// A plugin's loader and the values of its options.
#[derive(Debug, Clone)]
pub(super) struct Auth {
    loader: PluginLoader,
    values: OptionValues,
    /// The version of the identity API, if it is 2.
    old_identity: Option<Found>,
    /// The options that are URLs.
    urls: Vec<Found>,
    /// Whether all values are those of an ini file.
    pub(super) is_ini: bool,
}

/// Asks the user, who may refuse.
pub(super) type Ask = dyn Fn(&str) -> Option<Secret> + Send + Sync;

impl Auth {
    /// Selects the plugin. Also returns the settings used.
    pub(super) fn resolve(sources: &Sources<'_>) -> Result<(Self, Vec<Setting>)> {
        // These two ways to do without Keystone are those of the old `heat` tool, which reads no files.
        let own = sources.without_files();
        let without_keystone = own
            .find(&NO_CLIENT_AUTH)
            .filter(|found| !is_no(found.text()));
        let includes_password = own
            .find(&INCLUDE_PASSWORD)
            .is_some_and(|found| !is_no(found.text()));
        let (user, password) = (option("username"), option("password"));
        let login = (own.option(&user), own.option(&password));
        match (own.find(&ENDPOINT), own.find(&AUTH_TOKEN), without_keystone) {
            (Some(endpoint), Some(token), without_keystone) => {
                let chosen = token.source.clone();
                let mut values = vec![("endpoint", endpoint), ("token", token)];
                let loader = match (without_keystone, login) {
                    (Some(_), (Some(user), Some(password))) if includes_password => {
                        values.extend([("username", user), ("password", password)]);
                        Standalone.into()
                    }
                    _ => plugin_loader("admin_token")?,
                };
                Ok(Self::given(loader, chosen, &values))
            }
            (Some(endpoint), None, Some(chosen)) => {
                let endpoint = ("endpoint", endpoint);
                let source = chosen.source.clone();
                let (auth, mut settings) = match login {
                    (Some(user), Some(password)) => Self::given(
                        Standalone.into(),
                        source,
                        &[endpoint, ("username", user), ("password", password)],
                    ),
                    _ => Self::given(plugin_loader("none")?, source, &[endpoint]),
                };
                settings.push(Setting::new("no_client_auth", flag(true, chosen.source)));
                Ok((auth, settings))
            }
            (None, _, Some(_)) => Err(Error::new(
                ErrorKind::Config,
                "--os-no-client-auth requires the URL of Heat: set --heat-url or HEAT_URL",
            )),
            _ => Self::named_or_implied(sources),
        }
    }

    /// Loads the plugin that is named or that the values imply. Its options come from the sources,
    /// then from implied values, then from defaults.
    fn named_or_implied(sources: &Sources<'_>) -> Result<(Self, Vec<Setting>)> {
        let named = sources.find(&AUTH_TYPE);
        let named = named.unwrap_or_else(|| Finder::implied_plugin(sources));
        let loader = plugin_loader(match named.text() {
            "None" => "none",
            name => name,
        });
        let loader = loader.map_err(|error| named.located(error))?;
        let finder = Finder::new(sources, &loader);
        let mut failed = None;
        let (mut auth, mut settings) = Self::gather(loader, &named, |opt| {
            let found = finder.find(opt)?;
            match expanded(opt, found, sources) {
                Ok(found) => Some(found),
                Err(error) => {
                    failed.get_or_insert(error);
                    None
                }
            }
        });
        if let Some(error) = failed {
            return Err(error);
        }
        if let Some(domain) = finder.default_domain {
            // Do not list the same domain twice.
            let is_same = |setting: &Setting| {
                setting.name() == "auth.default_domain_id"
                    && setting.value() == domain.text()
                    && *setting.source() == domain.source
            };
            settings.retain(|setting| !is_same(setting));
        }
        auth.old_identity = old_identity(sources);
        Ok((auth, settings))
    }

    /// Refuses a key in `auth` that is an option of no plugin.
    pub(super) fn check(&self, entry: &Entry) -> Result<()> {
        for (name, found) in entry.auth() {
            if self.has_option(name) || is_option(name) {
                continue;
            }
            let options = self.loader.options_for(&self.values);
            let near = nearest(name, options.iter().map(|opt| opt.name));
            let hint = match near.is_empty() {
                true => String::new(),
                false => format!(" (did you mean {}?)", near.join(" or ")),
            };
            let plugin = self.loader.name();
            let message = format!("auth plugin {plugin} has no option {name:?}{hint}");
            return Err(found.located(Error::new(ErrorKind::UnknownOption, message)));
        }
        Ok(())
    }

    /// A plugin with exactly these values.
    fn given(
        loader: PluginLoader,
        chosen: Source,
        values: &[(&str, Found)],
    ) -> (Self, Vec<Setting>) {
        let named = Found::new(loader.name(), chosen);
        Self::gather(loader, &named, |opt| {
            let found = values.iter().find(|(name, _)| *name == opt.name);
            found.map(|(_, found)| found.clone())
        })
    }

    /// Loads a plugin with the values that `find` returns for its options.
    fn gather(
        loader: PluginLoader,
        named: &Found,
        mut find: impl FnMut(&Opt) -> Option<Found>,
    ) -> (Self, Vec<Setting>) {
        let mut settings = vec![Setting::new("auth_type", named.clone())];
        let mut urls = Vec::new();
        let values = loader.gather(|opt| {
            let found = find(opt)?;
            settings.push(Setting::option(opt, found.clone()));
            if opt.name.ends_with("url") || opt.name.ends_with("endpoint") {
                urls.push(found.clone());
            }
            Some(found.value)
        });
        for opt in loader.options_for(&values) {
            if let (None, Some(default)) = (values.get(opt.name), opt.default) {
                let setting = Setting::default(&format!("auth.{}", opt.name), default);
                settings.push(setting.secret(opt.secret));
            }
        }
        let auth = Self {
            loader,
            values,
            old_identity: None,
            urls,
            is_ini: false,
        };
        (auth, settings)
    }

    /// Creates the credentials. Asks the user for missing values if no other value is missing.
    pub(super) fn credentials(&self, ask: Option<&Ask>) -> Result<Credentials> {
        if let Some(version) = &self.old_identity {
            let uses_keystone = self.has_option("auth_url");
            if uses_keystone && !self.loader.name().starts_with("v2") {
                let message = format!(
                    "version {:?} of the identity API is not supported; use 3, or omit {}",
                    version.text(),
                    match version.source {
                        Source::File { .. } => "identity_api_version",
                        _ => "--os-identity-api-version",
                    }
                );
                return Err(version.located(Error::new(ErrorKind::Config, message)));
            }
        }
        match (self.loaded(), ask) {
            (Err(missing), Some(ask)) if missing.kind() == ErrorKind::MissingOption => {
                match self.ask_for_missing(ask) {
                    Some(values) => self.loader.load_values(values),
                    None => Err(missing),
                }
            }
            (result, _) => result,
        }
    }

    /// Creates the credentials. An error about a URL of a file has its place.
    fn loaded(&self) -> Result<Credentials> {
        let loaded = self.loader.load_values(self.values.clone());
        loaded.map_err(|error| {
            let is_of = |url: &&Found| error.to_string().contains(url.text());
            match self.urls.iter().find(is_of) {
                Some(url) if error.kind() == ErrorKind::Config => url.located(error),
                _ if self.is_ini => without_variables(error),
                _ => error,
            }
        })
    }

    /// The values with the user's answers; `None` if there is nothing to ask, if the answers would
    /// not be sufficient, or if the user refuses.
    fn ask_for_missing(&self, ask: &Ask) -> Option<OptionValues> {
        let options = self.loader.options_for(&self.values);
        let open: Vec<_> = options
            .iter()
            .filter(|opt| opt.required && self.values.get(opt.name).is_none())
            .filter_map(|opt| Some((opt.name, opt.prompt?)))
            .collect();
        let answered = |answers: &[(&str, Secret)]| {
            self.loader.gather(|opt| {
                let known = self.values.secret(opt.name).cloned();
                known.or_else(|| {
                    let answer = answers.iter().find(|(name, _)| *name == opt.name);
                    let answer = answer.map(|(_, answer)| answer.clone());
                    answer.filter(|answer| opt.may_be_empty || !answer.expose().is_empty())
                })
            })
        };
        let pretended: Vec<_> = open
            .iter()
            .map(|(name, _)| (*name, Secret::from("?")))
            .collect();
        if open.is_empty() || self.loader.load_values(answered(&pretended)).is_err() {
            return None;
        }
        let answers = open
            .iter()
            .map(|(name, prompt)| Some((*name, ask(prompt)?)));
        let answers: Vec<_> = answers.collect::<Option<_>>()?;
        Some(answered(&answers))
    }

    /// The name of the plugin.
    pub(super) fn plugin(&self) -> &str {
        self.loader.name()
    }

    /// Whether the plugin has an option with this name or alias.
    pub(super) fn has_option(&self, name: &str) -> bool {
        let options = self.loader.options_for(&self.values);
        options.iter().any(|opt| opt.is_called(name))
    }
}

/// The URL of the identity service may contain names of settings: `https://{region_name}.example`.
fn expanded(opt: &Opt, found: Found, sources: &Sources<'_>) -> Result<Found> {
    // Those of files are already expanded.
    if opt.name != "auth_url" || matches!(found.source, Source::File { .. }) {
        return Ok(found);
    }
    let value = |name: &str| sources.setting(name).map(|found| found.text().to_owned());
    let text = expand(found.text(), &value).map_err(|unknown| {
        let error = unknown.of(opt.name);
        match &found.source {
            Source::Explicit => error,
            source => {
                let message = format!("{source}: {error}");
                error.with_message(message)
            }
        }
    })?;
    Ok(match text {
        Some(text) => found.with_text(text),
        None => found,
    })
}

/// The version of the identity API, if it is 2. The variable is ignored, because old openrc files set
/// it for other clients.
fn old_identity(sources: &Sources<'_>) -> Option<Found> {
    let version = sources.find(&IDENTITY_API_VERSION)?;
    let is_old = version.text().trim_start_matches('v').starts_with('2');
    (is_old && !matches!(version.source, Source::Variable(_))).then_some(version)
}

/// A boolean as the value of a setting.
pub(super) fn flag(value: bool, source: Source) -> Found {
    let text = if value { "true" } else { "false" };
    let mut found = Found::new(text, source);
    found.json = Some(text.into());
    found
}

pub(super) fn is_no(value: &str) -> bool {
    matches!(
        value.trim().to_ascii_lowercase().as_str(),
        "0" | "false" | "no" | "off" | "f" | "n"
    )
}

/// Only an explicit yes disables verification.
pub(super) fn is_yes(value: &str) -> bool {
    let value = value.trim().to_ascii_lowercase();
    matches!(value.as_str(), "1" | "true" | "yes" | "on" | "t" | "y")
}
