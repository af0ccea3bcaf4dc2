//! The plugins there are, by name.

use std::sync::{LazyLock, PoisonError, RwLock};

use crate::error::{Error, ErrorKind, Result};
use crate::loading::{PluginLoader, builtin};
use crate::suggest::nearest;

/// The plugins there are, by name.
///
/// Most programs use the one of the process, through [`plugin_loader`] and [`register`].
#[derive(Debug, Clone)]
pub struct Registry {
    loaders: Vec<PluginLoader>,
}

static PROCESS: LazyLock<RwLock<Registry>> = LazyLock::new(RwLock::default);

/// The loader of that name, of the process's registry.
///
/// # Errors
/// [`ErrorKind::UnknownPlugin`], with the names that were probably meant.
pub fn plugin_loader(name: &str) -> Result<PluginLoader> {
    PROCESS
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(name)
}

/// The names in the process's registry, in order.
pub fn plugin_names() -> Vec<String> {
    PROCESS
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .names()
}

/// Adds a loader to the process's registry; it wins over one of the same name that was there.
pub fn register(loader: impl Into<PluginLoader>) {
    PROCESS
        .write()
        .unwrap_or_else(PoisonError::into_inner)
        .register(loader);
}

/// With the plugins of this crate.
impl Default for Registry {
    fn default() -> Self {
        Self {
            loaders: builtin::loaders(),
        }
    }
}

impl Registry {
    /// Without any plugin.
    pub fn empty() -> Self {
        Self {
            loaders: Vec::new(),
        }
    }

    /// Adds a loader; it wins over one of the same name that was there.
    pub fn register(&mut self, loader: impl Into<PluginLoader>) {
        let loader = loader.into();
        self.loaders.retain(|other| other.name() != loader.name());
        self.loaders.push(loader);
    }

    /// The loader of that name; if there is none, the one that has it as an alias.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownPlugin`], with the names that were probably meant.
    pub fn get(&self, name: &str) -> Result<PluginLoader> {
        let named = self.loaders.iter().find(|loader| loader.name() == name);
        let newest_first = || self.loaders.iter().rev();
        named
            .or_else(|| newest_first().find(|loader| loader.aliases().contains(&name)))
            .cloned()
            .ok_or_else(|| self.unknown(name))
    }

    /// The names, in order.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self.loaders.iter().map(|l| l.name().to_owned()).collect();
        names.sort_unstable();
        names
    }

    fn unknown(&self, name: &str) -> Error {
        let names = self.names();
        let near = nearest(name, names.iter().map(String::as_str));
        let hint = match (near.is_empty(), names.is_empty()) {
            (false, _) => format!("did you mean {}?", near.join(" or ")),
            (true, false) => format!("there are {}", names.join(", ")),
            (true, true) => "none is registered".to_owned(),
        };
        Error::new(
            ErrorKind::UnknownPlugin,
            format!("unknown auth plugin {name:?}; {hint}"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{Credentials, NoAuth};
    use crate::loading::{Loader, Opt, OptionValues};

    #[derive(Debug)]
    struct Own(&'static str, &'static [&'static str]);

    impl Loader for Own {
        fn name(&self) -> &str {
            self.0
        }

        fn aliases(&self) -> &[&str] {
            self.1
        }

        fn options(&self) -> &[Opt] {
            &[]
        }

        fn load(&self, _: &OptionValues) -> Result<Credentials> {
            Ok(NoAuth::new().into())
        }
    }

    #[test]
    fn the_plugins_of_this_crate_are_there() {
        let expected = [
            "admin_token",
            "none",
            "password",
            "token",
            "v3applicationcredential",
            "v3password",
            "v3token",
        ];
        assert_eq!(Registry::default().names(), expected);
        for name in expected {
            assert_eq!(plugin_loader(name).unwrap().name(), name);
            assert!(plugin_names().contains(&name.to_owned()));
        }
        assert_eq!(
            plugin_loader("token_endpoint").unwrap().name(),
            "admin_token"
        );
    }

    #[test]
    fn ones_own_plugin_wins() {
        let mut registry = Registry::default();
        registry.register(Own("password", &["token", "token_endpoint"]));
        let options = |name: &str| registry.get(name).unwrap().options().len();
        assert_eq!(options("password"), 0);
        // A name goes before an alias, a newer alias before an older.
        assert!(options("token") > 0);
        assert_eq!(options("token_endpoint"), 0);
        assert_eq!(
            registry
                .names()
                .iter()
                .filter(|name| *name == "password")
                .count(),
            1
        );
    }

    #[test]
    fn registration_is_seen_everywhere() {
        register(Own("registry_test_plugin", &[]));
        assert_eq!(
            plugin_loader("registry_test_plugin").unwrap().name(),
            "registry_test_plugin"
        );
    }

    #[test]
    fn unknown_plugins_are_told_with_what_was_meant() {
        let registry = Registry::default();
        for (name, message) in [
            (
                "pasword",
                "unknown auth plugin \"pasword\"; did you mean password?",
            ),
            (
                "v3-token",
                "unknown auth plugin \"v3-token\"; did you mean v3token or token?",
            ),
            (
                "v3kerberos",
                "unknown auth plugin \"v3kerberos\"; there are admin_token, none, password, token, \
                 v3applicationcredential, v3password, v3token",
            ),
        ] {
            let error = registry.get(name).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnknownPlugin);
            assert_eq!(error.to_string(), message);
        }
        assert_eq!(
            Registry::empty().get("x").unwrap_err().to_string(),
            "unknown auth plugin \"x\"; none is registered"
        );
    }
}
