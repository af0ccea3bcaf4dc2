//! The options that every command takes, before or after its name.
//!
//! Their variables are read in `cloud`, where an empty one counts as none.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use heatclient::secret::Secret;

use super::AuthArgs;
use super::number::{path_or_none, seconds};

/// The options that every command takes.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalArgs {
    /// Name of the cloud in clouds.yaml [env: OS_CLOUD]
    #[arg(long, alias = "os_cloud", global = true, value_name = "NAME")]
    pub(crate) os_cloud: Option<String>,

    /// Auth plugin; without it the one that the given options are for [env: OS_AUTH_TYPE]
    #[arg(long, aliases = ["os_auth_type", "os-auth-plugin"], global = true, value_name = "PLUGIN")]
    pub(crate) os_auth_type: Option<String>,

    /// Domain of user and project, unless they have their own: an id [env: OS_DEFAULT_DOMAIN, else default]
    #[arg(
        long,
        alias = "os_default_domain",
        global = true,
        value_name = "DOMAIN"
    )]
    pub(crate) os_default_domain: Option<String>,

    /// A token at hand; with --heat-url no Keystone is asked [env: OS_AUTH_TOKEN]
    #[arg(long, alias = "os_auth_token", global = true, value_name = "TOKEN", value_parser = secret)]
    pub(crate) os_auth_token: Option<Secret>,

    /// URL of Heat, whatever the catalog says [env: HEAT_URL]
    #[arg(long, alias = "heat_url", global = true, value_name = "URL")]
    pub(crate) heat_url: Option<String>,

    /// The same [env: OS_ENDPOINT_OVERRIDE]
    #[arg(
        long,
        alias = "os_endpoint_override",
        global = true,
        value_name = "URL"
    )]
    pub(crate) os_endpoint_override: Option<String>,

    /// Ask no Keystone: Heat itself checks user and password; needs --heat-url [env: OS_NO_CLIENT_AUTH]
    #[arg(long, alias = "os_no_client_auth", global = true)]
    pub(crate) os_no_client_auth: bool,

    /// Region [env: OS_REGION_NAME]
    #[arg(long, alias = "os_region_name", global = true, value_name = "REGION")]
    pub(crate) os_region_name: Option<String>,

    /// Interface: public, internal or admin [env: OS_INTERFACE, OS_ENDPOINT_TYPE]
    #[arg(long, alias = "os_interface", global = true, value_name = "INTERFACE")]
    pub(crate) os_interface: Option<String>,

    /// The older name of --os-interface: publicURL, internalURL or adminURL
    #[arg(
        long,
        alias = "os_endpoint_type",
        global = true,
        value_name = "INTERFACE",
        hide = true
    )]
    pub(crate) os_endpoint_type: Option<String>,

    /// Type of the service in the catalog [env: OS_SERVICE_TYPE, else orchestration]
    #[arg(long, alias = "os_service_type", global = true, value_name = "TYPE")]
    pub(crate) os_service_type: Option<String>,

    /// Name of the service in the catalog, where several are of the type [env: OS_SERVICE_NAME]
    #[arg(long, alias = "os_service_name", global = true, value_name = "NAME")]
    pub(crate) os_service_name: Option<String>,

    /// Version of Heat's API; there is only 1 [env: OS_ORCHESTRATION_API_VERSION, HEAT_API_VERSION]
    #[arg(
        long,
        aliases = ["os_orchestration_api_version", "heat-api-version", "heat_api_version"],
        global = true,
        value_name = "VERSION"
    )]
    pub(crate) os_orchestration_api_version: Option<String>,

    /// PEM file, or directory of PEM files, of the CAs to trust [env: OS_CACERT, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE]
    #[arg(long, aliases = ["os_cacert", "ca-file"], global = true, value_name = "FILE", value_parser = path_or_none())]
    pub(crate) os_cacert: Option<PathBuf>,

    /// PEM file of the client certificate [env: OS_CERT]
    #[arg(long, aliases = ["os_cert", "cert-file"], global = true, value_name = "FILE", value_parser = path_or_none())]
    pub(crate) os_cert: Option<PathBuf>,

    /// PEM file of the client certificate's key [env: OS_KEY]
    #[arg(long, aliases = ["os_key", "key-file"], global = true, value_name = "FILE", value_parser = path_or_none())]
    pub(crate) os_key: Option<PathBuf>,

    /// Do not verify servers' certificates (insecure) [env: OS_INSECURE]
    #[arg(long, global = true)]
    pub(crate) insecure: bool,

    /// Verify servers' certificates, as is the default; overrides OS_INSECURE
    #[arg(long, global = true, conflicts_with = "insecure")]
    pub(crate) verify: bool,

    /// How many seconds connecting, and each part of an answer, may take
    #[arg(long, alias = "api_timeout", global = true, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) api_timeout: Option<f64>,

    /// Append the log to this file: warnings, with --verbose and --debug more
    #[arg(long, alias = "log_file", global = true, value_name = "FILE", value_parser = path_or_none())]
    pub(crate) log_file: Option<PathBuf>,

    /// Tell each request on stderr [env: HEATCLIENT_DEBUG]
    #[arg(long, global = true)]
    pub(crate) debug: bool,

    /// Show the causes of errors and log more
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,

    /// No progress, no remarks
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,

    /// Tell on stderr how long it took
    #[arg(long, global = true)]
    pub(crate) timing: bool,

    // These letters mean something else after some of the old commands.
    #[arg(short = 'd', hide = true)]
    pub(crate) debug_letter: bool,
    #[arg(short = 'k', hide = true)]
    pub(crate) insecure_letter: bool,

    #[command(flatten)]
    pub(crate) auth: AuthArgs,

    #[command(flatten)]
    pub(crate) foreign: ForeignArgs,
}

