//! The global options. They are accepted before and after the command.
//!
//! `cloud` reads their environment variables. An empty variable counts as unset.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use heatclient::secret::Secret;

use super::AuthArgs;
use super::number::{path_or_none, seconds};

/// The global options.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalArgs {
    /// Name of the cloud in clouds.yaml [env: OS_CLOUD]
    #[arg(long, alias = "os_cloud", global = true, value_name = "NAME")]
    pub(crate) os_cloud: Option<String>,

    /// Auth plugin; by default chosen by the given credentials [env: OS_AUTH_TYPE]
    #[arg(long, aliases = ["os_auth_type", "os-auth-plugin"], global = true, value_name = "PLUGIN")]
    pub(crate) os_auth_type: Option<String>,

    /// ID of the domain of user and project, if none is given [env: OS_DEFAULT_DOMAIN] [default: default]
    #[arg(
        long,
        alias = "os_default_domain",
        global = true,
        value_name = "DOMAIN"
    )]
    pub(crate) os_default_domain: Option<String>,

    /// Authentication token; with --heat-url, Keystone is not contacted [env: OS_AUTH_TOKEN]
    #[arg(long, alias = "os_auth_token", global = true, value_name = "TOKEN", value_parser = secret)]
    pub(crate) os_auth_token: Option<Secret>,

    /// URL of the Heat API; overrides the catalog [env: HEAT_URL]
    #[arg(long, alias = "heat_url", global = true, value_name = "URL")]
    pub(crate) heat_url: Option<String>,

    /// Same as --heat-url [env: OS_ENDPOINT_OVERRIDE]
    #[arg(
        long,
        alias = "os_endpoint_override",
        global = true,
        value_name = "URL"
    )]
    pub(crate) os_endpoint_override: Option<String>,

    /// Do not contact Keystone: Heat checks user name and password; requires --heat-url [env: OS_NO_CLIENT_AUTH]
    #[arg(long, alias = "os_no_client_auth", global = true)]
    pub(crate) os_no_client_auth: bool,

    /// Region name [env: OS_REGION_NAME]
    #[arg(long, alias = "os_region_name", global = true, value_name = "REGION")]
    pub(crate) os_region_name: Option<String>,

    /// Endpoint interface: public, internal or admin [env: OS_INTERFACE, OS_ENDPOINT_TYPE]
    #[arg(long, alias = "os_interface", global = true, value_name = "INTERFACE")]
    pub(crate) os_interface: Option<String>,

    /// Old name of --os-interface: publicURL, internalURL or adminURL
    #[arg(
        long,
        alias = "os_endpoint_type",
        global = true,
        value_name = "INTERFACE",
        hide = true
    )]
    pub(crate) os_endpoint_type: Option<String>,

    /// Service type in the catalog [env: OS_SERVICE_TYPE] [default: orchestration]
    #[arg(long, alias = "os_service_type", global = true, value_name = "TYPE")]
    pub(crate) os_service_type: Option<String>,

    /// Service name in the catalog, if several services have the type [env: OS_SERVICE_NAME]
    #[arg(long, alias = "os_service_name", global = true, value_name = "NAME")]
    pub(crate) os_service_name: Option<String>,

    /// Heat API version; only 1 is supported [env: OS_ORCHESTRATION_API_VERSION, HEAT_API_VERSION]
    #[arg(
        long,
        aliases = ["os_orchestration_api_version", "heat-api-version", "heat_api_version"],
        global = true,
        value_name = "VERSION"
    )]
    pub(crate) os_orchestration_api_version: Option<String>,

    /// CA certificates to trust: a PEM file or a directory of PEM files [env: OS_CACERT, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE]
    #[arg(long, aliases = ["os_cacert", "ca-file"], global = true, value_name = "FILE", value_parser = path_or_none())]
    pub(crate) os_cacert: Option<PathBuf>,

    /// Client certificate (PEM file) [env: OS_CERT]
    #[arg(long, aliases = ["os_cert", "cert-file"], global = true, value_name = "FILE", value_parser = path_or_none())]
    pub(crate) os_cert: Option<PathBuf>,

    /// Key of the client certificate (PEM file) [env: OS_KEY]
    #[arg(long, aliases = ["os_key", "key-file"], global = true, value_name = "FILE", value_parser = path_or_none())]
    pub(crate) os_key: Option<PathBuf>,

    /// Do not verify TLS certificates (insecure) [env: OS_INSECURE]
    #[arg(long, global = true)]
    pub(crate) insecure: bool,

    /// Verify TLS certificates (default); overrides OS_INSECURE
    #[arg(long, global = true, conflicts_with = "insecure")]
    pub(crate) verify: bool,

    /// Timeout in seconds for connecting and for each part of a response
    #[arg(long, alias = "api_timeout", global = true, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) api_timeout: Option<f64>,

    /// Append the log to this file: warnings; more with --verbose or --debug
    #[arg(long, alias = "log_file", global = true, value_name = "FILE", value_parser = path_or_none())]
    pub(crate) log_file: Option<PathBuf>,

    /// Log each request to stderr [env: HEATCLIENT_DEBUG]
    #[arg(long, global = true)]
    pub(crate) debug: bool,

    /// Show the causes of errors, and log logins and retries to stderr
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,

    /// Do not print progress or notices
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,

    /// Print the elapsed time to stderr
    #[arg(long, global = true)]
    pub(crate) timing: bool,

    /// Colours: of states in tables and events, and of help [env: NO_COLOR, CLICOLOR, CLICOLOR_FORCE] [default: auto]
    // `command_line` also looks for it before it parses, for help and usage errors.
    #[arg(long, global = true, value_enum, value_name = "WHEN")]
    pub(crate) color: Option<clap::ColorChoice>,

    // Not global: some old commands use these letters for other options.
    #[arg(short = 'd', hide = true)]
    pub(crate) debug_letter: bool,
    #[arg(short = 'k', hide = true)]
    pub(crate) insecure_letter: bool,

    #[command(flatten)]
    pub(crate) auth: AuthArgs,

    #[command(flatten)]
    pub(crate) foreign: ForeignArgs,
}

