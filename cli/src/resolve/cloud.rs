//! Which cloud is meant: from options and variables to a client.

use std::time::Duration;

use heatclient::auth::{AdminToken, Credentials, NoAuth};
use heatclient::catalog::Interface;
use heatclient::loading::{OptionValues, PluginLoader, plugin_loader};
use heatclient::secret::Secret;
use heatclient::session::{Adapter, SessionBuilder};
use heatclient::transport::layers::RetryPolicy;
use heatclient::{Client, ErrorKind, Session};

use super::standalone::UserAndPassword;
use super::tls::tls;
use super::{heat_url, is_no};
use crate::args::GlobalArgs;
use crate::changes::Changes;
use crate::exit::Failure;
use crate::waiting::WaitingLayer;

/// The type under which catalogs list Heat.
const ORCHESTRATION: &str = "orchestration";

/// Reads a variable; gives none for an empty one.
pub(super) type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The client for the cloud that options and variables name.
///
/// May ask for a password, before its first pause. Logs in only to look for an unusual service type.
pub(crate) async fn client(
    global: &GlobalArgs,
    waiting: Option<WaitingLayer>,
    changes: Changes,
) -> Result<Client, Failure> {
    let asked =
        |prompt: &str| super::is_interactive().then(|| rpassword::prompt_password(prompt).ok())?;
    let cloud = Cloud {
        global,
        env: &super::variable,
    };
    cloud.client(&asked, waiting, changes).await
}

/// A session for what needs no cloud: certificates and time limits, no credentials.
pub(crate) fn anonymous(global: &GlobalArgs) -> Session {
    let cloud = Cloud {
        global,
        env: &super::variable,
    };
    cloud.session(NoAuth::new().into()).build()
}

/// Keystone's API, in the same region and by the same interface as Heat's.
pub(crate) fn identity(global: &GlobalArgs, session: &Session) -> Result<Adapter, Failure> {
    let cloud = Cloud {
        global,
        env: &super::variable,
    };
    let interface = cloud.interface()?.unwrap_or_default();
    let identity = session
        .adapter("identity")
        .version(3)
        .interfaces([interface]);
    Ok(match cloud.region() {
        Some(region) => identity.region(region).build(),
        None => identity.build(),
    })
}

/// The URL of Keystone, if options or variables name it.
pub(crate) fn auth_url(global: &GlobalArgs) -> Option<String> {
    let typed = global.auth.get("auth_url").map(str::to_owned);
    typed.or_else(|| super::variable("OS_AUTH_URL"))
}

/// How long one call may take, retries and reading included, however it trickles.
const CALL_DEADLINE: Duration = Duration::from_secs(600);

/// What names a cloud: options and variables.
struct Cloud<'a> {
    global: &'a GlobalArgs,
    env: Env<'a>,
}