/// Global options of the Python tools that scripts pass with every command and that mean nothing to this tool, or
/// that it refuses.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ForeignArgs {
    /// Identity API version; 3 is the only one
    #[arg(
        long,
        alias = "os_identity_api_version",
        global = true,
        hide = true,
        value_name = "VERSION"
    )]
    pub(crate) os_identity_api_version: Option<String>,

    /// The API versions of all other services go here, see `known`
    #[arg(long = OTHER_API_VERSION, global = true, hide = true, value_name = "VERSION")]
    other_api_versions: Vec<String>,

    /// Service provider of a Keystone-to-Keystone federation, which is not supported
    #[arg(
        long,
        alias = "os_service_provider",
        global = true,
        hide = true,
        value_name = "PROVIDER"
    )]
    pub(crate) os_service_provider: Option<String>,

    // These count only together with a service provider.
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

    /// Key of a profiler that this tool does not have
    #[arg(
        long = "os-profile",
        aliases = ["os_profile", "profile"],
        global = true,
        hide = true,
        value_name = "KEY"
    )]
    profile: Option<String>,

    /// There are no commands that need it
    #[arg(long, alias = "os_beta_command", global = true, hide = true)]
    os_beta_command: bool,

    /// With --os-no-client-auth user and password are always sent
    #[arg(long, alias = "include_password", global = true, hide = true)]
    include_password: bool,

    /// Without effect in the old tool, too
    #[arg(short = 't', long, hide = true)]
    token_only: bool,
}

/// The option in whose place the API version of any service but Heat and Keystone is read.
const OTHER_API_VERSION: &str = "os-other-api-version";

/// The word in the spelling that the definition knows: every service has an option for its API version.
pub(crate) fn known(word: OsString) -> OsString {
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
    pub(crate) fn is_debug(&self) -> bool {
        self.debug || self.debug_letter
    }

    pub(crate) fn is_insecure(&self) -> bool {
        self.insecure || self.insecure_letter
    }
}

/// A text that is not to be shown.
fn secret(text: &str) -> Result<Secret, std::convert::Infallible> {
    Ok(Secret::from(text))
}
