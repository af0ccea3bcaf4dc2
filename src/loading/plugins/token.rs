//! The plugins `token` and `v3token`: exchange a token for another one.

use crate::auth::identity::Token;
use crate::error::Result;
use crate::loading::plugins::common::{
    AUTH_URL, GENERIC_PROJECT_DOMAIN, GENERIC_SCOPE, PROJECT_DOMAIN, Plugin, SCOPE, TOKEN,
    missing_of_project, scope,
};
use crate::loading::{OptionValues, PluginLoader};

pub(super) fn loaders() -> Vec<PluginLoader> {
    let generic = Plugin {
        name: "token",
        aliases: &[],
        options: [&[AUTH_URL], GENERIC_SCOPE, &[TOKEN]].concat(),
        missing: |values| Vec::from_iter(missing_of_project(values, GENERIC_PROJECT_DOMAIN)),
        make: |values| Ok(token(values)?.discover(true).into()),
    };
    let v3 = Plugin {
        name: "v3token",
        aliases: &[],
        options: [&[AUTH_URL], SCOPE, &[TOKEN]].concat(),
        missing: |values| Vec::from_iter(missing_of_project(values, PROJECT_DOMAIN)),
        make: |values| Ok(token(values)?.into()),
    };
    vec![generic.into(), v3.into()]
}

fn token(values: &OptionValues) -> Result<Token> {
    let token = values.require_secret("token")?;
    Ok(Token::new(values.require("auth_url")?, token)?.scope(scope(values)?))
}

#[cfg(test)]
mod tests {
    use crate::loading::plugins::testing::{GENERIC_SCOPE, SCOPE, assert_missing, made, options};

    const URL: (&str, &str) = ("auth_url", "http://id");

    #[test]
    fn options_are_those_of_keystoneauth() {
        for (plugin, scope) in [("token", GENERIC_SCOPE), ("v3token", SCOPE)] {
            assert_eq!(options(plugin), format!("auth_url! {scope} token!*"));
        }
    }

    #[test]
    fn only_the_generic_plugin_discovers() {
        for (plugin, discover) in [("token", "discover: true"), ("v3token", "discover: false")] {
            let pairs = [URL, ("token", "gAAAA"), ("system_scope", "all")];
            let debug = made(plugin, &pairs, &["gAAAA"]);
            assert!(debug.contains(discover), "{debug}");
            assert!(debug.contains("scope: System"), "{debug}");
        }
    }

    #[test]
    fn all_that_is_missing_is_listed_at_once() {
        assert_missing(
            "v3token",
            &[URL, ("token", ""), ("project_name", "web")],
            "token (OS_TOKEN); project_domain_name (OS_PROJECT_DOMAIN_NAME) or project_domain_id \
             (OS_PROJECT_DOMAIN_ID)",
        );
    }
}
