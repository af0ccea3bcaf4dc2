//! The plugin `admin_token`: a fixed token for a fixed endpoint.

use crate::auth::AdminToken;
use crate::loading::PluginLoader;
use crate::loading::plugins::common::{ENDPOINT, Plugin, TOKEN};

pub(super) fn loaders() -> Vec<PluginLoader> {
    let admin_token = Plugin {
        name: "admin_token",
        aliases: &["token_endpoint"],
        options: vec![ENDPOINT.required(), TOKEN],
        missing: |_| Vec::new(),
        make: |values| {
            let token = values.require_secret("token")?;
            Ok(AdminToken::new(values.require("endpoint")?, token)?.into())
        },
    };
    vec![admin_token.into()]
}

#[cfg(test)]
mod tests {
    use crate::error::ErrorKind;
    use crate::loading::plugins::testing::{assert_missing, error, made, options};

    #[test]
    fn endpoint_and_token_are_needed() {
        assert_eq!(options("admin_token"), "endpoint=url! token!*");
        assert_missing(
            "admin_token",
            &[],
            "endpoint (OS_ENDPOINT); token (OS_TOKEN)",
        );
        for plugin in ["admin_token", "token_endpoint"] {
            for key in ["endpoint", "url"] {
                let pairs = [(key, "http://heat"), ("token", "gAAAA")];
                let debug = made(plugin, &pairs, &["gAAAA"]);
                assert!(debug.contains("http://heat/"), "{debug}");
            }
        }
    }

    #[test]
    fn unusable_values_are_refused() {
        for (endpoint, token) in [("heat", "gAAAA"), ("http://heat", "g\nAAAA")] {
            let pairs = [("endpoint", endpoint), ("token", token)];
            assert_eq!(error("admin_token", &pairs).0, ErrorKind::Config);
        }
    }
}
