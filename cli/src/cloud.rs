//! Resolves global options and environment variables to a client.

use std::path::Path;
use std::time::Duration;

use heatclient::auth::NoAuth;
use heatclient::config::{CloudConfig, ConfigBuilder, Setting, Source};
use heatclient::session::{Adapter, SessionBuilder};
use heatclient::transport::layers::RetryPolicy;
use heatclient::{Client, Error, ErrorKind, Session};

use crate::changes::Changes;
use crate::environment::is_interactive;
use crate::exit::Failure;
use crate::options::GlobalArgs;
use crate::questions::{Terminal, hidden, in_thread};
use crate::remark::say;
use crate::trace::Trace;
use crate::waiting::WaitingLayer;

/// Heat's service type in the catalog.
const ORCHESTRATION: &str = "orchestration";

/// Deadline of one call, including retries and reading the response.
const CALL_DEADLINE: Duration = Duration::from_secs(600);

/// The maximum number of requests at a time: a wait for several stacks sends one for each.
const CONCURRENCY: usize = 16;

/// Cap for the delay that a server requests with `Retry-After`.
const RETRY_AFTER_CAP: Duration = Duration::from_secs(5);

/// The error if nothing names a cloud.
const NO_CLOUD: &str = "no cloud configured: set OS_AUTH_URL, OS_USERNAME, OS_PASSWORD, OS_PROJECT_NAME and so on \
                        (source your openrc); to try without a cloud: eval \"$(heat sandbox --background)\"";

/// The cloud that options and variables configure.
#[derive(Debug)]
pub(crate) struct Cloud(CloudConfig);

impl Cloud {
    /// Resolves options and variables. Missing credentials are reported by [`Cloud::client`].
    pub(crate) fn new(global: &GlobalArgs) -> Result<Self, Failure> {
        let ask = |prompt: &str| is_interactive().then(|| hidden(prompt).ok())?;
        let builder = explicit(global).process_env().files().ask(ask);
        let config = builder.build()?;
        if !global.quiet {
            for warning in config.warnings() {
                say(&format!("WARNING: {warning}"));
            }
        }
        Ok(Self(config))
    }

    /// Builds the client. It prompts for a missing password. It logs in only if the service type is not the default: to
    /// check that the catalog lists it.
    pub(crate) async fn client(
        &self,
        waiting: Option<WaitingLayer>,
        changes: Changes,
        trace: Option<&Trace>,
    ) -> Result<Client, Failure> {
        let session = match is_interactive() {
            true => {
                let config = self.0.clone();
                let built = in_thread(move || config.session_builder()).await;
                built.map_err(|error| {
                    Failure::Message(format!("cannot prompt for a password: {error}"))
                })?
            }
            false => self.0.session_builder(),
        };
        let session = session.map_err(|error| missing_options(error, &self.0))?;
        let retry = self.0.session_settings().retry.clone();
        let mut session = with_limits(session, retry).layer(changes);
        if is_interactive() {
            session = session.interaction(Terminal);
        }
        if let Some(layer) = waiting {
            session = session.layer(layer);
        }
        if let Some(trace) = trace {
            session = trace.add(session);
        }
        let settings = self.0.adapter_settings();
        let mut adapter = self.0.adapter(&session.build());
        if let Some(retry) = &settings.retry {
            adapter = adapter.retry(retry.clone().retry_after_cap(RETRY_AFTER_CAP));
        }
        let heat = Client::from(adapter);
        // Report a mistyped service type before the command prompts or reads anything.
        if settings.service_type != ORCHESTRATION && settings.endpoint_override.is_none() {
            heat.adapter().endpoint().await?;
        }
        Ok(heat)
    }

    /// An adapter for Keystone.
    pub(crate) fn identity(&self, session: &Session) -> Adapter {
        self.0.identity_adapter(session).build()
    }

    /// The configured region of Heat.
    pub(crate) fn region(&self) -> Option<String> {
        self.0.adapter_settings().region.clone()
    }

    /// An adapter for another service.
    pub(crate) fn service(&self, session: &Session, service_type: &str) -> Adapter {
        let settings = self.0.adapter_settings();
        let adapter = session.adapter(service_type);
        let adapter = adapter.interfaces(settings.interfaces.iter().copied());
        match &settings.region {
            Some(region) => adapter.region(region).build(),
            None => adapter.build(),
        }
    }

    /// All settings that have a value.
    pub(crate) fn settings(&self) -> &[Setting] {
        self.0.settings()
    }

