//! The plugin `http_basic`: a user name and a password for services without Keystone.

use crate::auth::HttpBasic;
use crate::loading::plugins::common::{ENDPOINT, PASSWORD, Plugin, USERNAME};
use crate::loading::{OptionValues, PluginLoader};

pub(super) fn loaders() -> Vec<PluginLoader> {
    let http_basic = Plugin {
        name: "http_basic",
        aliases: &[],
        options: vec![
            USERNAME.required(),
            PASSWORD.required().may_be_empty(),
            ENDPOINT,
        ],
        missing: |_| Vec::new(),
        make: |values| {
            let plugin = plugin(values)?;
            Ok(match values.get("endpoint") {
                Some(endpoint) => plugin.at(endpoint)?.into(),
                None => plugin.into(),
            })
        },
    };
    vec![http_basic.into()]
}

fn plugin(values: &OptionValues) -> crate::error::Result<HttpBasic> {
    HttpBasic::new(
        values.require("username")?,
        values.require_secret("password")?,
    )
}

#[cfg(test)]
mod tests {
    use crate::error::ErrorKind;
    use crate::loading::plugins::testing::{assert_missing, error, made, options};

    #[test]
    fn user_and_password_are_needed() {
        assert_eq!(
            options("http_basic"),
            "username=user_name! password!* endpoint=url"
        );
        assert_missing(
            "http_basic",
            &[],
            "username (OS_USERNAME); password (OS_PASSWORD)",
        );
        for name in ["username", "user_name"] {
            let pairs = [
                (name, "demo"),
                ("password", "swordfish"),
                ("endpoint", "http://h"),
            ];
            let debug = made("http_basic", &pairs, &["swordfish"]);
            assert!(
                debug.contains("http://h/") && debug.contains("demo"),
                "{debug}"
            );
        }
        let pairs = [("username", "demo"), ("password", "")];
        assert!(made("http_basic", &pairs, &[]).contains("None"));
    }

    #[test]
    fn unusable_values_are_refused() {
        for (user, endpoint) in [("a:b", "http://h"), ("demo", "h")] {
            let pairs = [
                ("username", user),
                ("password", "pw"),
                ("endpoint", endpoint),
            ];
            assert_eq!(error("http_basic", &pairs).0, ErrorKind::Config);
        }
    }
}