/// Global options of the Python tools that scripts pass with every command. This tool ignores or refuses them.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ForeignArgs {
    /// Identity API version; only 3 is supported
    #[arg(
        long,
        alias = "os_identity_api_version",
        global = true,
        hide = true,
        value_name = "VERSION"
    )]
    pub(crate) os_identity_api_version: Option<String>,

    /// API versions of all other services (ignored); see `normalize`
    #[arg(long = OTHER_API_VERSION, global = true, hide = true, value_name = "VERSION")]
    other_api_versions: Vec<String>,

    /// Service provider of a Keystone-to-Keystone federation (not supported)
    #[arg(
        long,
        alias = "os_service_provider",
        global = true,
        hide = true,
        value_name = "PROVIDER"
    )]
    pub(crate) os_service_provider: Option<String>,

    // These have no effect without a service provider.
    #[arg(
        long,
        alias = "os_remote_project_name",
        global = true,
        hide = true,
        value_name = "NAME"
    )]
    os_remote_project_name: Option<String>,
    #[arg(
        long,
        alias = "os_remote_project_id",
        global = true,
        hide = true,
        value_name = "ID"
    )]
    os_remote_project_id: Option<String>,
    #[arg(
        long,
        alias = "os_remote_project_domain_name",
        global = true,
        hide = true,
        value_name = "NAME"
    )]
    os_remote_project_domain_name: Option<String>,
    #[arg(
        long,
        alias = "os_remote_project_domain_id",
        global = true,
        hide = true,
        value_name = "ID"
    )]
    os_remote_project_domain_id: Option<String>,

    /// Trace the requests with osprofiler; the services must have this HMAC key [env: OS_PROFILE]
    #[arg(long, aliases = ["os_profile", "profile"], global = true, value_name = "KEY", value_parser = secret)]
    pub(crate) os_profile: Option<Secret>,

    /// Allow beta commands (ignored)
    #[arg(long, alias = "os_beta_command", global = true, hide = true)]
    os_beta_command: bool,

    /// With --os-no-client-auth and a token, also send user name and password [env: HEAT_INCLUDE_PASSWORD]
    #[arg(long, alias = "include_password", global = true)]
    pub(crate) include_password: bool,

    /// Ignored, as in the old tool
    #[arg(short = 't', long, hide = true)]
    token_only: bool,
}

/// The option that holds the API versions of all services other than Heat and Keystone.
const OTHER_API_VERSION: &str = "os-other-api-version";

/// Rewrites `--os-SERVICE-api-version` to [`OTHER_API_VERSION`], for all services other than Heat and Keystone.
pub(crate) fn normalize(word: OsString) -> OsString {
    let Some(text) = word.to_str() else {
        return word;
    };
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (text, None),
    };
    let name = name.replace('_', "-");
    let service = name.strip_prefix("--os-");
    let service = service.and_then(|rest| rest.strip_suffix("-api-version"));
    match (service, value) {
        (None | Some("orchestration" | "identity"), _) => word,
        (Some(_), None) => format!("--{OTHER_API_VERSION}").into(),
        (Some(_), Some(value)) => format!("--{OTHER_API_VERSION}={value}").into(),
    }
}

impl GlobalArgs {
    /// Whether errors are printed with their causes.
    pub(crate) fn is_verbose(&self) -> bool {
        self.verbose || self.is_debug()
    }

    pub(crate) fn is_debug(&self) -> bool {
        self.debug || self.debug_letter
    }

    /// The options that choose the cloud, as words of a command line. Without secrets: the tool asks for a missing
    /// password.
    pub(crate) fn cloud_words(&self) -> Vec<String> {
        let text = |name: &str, value: &Option<String>| Some((name.to_owned(), value.clone()?));
        let path = |name: &str, value: &Option<PathBuf>| {
            let path = value.as_ref()?.display().to_string();
            Some((name.to_owned(), path))
        };
        let valued = [
            text("os-cloud", &self.os_cloud),
            text("os-auth-type", &self.os_auth_type),
            text("os-default-domain", &self.os_default_domain),
            text("heat-url", &self.heat_url),
            text("os-endpoint-override", &self.os_endpoint_override),
            text("os-region-name", &self.os_region_name),
            text("os-interface", &self.os_interface),
            text("os-endpoint-type", &self.os_endpoint_type),
            text("os-service-type", &self.os_service_type),
            text("os-service-name", &self.os_service_name),
            path("os-cacert", &self.os_cacert),
            path("os-cert", &self.os_cert),
            path("os-key", &self.os_key),
        ];
        let flags = [
            ("os-no-client-auth", self.os_no_client_auth),
            ("insecure", self.is_insecure()),
            ("verify", self.verify),
            ("include-password", self.foreign.include_password),
        ];
        let valued = valued.into_iter().flatten();
        let valued = valued.chain(self.auth.public());
        let mut words: Vec<String> = valued
            .flat_map(|(name, value)| [format!("--{name}"), value])
            .collect();
        let set = flags.iter().filter(|(_, is_set)| *is_set);
        words.extend(set.map(|(name, _)| format!("--{name}")));
        words
    }

    pub(crate) fn is_insecure(&self) -> bool {
        self.insecure || self.insecure_letter
    }
}

/// Parses a secret.
fn secret(text: &str) -> Result<Secret, std::convert::Infallible> {
    Ok(Secret::from(text))
}
