//! The plugins `v2password` and `v2token`, for the identity API v2.0.

use crate::auth::identity::{V2Password, V2Scope, V2Token, V2User};
use crate::loading::plugins::common::{AUTH_URL, PASSWORD, Plugin, TOKEN, USER_ID, USERNAME};
use crate::loading::{Opt, OptionValues, PluginLoader};

const SCOPE: &[Opt] = &[
    Opt::new("tenant_id", "ID of the tenant"),
    Opt::new("tenant_name", "Name of the tenant"),
    Opt::new("trust_id", "ID of the trust"),
];

pub(super) fn loaders() -> Vec<PluginLoader> {
    let password = Plugin {
        name: "v2password",
        aliases: &[],
        options: [
            &[AUTH_URL],
            SCOPE,
            &[USERNAME, USER_ID, PASSWORD.required().may_be_empty()],
        ]
        .concat(),
        missing: |values| match user(values) {
            Some(_) => Vec::new(),
            None => vec![&["username", "user_id"]],
        },
        make: |values| {
            let password = values.require_secret("password")?;
            let name = || {
                values
                    .require("username")
                    .map(|name| V2User::Name(name.to_owned()))
            };
            let user = user(values).map_or_else(name, Ok)?;
            let plugin = V2Password::new(values.require("auth_url")?, user, password)?;
            Ok(plugin.scope(scope(values)).into())
        },
    };
    let token = Plugin {
        name: "v2token",
        aliases: &[],
        options: [&[AUTH_URL], SCOPE, &[TOKEN]].concat(),
        missing: |_| Vec::new(),
        make: |values| {
            let plugin =
                V2Token::new(values.require("auth_url")?, values.require_secret("token")?)?;
            Ok(plugin.scope(scope(values)).into())
        },
    };
    vec![password.into(), token.into()]
}

/// The user. A name takes precedence over an id, as in keystoneauth.
fn user(values: &OptionValues) -> Option<V2User> {
    let name = values
        .get("username")
        .map(|name| V2User::Name(name.to_owned()));
    name.or_else(|| values.get("user_id").map(|id| V2User::Id(id.to_owned())))
}

fn scope(values: &OptionValues) -> V2Scope {
    let value = |name| values.get(name).map(str::to_owned);
    V2Scope {
        tenant_id: value("tenant_id"),
        tenant_name: value("tenant_name"),
        trust_id: value("trust_id"),
    }
}

#[cfg(test)]
mod tests {
    use crate::error::ErrorKind;
    use crate::loading::plugins::testing::{assert_missing, error, made, options};

    const URL: (&str, &str) = ("auth_url", "http://id/v2.0");

    #[test]
    fn options_are_those_of_keystoneauth() {
        assert_eq!(
            options("v2password"),
            "auth_url! tenant_id tenant_name trust_id username=user_name user_id password!*"
        );
        assert_eq!(
            options("v2token"),
            "auth_url! tenant_id tenant_name trust_id token!*"
        );
    }

    #[test]
    fn users_and_tenants_are_read() {
        let password = [URL, ("password", "swordfish"), ("tenant_id", "t1")];
        for (user, expected) in [
            (
                &[("user_name", "demo"), ("user_id", "u1")][..],
                "Name(\"demo\")",
            ),
            (&[("user_id", "u1")], "Id(\"u1\")"),
        ] {
            let debug = made(
                "v2password",
                &[&password[..], user].concat(),
                &["swordfish"],
            );
            assert!(
                debug.contains(expected) && debug.contains("Some(\"t1\")"),
                "{debug}"
            );
        }
        let token = [
            URL,
            ("token", "gAAAA"),
            ("tenant_name", "web"),
            ("trust_id", "tr"),
        ];
        let debug = made("v2token", &token, &["gAAAA"]);
        assert!(debug.contains("web") && debug.contains("tr"), "{debug}");
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        assert_missing(
            "v2password",
            &[URL],
            "password (OS_PASSWORD); username (OS_USERNAME) or user_id (OS_USER_ID)",
        );
        assert_missing("v2token", &[], "auth_url (OS_AUTH_URL); token (OS_TOKEN)");
        let v3 = [("auth_url", "http://id/v3"), ("token", "gAAAA")];
        assert_eq!(error("v2token", &v3).0, ErrorKind::Config);
    }
}
