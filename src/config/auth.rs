//! Selects the auth plugin and collects its values.

use crate::auth::Credentials;
use crate::config::setting::{
    AUTH_TOKEN, AUTH_TYPE, DEFAULT_DOMAIN, ENDPOINT, NO_CLIENT_AUTH, Setting,
};
use crate::config::source::{Found, Key, Source, Sources};
use crate::config::standalone::Standalone;
use crate::error::{Error, ErrorKind, Result};
use crate::loading::{OptionValues, PluginLoader, plugin_loader};
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
            (Some(endpoint), Some(token), _) => Self::given(
                plugin_loader("admin_token")?,
                token.source.clone(),
                vec![("endpoint", endpoint), ("token", token)],
            ),
            (Some(endpoint), None, Some(chosen)) => {
                let (loader, values) = match (sources.find(&USERNAME), sources.find(&PASSWORD)) {
                    (Some(user), Some(password)) => (
                        Standalone.into(),
                        vec![
                            ("endpoint", endpoint),
                            ("username", user),
                            ("password", password),
                        ],
                    ),
                    _ => (plugin_loader("none")?, vec![("endpoint", endpoint)]),
                };
                let (auth, mut settings) = Self::given(loader, chosen.source.clone(), values)?;
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
            None => guess(sources, token.as_ref()),
        };
        let loader = plugin_loader(name)?;
        let domain = default_domain(sources);
        let mut values = Vec::new();
        // All sources together: a value of one source may add options that another source sets.
        loader.gather(|opt| {
            let implied = match opt.name {
                "token" => token.as_ref(),
                "endpoint" => endpoint.as_ref(),
                _ => None,
            };
            let found = sources.option(opt).or_else(|| implied.cloned())?;
            let value = found.value.clone();
            values.push((opt.name, found));
            Some(value)
        });
        let (mut auth, mut settings) = Self::given(loader, source, values)?;
        if let Some(domain) = domain {
            if auth.loader.option("default_domain_id").is_some() {
                let implied = [("default_domain_id", domain.value.clone())];
                auth.values = auth.values.or(auth.loader.values(implied)?);
            }
            settings.push(Setting::new("default_domain", domain));
        }
        Ok((auth, settings))
    }

    /// A plugin with exactly these values.
    fn given(
        loader: PluginLoader,
        chosen: Source,
        found: Vec<(&'static str, Found)>,
    ) -> Result<(Self, Vec<Setting>)> {
        let pairs = found
            .iter()
            .map(|(name, found)| (*name, found.value.clone()));
        let values = loader.values(pairs)?;
        let options = loader.options_for(&values);
        let name = Found {
            value: Secret::from(loader.name()),
            source: chosen,
        };
        let mut settings = vec![Setting::new("auth_type", name)];
        settings.extend(found.into_iter().map(|(name, found)| {
            let secret = options.iter().any(|opt| opt.name == name && opt.secret);
            Setting::new(format!("auth.{name}"), found).secret(secret)
        }));
        for opt in options {
            if let (None, Some(default)) = (values.get(opt.name), opt.default) {
                let setting = Setting::default(&format!("auth.{}", opt.name), default);
                settings.push(setting.secret(opt.secret));
            }
        }
        Ok((Self { loader, values }, settings))
    }

    /// Creates the credentials. Asks the user for missing values if no other value is missing.
    pub(super) fn credentials(&self, ask: Option<&Ask>) -> Result<Credentials> {
        match (self.loader.load_values(self.values.clone()), ask) {
            (Err(missing), Some(ask)) if missing.kind() == ErrorKind::MissingOption => {
                match self.ask_for_the_rest(ask)? {
                    Some(values) => self.loader.load_values(values),
                    None => Err(missing),
                }
            }
            (result, _) => result,
        }
    }

    /// The values and the user's answers; `None` if they would not be sufficient or the user
    /// refuses.
    fn ask_for_the_rest(&self, ask: &Ask) -> Result<Option<OptionValues>> {
        let open: Vec<_> = self
            .loader
            .options_for(&self.values)
            .into_iter()
            .filter(|opt| opt.required && self.values.get(opt.name).is_none())
            .filter_map(|opt| Some((opt.name, opt.prompt?)))
            .collect();
        // Include the known values, because they may add options.
        let with = |answers: &[(&str, Secret)]| {
            self.loader.gather(|opt| {
                let known = self.values.secret(opt.name);
                let answer = || answers.iter().find(|(name, _)| *name == opt.name);
                known.or_else(|| Some(&answer()?.1)).cloned()
            })
        };
        let pretended: Vec<_> = open.iter().map(|(n, _)| (*n, Secret::from("?"))).collect();
        let complete = self.loader.load_values(with(&pretended)).is_ok();
        if open.is_empty() || !complete {
            return Ok(None);
        }
        let mut answers = Vec::new();
        for (name, prompt) in open {
            let Some(answer) = ask(prompt) else {
                return Ok(None);
            };
            answers.push((name, answer));
        }
        Ok(Some(with(&answers)))
    }
}

/// The plugin that the values imply, and the source of the value that implied it.
fn guess(sources: &Sources<'_>, token: Option<&Found>) -> (&'static str, Source) {
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
