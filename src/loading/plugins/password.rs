//! The plugins of this crate: the one table of their options.

use crate::auth::identity::{ApplicationCredential, CredentialRef, Password, Token};
use crate::auth::{AdminToken, Credentials, NoAuth};
use crate::error::Result;
use crate::loading::identity::{
    GENERIC_PROJECT_DOMAIN, GENERIC_SCOPE, GENERIC_USER_DOMAIN, Group, PROJECT_DOMAIN, SCOPE, USER,
    USER_DOMAIN, project_gap, scope, user, user_gap,
};
use crate::loading::{Loader, Opt, OptionValues, PluginLoader};

const AUTH_URL: Opt = Opt::new("auth_url", "URL of the identity service").required();
const PASSWORD: Opt = Opt::new("password", "The user's password")
    .secret()
    .required()
    .may_be_empty()
    .prompt("Password: ");
const TOKEN: Opt = Opt::new("token", "Token to log in with")
    .secret()
    .required();

const CREDENTIAL: &[Opt] = &[
    Opt::new(
        "application_credential_secret",
        "Secret of the application credential",
    )
    .secret()
    .required(),
    Opt::new(
        "application_credential_id",
        "Id of the application credential",
    ),
    Opt::new(
        "application_credential_name",
        "Name of the application credential",
    ),
];

/// All loaders, each with the name, the aliases and the options that its users know.
pub(super) fn loaders() -> Vec<PluginLoader> {
    let (url, password, token) = (&[AUTH_URL][..], &[PASSWORD][..], &[TOKEN][..]);
    let endpoint = Opt::new("endpoint", "URL of the service").aliases(&["url"]);
    let table = [
        Builtin {
            name: "password",
            aliases: &[],
            options: [url, GENERIC_SCOPE, USER, password].concat(),
            missing: |values| {
                [
                    user_gap(values, GENERIC_USER_DOMAIN),
                    project_gap(values, GENERIC_PROJECT_DOMAIN),
                ]
            },
            make: |values| Ok(v3_password(values)?.discover().into()),
        },
        Builtin {
            name: "token",
            aliases: &[],
            options: [url, GENERIC_SCOPE, token].concat(),
            missing: |values| [None, project_gap(values, GENERIC_PROJECT_DOMAIN)],
            make: |values| Ok(v3_token(values)?.discover().into()),
        },
        Builtin {
            name: "v3password",
            aliases: &[],
            options: [url, SCOPE, USER, password].concat(),
            missing: |values| {
                [
                    user_gap(values, USER_DOMAIN),
                    project_gap(values, PROJECT_DOMAIN),
                ]
            },
            make: |values| Ok(v3_password(values)?.into()),
        },
        Builtin {
            name: "v3token",
            aliases: &[],
            options: [url, SCOPE, token].concat(),
            missing: |values| [None, project_gap(values, PROJECT_DOMAIN)],
            make: |values| Ok(v3_token(values)?.into()),
        },
        Builtin {
            name: "v3applicationcredential",
            aliases: &[],
            options: [url, SCOPE, USER, CREDENTIAL].concat(),
            missing: |values| [credential_gap(values), None],
            make: application_credential,
        },
        Builtin {
            name: "admin_token",
            aliases: &["token_endpoint"],
            options: vec![endpoint.required(), TOKEN],
            missing: |_| [None, None],
            make: |values| {
                Ok(
                    AdminToken::new(values.require("endpoint")?, values.require_secret("token")?)?
                        .into(),
                )
            },
        },
        Builtin {
            name: "none",
            aliases: &[],
            options: vec![endpoint],
            missing: |_| [None, None],
            make: |values| match values.get("endpoint") {
                Some(endpoint) => Ok(NoAuth::new().at(endpoint)?.into()),
                None => Ok(NoAuth::new().into()),
            },
        },
    ];
    table.into_iter().map(PluginLoader::from).collect()
}

