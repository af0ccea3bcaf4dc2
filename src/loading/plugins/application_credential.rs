//! The plugin `v3applicationcredential`.

use crate::auth::Credentials;
use crate::auth::identity::{ApplicationCredential, CredentialRef};
use crate::error::Result;
use crate::loading::plugins::common::{
    AUTH_URL, Group, Plugin, SCOPE, USER, USER_DOMAIN, missing_of_user, user,
};
use crate::loading::{Opt, OptionValues, PluginLoader};

pub(super) const CREDENTIAL: &[Opt] = &[
    Opt::new(
        "application_credential_secret",
        "Secret of the application credential",
    )
    .secret()
    .required(),
    Opt::new(
        "application_credential_id",
        "ID of the application credential",
    ),
    Opt::new(
        "application_credential_name",
        "Name of the application credential",
    ),
];

const ID_OR_NAME: Group = &["application_credential_id", "application_credential_name"];

pub(super) fn loaders() -> Vec<PluginLoader> {
    let v3 = Plugin {
        name: "v3applicationcredential",
        aliases: &[],
        options: [&[AUTH_URL], SCOPE, USER, CREDENTIAL].concat(),
        missing: |values| Vec::from_iter(missing_of_credential(values)),
        make: application_credential,
    };
    vec![v3.into()]
}

pub(super) fn missing_of_credential(values: &OptionValues) -> Option<Group> {
    let id = values.get("application_credential_id");
    match (id, values.get("application_credential_name")) {
        (Some(_), _) => None,
        (None, Some(_)) => missing_of_user(values, USER_DOMAIN),
        (None, None) => Some(ID_OR_NAME),
    }
}

/// Scope options are accepted and ignored: the credential has a fixed scope, and the user's
/// environment often has another one.
fn application_credential(values: &OptionValues) -> Result<Credentials> {
    let credential = credential(values)?;
    let secret = values.require_secret("application_credential_secret")?;
    Ok(ApplicationCredential::new(values.require("auth_url")?, credential, secret)?.into())
}

/// An id takes precedence over a name.
pub(super) fn credential(values: &OptionValues) -> Result<CredentialRef> {
    Ok(match values.get("application_credential_id") {
        Some(id) => CredentialRef::id(id),
        None => CredentialRef::name(
            values.require("application_credential_name")?,
            user(values)?,
        ),
    })
}

#[cfg(test)]
mod tests {
    use crate::loading::plugins::testing::{Pairs, SCOPE, USER, assert_missing, made, options};

    const PLUGIN: &str = "v3applicationcredential";
    const URL: (&str, &str) = ("auth_url", "http://id");
    const SECRET: (&str, &str) = ("application_credential_secret", "pw");

    #[test]
    fn options_are_those_of_keystoneauth() {
        assert_eq!(
            options(PLUGIN),
            format!(
                "auth_url! {SCOPE} {USER} application_credential_secret!* \
                 application_credential_id application_credential_name"
            )
        );
    }

    #[test]
    fn a_credential_is_known_by_id_or_by_name() {
        let by_id = [
            ("application_credential_id", "ac1"),
            ("project_name", "web"),
        ];
        let by_name = [("application_credential_name", "ci"), ("user_id", "u1")];
        for (credential, expected) in [
            (by_id, "Id(\"ac1\")"),
            (by_name, "Name { name: \"ci\", user: Id(\"u1\") }"),
        ] {
            let debug = made(PLUGIN, &[&[URL, SECRET], &credential[..]].concat(), &["pw"]);
            assert!(debug.contains(expected), "{debug}");
        }
    }

    #[test]
    fn all_that_is_missing_is_listed_at_once() {
        let cases: [(Pairs<'_>, &str); 2] = [
            (
                &[URL, ("application_credential_secret", "")],
                "application_credential_secret (OS_APPLICATION_CREDENTIAL_SECRET); \
                 application_credential_id (OS_APPLICATION_CREDENTIAL_ID) or \
                 application_credential_name (OS_APPLICATION_CREDENTIAL_NAME)",
            ),
            (
                &[URL, SECRET, ("application_credential_name", "ci")],
                "username (OS_USERNAME) or user_id (OS_USER_ID)",
            ),
        ];
        for (pairs, missing) in cases {
            assert_missing(PLUGIN, pairs, missing);
        }
    }
}
