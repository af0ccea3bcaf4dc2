//! The known settings: their names in each kind of source.

use crate::config::source::Key;
use crate::loading::{Opt, PluginLoader, plugin_loader, plugin_names};
use crate::suggest::{distance, nearest};

pub(super) const CLOUD: Key = Key::new(&["cloud"], &["OS_CLOUD"]);
/// The name of the cloud that variables describe.
pub(super) const CLOUD_NAME: Key = Key::new(&[], &["OS_CLOUD_NAME"]);
pub(super) const AUTH_TYPE: Key = Key::new(&[], &["OS_AUTH_TYPE"])
    .files(&["auth_type"])
    .alone(&["OS_AUTH_PLUGIN"]);
pub(super) const AUTH_TOKEN: Key = Key::new(&["auth_token"], &[]).alone(&["OS_AUTH_TOKEN"]);
pub(super) const NO_CLIENT_AUTH: Key =
    Key::new(&["no_client_auth"], &[]).alone(&["OS_NO_CLIENT_AUTH"]);
pub(super) const INCLUDE_PASSWORD: Key =
    Key::new(&["include_password"], &[]).alone(&["HEAT_INCLUDE_PASSWORD"]);
// As in `openstack`, clouds.yaml cannot set it.
pub(super) const DEFAULT_DOMAIN: Key = Key::new(&["default_domain"], &["OS_DEFAULT_DOMAIN"]);
pub(super) const ENDPOINT: Key = Key::new(&["heat_url", "endpoint_override"], &["HEAT_URL"])
    .files(&["orchestration_endpoint_override", "orchestration_endpoint"])
    .alone(&["OS_ENDPOINT_OVERRIDE"]);
pub(super) const REGION: Key =
    Key::new(&[], &["OS_REGION_NAME"]).files(&["orchestration_region_name", "region_name"]);
// As in openstacksdk, the older name wins in files and variables.
pub(super) const INTERFACE: Key = Key::new(&["interface"], &["OS_INTERFACE"])
    .files(&[
        "orchestration_interface",
        "orchestration_endpoint_type",
        "endpoint_type",
        "interface",
    ])
    .alone(&["OS_ENDPOINT_TYPE"]);
pub(super) const SERVICE_TYPE: Key = Key::new(&["service_type"], &[])
    .files(&["orchestration_service_type"])
    .alone(&["OS_SERVICE_TYPE"]);
pub(super) const SERVICE_NAME: Key = Key::new(&["service_name"], &[])
    .files(&["orchestration_service_name"])
    .alone(&["OS_SERVICE_NAME"]);
pub(super) const API_VERSION: Key =
    Key::new(&[], &["OS_ORCHESTRATION_API_VERSION", "HEAT_API_VERSION"])
        .files(&["orchestration_api_version"]);
pub(super) const MIN_VERSION: Key = Key::new(&[], &[]).files(&["orchestration_min_version"]);
pub(super) const MAX_VERSION: Key = Key::new(&[], &[]).files(&["orchestration_max_version"]);
pub(super) const DEFAULT_MICROVERSION: Key =
    Key::new(&[], &[]).files(&["orchestration_default_microversion"]);
pub(super) const HAS_ORCHESTRATION: Key = Key::new(&[], &[]).files(&["has_orchestration"]);

// The identity service, which some commands need, too.
pub(super) const IDENTITY_ENDPOINT: Key =
    Key::new(&[], &[]).files(&["identity_endpoint_override", "identity_endpoint"]);
pub(super) const IDENTITY_REGION: Key =
    Key::new(&[], &["OS_REGION_NAME"]).files(&["identity_region_name", "region_name"]);
pub(super) const IDENTITY_INTERFACE: Key = Key::new(&["interface"], &["OS_INTERFACE"])
    .files(&[
        "identity_interface",
        "identity_endpoint_type",
        "endpoint_type",
        "interface",
    ])
    .alone(&["OS_ENDPOINT_TYPE"]);