    /// Options that have a value without effect.
    pub(crate) fn overridden(&self) -> &[Setting] {
        self.0.overridden()
    }

    /// Keystone's URL, if it is configured.
    pub(crate) fn auth_url(&self) -> Option<&str> {
        Some(self.0.setting("auth.auth_url")?.value())
    }
}

/// A session for commands that need no cloud: with certificates and time limits, without credentials.
pub(crate) fn anonymous(global: &GlobalArgs) -> Result<Session, Failure> {
    let settings = explicit(global).process_env().session_settings()?;
    let session = Session::builder(NoAuth::new());
    let session = settings.apply(session);
    Ok(with_limits(session, settings.retry).build())
}

/// Sets limits for interactive use: a deadline for each call, a cap for `Retry-After`, and the number of requests.
fn with_limits(session: SessionBuilder, retry: Option<RetryPolicy>) -> SessionBuilder {
    let retry = retry.unwrap_or_default();
    session
        .timeout(CALL_DEADLINE)
        .concurrency(CONCURRENCY)
        .retry(retry.retry_after_cap(RETRY_AFTER_CAP))
}

/// The error for missing options of the auth plugin, with advice how to set them.
fn missing_options(error: Error, config: &CloudConfig) -> Failure {
    let is_set = |setting: &Setting| {
        let name = setting.name();
        let names_a_cloud = name.starts_with("auth") || name == "endpoint_override";
        names_a_cloud && *setting.source() != Source::Default
    };
    match error.kind() {
        ErrorKind::MissingOption if config.name().is_some() => {
            let name = config.name().unwrap_or_default();
            Failure::Message(format!(
                "cloud {name:?}: {error}; add them to `auth` in clouds.yaml, set these variables, or use the options of \
                 the same names (--os-auth-url for OS_AUTH_URL)"
            ))
        }
        ErrorKind::MissingOption if !config.settings().iter().any(is_set) => {
            Failure::Message(match config.choices() {
                [] => NO_CLOUD.to_owned(),
                names => format!(
                    "no cloud chosen: set --os-cloud or OS_CLOUD to one of {}",
                    names.join(", ")
                ),
            })
        }
        ErrorKind::MissingOption => Failure::Message(format!(
            "{error}; set these variables, or use the options of the same names (--os-auth-url for OS_AUTH_URL)"
        )),
        _ => Failure::Heat(error),
    }
}