#[derive(Debug)]
struct Builtin {
    name: &'static str,
    aliases: &'static [&'static str],
    options: Vec<Opt>,
    missing: fn(&OptionValues) -> [Option<Group>; 2],
    make: fn(&OptionValues) -> Result<Credentials>,
}

impl Loader for Builtin {
    fn name(&self) -> &str {
        self.name
    }

    fn aliases(&self) -> &[&str] {
        self.aliases
    }

    fn options(&self) -> &[Opt] {
        &self.options
    }

    fn missing(&self, values: &OptionValues) -> Vec<Group> {
        (self.missing)(values).into_iter().flatten().collect()
    }

    fn load(&self, values: &OptionValues) -> Result<Credentials> {
        (self.make)(values)
    }
}

fn credential_gap(values: &OptionValues) -> Option<Group> {
    let id = values.get("application_credential_id");
    match (id, values.get("application_credential_name")) {
        (Some(_), _) => None,
        (None, Some(_)) => user_gap(values, USER_DOMAIN),
        (None, None) => Some(&["application_credential_id", "application_credential_name"]),
    }
}

fn v3_password(values: &OptionValues) -> Result<Password> {
    let password = values.require_secret("password")?;
    Ok(Password::new(values.require("auth_url")?, user(values)?, password)?.scope(scope(values)?))
}

fn v3_token(values: &OptionValues) -> Result<Token> {
    let token = values.require_secret("token")?;
    Ok(Token::new(values.require("auth_url")?, token)?.scope(scope(values)?))
}

