//! The plugin `v3multifactor`: several methods in one login.

use std::borrow::Cow;

use crate::auth::Credentials;
use crate::auth::identity::{Factor, MultiFactor};
use crate::error::{Error, ErrorKind, Result};
use crate::loading::plugins::application_credential::{
    CREDENTIAL, credential, missing_of_credential,
};
use crate::loading::plugins::common::{
    AUTH_URL, Group, PASSWORD, PROJECT_DOMAIN, SCOPE, TOKEN, USER, USER_DOMAIN, missing_of_project,
    missing_of_user, scope, user,
};
use crate::loading::plugins::totp::{PASSCODE, TOTP_SECRET, passcode};
use crate::loading::{Loader, Opt, OptionValues, PluginLoader};

const NAME: &str = "v3multifactor";

const AUTH_METHODS: Opt = Opt::new(
    "auth_methods",
    "Names of the plugins to combine, separated by commas: v3password,v3totp",
)
.required();

pub(super) fn loaders() -> Vec<PluginLoader> {
    vec![MultiFactorLoader([&[AUTH_URL], SCOPE, &[AUTH_METHODS, TOTP_SECRET]].concat()).into()]
}

#[derive(Debug)]
struct MultiFactorLoader(Vec<Opt>);

/// The plugins that can be combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Password,
    Totp,
    Token,
    ApplicationCredential,
}

const METHODS: [(&str, Method); 4] = [
    ("v3password", Method::Password),
    ("v3totp", Method::Totp),
    ("v3token", Method::Token),
    ("v3applicationcredential", Method::ApplicationCredential),
];

/// The method with this name: that of its plugin, or that of Keystone.
fn method(name: &str) -> Option<Method> {
    let name = match name {
        "application_credential" => "applicationcredential",
        name => name.strip_prefix("v3").unwrap_or(name),
    };
    let mut methods = METHODS.iter();
    let known = methods.find(|(known, _)| known.strip_prefix("v3") == Some(name));
    known.map(|(_, method)| *method)
}

/// The methods in `auth_methods`, without unknown names. A TOTP secret implies its method.
fn methods(values: &OptionValues) -> Vec<Method> {
    let names = values.list("auth_methods");
    let mut methods: Vec<_> = names.into_iter().filter_map(method).collect();
    if values.secret("totp_secret").is_some() && !methods.contains(&Method::Totp) {
        methods.push(Method::Totp);
    }
    methods
}

impl Method {
    fn options(self) -> &'static [&'static [Opt]] {
        match self {
            Self::Password => {
                const ASKED_PASSWORD: &[Opt] = &[PASSWORD.may_be_empty()];
                &[USER, ASKED_PASSWORD]
            }
            Self::Totp => &[USER, PASSCODE],
            Self::Token => &[&[TOKEN]],
            Self::ApplicationCredential => &[USER, CREDENTIAL],
        }
    }

    fn missing(self, values: &OptionValues) -> Option<Group> {
        match self {
            Self::Password | Self::Totp => missing_of_user(values, USER_DOMAIN),
            Self::Token => None,
            Self::ApplicationCredential => missing_of_credential(values),
        }
    }

    fn factor(self, values: &OptionValues) -> Result<Factor> {
        Ok(match self {
            Self::Password => match values.secret("password") {
                Some(password) => Factor::password(user(values)?, password.clone()),
                None => Factor::asked_password(user(values)?),
            },
            Self::Totp => Factor::totp(user(values)?, passcode(values)?),
            Self::Token => Factor::token(values.require_secret("token")?),
            Self::ApplicationCredential => Factor::application_credential(
                credential(values)?,
                values.require_secret("application_credential_secret")?,
            ),
        })
    }
}

impl Loader for MultiFactorLoader {
    fn name(&self) -> &str {
        NAME
    }

    fn options(&self) -> &[Opt] {
        &self.0
    }

    fn options_for(&self, values: &OptionValues) -> Cow<'_, [Opt]> {
        let mut options = self.0.clone();
        for method in methods(values) {
            for opt in method.options().iter().copied().flatten() {
                if !options.iter().any(|known| known.name == opt.name) {
                    options.push(*opt);
                }
            }
        }
        options.into()
    }

    fn missing(&self, values: &OptionValues) -> Vec<Group> {
        let methods = methods(values);
        let of_methods = methods.iter().filter_map(|method| method.missing(values));
        of_methods
            .chain(missing_of_project(values, PROJECT_DOMAIN))
            .collect()
    }

    fn load(&self, values: &OptionValues) -> Result<Credentials> {
        let names = values.list("auth_methods");
        let unknown = names.iter().find(|name| method(name).is_none());
        if let Some(unknown) = unknown {
            let known = METHODS.map(|(name, _)| name).join(", ");
            let message = format!("unknown auth method {unknown:?}; {NAME} combines {known}");
            return Err(Error::new(ErrorKind::Config, message));
        }
        if names.is_empty() {
            let message = "auth_methods is an empty list; expected v3password,v3totp";
            return Err(Error::new(ErrorKind::Config, message));
        }
        let mut plugin = MultiFactor::new(values.require("auth_url")?)?.scope(scope(values)?);
        for method in methods(values) {
            plugin = plugin.factor(method.factor(values)?);
        }
        Ok(plugin.into())
    }
}