/// The options of the command line, by the library's names of the settings.
fn explicit(global: &GlobalArgs) -> ConfigBuilder {
    let texts = [
        ("cloud", &global.os_cloud),
        ("auth_type", &global.os_auth_type),
        ("default_domain", &global.os_default_domain),
        ("heat_url", &global.heat_url),
        ("endpoint_override", &global.os_endpoint_override),
        ("region_name", &global.os_region_name),
        ("interface", &global.os_interface),
        ("endpoint_type", &global.os_endpoint_type),
        ("service_type", &global.os_service_type),
        ("service_name", &global.os_service_name),
        (
            "orchestration_api_version",
            &global.os_orchestration_api_version,
        ),
        (
            "identity_api_version",
            &global.foreign.os_identity_api_version,
        ),
        ("service_provider", &global.foreign.os_service_provider),
    ];
    let texts = texts
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_deref()?)));
    let flags = [
        ("no_client_auth", global.os_no_client_auth),
        ("include_password", global.foreign.include_password),
        ("insecure", global.is_insecure()),
        ("verify", global.verify),
    ];
    let flags = flags.into_iter().filter(|(_, given)| *given);
    let token = global.os_auth_token.iter();
    let timeout = global.api_timeout.iter();
    let builder = ConfigBuilder::new()
        .explicit(texts)
        .explicit(flags.map(|(name, _)| (name, "true")))
        .explicit(token.map(|token| ("auth_token", token.clone())))
        .explicit(timeout.map(|seconds| ("api_timeout", seconds.to_string())))
        .explicit(global.auth.iter().cloned());
    let paths = [
        ("cacert", &global.os_cacert),
        ("cert", &global.os_cert),
        ("key", &global.os_key),
    ];
    let paths = paths
        .into_iter()
        .filter_map(|(name, path)| Some((name, path.as_deref()?)));
    paths.fold(builder, |builder, (name, path): (_, &Path)| {
        builder.explicit_path(name, path)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{Args as _, FromArgMatches as _};

    type Variables = &'static [(&'static str, &'static str)];

    fn builder(line: &str, variables: Variables) -> ConfigBuilder {
        let command = GlobalArgs::augment_args(clap::Command::new("heat").no_binary_name(true));
        let matches = command.get_matches_from(line.split_whitespace());
        explicit(&GlobalArgs::from_arg_matches(&matches).unwrap()).env(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn every_option_has_a_setting() {
        for (line, name, value) in [
            ("--os-auth-type token", "auth_type", "token"),
            ("--os-auth-token t", "auth.token", "t"),
            ("--os-token t", "auth.token", "t"),
            ("--os-username u", "auth.username", "u"),
            ("--os-user-name u", "auth.username", "u"),
            ("--os_tenant_name p", "auth.project_name", "p"),
            ("--os-default-domain d", "default_domain", "d"),
            ("--heat-url http://h", "endpoint_override", "http://h"),
            (
                "--os-endpoint-override http://h",
                "endpoint_override",
                "http://h",
            ),
            (
                "--os-endpoint-override http://b --heat-url http://a",
                "endpoint_override",
                "http://a",
            ),
            (
                "--os-no-client-auth --heat-url http://h",
                "no_client_auth",
                "true",
            ),
            ("--os-region-name R", "region_name", "R"),
            ("--os-interface admin", "interface", "admin"),
            ("--os-endpoint-type adminURL", "interface", "adminURL"),
            (
                "--os-endpoint-type adminURL --os-interface internal",
                "interface",
                "internal",
            ),
            ("--os-service-type o", "service_type", "o"),
            ("--os-service-name n", "service_name", "n"),
            ("--heat-api-version v1", "orchestration_api_version", "v1"),
            ("--os-cacert /a", "cacert", "/a"),
            ("--cert-file /c", "cert", "/c"),
            ("--os-key /k", "key", "/k"),
            ("--insecure", "insecure", "true"),
            ("-k", "insecure", "true"),
            ("--verify", "verify", "true"),
            // reached: by nothing, since no request is sent
            ("--api-timeout 1.5", "api_timeout", "1.5"),
            ("--api-timeout 1e-3", "api_timeout", "0.001"),
        ] {
            let cloud = builder(line, &[("OS_INSECURE", "1")]).build().unwrap();
            let setting = cloud.setting(name).map(Setting::value);
            assert_eq!(setting, Some(value), "{line}");
        }
    }

    #[test]
    fn what_is_typed_goes_before_variables_unless_it_is_empty() {
        const VARIABLES: Variables = &[
            ("OS_AUTH_URL", "http://id:5000/v3"),
            ("OS_USERNAME", "demo"),
            ("OS_PASSWORD", "secret"),
            ("OS_CACERT", "/os.pem"),
            ("OS_REGION_NAME", "R"),
        ];
        for (line, name, value, source) in [
            ("", "auth.username", "demo", "OS_USERNAME"),
            ("--os-username admin", "auth.username", "admin", "explicit"),
            ("--os-username=", "auth.username", "demo", "OS_USERNAME"),
            ("--os-cacert=", "cacert", "/os.pem", "OS_CACERT"),
            ("--os-region-name=", "region_name", "R", "OS_REGION_NAME"),
            ("--os-password=", "auth.password", "secret", "OS_PASSWORD"),
        ] {
            let cloud = builder(line, VARIABLES).build().unwrap();
            let setting = cloud.setting(name).unwrap();
            assert_eq!(
                (setting.value(), setting.source().to_string().as_str()),
                (value, source),
                "{line}"
            );
        }
    }

    #[test]
    fn what_is_refused_or_missing_is_told() {
        for (line, message) in [
            (
                "--os-service-provider sp",
                "service provider \"sp\" (--os-service-provider, OS_SERVICE_PROVIDER): Keystone-to-Keystone \
                 federation is not supported; log in to that cloud directly",
            ),
            (
                "--os-identity-api-version v2.0",
                "version \"v2.0\" of the identity API is not supported; use 3, or omit --os-identity-api-version",
            ),
            (
                "--os-username demo",
                "auth plugin password needs auth_url (OS_AUTH_URL); password (OS_PASSWORD); set these variables, or use \
                 the options of the same names (--os-auth-url for OS_AUTH_URL)",
            ),
            ("", NO_CLOUD),
            ("--os-region-name R", NO_CLOUD),
        ] {
            let failure = match builder(line, &[]).build() {
                Ok(config) => missing_options(config.credentials().unwrap_err(), &config),
                Err(error) => Failure::Heat(error),
            };
            assert_eq!(failure.to_string(), message);
        }
    }
}
