//! The plugins `password` and `v3password`.

use crate::auth::identity::Password;
use crate::error::Result;
use crate::loading::plugins::common::{
    self, AUTH_URL, GENERIC_PROJECT_DOMAIN, GENERIC_SCOPE, GENERIC_USER_DOMAIN, PROJECT_DOMAIN,
    Plugin, SCOPE, USER, USER_DOMAIN, missing_of_project, missing_of_user, scope, user,
};
use crate::loading::{Opt, OptionValues, PluginLoader};

const PASSWORD: Opt = common::PASSWORD.required().may_be_empty();

pub(super) fn loaders() -> Vec<PluginLoader> {
    let generic = Plugin {
        name: "password",
        aliases: &[],
        options: [&[AUTH_URL], GENERIC_SCOPE, USER, &[PASSWORD]].concat(),
        missing: |values| {
            let user = missing_of_user(values, GENERIC_USER_DOMAIN);
            let project = missing_of_project(values, GENERIC_PROJECT_DOMAIN);
            user.into_iter().chain(project).collect()
        },
        make: |values| Ok(password(values)?.discover(true).into()),
    };
    let v3 = Plugin {
        name: "v3password",
        aliases: &[],
        options: [&[AUTH_URL], SCOPE, USER, &[PASSWORD]].concat(),
        missing: |values| {
            let user = missing_of_user(values, USER_DOMAIN);
            let project = missing_of_project(values, PROJECT_DOMAIN);
            user.into_iter().chain(project).collect()
        },
        make: |values| Ok(password(values)?.into()),
    };
    vec![generic.into(), v3.into()]
}

fn password(values: &OptionValues) -> Result<Password> {
    let password = values.require_secret("password")?;
    Ok(Password::new(values.require("auth_url")?, user(values)?, password)?.scope(scope(values)?))
}

#[cfg(test)]
mod tests {
    use crate::error::ErrorKind;
    use crate::loading::plugins::testing::{
        GENERIC_SCOPE, Pairs, SCOPE, USER, assert_missing, error, load, made, options,
    };

    const PLUGINS: [&str; 2] = ["password", "v3password"];
    const URL: (&str, &str) = ("auth_url", "http://id");

    /// A complete login, and more.
    fn login<'a>(more: Pairs<'a>) -> Vec<(&'a str, &'a str)> {
        let login = [
            ("auth_url", "http://id/v3"),
            ("user_id", "u1"),
            ("password", "swordfish"),
        ];
        [&login, more].concat()
    }

    #[test]
    fn options_are_those_of_keystoneauth() {
        for (plugin, scope) in PLUGINS.into_iter().zip([GENERIC_SCOPE, SCOPE]) {
            assert_eq!(
                options(plugin),
                format!("auth_url! {scope} {USER} password!*")
            );
        }
    }

    #[test]
    fn only_the_generic_plugin_discovers() {
        let pairs = login(&[("project_id", "p1")]);
        for (plugin, discover) in PLUGINS.into_iter().zip(["true", "false"]) {
            let debug = made(plugin, &pairs, &["swordfish"]);
            assert!(debug.contains(&format!("discover: {discover}")), "{debug}");
            assert!(debug.contains("scope: Project(Id(\"p1\"))"), "{debug}");
        }
    }

    #[test]
    fn a_password_may_be_empty() {
        for plugin in PLUGINS {
            assert!(load(plugin, &[URL, ("user_id", "u1"), ("password", "")]).is_ok());
        }
    }

    #[test]
    fn all_that_is_missing_is_listed_at_once() {
        let demo = [URL, ("username", "demo"), ("password", "pw")];
        assert_missing(
            "password",
            &[],
            "auth_url (OS_AUTH_URL); password (OS_PASSWORD); username (OS_USERNAME) or user_id \
             (OS_USER_ID)",
        );
        assert_missing(
            "password",
            &[&demo[..], &[("project_name", "web")]].concat(),
            "user_domain_name (OS_USER_DOMAIN_NAME) or user_domain_id (OS_USER_DOMAIN_ID) or \
             default_domain_id (OS_DEFAULT_DOMAIN_ID); project_domain_name \
             (OS_PROJECT_DOMAIN_NAME) or project_domain_id (OS_PROJECT_DOMAIN_ID) or \
             default_domain_id (OS_DEFAULT_DOMAIN_ID)",
        );
        assert_missing(
            "v3password",
            &demo,
            "user_domain_name (OS_USER_DOMAIN_NAME) or user_domain_id (OS_USER_DOMAIN_ID)",
        );
    }

    #[test]
    fn unknown_options_are_reported_with_suggestions() {
        for (plugin, option, rest) in [
            (
                "password",
                "usernam",
                "\"usernam\" (did you mean username?)",
            ),
            (
                "password",
                "tenant",
                "\"tenant\" (did you mean project_id or project_name?)",
            ),
            ("v3password", "tenant_id", "\"tenant_id\""),
            ("password", "token", "\"token\""),
        ] {
            let message = format!("auth plugin {plugin} has no option {rest}");
            let expected = (ErrorKind::UnknownOption, message);
            assert_eq!(error(plugin, &login(&[(option, "x")])), expected);
        }
    }

    #[test]
    fn contradictions_are_named() {
        let cases: [(Pairs<'_>, &str); 5] = [
            (
                &[("project_id", "p1"), ("domain_name", "acme")],
                "conflicting scopes: project_id and domain_name; set only one of them",
            ),
            (
                &[
                    ("trust_id", "t1"),
                    ("system_scope", "all"),
                    ("project_name", "web"),
                    ("project_domain_id", "d1"),
                    ("domain_id", "d1"),
                ],
                "conflicting scopes: project_name and domain_id and system_scope and trust_id; \
                 set only one of them",
            ),
            (
                &[("system_scope", "half")],
                "unknown system scope \"half\"; use \"all\"",
            ),
            (
                &[("auth_url", "http://id/v2.0")],
                "the auth URL \"http://id/v2.0\" is for identity API v2.0; use /v3, or the \
                 plugin v2password or v2token",
            ),
            (
                &[("auth_url", "id:5000")],
                "the auth URL \"id:5000\" has no scheme; expected http://host[:port]/path",
            ),
        ];
        for (options, message) in cases {
            for plugin in PLUGINS {
                let expected = (ErrorKind::Config, message.to_owned());
                assert_eq!(error(plugin, &login(options)), expected);
            }
        }
    }
}