impl Cloud<'_> {
    async fn client(
        &self,
        ask: &dyn Fn(&str) -> Option<String>,
        waiting: Option<WaitingLayer>,
        changes: Changes,
    ) -> Result<Client, Failure> {
        self.refuse_what_is_unknown()?;
        let service = self.value(self.global.os_service_type.as_ref(), &["OS_SERVICE_TYPE"]);
        let service = service.unwrap_or_else(|| ORCHESTRATION.to_owned());
        let region = self.region();
        let name = self.value(self.global.os_service_name.as_ref(), &["OS_SERVICE_NAME"]);
        let interface = self.interface()?.unwrap_or_default();
        let endpoint = self.endpoint().as_deref().map(heat_url).transpose()?;
        let mut session = self.session(self.credentials(ask)?).layer(changes);
        if let Some(layer) = waiting {
            session = session.layer(layer);
        }
        let session = session.build();
        let endpoint = match endpoint {
            None if service != ORCHESTRATION => {
                let mut adapter = session.adapter(service).version(1).interfaces([interface]);
                if let Some(region) = &region {
                    adapter = adapter.region(region);
                }
                if let Some(name) = &name {
                    adapter = adapter.service_name(name);
                }
                Some(adapter.build().endpoint().await?)
            }
            given => given,
        };
        let mut client = Client::builder(session).interface(interface);
        if let Some(region) = region {
            client = client.region(region);
        }
        if let Some(name) = name {
            client = client.service_name(name);
        }
        if let Some(endpoint) = endpoint {
            client = client.endpoint_override(endpoint);
        }
        Ok(client.build())
    }

    /// The option's value, else that of the first variable that has one.
    fn value(&self, option: Option<&String>, variables: &[&str]) -> Option<String> {
        given(option)
            .cloned()
            .or_else(|| variables.iter().find_map(|name| (self.env)(name)))
    }

    fn refuse_what_is_unknown(&self) -> Result<(), Failure> {
        if let Some(cloud) = self.value(self.global.os_cloud.as_ref(), &["OS_CLOUD"]) {
            return Err(Failure::Message(format!(
                "cloud {cloud:?} is asked for (--os-cloud, OS_CLOUD), but clouds.yaml is not supported yet: \
                 use the OS_* variables"
            )));
        }
        let foreign = &self.global.foreign;
        let provider = self.value(
            foreign.os_service_provider.as_ref(),
            &["OS_SERVICE_PROVIDER"],
        );
        if let Some(provider) = provider {
            return Err(Failure::Message(format!(
                "service provider {provider:?} (--os-service-provider, OS_SERVICE_PROVIDER): Keystone-to-Keystone \
                 federation is not supported; log in to that cloud directly"
            )));
        }
        let identity = foreign.os_identity_api_version.as_deref();
        if let Some(version) =
            identity.filter(|version| version.trim_start_matches('v').starts_with('2'))
        {
            return Err(Failure::Message(format!(
                "version {version:?} of the identity API is not supported; use 3, or leave out --os-identity-api-version"
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
        let typed = given(self.global.heat_url.as_ref())
            .or_else(|| given(self.global.os_endpoint_override.as_ref()));
        self.value(typed, &["HEAT_URL", "OS_ENDPOINT_OVERRIDE"])
    }

    fn region(&self) -> Option<String> {
        self.value(self.global.os_region_name.as_ref(), &["OS_REGION_NAME"])
    }

    fn interface(&self) -> Result<Option<Interface>, Failure> {
        let typed = given(self.global.os_interface.as_ref())
            .or_else(|| given(self.global.os_endpoint_type.as_ref()));
        self.value(typed, &["OS_INTERFACE", "OS_ENDPOINT_TYPE"])
            .map(|name| name.parse().map_err(Failure::Heat))
            .transpose()
    }

    fn session(&self, credentials: Credentials) -> SessionBuilder {
        // Somebody waits at a prompt: each call ends, and servers are not waited for at their word.
        let patience = RetryPolicy::default().retry_after_cap(Duration::from_secs(5));
        let session = Session::builder(credentials)
            .timeout(CALL_DEADLINE)
            .retry(patience);
        let mut session = session.tls(tls(self.global, self.env));
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

/// An empty option counts as none, as an empty variable does.
fn given(option: Option<&String>) -> Option<&String> {
    option.filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use clap::{Args as _, FromArgMatches as _};

    use super::*;

    /// The credentials that a command line and variables lead to, and what was asked for.
    fn credentials(
        line: &str,
        variables: &[(&str, &str)],
    ) -> (Result<String, String>, Vec<String>) {
        let command = GlobalArgs::augment_args(clap::Command::new("heat").no_binary_name(true));
        let matches = command.get_matches_from(line.split_whitespace());
        let env = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found
                .map(|(_, value)| (*value).to_owned())
                .filter(|value| !value.is_empty())
        };
        let asked = RefCell::new(Vec::new());
        let cloud = Cloud {
            global: &GlobalArgs::from_arg_matches(&matches).unwrap(),
            env: &env,
        };
        let result = cloud.credentials(&|prompt| {
            asked.borrow_mut().push(prompt.to_owned());
            Some("typed".to_owned())
        });
        let result = result.map(|credentials| format!("{credentials:?}"));
        (
            result.map_err(|failure| failure.to_string()),
            asked.into_inner(),
        )
    }

    const URL: (&str, &str) = ("OS_AUTH_URL", "http://id:5000/v3");
    const USER: (&str, &str) = ("OS_USERNAME", "demo");
    const PASSWORD: (&str, &str) = ("OS_PASSWORD", "swordfish");

    #[test]
    fn the_given_values_choose_the_plugin() {
        for (line, variables, plugin) in [
            ("", &[URL, USER, PASSWORD][..], "Password"),
            ("", &[URL, USER, PASSWORD, ("OS_TOKEN", "t")], "Token"),
            ("", &[URL, USER, PASSWORD, ("OS_TOKEN", "")], "Password"),
            ("--os-auth-token t", &[URL], "Token"),
            ("--os-token t", &[URL, USER, PASSWORD], "Token"),
            (
                "--os-auth-type password",
                &[URL, USER, PASSWORD, ("OS_TOKEN", "t")],
                "Password",
            ),
            (
                "--os-application-credential-id i",
                &[URL, ("OS_APPLICATION_CREDENTIAL_SECRET", "s")],
                "ApplicationCredential",
            ),
            (
                "--heat-url http://h/v1/p",
                &[("OS_AUTH_TOKEN", "t")],
                "AdminToken",
            ),
            ("--os-no-client-auth", &[("HEAT_URL", "http://h")], "NoAuth"),
            (
                "",
                &[
                    ("HEAT_URL", "http://h"),
                    ("OS_NO_CLIENT_AUTH", "1"),
                    USER,
                    PASSWORD,
                ],
                "UserAndPassword",
            ),
            (
                "",
                &[
                    URL,
                    ("HEAT_URL", "http://h"),
                    ("OS_NO_CLIENT_AUTH", "0"),
                    USER,
                    PASSWORD,
                ],
                "Password",
            ),
            ("--os-auth-type none", &[("HEAT_URL", "http://h")], "NoAuth"),
            (
                "--os-auth-type admin_token --os-token t",
                &[("HEAT_URL", "http://h")],
                "AdminToken",
            ),
        ] {
            let (result, asked) = credentials(line, variables);
            let debug = result.unwrap_or_else(|e| panic!("{line}: {e}"));
            assert!(debug.contains(plugin), "{line}: {debug}");
            assert!(!debug.contains("swordfish"), "{debug}");
            assert!(asked.is_empty());
        }
    }

    #[test]
    fn what_is_typed_goes_before_variables_and_older_names_after_newer() {
        let variables = [
            URL,
            USER,
            PASSWORD,
            ("OS_PROJECT_NAME", "one"),
            ("OS_TENANT_NAME", "two"),
        ];
        for (line, user, project) in [
            ("", "demo", "one"),
            ("--os-username admin", "admin", "one"),
            ("--os-tenant-name three", "demo", "three"),
            (
                "--os-tenant-name three --os-project-name four",
                "demo",
                "four",
            ),
            ("--os-username=", "demo", "one"),
        ] {
            let debug = credentials(line, &variables).0.unwrap();
            for text in [user, project, "\"default\""] {
                assert!(debug.contains(text), "{line}: {text} in {debug}");
            }
        }
        let named = credentials("--os-default-domain acme", &variables)
            .0
            .unwrap();
        assert!(
            named.contains("\"acme\"") && !named.contains("\"default\""),
            "{named}"
        );
    }

    #[test]
    fn only_a_missing_password_is_asked_for() {
        let (result, asked) = credentials("", &[URL, USER]);
        assert!(result.is_ok());
        assert_eq!(asked, ["Password: "]);
        let (result, asked) = credentials("", &[USER]);
        assert_eq!(
            result.unwrap_err(),
            "auth plugin password needs auth_url (OS_AUTH_URL); password (OS_PASSWORD); \
             options are named alike: --os-auth-url for OS_AUTH_URL"
        );
        assert!(asked.is_empty());
    }

    #[test]
    fn what_cannot_be_is_told() {
        for (line, variables, message) in [
            (
                "--os-no-client-auth",
                &[][..],
                "--os-no-client-auth needs the URL of Heat: --heat-url or HEAT_URL",
            ),
            (
                "--os-auth-type pasword",
                &[URL],
                "unknown auth plugin \"pasword\"; did you mean password?",
            ),
        ] {
            assert_eq!(credentials(line, variables).0.unwrap_err(), message);
        }
        assert_eq!(
            heat_url("heat:8004").unwrap_err().to_string(),
            "the URL of Heat \"heat:8004\" has no scheme; expected http://host[:port]/path"
        );
    }
}
