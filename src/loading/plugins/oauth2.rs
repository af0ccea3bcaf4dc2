//! The plugins `v3oauth2clientcredential` and `v3oauth2mtlsclientcredential`.

use crate::auth::identity::{OAuth2ClientCredential, OAuth2MtlsClientCredential};
use crate::loading::plugins::common::{AUTH_URL, Plugin, SCOPE};
use crate::loading::{Opt, PluginLoader};

const OAUTH2: &[Opt] = &[
    Opt::new("oauth2_endpoint", "URL for OAuth 2.0 access tokens").required(),
    Opt::new("oauth2_client_id", "ID of the OAuth 2.0 client").required(),
];
const SECRET: Opt = Opt::new("oauth2_client_secret", "Secret of the OAuth 2.0 client")
    .secret()
    .required();

/// Scope options are accepted and ignored: the client has a fixed scope.
pub(super) fn loaders() -> Vec<PluginLoader> {
    let client_credential = Plugin {
        name: "v3oauth2clientcredential",
        aliases: &[],
        options: [&[AUTH_URL], SCOPE, OAUTH2, &[SECRET]].concat(),
        missing: |_| Vec::new(),
        make: |values| {
            let plugin = OAuth2ClientCredential::new(
                values.require("auth_url")?,
                values.require("oauth2_endpoint")?,
                values.require("oauth2_client_id")?,
                values.require_secret("oauth2_client_secret")?,
            )?;
            Ok(plugin.into())
        },
    };
    let mtls = Plugin {
        name: "v3oauth2mtlsclientcredential",
        aliases: &[],
        options: [&[AUTH_URL], SCOPE, OAUTH2].concat(),
        missing: |_| Vec::new(),
        make: |values| {
            let plugin = OAuth2MtlsClientCredential::new(
                values.require("auth_url")?,
                values.require("oauth2_endpoint")?,
                values.require("oauth2_client_id")?,
            )?;
            Ok(plugin.into())
        },
    };
    vec![client_credential.into(), mtls.into()]
}

#[cfg(test)]
mod tests {
    use crate::error::ErrorKind;
    use crate::loading::plugins::testing::{SCOPE, assert_missing, error, made, options};

    const PLUGINS: [&str; 2] = ["v3oauth2clientcredential", "v3oauth2mtlsclientcredential"];

    #[test]
    fn options_are_those_of_keystoneauth() {
        for (plugin, secret) in PLUGINS.into_iter().zip([" oauth2_client_secret!*", ""]) {
            assert_eq!(
                options(plugin),
                format!("auth_url! {SCOPE} oauth2_endpoint! oauth2_client_id!{secret}")
            );
        }
    }

    #[test]
    fn clients_are_made_and_empty_values_are_missing() {
        let client = [
            ("auth_url", "http://id"),
            ("oauth2-endpoint", "https://id/v3/OS-OAUTH2/token"),
            ("oauth2_client_id", "c1"),
            ("project_id", "p1"),
        ];
        let secret = [("oauth2_client_secret", "swordfish")];
        let with_secret = [&client[..], &secret].concat();
        let debug = made(PLUGINS[0], &with_secret, &["swordfish"]);
        assert!(debug.contains("OS-OAUTH2/token"), "{debug}");
        assert!(made(PLUGINS[1], &client, &[]).contains("c1"));
        let empty = [&client[..], &[("oauth2_client_secret", "")]].concat();
        assert_missing(
            PLUGINS[0],
            &empty,
            "oauth2_client_secret (OS_OAUTH2_CLIENT_SECRET)",
        );
        for plugin in PLUGINS {
            let bad = [&with_secret[..], &[("oauth2_endpoint", "id")]].concat();
            let bad: Vec<_> = bad
                .into_iter()
                .filter(|(name, _)| plugin == PLUGINS[0] || *name != "oauth2_client_secret")
                .collect();
            assert_eq!(error(plugin, &bad).0, ErrorKind::Config);
        }
    }
}
