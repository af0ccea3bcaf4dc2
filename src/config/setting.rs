//! The known settings, and their resolved values.

use crate::config::source::{Found, Key, Source};
use crate::loading::{plugin_loader, plugin_names};
use crate::secret::Secret;
use crate::suggest::nearest;

pub(super) const CLOUD: Key = Key::new(&["cloud"], &["OS_CLOUD"]);
pub(super) const AUTH_TYPE: Key = Key::new(&["auth_type"], &["OS_AUTH_TYPE", "OS_AUTH_PLUGIN"]);
pub(super) const AUTH_TOKEN: Key = Key::new(&["auth_token"], &["OS_AUTH_TOKEN"]);
pub(super) const NO_CLIENT_AUTH: Key = Key::new(&["no_client_auth"], &["OS_NO_CLIENT_AUTH"]);
pub(super) const DEFAULT_DOMAIN: Key = Key::new(&["default_domain"], &["OS_DEFAULT_DOMAIN"]);
pub(super) const ENDPOINT: Key = Key::new(
    &["heat_url", "endpoint_override"],
    &["HEAT_URL", "OS_ENDPOINT_OVERRIDE"],
);
pub(super) const REGION: Key = Key::new(&["region_name"], &["OS_REGION_NAME"]);
pub(super) const INTERFACE: Key = Key::new(
    &["interface", "endpoint_type"],
    &["OS_INTERFACE", "OS_ENDPOINT_TYPE"],
);
pub(super) const SERVICE_TYPE: Key = Key::new(&["service_type"], &["OS_SERVICE_TYPE"]);
pub(super) const SERVICE_NAME: Key = Key::new(&["service_name"], &["OS_SERVICE_NAME"]);
pub(super) const API_VERSION: Key = Key::new(
    &["orchestration_api_version"],
    &["OS_ORCHESTRATION_API_VERSION", "HEAT_API_VERSION"],
);
pub(super) const IDENTITY_API_VERSION: Key = Key::new(&["identity_api_version"], &[]);
pub(super) const SERVICE_PROVIDER: Key = Key::new(&["service_provider"], &["OS_SERVICE_PROVIDER"]);
// The variables of Python's `requests` come last, as in the Python clients.
pub(super) const CACERT: Key = Key::new(
    &["cacert"],
    &["OS_CACERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"],
);
pub(super) const CERT: Key = Key::new(&["cert"], &["OS_CERT"]);
pub(super) const KEY: Key = Key::new(&["key"], &["OS_KEY"]);
pub(super) const INSECURE: Key = Key::new(&["insecure"], &["OS_INSECURE"]);
pub(super) const VERIFY: Key = Key::new(&["verify"], &[]);
pub(super) const API_TIMEOUT: Key = Key::new(&["api_timeout"], &[]);

const ALL: &[Key] = &[
    CLOUD,
    AUTH_TYPE,
    AUTH_TOKEN,
    NO_CLIENT_AUTH,
    DEFAULT_DOMAIN,
    ENDPOINT,
    REGION,
    INTERFACE,
    SERVICE_TYPE,
    SERVICE_NAME,
    API_VERSION,
    IDENTITY_API_VERSION,
    SERVICE_PROVIDER,
    CACERT,
    CERT,
    KEY,
    INSECURE,
    VERIFY,
    API_TIMEOUT,
];

/// Reports the first name that is neither a setting nor an option of the chosen or any other auth
/// plugin, with suggestions.
pub(super) fn unknown<'a>(
    names: impl Iterator<Item = &'a str>,
    is_chosen: impl Fn(&str) -> bool,
) -> Option<String> {
    let settings = || ALL.iter().flat_map(|key| key.names).copied();
    let loaders = || {
        plugin_names()
            .into_iter()
            .flat_map(|name| plugin_loader(&name))
    };
    let is_option = |name: &str| loaders().any(|loader| loader.option(name).is_some());
    let name = names
        .filter(|name| !settings().any(|known| known == *name))
        .find(|name| !is_chosen(name) && !is_option(name))?;
    let options: Vec<_> = loaders()
        .flat_map(|loader| loader.options().to_vec())
        .collect();
    let near = nearest(name, settings().chain(options.iter().map(|opt| opt.name)));
    Some(match near.is_empty() {
        true => format!("unknown setting {name:?}"),
        false => format!(
            "unknown setting {name:?} (did you mean {}?)",
            near.join(" or ")
        ),
    })
}

/// A resolved setting: its name, value and source.
///
/// Names are those of `openstack configuration show`: `auth.username` for an option of the auth
/// plugin, `region_name` for another setting.
///
/// ```
/// use heatclient::config::ConfigBuilder;
///
/// let cloud = ConfigBuilder::new().explicit([("token", "gAAAA")]).build()?;
/// let token = cloud.setting("auth.token").unwrap();
/// assert!(token.is_secret());
/// assert!(!format!("{token:?}").contains(token.value()));
/// # Ok::<(), heatclient::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Setting {
    name: String,
    found: Found,
    secret: bool,
}

impl Setting {
    pub(super) fn new(name: impl Into<String>, found: Found) -> Self {
        // URLs must not contain passwords, but this one may not have been checked yet.
        let text = found.text();
        let secret = text.contains('@') && text.contains("://");
        Self {
            name: name.into(),
            found,
            secret,
        }
    }

    pub(super) fn secret(mut self, secret: bool) -> Self {
        self.secret |= secret;
        self
    }

    /// A setting with its default value.
    pub(super) fn default(name: &str, value: &str) -> Self {
        let found = Found {
            value: Secret::from(value),
            source: Source::Default,
        };
        Self::new(name, found)
    }

    /// The name: `auth.username`, `region_name`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value as text; flags are `true` or `false`. Check [`is_secret`](Self::is_secret) before
    /// you show it.
    pub fn value(&self) -> &str {
        self.found.text()
    }

    /// The source of the value.
    pub fn source(&self) -> &Source {
        &self.found.source
    }

    /// Whether the value is secret.
    pub fn is_secret(&self) -> bool {
        self.secret
    }
}