pub(super) const IDENTITY_SERVICE_TYPE: Key = Key::new(&[], &[]).files(&["identity_service_type"]);
pub(super) const IDENTITY_SERVICE_NAME: Key = Key::new(&[], &[]).files(&["identity_service_name"]);
pub(super) const IDENTITY_API_VERSION: Key =
    Key::new(&[], &["OS_IDENTITY_API_VERSION"]).files(&["identity_api_version"]);

pub(super) const SERVICE_PROVIDER: Key =
    Key::new(&[], &["OS_SERVICE_PROVIDER"]).files(&["service_provider"]);
// The variables of Python's `requests` come last, as in the Python clients.
pub(super) const CACERT: Key = Key::new(&[], &["OS_CACERT"])
    .files(&["cacert"])
    .last(&["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]);
pub(super) const CERT: Key = Key::new(&[], &["OS_CERT"]).files(&["cert"]);
pub(super) const KEY: Key = Key::new(&[], &["OS_KEY"]).files(&["key"]);
pub(super) const INSECURE: Key = Key::new(&[], &[]).files(&["insecure"]);
pub(super) const VERIFY: Key = Key::new(&[], &[]).files(&["verify"]);
pub(super) const TLS_MIN_VERSION: Key =
    Key::new(&[], &["OS_TLS_MIN_VERSION"]).files(&["tls_min_version"]);
pub(super) const TLS_CIPHERS: Key = Key::new(&[], &["OS_TLS_CIPHERS"]).files(&["tls_ciphers"]);
pub(super) const FORCE_IPV4: Key = Key::new(&[], &["OS_FORCE_IPV4"]).files(&["force_ipv4"]);
pub(super) const PREFER_IPV6: Key = Key::new(&[], &["OS_PREFER_IPV6"]).files(&["prefer_ipv6"]);
pub(super) const API_TIMEOUT: Key = Key::new(&[], &[]).files(&["api_timeout"]);

/// The keys of retries.
pub(super) struct RetryKeys {
    pub(super) connect_retries: Key,
    pub(super) status_code_retries: Key,
    pub(super) retriable_status_codes: Key,
    pub(super) connect_retry_delay: Key,
    pub(super) status_code_retry_delay: Key,
}

impl RetryKeys {
    /// Those for all services.
    pub(super) const ALL: Self = Self {
        connect_retries: Key::new(&[], &[]).files(&["connect_retries"]),
        status_code_retries: Key::new(&[], &[]).files(&["status_code_retries"]),
        retriable_status_codes: Key::new(&[], &[]).files(&["retriable_status_codes"]),
        connect_retry_delay: Key::new(&[], &[]).files(&["connect_retry_delay"]),
        status_code_retry_delay: Key::new(&[], &[]).files(&["status_code_retry_delay"]),
    };
    pub(super) const ORCHESTRATION: Self = Self {
        connect_retries: Key::new(&[], &[])
            .files(&["orchestration_connect_retries", "connect_retries"]),
        status_code_retries: Key::new(&[], &[])
            .files(&["orchestration_status_code_retries", "status_code_retries"]),
        retriable_status_codes: Key::new(&[], &[]).files(&[
            "orchestration_retriable_status_codes",
            "retriable_status_codes",
        ]),
        connect_retry_delay: Key::new(&[], &[])
            .files(&["orchestration_connect_retry_delay", "connect_retry_delay"]),
        status_code_retry_delay: Key::new(&[], &[]).files(&[
            "orchestration_status_code_retry_delay",
            "status_code_retry_delay",
        ]),
    };
    pub(super) const IDENTITY: Self = Self {
        connect_retries: Key::new(&[], &[]).files(&["identity_connect_retries", "connect_retries"]),
        status_code_retries: Key::new(&[], &[])
            .files(&["identity_status_code_retries", "status_code_retries"]),
        retriable_status_codes: Key::new(&[], &[])
            .files(&["identity_retriable_status_codes", "retriable_status_codes"]),
        connect_retry_delay: Key::new(&[], &[])
            .files(&["identity_connect_retry_delay", "connect_retry_delay"]),
        status_code_retry_delay: Key::new(&[], &[]).files(&[
            "identity_status_code_retry_delay",
            "status_code_retry_delay",
        ]),
    };

    /// The keys, and their names in keystoneauth.
    pub(super) const fn named(&self) -> [(&'static str, &Key); 5] {
        [
            ("connect_retries", &self.connect_retries),
            ("status_code_retries", &self.status_code_retries),
            ("retriable_status_codes", &self.retriable_status_codes),
            ("connect_retry_delay", &self.connect_retry_delay),
            ("status_code_retry_delay", &self.status_code_retry_delay),
        ]
    }
}

const ALL: &[Key] = &[
    CLOUD,
    CLOUD_NAME,
    AUTH_TYPE,
    AUTH_TOKEN,
    INCLUDE_PASSWORD,
    NO_CLIENT_AUTH,
    DEFAULT_DOMAIN,
    ENDPOINT,
    REGION,
    INTERFACE,
    SERVICE_TYPE,
    SERVICE_NAME,
    API_VERSION,
    MIN_VERSION,
    MAX_VERSION,
    DEFAULT_MICROVERSION,
    HAS_ORCHESTRATION,
    IDENTITY_ENDPOINT,
    IDENTITY_REGION,
    IDENTITY_INTERFACE,
    IDENTITY_SERVICE_TYPE,
    IDENTITY_SERVICE_NAME,
    IDENTITY_API_VERSION,
    SERVICE_PROVIDER,
    CACERT,
    CERT,
    KEY,
    INSECURE,
    VERIFY,
    TLS_MIN_VERSION,
    TLS_CIPHERS,
    FORCE_IPV4,
    PREFER_IPV6,
    API_TIMEOUT,
];

/// All settings.
fn all() -> impl Iterator<Item = &'static Key> {
    const RETRIES: [&RetryKeys; 2] = [&RetryKeys::ORCHESTRATION, &RetryKeys::IDENTITY];
    let retries = RETRIES.iter().flat_map(|keys| keys.named());
    ALL.iter().chain(retries.map(|(_, key)| key))
}

/// The type of a setting in files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// `true` or `false`; or a text, which Python tools accept, too.
    Flag,
    List,
    /// An option of an auth plugin.
    Option,
}

/// The ends of the names of lists.
const LIST_ENDINGS: [&str; 3] = ["interface", "endpoint_type", "status_codes"];

/// The type of a key of a cloud; `None` if it is neither a setting nor an option.
pub(super) fn kind_of(name: &str) -> Option<Kind> {
    let is_setting = all().any(|key| key.files.contains(&name));
    Some(match name {
        "verify" | "insecure" | "has_orchestration" | "force_ipv4" | "prefer_ipv6" => Kind::Flag,
        _ if is_setting && LIST_ENDINGS.iter().any(|ending| name.ends_with(ending)) => Kind::List,
        _ if is_setting => Kind::Text,
        _ if is_option(name) => Kind::Option,
        _ => return None,
    })
}

/// Whether a key is a time limit of some service.
pub(super) fn is_timeout(name: &str) -> bool {
    name.ends_with("timeout") && name != "timeout"
}

fn loaders() -> impl Iterator<Item = PluginLoader> {
    plugin_names()
        .into_iter()
        .flat_map(|name| plugin_loader(&name))
}

/// The options of all plugins, also of those that this crate does not have.
pub(super) fn all_options() -> Vec<Opt> {
    let mut options: Vec<Opt> = Vec::new();
    let registered = loaders().flat_map(|loader| loader.options().to_vec());
    for option in registered.chain(OPTIONS.iter().map(|name| Opt::new(name, ""))) {
        if !options.iter().any(|known| known.name == option.name) {
            options.push(option);
        }
    }
    options
}

/// Whether it is an option of any plugin, also of one that this crate does not have.
pub(super) fn is_option(name: &str) -> bool {
    OPTIONS.contains(&name) || loaders().any(|loader| loader.option(name).is_some())
}

/// Whether it is a secret option of any plugin, has the name of a secret, or was probably meant to
/// be a secret option.
pub(super) fn is_secret(name: &str) -> bool {
    let name = name.replace('-', "_").to_ascii_lowercase();
    let is_option_secret = |name: &str| {
        loaders().any(|loader| loader.option(name).is_some_and(|option| option.secret))
    };
    has_secret_word(&name)
        || is_option_secret(&name)
        || (kind_of(&name).is_none()
            && (nearest_option(&name)
                .is_some_and(|near| has_secret_word(near) || is_option_secret(near))))
}

/// Whether a name in lower case has a word for secrets.
fn has_secret_word(name: &str) -> bool {
    const WORDS: [&str; 7] = [
        "password",
        "passwd",
        "passcode",
        "passphrase",
        "secret",
        "token",
        "credential",
    ];
    const KEYS: [&str; 6] = ["api", "private", "ssh", "access", "secret", "encryption"];
    // Names of credentials are no secrets.
    let is_reference = name.starts_with("application_credential_")
        && (name.ends_with("_id") || name.ends_with("_name"));
    let is_key = name.strip_suffix("key").is_some_and(|kind| {
        let kind = kind.trim_end_matches('_');
        KEYS.iter().any(|secret| kind.ends_with(secret))
    });
    is_key
        || (!is_reference && WORDS.iter().any(|word| name.contains(word)))
        || name
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| word.ends_with("pass") || word.ends_with("pwd"))
}

