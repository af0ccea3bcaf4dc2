//! The plugin `none`: no authentication.

use crate::auth::NoAuth;
use crate::loading::PluginLoader;
use crate::loading::plugins::common::{ENDPOINT, Plugin};

pub(super) fn loaders() -> Vec<PluginLoader> {
    let none = Plugin {
        name: "none",
        aliases: &["noauth"],
        options: vec![ENDPOINT],
        missing: |_| Vec::new(),
        make: |values| match values.get("endpoint") {
            Some(endpoint) => Ok(NoAuth::new().at(endpoint)?.into()),
            None => Ok(NoAuth::new().into()),
        },
    };
    vec![none.into()]
}

#[cfg(test)]
mod tests {
    use crate::error::ErrorKind;
    use crate::loading::plugins::testing::{error, made, options};

    #[test]
    fn the_endpoint_is_optional() {
        assert_eq!(options("none"), "endpoint=url");
        for (plugin, key) in [("none", "endpoint"), ("noauth", "url")] {
            let debug = made(plugin, &[(key, "http://heat")], &[]);
            assert!(debug.contains("http://heat/"), "{debug}");
        }
        assert!(made("none", &[], &[]).contains("None"));
        assert_eq!(error("none", &[("endpoint", "heat")]).0, ErrorKind::Config);
    }

    #[test]
    fn unknown_options_are_listed_without_their_values() {
        assert_eq!(
            error("none", &[("a", "swordfish"), ("b", "swordfish")]).1,
            "auth plugin none has no option \"a\" nor \"b\""
        );
    }
}
