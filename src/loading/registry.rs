//! The registry of auth plugins by name.

use std::sync::{LazyLock, PoisonError, RwLock};

use crate::error::{Error, ErrorKind, Result};
use crate::loading::PluginLoader;
use crate::loading::plugins::{self, KEYSTONEAUTH, Known};
use crate::suggest::nearest;

/// The loaders of auth plugins, by name.
///
/// Most programs use the registry of the process, through [`plugin_loader`] and [`register`].
///
/// A name or an alias belongs to one loader: [`register`](Self::register) refuses a used name,
/// [`replace`](Self::replace) reassigns it.
#[derive(Debug, Clone)]
pub struct Registry {
    loaders: Vec<PluginLoader>,
    /// Known plugins without a loader.
    known: &'static [Known],
}

/// Whether a plugin is available.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PluginState {
    /// A loader is registered.
    Available,
    /// The plugin is disabled in this build: it needs this feature of the crate.
    NeedsFeature(&'static str),
    /// keystoneauth has the plugin, this version of the crate does not.
    Unsupported,
}

static PROCESS: LazyLock<RwLock<Registry>> = LazyLock::new(RwLock::default);

/// The loader with this name in the process's registry. See [`Registry::get`].
///
/// # Errors
/// [`ErrorKind::UnknownPlugin`], with the available names.
pub fn plugin_loader(name: &str) -> Result<PluginLoader> {
    read(|registry| registry.get(name))
}

/// The names in the process's registry, sorted. See [`Registry::names`].
pub fn plugin_names() -> Vec<String> {
    read(Registry::names)
}

/// The loader that the environment selects, in the process's registry. See [`Registry::from_env`].
///
/// ```
/// # use heatclient::loading::{plugin_from_env, plugin_loader};
/// let variable = |name: &str| std::env::var(name).ok();
/// let loader = match plugin_from_env(variable)? {
///     Some(loader) => loader,
///     None => plugin_loader("password")?,
/// };
/// # Ok::<(), heatclient::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::UnknownPlugin`], with the available names.
pub fn plugin_from_env(lookup: impl Fn(&str) -> Option<String>) -> Result<Option<PluginLoader>> {
    read(|registry| registry.from_env(lookup))
}

/// Adds a loader to the process's registry. See [`Registry::register`].
///
/// # Errors
/// [`ErrorKind::Config`] if its name or an alias is already used.
pub fn register(loader: impl Into<PluginLoader>) -> Result<()> {
    write(|registry| registry.register(loader))
}

/// Adds a loader to the process's registry and replaces the one with its name. See
/// [`Registry::replace`].
pub fn replace(loader: impl Into<PluginLoader>) -> Option<PluginLoader> {
    write(|registry| registry.replace(loader))
}

fn read<R>(look: impl FnOnce(&Registry) -> R) -> R {
    look(&PROCESS.read().unwrap_or_else(PoisonError::into_inner))
}

fn write<R>(change: impl FnOnce(&mut Registry) -> R) -> R {
    change(&mut PROCESS.write().unwrap_or_else(PoisonError::into_inner))
}

/// A registry with the plugins of this crate.
impl Default for Registry {
    fn default() -> Self {
        Self {
            loaders: plugins::loaders(),
            known: KEYSTONEAUTH,
        }
    }
}

impl Registry {
    /// A registry without plugins.
    pub fn empty() -> Self {
        Self {
            loaders: Vec::new(),
            known: &[],
        }
    }

    /// Adds a loader.
    ///
    /// Names of keystoneauth's plugins that this crate does not have can be used.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if its name or an alias is already used by another loader. The
    /// registry is then unchanged. Use [`replace`](Self::replace) to reassign names.
    pub fn register(&mut self, loader: impl Into<PluginLoader>) -> Result<()> {
        let loader = loader.into();
        let taken = names_of(&loader).find_map(|name| Some((name, self.find(name)?)));
        if let Some((name, owner)) = taken {
            let message = format!(
                "auth plugin name {name:?} is already used by the registered plugin {}",
                owner.name()
            );
            return Err(Error::new(ErrorKind::Config, message));
        }
        self.loaders.push(loader);
        Ok(())
    }

    /// Adds a loader and replaces the one with its name, which is returned.
    ///
    /// Its aliases take precedence over equal aliases of other loaders. A lookup finds the loader
    /// with the name first, then the last added loader with the alias.
    pub fn replace(&mut self, loader: impl Into<PluginLoader>) -> Option<PluginLoader> {
        let loader = loader.into();
        let same = |other: &PluginLoader| other.name() == loader.name();
        let replaced = self.loaders.iter().position(same);
        let replaced = replaced.map(|position| self.loaders.remove(position));
        self.loaders.push(loader);
        replaced
    }