/// The option whose name differs the least, by two letters at most.
fn nearest_option(name: &str) -> Option<&'static str> {
    let options = loaders().flat_map(|loader| loader.options().to_vec());
    let known = options.map(|option| option.name);
    let near = known.chain(OPTIONS.iter().copied());
    // Short names are near to too many others, and long ones take long to compare.
    let near = near.filter(|known| known.len() > 4 && known.len().abs_diff(name.len()) <= 4);
    let near = near.map(|known| (distance(name, known), known));
    let near = near.filter(|(distance, _)| *distance <= 2);
    near.min().map(|(_, known)| known)
}

/// The variables that describe a cloud. Those that only select one, or a region, are not among them.
pub(super) fn variables() -> Vec<String> {
    const SELECTORS: [&str; 3] = ["OS_CLOUD", "OS_CLOUD_NAME", "OS_REGION_NAME"];
    let settings = all().flat_map(|key| key.variables(true));
    let options = loaders()
        .flat_map(|loader| loader.options().to_vec())
        .flat_map(|opt| opt.env_names());
    let others = OPTIONS
        .iter()
        .map(|name| format!("OS_{}", name.to_ascii_uppercase()));
    let all = settings.chain(options).chain(others);
    all.filter(|name| name.starts_with("OS_") && !SELECTORS.contains(&name.as_str()))
        .collect()
}

