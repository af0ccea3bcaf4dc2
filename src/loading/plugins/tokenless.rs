//! The plugin `v3tokenlessauth`: a client certificate in place of a token.

use crate::auth::identity::TokenlessAuth;
use crate::loading::PluginLoader;
use crate::loading::plugins::common::{
    AUTH_URL, Group, PROJECT_DOMAIN, Plugin, TOKENLESS_SCOPE, missing_of_project, scope,
};

const ANY_SCOPE: Group = &["project_id", "project_name", "domain_id", "domain_name"];

pub(super) fn loaders() -> Vec<PluginLoader> {
    let tokenless = Plugin {
        name: "v3tokenlessauth",
        aliases: &[],
        options: [&[AUTH_URL], TOKENLESS_SCOPE].concat(),
        missing: |values| {
            let has_scope = ANY_SCOPE.iter().any(|name| values.get(name).is_some());
            let scope = (!has_scope).then_some(ANY_SCOPE);
            let project = missing_of_project(values, PROJECT_DOMAIN);
            scope.into_iter().chain(project).collect()
        },
        make: |values| {
            let scope = scope(values)?;
            Ok(TokenlessAuth::new(values.require("auth_url")?, &scope)?.into())
        },
    };
    vec![tokenless.into()]
}

#[cfg(test)]
mod tests {
    use crate::error::ErrorKind;
    use crate::loading::plugins::testing::{assert_missing, error, made, options};

    const PLUGIN: &str = "v3tokenlessauth";
    const URL: (&str, &str) = ("auth_url", "https://id/v3");

    #[test]
    fn options_are_those_of_keystoneauth() {
        assert_eq!(
            options(PLUGIN),
            "auth_url! domain_id domain_name project_id project_name project_domain_id \
             project_domain_name"
        );
    }

    #[test]
    fn one_scope_is_needed() {
        for (scope, expected) in [
            (&[("project_id", "p1")][..], "x-project-id"),
            (
                &[("project_name", "web"), ("project_domain_name", "acme")],
                "x-project-domain-name",
            ),
            (&[("domain_id", "d1")], "x-domain-id"),
            (&[("domain_name", "acme")], "x-domain-name"),
        ] {
            let debug = made(PLUGIN, &[&[URL], scope].concat(), &[]);
            assert!(debug.contains(expected), "{debug}");
        }
        assert_missing(
            PLUGIN,
            &[URL, ("project_domain_id", "d1")],
            "project_id (OS_PROJECT_ID) or project_name (OS_PROJECT_NAME) or domain_id (OS_DOMAIN_ID) \
             or domain_name (OS_DOMAIN_NAME)",
        );
        assert_missing(
            PLUGIN,
            &[URL, ("project_name", "web")],
            "project_domain_name (OS_PROJECT_DOMAIN_NAME) or project_domain_id (OS_PROJECT_DOMAIN_ID)",
        );
        let both = [URL, ("project_id", "p1"), ("domain_id", "d1")];
        assert_eq!(error(PLUGIN, &both).0, ErrorKind::Config);
    }
}