#[cfg(test)]
mod tests {
    use crate::error::ErrorKind;
    use crate::loading::plugins::testing::{SCOPE, assert_missing, error, loader, made, options};

    const PLUGIN: &str = "v3multifactor";
    const URL: (&str, &str) = ("auth_url", "http://id");

    #[test]
    fn options_depend_on_the_methods() {
        assert_eq!(
            options(PLUGIN),
            format!("auth_url! {SCOPE} auth_methods! totp_secret*")
        );
        let names = |methods: &str| {
            let loader = loader(PLUGIN);
            let values = loader.values([("auth_methods", methods)]).unwrap();
            let options = loader.options_for(&values);
            let names: Vec<_> = options.iter().skip(11).map(|opt| opt.name).collect();
            names.join(" ")
        };
        let user = "user_id username user_domain_id user_domain_name";
        for (methods, expected) in [
            ("v3password,v3totp", format!("{user} password passcode")),
            ("password, totp", format!("{user} password passcode")),
            ("v3token", "token".to_owned()),
            (
                "v3token,v3applicationcredential",
                format!(
                    "token {user} application_credential_secret application_credential_id \
                     application_credential_name"
                ),
            ),
            (
                "application_credential",
                format!(
                    "{user} application_credential_secret application_credential_id application_credential_name"
                ),
            ),
            ("kerberos", String::new()),
        ] {
            assert_eq!(names(methods), expected, "{methods}");
        }
    }

    #[test]
    fn factors_are_those_of_the_methods() {
        let login = [
            URL,
            ("auth_methods", "v3password,v3totp"),
            ("user_id", "u1"),
            ("project_id", "p1"),
        ];
        let given = [
            &login[..],
            &[("password", "swordfish"), ("passcode", "123456")],
        ]
        .concat();
        let debug = made(PLUGIN, &given, &["swordfish", "123456"]);
        for part in ["Password(Id(\"u1\"), Some(", "Once(", "Project(Id(\"p1\"))"] {
            assert!(debug.contains(part), "{debug}");
        }
        // A TOTP secret is used although the methods do not name it.
        let secret = [
            URL,
            ("auth_methods", "v3password"),
            ("user_id", "u1"),
            ("totp_secret", "GEZDGNBV"),
        ];
        let debug = made(PLUGIN, &secret, &["GEZDGNBV"]);
        assert!(debug.contains("Generated"), "{debug}");
        let debug = made(PLUGIN, &login, &[]);
        for part in ["Password(Id(\"u1\"), None)", "Asked"] {
            assert!(debug.contains(part), "{debug}");
        }
    }

    #[test]
    fn what_is_missing_or_unknown_is_named() {
        assert_missing(
            PLUGIN,
            &[],
            "auth_url (OS_AUTH_URL); auth_methods (OS_AUTH_METHODS)",
        );
        assert_missing(
            PLUGIN,
            &[
                URL,
                ("auth_methods", "v3password,v3totp,v3token"),
                ("project_name", "web"),
            ],
            "token (OS_TOKEN); username (OS_USERNAME) or user_id (OS_USER_ID); project_domain_name \
             (OS_PROJECT_DOMAIN_NAME) or project_domain_id (OS_PROJECT_DOMAIN_ID)",
        );
        for (methods, message) in [
            (
                "v3totp,v3kerberos",
                "unknown auth method \"v3kerberos\"; v3multifactor combines v3password, v3totp, \
                 v3token, v3applicationcredential",
            ),
            (
                ",",
                "auth_methods is an empty list; expected v3password,v3totp",
            ),
        ] {
            let pairs = match methods {
                "," => vec![URL, ("auth_methods", methods)],
                _ => vec![URL, ("auth_methods", methods), ("user_id", "u1")],
            };
            assert_eq!(
                error(PLUGIN, &pairs),
                (ErrorKind::Config, message.to_owned())
            );
        }
    }
}
