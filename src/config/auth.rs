//! Selects the auth plugin and collects its values.

use crate::auth::Credentials;
use crate::config::setting::{
    AUTH_TOKEN, AUTH_TYPE, DEFAULT_DOMAIN, ENDPOINT, NO_CLIENT_AUTH, Setting,
};
use crate::config::source::{Found, Key, Source, Sources};
use crate::config::standalone::Standalone;
use crate::error::{Error, ErrorKind, Result};
use crate::loading::{Opt, OptionValues, PluginLoader, plugin_loader};
use crate::secret::Secret;

/// A plugin's loader and the values of its options.
#[derive(Debug, Clone)]
pub(super) struct Auth {
    loader: PluginLoader,
    values: OptionValues,
}

/// Asks the user, who may refuse.
pub(super) type Ask = dyn Fn(&str) -> Option<Secret> + Send + Sync;

const USERNAME: Key = Key::new(&["username"], &["OS_USERNAME"]);
const PASSWORD: Key = Key::new(&["password"], &["OS_PASSWORD"]);
const TOKEN: Key = Key::new(&["token"], &["OS_TOKEN"]);
const CREDENTIAL_ID: Key = Key::new(
    &["application_credential_id"],
    &["OS_APPLICATION_CREDENTIAL_ID"],
);
const CREDENTIAL_SECRET: Key = Key::new(
    &["application_credential_secret"],
    &["OS_APPLICATION_CREDENTIAL_SECRET"],
);
const DEFAULT_DOMAIN_NAME: Key = Key::new(&["default_domain_name"], &["OS_DEFAULT_DOMAIN_NAME"]);

impl Auth {
    /// Selects the plugin. Also returns the settings used.
    pub(super) fn resolve(sources: &Sources<'_>) -> Result<(Self, Vec<Setting>)> {
        let without_keystone = sources
            .find(&NO_CLIENT_AUTH)
            .filter(|found| !is_no(found.text()));
        let token = sources.find(&AUTH_TOKEN);
        match (sources.find(&ENDPOINT), token, without_keystone) {
            (Some(endpoint), Some(token), _) => Ok(Self::given(
                plugin_loader("admin_token")?,
                token.source.clone(),
                &[("endpoint", endpoint), ("token", token)],
            )),
            (Some(endpoint), None, Some(chosen)) => {
                let endpoint = ("endpoint", endpoint);
                let source = chosen.source.clone();
                let (auth, mut settings) = match (sources.find(&USERNAME), sources.find(&PASSWORD))
                {
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
            (endpoint, token, None) => Self::plugin(sources, endpoint, token),
        }
    }

    /// Loads the plugin that is named or that the values imply. Its options come from the sources,
    /// then from implied values, then from defaults.
    fn plugin(
        sources: &Sources<'_>,
        endpoint: Option<Found>,
        token: Option<Found>,
    ) -> Result<(Self, Vec<Setting>)> {
        let named = sources.find(&AUTH_TYPE);
        let (name, source) = match &named {
            Some(named) => (named.text(), named.source.clone()),
            None => implied_plugin(sources, token.as_ref()),
        };
        let domain = default_domain(sources);
        let (auth, mut settings) = Self::gather(plugin_loader(name)?, source, |opt| {
            let implied = match opt.name {
                "token" => &token,
                "endpoint" => &endpoint,
                "default_domain_id" => &domain,
                _ => &None,
            };
            sources.option(opt).or_else(|| implied.clone())
        });
        if let Some(domain) = domain {
            // Do not list the same domain twice.
            let is_same = |setting: &Setting| {
                setting.name() == "auth.default_domain_id"
                    && setting.value() == domain.text()
                    && *setting.source() == domain.source
            };
            settings.retain(|setting| !is_same(setting));
            settings.push(Setting::new("default_domain", domain));
        }
        Ok((auth, settings))
    }

    /// A plugin with exactly these values.
    fn given(
        loader: PluginLoader,
        chosen: Source,
        values: &[(&str, Found)],
    ) -> (Self, Vec<Setting>) {
        Self::gather(loader, chosen, |opt| {
            let found = values.iter().find(|(name, _)| *name == opt.name);
            found.map(|(_, found)| found.clone())
        })
    }

    /// Loads a plugin with the values that `find` returns for its options.
    fn gather(
        loader: PluginLoader,
        chosen: Source,
        find: impl Fn(&Opt) -> Option<Found>,
    ) -> (Self, Vec<Setting>) {
        let name = Found {
            value: Secret::from(loader.name()),
            source: chosen,
        };
        let mut settings = vec![Setting::new("auth_type", name)];
        let values = loader.gather(|opt| {
            let found = find(opt)?;
            let setting = Setting::new(format!("auth.{}", opt.name), found.clone());
            settings.push(setting.secret(opt.secret));
            Some(found.value)
        });
        for opt in loader.options_for(&values) {
            if let (None, Some(default)) = (values.get(opt.name), opt.default) {
                let setting = Setting::default(&format!("auth.{}", opt.name), default);
                settings.push(setting.secret(opt.secret));
            }
        }
        (Self { loader, values }, settings)
    }

    /// Creates the credentials. Asks the user for missing values if no other value is missing.
    pub(super) fn credentials(&self, ask: Option<&Ask>) -> Result<Credentials> {
        match (self.loader.load_values(self.values.clone()), ask) {
            (Err(missing), Some(ask)) if missing.kind() == ErrorKind::MissingOption => {
                match self.ask_for_missing(ask) {
                    Some(values) => self.loader.load_values(values),
                    None => Err(missing),
                }
            }
            (result, _) => result,
        }
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

    /// Whether the plugin has an option with this name or alias.
    pub(super) fn has_option(&self, name: &str) -> bool {
        let options = self.loader.options_for(&self.values);
        options.iter().any(|opt| opt.is_called(name))
    }
}

/// The plugin that the values imply, and the source of the value that implied it.
fn implied_plugin(sources: &Sources<'_>, token: Option<&Found>) -> (&'static str, Source) {
    let token = token.cloned().or_else(|| sources.find(&TOKEN));
    let credential = || {
        let id = sources.find(&CREDENTIAL_ID);
        id.or_else(|| sources.find(&CREDENTIAL_SECRET))
    };
    if let Some(token) = token {
        ("token", token.source)
    } else if let Some(credential) = credential() {
        ("v3applicationcredential", credential.source)
    } else {
        ("password", Source::Default)
    }
}

/// As in the `openstack` tool, users and projects without a domain are in the domain `default`.
fn default_domain(sources: &Sources<'_>) -> Option<Found> {
    if sources.find(&DEFAULT_DOMAIN_NAME).is_some() {
        return None;
    }
    let domain = sources.find(&DEFAULT_DOMAIN);
    Some(domain.unwrap_or_else(|| Found {
        value: Secret::from("default"),
        source: Source::Default,
    }))
}

/// A boolean as the value of a setting.
pub(super) fn flag(value: bool, source: Source) -> Found {
    Found {
        value: Secret::from(if value { "true" } else { "false" }),
        source,
    }
}

pub(super) fn is_no(value: &str) -> bool {
    matches!(
        value.trim().to_ascii_lowercase().as_str(),
        "0" | "false" | "no" | "off"
    )
}