/// Reports the first name that is neither a setting nor an option of the chosen or any other auth
/// plugin, with suggestions.
pub(super) fn unknown<'a>(
    names: impl Iterator<Item = &'a str>,
    is_chosen: impl Fn(&str) -> bool,
) -> Option<String> {
    let settings = || all().flat_map(Key::explicit);
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

/// The setting or option that a key of a cloud was probably meant to be.
pub(super) fn meant(name: &str) -> Option<String> {
    if is_ignored(name) || name.len() < 5 {
        return None;
    }
    if name == "region" {
        return Some("region_name".to_owned());
    }
    let settings = all().flat_map(|key| key.files).copied();
    let options: Vec<_> = loaders()
        .flat_map(|loader| loader.options().to_vec())
        .collect();
    let known = settings.chain(options.iter().map(|opt| opt.name));
    let known = known.chain(["auth", "profile", "regions"]);
    let mut near: Vec<_> = known
        .map(|known| (distance(name, known), known))
        .filter(|(distance, _)| *distance <= 2)
        .collect();
    near.sort_unstable();
    near.first().map(|(_, known)| (*known).to_owned())
}

/// Whether a key of a cloud is known to other OpenStack tools and has no effect here.
fn is_ignored(name: &str) -> bool {
    const SERVICE_KEYS: [&str; 12] = [
        "_api_version",
        "_default_microversion",
        "_endpoint_override",
        "_endpoint",
        "_endpoint_type",
        "_interface",
        "_region_name",
        "_service_type",
        "_service_name",
        "_retries",
        "_retry_delay",
        "_status_codes",
    ];
    IGNORED.contains(&name)
        || name.starts_with("has_")
        || SERVICE_KEYS.iter().any(|ending| name.ends_with(ending))
}

/// Keys of openstacksdk and `openstack` for other purposes.
const IGNORED: &[&str] = &[
    "additional_user_agent",
    "beta_command",
    "cache",
    "concurrency",
    "disable_vendor_agent",
    "external_network",
    "floating_ip_source",
    "image_api_use_tasks",
    "image_format",
    "internal_network",
    "log_file",
    "log_level",
    "message",
    "metrics",
    "nat_source",
    "networks",
    "profile",
    "rate_limit",
    "requires_floating_ip",
    "secgroup_source",
    "status",
    "timeout",
    "timing",
    "verbose_level",
];

/// The options of keystoneauth's plugins, whether or not this crate has the plugins.
const OPTIONS: &[&str] = &[
    "access_key",
    "access_secret",
    "access_token",
    "access_token_endpoint",
    "access_token_type",
    "application_credential_id",
    "application_credential_name",
    "application_credential_secret",
    "auth_methods",
    "auth_url",
    "authorization_code",
    "client_id",
    "client_secret",
    "code",
    "code_challenge_method",
    "consumer_key",
    "consumer_secret",
    "default_domain_id",
    "default_domain_name",
    "device_authorization_endpoint",
    "discovery_endpoint",
    "domain_id",
    "domain_name",
    "endpoint",
    "identity_provider",
    "identity_provider_url",
    "idp_otp_key",
    "login_timeout",
    "mutual_auth",
    "oauth2_client_id",
    "oauth2_client_secret",
    "oauth2_endpoint",
    "openid_scope",
    "passcode",
    "password",
    "project_domain_id",
    "project_domain_name",
    "project_id",
    "project_name",
    "protocol",
    "redirect_host",
    "redirect_port",
    "redirect_uri",
    "scope",
    "service_provider_endpoint",
    "service_provider_entity_id",
    "system_scope",
    "tenant_id",
    "tenant_name",
    "token",
    "auth_token",
    "trust_id",
    "url",
    "user_domain_id",
    "user_domain_name",
    "user_id",
    "user_name",
    "username",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_types() {
        for (name, kind) in [
            ("verify", Some(Kind::Flag)),
            ("interface", Some(Kind::List)),
            ("orchestration_endpoint_type", Some(Kind::List)),
            ("orchestration_endpoint_override", Some(Kind::Text)),
            ("region_name", Some(Kind::Text)),
            ("username", Some(Kind::Option)),
            ("redirect_port", Some(Kind::Option)),
            ("cloud", None),
            ("image_format", None),
        ] {
            assert_eq!(kind_of(name), kind, "{name}");
        }
    }

    #[test]
    fn typing_errors_are_noticed_and_keys_of_other_tools_are_not() {
        for (name, expected) in [
            ("regoin_name", Some("region_name")),
            ("usernme", Some("username")),
            ("interfaces", Some("interface")),
            ("region", Some("region_name")),
            ("image_api_version", None),
            ("has_dns", None),
            ("networks", None),
            ("verbose", None),
            ("foo", None),
        ] {
            assert_eq!(meant(name).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn names_of_secrets_are_noticed_in_any_spelling() {
        for name in [
            "password",
            "Password",
            "pasword",
            "passwrd",
            "OS_PASSWORD",
            "api_key",
            "apikey",
            "apiKey",
            "ssh-private-key",
            "admin_pass",
            "adminPass",
            "passphrase",
            "credential",
            "tokn",
            "application_credential_secret",
            "user-passcode",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in [
            "application_credential_id",
            "application_credential_name",
            "username",
            "usernme",
            "key",
            "key_name",
            "passthrough",
            "image_format",
            "networks",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn selectors_describe_no_cloud() {
        let all = variables();
        for name in [
            "OS_AUTH_URL",
            "OS_INSECURE",
            "OS_TENANT_NAME",
            "OS_INTERFACE",
        ] {
            assert!(all.iter().any(|known| known == name), "{name}");
        }
        for name in ["OS_CLOUD", "OS_REGION_NAME", "OS_CLOUD_NAME", "HEAT_URL"] {
            assert!(!all.iter().any(|known| known == name), "{name}");
        }
    }
}
