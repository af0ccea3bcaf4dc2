//! Which cloud is meant: from options and variables to a client.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::time::Duration;

use heatclient::auth::{AdminToken, Credentials, NoAuth};
use heatclient::catalog::Interface;
use heatclient::http::TlsConfig;
use heatclient::loading::{OptionValues, PluginLoader, plugin_loader};
use heatclient::secret::Secret;
use heatclient::session::SessionBuilder;
use heatclient::{Client, ErrorKind, Session};

use super::standalone::UserAndPassword;
use crate::args::GlobalArgs;
use crate::exit::Failure;

/// Reads a variable; gives none for an empty one.
pub(super) type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The client for the cloud that options and variables name. May ask for a password; sends nothing.
pub(crate) fn client(global: &GlobalArgs) -> Result<Client, Failure> {
    let cloud = Cloud {
        global,
        env: &super::variable,
    };
    let asked = |prompt: &str| {
        let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        terminal.then(|| rpassword::prompt_password(prompt).ok())?
    };
    cloud.client(&asked)
}

struct Cloud<'a> {
    global: &'a GlobalArgs,
    env: Env<'a>,
}

impl Cloud<'_> {
    fn client(&self, ask: &dyn Fn(&str) -> Option<String>) -> Result<Client, Failure> {
        self.refuse_what_is_unknown()?;
        let session = self.session(self.credentials(ask)?);
        let mut client = Client::builder(session.build());
        if let Some(region) = self.value(self.global.os_region_name.as_ref(), &["OS_REGION_NAME"]) {
            client = client.region(region);
        }
        if let Some(interface) = self.interface()? {
            client = client.interface(interface);
        }
        if let Some(name) = self.value(self.global.os_service_name.as_ref(), &["OS_SERVICE_NAME"]) {
            client = client.service_name(name);
        }
        if let Some(endpoint) = self.endpoint() {
            let uri = endpoint.parse().map_err(|_| {
                Failure::Message(format!(
                    "the URL of Heat {endpoint:?} is not a URL; expected http://host[:port]/path"
                ))
            })?;
            client = client.endpoint_override(uri);
        }
        Ok(client.build())
    }

    /// The option's value, else that of the first variable that has one.
    fn value(&self, option: Option<&String>, variables: &[&str]) -> Option<String> {
        let typed = option.filter(|value| !value.is_empty()).cloned();
        typed.or_else(|| variables.iter().find_map(|name| (self.env)(name)))
    }

    fn refuse_what_is_unknown(&self) -> Result<(), Failure> {
        if let Some(cloud) = self.value(self.global.os_cloud.as_ref(), &["OS_CLOUD"]) {
            return Err(Failure::Message(format!(
                "cloud {cloud:?} is asked for (--os-cloud, OS_CLOUD), but clouds.yaml is not supported yet: \
                 use the OS_* variables"
            )));
        }
        let version = self.value(
            self.global.os_orchestration_api_version.as_ref(),
            &["OS_ORCHESTRATION_API_VERSION", "HEAT_API_VERSION"],
        );
        match version.as_deref() {
            None | Some("1" | "v1" | "1.0") => Ok(()),
            Some(other) => Err(Failure::Message(format!(
                "version {other:?} of Heat's API does not exist; there is only 1"
            ))),
        }
    }

    fn endpoint(&self) -> Option<String> {
        let typed = self.global.heat_url.as_ref();
        let typed = typed.or(self.global.os_endpoint_override.as_ref());
        self.value(typed, &["HEAT_URL", "OS_ENDPOINT_OVERRIDE"])
    }

    fn interface(&self) -> Result<Option<Interface>, Failure> {
        let typed = self.global.os_interface.as_ref();
        let typed = typed.or(self.global.os_endpoint_type.as_ref());
        self.value(typed, &["OS_INTERFACE", "OS_ENDPOINT_TYPE"])
            .map(|name| name.parse().map_err(Failure::Heat))
            .transpose()
    }

    fn session(&self, credentials: Credentials) -> SessionBuilder {
        let path = |typed: &Option<PathBuf>, variable| {
            let typed = typed.as_ref().filter(|path| !path.as_os_str().is_empty());
            typed
                .cloned()
                .or_else(|| (self.env)(variable).map(PathBuf::from))
        };
        let mut session = Session::builder(credentials).tls(TlsConfig {
            cacert: path(&self.global.os_cacert, "OS_CACERT"),
            cert: path(&self.global.os_cert, "OS_CERT"),
            key: path(&self.global.os_key, "OS_KEY"),
            insecure: self.global.is_insecure(),
        });
        if let Some(seconds) = self.global.api_timeout {
            let timeout = Duration::from_secs_f64(seconds);
            session = session.connect_timeout(timeout).read_timeout(timeout);
        }
        session
    }

    fn credentials(&self, ask: &dyn Fn(&str) -> Option<String>) -> Result<Credentials, Failure> {
        let without_keystone = self.global.os_no_client_auth || {
            let variable = (self.env)("OS_NO_CLIENT_AUTH");
            variable.is_some_and(|value| !is_no(&value))
        };
        let token = self.global.os_auth_token.clone();
        let token = token.filter(|token| !token.expose().is_empty());
        let token = token.or_else(|| (self.env)("OS_AUTH_TOKEN").map(Secret::from));
        match (self.endpoint(), token) {
            (Some(endpoint), Some(token)) => Ok(AdminToken::new(&endpoint, token)?.into()),
            (Some(endpoint), None) if without_keystone => Ok(match self.user_and_password() {
                Some(user) => user.at(&endpoint)?.into(),
                None => NoAuth::new().at(&endpoint)?.into(),
            }),
            (None, _) if without_keystone => Err(Failure::Message(
                "--os-no-client-auth needs the URL of Heat: --heat-url or HEAT_URL".to_owned(),
            )),
            (_, token) => self.log_in(token, ask),
        }
    }

    fn user_and_password(&self) -> Option<UserAndPassword> {
        let value = |name, variable| {
            let typed = self.global.auth.get(name).map(str::to_owned);
            typed.or_else(|| (self.env)(variable))
        };
        Some(UserAndPassword::new(
            &value("username", "OS_USERNAME")?,
            value("password", "OS_PASSWORD")?,
        ))
    }

    /// Credentials for Keystone, from the plugin that is named or that the values are for.
    fn log_in(
        &self,
        token: Option<Secret>,
        ask: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Credentials, Failure> {
        let named = self.value(
            self.global.os_auth_type.as_ref(),
            &["OS_AUTH_TYPE", "OS_AUTH_PLUGIN"],
        );
        let name = named
            .as_deref()
            .unwrap_or_else(|| self.guess(token.is_some()));
        let loader = plugin_loader(name)?;
        let values = self.values(&loader, token)?;
        match loader.load_values(values.clone()) {
            Err(missing) if missing.kind() == ErrorKind::MissingOption => {
                match self.ask_for_the_rest(&loader, values, ask)? {
                    Some(credentials) => Ok(credentials),
                    None => Err(Failure::Message(format!(
                        "{missing}; options are named alike: --os-auth-url for OS_AUTH_URL"
                    ))),
                }
            }
            result => Ok(result?),
        }
    }

    /// The plugin that the given values are for.
    fn guess(&self, token: bool) -> &'static str {
        let given = |name: &str, variable: &str| {
            self.global.auth.get(name).is_some() || (self.env)(variable).is_some()
        };
        if token || given("token", "OS_TOKEN") {
            "token"
        } else if given("application_credential_id", "OS_APPLICATION_CREDENTIAL_ID")
            || given(
                "application_credential_secret",
                "OS_APPLICATION_CREDENTIAL_SECRET",
            )
        {
            "v3applicationcredential"
        } else {
            "password"
        }
    }

    /// What was typed, then what the variables say, then what goes without saying.
    fn values(
        &self,
        loader: &PluginLoader,
        token: Option<Secret>,
    ) -> Result<OptionValues, Failure> {
        let known = |name: &&str| loader.option(name).is_some();
        let typed = self.global.auth.iter();
        let typed = typed
            .filter(|(name, _)| known(name))
            .map(|(name, value)| (*name, value.clone()));
        let implied = [
            token.map(|token| ("token", token)),
            self.endpoint()
                .map(|endpoint| ("endpoint", Secret::from(endpoint))),
            self.default_domain()
                .map(|id| ("default_domain_id", Secret::from(id))),
        ];
        let implied = implied
            .into_iter()
            .flatten()
            .filter(|(name, _)| known(name));
        Ok(loader
            .values(typed)?
            .or(loader.read_env(self.env))
            .or(loader.values(implied)?))
    }

    /// As the `openstack` tool, users and projects without a domain are in the one called `default`.
    fn default_domain(&self) -> Option<String> {
        let named = self.global.auth.get("default_domain_name").is_some()
            || (self.env)("OS_DEFAULT_DOMAIN_NAME").is_some();
        let typed = self.global.os_default_domain.as_ref();
        (!named).then(|| {
            self.value(typed, &["OS_DEFAULT_DOMAIN"])
                .unwrap_or_else(|| "default".to_owned())
        })
    }

    /// Asks for what a person can be asked for, if nothing else is missing.
    fn ask_for_the_rest(
        &self,
        loader: &PluginLoader,
        values: OptionValues,
        ask: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Option<Credentials>, Failure> {
        let open: Vec<_> = loader
            .options()
            .iter()
            .filter(|opt| opt.required && values.get(opt.name).is_none())
            .filter_map(|opt| Some((opt.name, opt.prompt?)))
            .collect();
        let pretended = loader.values(open.iter().map(|(name, _)| (*name, "?")))?;
        let complete = loader.load_values(values.clone().or(pretended)).is_ok();
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
        Ok(Some(
            loader.load_values(values.or(loader.values(answers)?))?,
        ))
    }
}

fn is_no(value: &str) -> bool {
    matches!(
        value.to_ascii_lowercase().as_str(),
        "0" | "false" | "no" | "off"
    )
}