    /// The loader with this name, or else with this alias.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownPlugin`], with the available names and suggestions. For a known plugin
    /// the error says what the build lacks; see [`state`](Self::state).
    pub fn get(&self, name: &str) -> Result<PluginLoader> {
        let found = self.find(name).cloned();
        found.ok_or_else(|| Error::new(ErrorKind::UnknownPlugin, self.unavailable(name)))
    }

    /// The loader that the environment selects: `OS_AUTH_TYPE`, else `OS_AUTH_PLUGIN`. `None` if
    /// both are empty or not set. `lookup` reads a variable.
    ///
    /// # Errors
    /// Those of [`get`](Self::get).
    // `from` refers to the source of the choice, not to a conversion.
    #[allow(clippy::wrong_self_convention)]
    pub fn from_env(
        &self,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<PluginLoader>> {
        let variable = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let name = ["OS_AUTH_TYPE", "OS_AUTH_PLUGIN"]
            .into_iter()
            .find_map(variable);
        name.map(|name| self.get(&name)).transpose()
    }

    /// The names of the loaders, sorted, without known plugins that are not available. For these
    /// see [`states`](Self::states).
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self.loaders.iter().map(|l| l.name().to_owned()).collect();
        names.sort_unstable();
        names
    }

    /// The state of the plugin with this name or alias; `None` if the name is unknown.
    pub fn state(&self, name: &str) -> Option<PluginState> {
        if self.find(name).is_some() {
            return Some(PluginState::Available);
        }
        let known = self.known.iter().find(|known| known.name == name)?;
        Some(match known.feature {
            Some(feature) => PluginState::NeedsFeature(feature),
            None => PluginState::Unsupported,
        })
    }

    /// The names of all registered or known plugins, sorted, with their states.
    pub fn states(&self) -> Vec<(String, PluginState)> {
        let mut names = self.names();
        names.extend(self.known.iter().map(|known| known.name.to_owned()));
        names.sort_unstable();
        names.dedup();
        let states = names.into_iter().filter_map(|name| {
            let state = self.state(&name)?;
            Some((name, state))
        });
        states.collect()
    }

    fn find(&self, name: &str) -> Option<&PluginLoader> {
        let named = self.loaders.iter().find(|loader| loader.name() == name);
        let mut newest_first = self.loaders.iter().rev();
        named.or_else(|| newest_first.find(|loader| loader.aliases().contains(&name)))
    }

    /// The error message if there is no loader with this name.
    fn unavailable(&self, name: &str) -> String {
        let names = self.names();
        let available = match names.is_empty() {
            true => "no plugin is registered".to_owned(),
            false => format!("available: {}", names.join(", ")),
        };
        match self.state(name) {
            Some(PluginState::NeedsFeature(feature)) => format!(
                "auth plugin {name} is not compiled in; enable the crate's feature {feature:?}"
            ),
            Some(_) => format!("auth plugin {name} is not supported; {available}"),
            None => {
                let near = nearest(name, names.iter().map(String::as_str));
                let hint = match near.is_empty() {
                    true => String::new(),
                    false => format!(" (did you mean {}?)", near.join(" or ")),
                };
                format!("unknown auth plugin {name:?}{hint}; {available}")
            }
        }
    }
}