/// Scopes are taken and left alone: Keystone has tied the credential to one, and the environment of
/// a user often names another.
fn application_credential(values: &OptionValues) -> Result<Credentials> {
    let credential = match values.get("application_credential_id") {
        Some(id) => CredentialRef::id(id),
        None => CredentialRef::name(
            values.require("application_credential_name")?,
            user(values)?,
        ),
    };
    let secret = values.require_secret("application_credential_secret")?;
    Ok(ApplicationCredential::new(values.require("auth_url")?, credential, secret)?.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::loading::Registry;

    fn load(plugin: &str, pairs: &[(&str, &str)]) -> Result<Credentials> {
        Registry::default()
            .get(plugin)
            .unwrap()
            .load(pairs.iter().copied())
    }

    fn error(plugin: &str, pairs: &[(&str, &str)]) -> (ErrorKind, String) {
        let error = load(plugin, pairs).unwrap_err();
        (error.kind(), error.to_string())
    }

    const LOGIN: &[(&str, &str)] = &[
        ("auth_url", "http://id/v3"),
        ("user_id", "u1"),
        ("password", "swordfish"),
    ];

    fn login(more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
        [LOGIN, more].concat()
    }

    #[test]
    fn options_are_those_that_users_know() {
        let scope = "system_scope domain_id domain_name project_id project_name project_domain_id \
                     project_domain_name trust_id";
        let generic = "system_scope domain_id domain_name project_id=tenant_id project_name=tenant_name \
                       project_domain_id project_domain_name trust_id default_domain_id default_domain_name";
        let user = "user_id username=user_name user_domain_id user_domain_name";
        for (plugin, expected) in [
            ("password", format!("auth_url! {generic} {user} password!*")),
            ("token", format!("auth_url! {generic} token!*")),
            ("v3password", format!("auth_url! {scope} {user} password!*")),
            ("v3token", format!("auth_url! {scope} token!*")),
            (
                "v3applicationcredential",
                format!(
                    "auth_url! {scope} {user} application_credential_secret!* \
                     application_credential_id application_credential_name"
                ),
            ),
            ("admin_token", "endpoint=url! token!*".to_owned()),
            ("none", "endpoint=url".to_owned()),
        ] {
            let loader = Registry::default().get(plugin).unwrap();
            let options: Vec<_> = loader
                .options()
                .iter()
                .map(|opt| {
                    let required = if opt.required { "!" } else { "" };
                    let secret = if opt.secret { "*" } else { "" };
                    format!(
                        "{}{required}{secret}",
                        opt.names().collect::<Vec<_>>().join("=")
                    )
                })
                .collect();
            assert_eq!(options.join(" "), expected, "{plugin}");
            assert!(loader.options().iter().all(|opt| !opt.help.is_empty()));
        }
    }

    #[test]
    fn every_plugin_can_be_made() {
        let url = ("auth_url", "http://id");
        let secret = ("application_credential_secret", "pw");
        for (plugin, options, expected) in [
            (
                "password",
                &[url, ("user_id", "u1"), ("password", "")][..],
                "discover: true",
            ),
            ("token", &[url, ("token", "gAAAA")], "discover: true"),
            (
                "v3password",
                &[url, ("user_id", "u1"), ("password", "pw")],
                "discover: false",
            ),
            ("v3token", &[url, ("token", "gAAAA")], "discover: false"),
            // The scope in the environment is not the credential's business.
            (
                "v3applicationcredential",
                &[
                    url,
                    secret,
                    ("application_credential_id", "ac1"),
                    ("project_name", "web"),
                ],
                "Id(\"ac1\")",
            ),
            (
                "v3applicationcredential",
                &[
                    url,
                    secret,
                    ("application_credential_name", "ci"),
                    ("user_id", "u1"),
                ],
                "Name { name: \"ci\", user: Id(\"u1\") }",
            ),
            (
                "admin_token",
                &[("url", "http://heat"), ("token", "gAAAA")],
                "http://heat/",
            ),
            (
                "token_endpoint",
                &[("endpoint", "http://heat"), ("token", "gAAAA")],
                "http://heat/",
            ),
            ("none", &[("endpoint", "http://heat")], "http://heat/"),
            ("none", &[], "None"),
        ] {
            let debug = format!("{:?}", load(plugin, options).unwrap());
            assert!(debug.contains(expected), "{plugin}: {debug}");
            assert!(!debug.contains("gAAAA") && !debug.contains("pw"), "{debug}");
        }
    }

    #[test]
    fn the_scope_reaches_the_plugin() {
        for plugin in ["password", "v3password"] {
            let debug = format!(
                "{:?}",
                load(plugin, &login(&[("project_id", "p1")])).unwrap()
            );
            assert!(debug.contains("scope: Project(Id(\"p1\"))"), "{debug}");
            assert!(!debug.contains("swordfish"), "{debug}");
        }
        let pairs = [
            ("auth_url", "http://id"),
            ("token", "gAAAA"),
            ("system_scope", "all"),
        ];
        for plugin in ["token", "v3token"] {
            let debug = format!("{:?}", load(plugin, &pairs).unwrap());
            assert!(debug.contains("scope: System"), "{debug}");
        }
    }

    #[test]
    fn all_that_is_missing_is_told_at_once() {
        let url = ("auth_url", "http://id");
        for (plugin, options, message) in [
            (
                "password",
                &[][..],
                "auth plugin password needs auth_url (OS_AUTH_URL); password (OS_PASSWORD); \
                 username (OS_USERNAME) or user_id (OS_USER_ID)",
            ),
            (
                "password",
                &[
                    url,
                    ("username", "demo"),
                    ("password", "pw"),
                    ("project_name", "web"),
                ],
                "auth plugin password needs user_domain_name (OS_USER_DOMAIN_NAME) or \
                 user_domain_id (OS_USER_DOMAIN_ID) or default_domain_id (OS_DEFAULT_DOMAIN_ID); \
                 project_domain_name (OS_PROJECT_DOMAIN_NAME) or project_domain_id \
                 (OS_PROJECT_DOMAIN_ID) or default_domain_id (OS_DEFAULT_DOMAIN_ID)",
            ),
            (
                "v3password",
                &[url, ("username", "demo"), ("password", "pw")],
                "auth plugin v3password needs user_domain_name (OS_USER_DOMAIN_NAME) or \
                 user_domain_id (OS_USER_DOMAIN_ID)",
            ),
            (
                "v3token",
                &[url, ("token", ""), ("project_name", "web")],
                "auth plugin v3token needs token (OS_TOKEN); project_domain_name \
                 (OS_PROJECT_DOMAIN_NAME) or project_domain_id (OS_PROJECT_DOMAIN_ID)",
            ),
            (
                "v3applicationcredential",
                &[url, ("application_credential_secret", "")],
                "auth plugin v3applicationcredential needs application_credential_secret \
                 (OS_APPLICATION_CREDENTIAL_SECRET); application_credential_id \
                 (OS_APPLICATION_CREDENTIAL_ID) or application_credential_name \
                 (OS_APPLICATION_CREDENTIAL_NAME)",
            ),
            (
                "v3applicationcredential",
                &[
                    url,
                    ("application_credential_secret", "pw"),
                    ("application_credential_name", "ci"),
                ],
                "auth plugin v3applicationcredential needs username (OS_USERNAME) or user_id \
                 (OS_USER_ID)",
            ),
            (
                "admin_token",
                &[],
                "auth plugin admin_token needs endpoint (OS_ENDPOINT); token (OS_TOKEN)",
            ),
        ] {
            assert_eq!(
                error(plugin, options),
                (ErrorKind::MissingOption, message.to_owned())
            );
        }
    }

    #[test]
    fn unknown_options_are_told_with_what_was_meant() {
        for (plugin, option, message) in [
            (
                "password",
                "usernam",
                "auth plugin password has no option \"usernam\" (did you mean username?)",
            ),
            (
                "password",
                "tenant",
                "auth plugin password has no option \"tenant\" (did you mean project_id or project_name?)",
            ),
            (
                "v3password",
                "tenant_id",
                "auth plugin v3password has no option \"tenant_id\"",
            ),
            (
                "password",
                "token",
                "auth plugin password has no option \"token\"",
            ),
            ("none", "url", ""),
        ] {
            if message.is_empty() {
                assert!(load(plugin, &[(option, "http://heat")]).is_ok());
            } else {
                let expected = (ErrorKind::UnknownOption, message.to_owned());
                assert_eq!(error(plugin, &login(&[(option, "x")])), expected);
            }
        }
        assert_eq!(
            error("none", &[("a", "swordfish"), ("b", "swordfish")]).1,
            "auth plugin none has no option \"a\" nor \"b\""
        );
    }

    #[test]
    fn contradictions_are_named() {
        for (options, message) in [
            (
                &[("project_id", "p1"), ("domain_name", "acme")][..],
                "conflicting scopes: project_id and domain_name; a token is for a project, a domain, \
                 the system or a trust",
            ),
            (
                &[
                    ("trust_id", "t1"),
                    ("system_scope", "all"),
                    ("project_name", "web"),
                    ("project_domain_id", "d1"),
                    ("domain_id", "d1"),
                ],
                "conflicting scopes: project_name and domain_id and system_scope and trust_id; a token \
                 is for a project, a domain, the system or a trust",
            ),
            (
                &[("system_scope", "half")],
                "unknown system scope \"half\"; the only one is \"all\"",
            ),
            (
                &[("auth_url", "http://id/v2.0")],
                "the auth URL \"http://id/v2.0\" is of the identity API v2.0, which is no longer spoken; use /v3",
            ),
            (
                &[("auth_url", "id:5000")],
                "the auth URL \"id:5000\" has no scheme; expected http://host[:port]/path",
            ),
        ] {
            for plugin in ["password", "v3password"] {
                let expected = (ErrorKind::Config, message.to_owned());
                assert_eq!(error(plugin, &login(options)), expected);
            }
        }
    }
}