/// The name and the aliases of a loader.
fn names_of(loader: &PluginLoader) -> impl Iterator<Item = &str> {
    std::iter::once(loader.name()).chain(loader.aliases().iter().copied())
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
            "exec",
            "http_basic",
            "none",
            "password",
            "token",
            "v2password",
            "v2token",
            "v3applicationcredential",
            "v3multifactor",
            "v3oauth2clientcredential",
            "v3oauth2mtlsclientcredential",
            "v3password",
            "v3token",
            "v3tokenlessauth",
            "v3totp",
        ];
        assert_eq!(Registry::default().names(), expected);
        for name in expected {
            assert_eq!(plugin_loader(name).unwrap().name(), name);
            assert!(plugin_names().contains(&name.to_owned()));
        }
        for (alias, name) in [("token_endpoint", "admin_token"), ("noauth", "none")] {
            assert_eq!(plugin_loader(alias).unwrap().name(), name);
        }
    }

    fn taken(name: &str, owner: &str) -> String {
        format!("auth plugin name {name:?} is already used by the registered plugin {owner}")
    }

    #[test]
    fn a_name_that_is_taken_is_refused() {
        let mut registry = Registry::default();
        registry.register(Own("own", &["mine"])).unwrap();
        for (loader, message) in [
            (Own("password", &[]), taken("password", "password")),
            (Own("own", &[]), taken("own", "own")),
            (Own("mine", &[]), taken("mine", "own")),
            (Own("other", &["x", "token"]), taken("token", "token")),
            (
                Own("other", &["token_endpoint"]),
                taken("token_endpoint", "admin_token"),
            ),
        ] {
            let error = registry.register(loader).unwrap_err();
            assert_eq!(
                (error.kind(), error.to_string()),
                (ErrorKind::Config, message)
            );
        }
        let names = Registry::default().names().len();
        assert_eq!(registry.names().len(), names + 1);
        assert!(!registry.get("password").unwrap().options().is_empty());
        assert_eq!(registry.get("mine").unwrap().name(), "own");
    }

    #[test]
    fn replacing_returns_the_loader_that_had_the_name() {
        let mut registry = Registry::default();
        let names = registry.names();
        let replaced = registry.replace(Own("password", &["token", "token_endpoint"]));
        assert!(!replaced.unwrap().options().is_empty());
        let options = |name: &str| registry.get(name).unwrap().options().len();
        assert_eq!(options("password"), 0);
        // A name takes precedence over an alias, a newer alias over an older one.
        assert!(options("token") > 0);
        assert_eq!(options("token_endpoint"), 0);
        assert_eq!(registry.names(), names);
        assert!(registry.replace(Own("own", &[])).is_none());
        assert!(registry.get("own").is_ok());
    }

    #[test]
    fn a_registered_loader_is_listed_and_chosen_by_name_and_by_variable() {
        let name = "registry_test_plugin";
        register(Own(name, &["registry_test_alias"])).unwrap();
        assert_eq!(
            register(Own(name, &[])).unwrap_err().to_string(),
            taken(name, name)
        );
        assert_eq!(
            replace(Own(name, &["registry_test_alias"])).unwrap().name(),
            name
        );
        assert_eq!(plugin_loader(name).unwrap().name(), name);
        assert!(plugin_names().contains(&name.to_owned()));
        for (auth_type, auth_plugin, expected) in [
            (Some(name), None, Some(name)),
            (Some("registry_test_alias"), Some("password"), Some(name)),
            (Some("v3token"), Some(name), Some("v3token")),
            (Some(""), Some(name), Some(name)),
            (None, Some("token_endpoint"), Some("admin_token")),
            (Some(""), None, None),
            (None, None, None),
        ] {
            let loader = plugin_from_env(|variable| match variable {
                "OS_AUTH_TYPE" => auth_type.map(str::to_owned),
                "OS_AUTH_PLUGIN" => auth_plugin.map(str::to_owned),
                _ => None,
            });
            let loader = loader.unwrap();
            assert_eq!(loader.as_ref().map(PluginLoader::name), expected);
        }
        let error = plugin_from_env(|_| Some("pasword".to_owned())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnknownPlugin);
    }

    fn available() -> String {
        format!("available: {}", Registry::default().names().join(", "))
    }

    fn refused(registry: &Registry, name: &str) -> String {
        let error = registry.get(name).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnknownPlugin);
        error.to_string()
    }

    #[test]
    fn unknown_plugins_are_reported_with_those_there_are() {
        let registry = Registry::default();
        for (name, hint) in [
            ("pasword", " (did you mean password?)"),
            ("v3-token", " (did you mean v3token or v2token or token?)"),
            ("swift", ""),
        ] {
            let message = format!("unknown auth plugin {name:?}{hint}; {}", available());
            assert_eq!(refused(&registry, name), message);
            assert_eq!(registry.state(name), None);
        }
        assert_eq!(
            refused(&Registry::empty(), "v3totp"),
            "unknown auth plugin \"v3totp\"; no plugin is registered"
        );
    }

    #[test]
    fn known_plugins_say_what_the_build_lacks() {
        const TICKET: &[Known] = &[
            Known {
                name: "v3ticket",
                feature: Some("ticket"),
            },
            Known {
                name: "password",
                feature: Some("password"),
            },
        ];
        let mut registry = Registry {
            known: TICKET,
            ..Registry::default()
        };
        let needed = PluginState::NeedsFeature("ticket");
        assert_eq!(registry.state("v3ticket"), Some(needed));
        assert_eq!(registry.state("password"), Some(PluginState::Available));
        assert_eq!(
            refused(&registry, "v3ticket"),
            "auth plugin v3ticket is not compiled in; enable the crate's feature \"ticket\""
        );
        assert!(!registry.names().contains(&"v3ticket".to_owned()));
        let listed = registry.states();
        assert!(listed.contains(&("v3ticket".to_owned(), needed)));
        let names = registry.names().len();
        assert_eq!(listed.len(), names + 1);

        registry.register(Own("v3ticket", &[])).unwrap();
        assert_eq!(registry.state("v3ticket"), Some(PluginState::Available));
        assert_eq!(registry.states().len(), names + 1);
    }

    #[test]
    fn every_plugin_of_keystoneauth_has_a_state() {
        let mut registry = Registry::default();
        for known in KEYSTONEAUTH {
            assert!(registry.state(known.name).is_some(), "{}", known.name);
        }
        assert_eq!(registry.state("v3websso"), Some(PluginState::Unsupported));
        assert_eq!(
            refused(&registry, "v3websso"),
            format!("auth plugin v3websso is not supported; {}", available())
        );
        registry.register(Own("v3websso", &[])).unwrap();
        assert!(registry.get("v3websso").is_ok());
    }
}
