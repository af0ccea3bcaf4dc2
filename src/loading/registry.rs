//! The registry of auth plugins, by name.

use std::sync::{LazyLock, PoisonError, RwLock};

use crate::error::{Error, ErrorKind, Result};
use crate::loading::PluginLoader;
use crate::loading::plugins::{self, KEYSTONEAUTH, Known};
use crate::suggest::nearest;

/// The loaders of auth plugins, by name.
///
/// Most programs use the registry of the process, through [`plugin_loader`] and [`register`].
///
/// A name or an alias belongs to one loader: [`register`](Self::register) refuses one that is taken,
/// [`replace`](Self::replace) takes it over.
#[derive(Debug, Clone)]
pub struct Registry {
    loaders: Vec<PluginLoader>,
    /// Plugins that users may ask for though no loader is registered.
    known: &'static [Known],
}

/// Whether a plugin can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PluginState {
    /// A loader is registered.
    Available,
    /// This crate has the plugin, but was built without the feature that compiles it in.
    NeedsFeature(&'static str),
    /// keystoneauth has the plugin, this version of this crate does not.
    Unsupported,
}

static PROCESS: LazyLock<RwLock<Registry>> = LazyLock::new(RwLock::default);

/// The loader of that name in the process's registry. See [`Registry::get`].
///
/// # Errors
/// [`ErrorKind::UnknownPlugin`], with the names there are.
pub fn plugin_loader(name: &str) -> Result<PluginLoader> {
    read(|registry| registry.get(name))
}

/// The names in the process's registry, in order. See [`Registry::names`].
pub fn plugin_names() -> Vec<String> {
    read(Registry::names)
}

/// The loader that the environment names, in the process's registry. See [`Registry::from_env`].
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
/// [`ErrorKind::UnknownPlugin`], with the names there are.
pub fn plugin_from_env(lookup: impl Fn(&str) -> Option<String>) -> Result<Option<PluginLoader>> {
    read(|registry| registry.from_env(lookup))
}

/// Adds a loader to the process's registry. See [`Registry::register`].
///
/// # Errors
/// [`ErrorKind::Config`] when its name or one of its aliases is taken.
pub fn register(loader: impl Into<PluginLoader>) -> Result<()> {
    write(|registry| registry.register(loader))
}

/// Adds a loader to the process's registry in place of the one of its name. See
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

/// With the plugins of this crate.
impl Default for Registry {
    fn default() -> Self {
        Self {
            loaders: plugins::loaders(),
            known: KEYSTONEAUTH,
        }
    }
}

impl Registry {
    /// Without any plugin.
    pub fn empty() -> Self {
        Self {
            loaders: Vec::new(),
            known: &[],
        }
    }

    /// Adds a loader.
    ///
    /// Names of keystoneauth's plugins that this crate does not have are free.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when its name or one of its aliases is a name or an alias of another
    /// loader; the registry is unchanged then. Use [`replace`](Self::replace) to take names over.
    pub fn register(&mut self, loader: impl Into<PluginLoader>) -> Result<()> {
        let loader = loader.into();
        let taken = names_of(&loader).find_map(|name| Some((name, self.find(name)?)));
        if let Some((name, owner)) = taken {
            let message = format!(
                "the auth plugin name {name:?} is taken by the registered plugin {}",
                owner.name()
            );
            return Err(Error::new(ErrorKind::Config, message));
        }
        self.loaders.push(loader);
        Ok(())
    }

    /// Adds a loader in place of the one of its name, and returns that one.
    ///
    /// Aliases are taken over from other loaders; these keep their names. Whoever looks up a name
    /// gets the loader of that name, then the loader that was added last with that alias.
    pub fn replace(&mut self, loader: impl Into<PluginLoader>) -> Option<PluginLoader> {
        let loader = loader.into();
        let same = |other: &PluginLoader| other.name() == loader.name();
        let replaced = self.loaders.iter().position(same);
        let replaced = replaced.map(|position| self.loaders.remove(position));
        self.loaders.push(loader);
        replaced
    }

    /// The loader of that name; if there is none, the one that has it as an alias.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownPlugin`], with the names there are and those that were probably meant, or
    /// with what the build lacks for a plugin that is known; see [`state`](Self::state).
    pub fn get(&self, name: &str) -> Result<PluginLoader> {
        let found = self.find(name).cloned();
        found.ok_or_else(|| Error::new(ErrorKind::UnknownPlugin, self.unavailable(name)))
    }

    /// The loader that the environment names: in `OS_AUTH_TYPE`, else in `OS_AUTH_PLUGIN`. None if
    /// both are empty or not set. `lookup` reads a variable.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownPlugin`], as [`get`](Self::get).
    // The name says where the choice comes from; there is nothing to convert.
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

    /// The names of the loaders, in order. Plugins that are known but not available are not among
    /// them: see [`states`](Self::states).
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self.loaders.iter().map(|l| l.name().to_owned()).collect();
        names.sort_unstable();
        names
    }

    /// Whether the plugin of that name or alias can be used; none for a name that nobody knows.
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

    /// The names of all plugins that are registered or known, in order, each with its state.
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

    /// Says why there is no loader of that name.
    fn unavailable(&self, name: &str) -> String {
        let names = self.names();
        let available = match names.is_empty() {
            true => "none is registered".to_owned(),
            false => format!("available: {}", names.join(", ")),
        };
        match self.state(name) {
            Some(PluginState::NeedsFeature(feature)) => format!(
                "auth plugin {name} is known but not compiled in; it needs the feature {feature:?}"
            ),
            Some(_) => format!("auth plugin {name} is known but not supported; {available}"),
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

    fn taken(name: &str, owner: &str) -> String {
        format!("the auth plugin name {name:?} is taken by the registered plugin {owner}")
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
        assert_eq!(registry.names().len(), 8);
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
        // A name goes before an alias, a newer alias before an older.
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

    const AVAILABLE: &str = "available: admin_token, none, password, token, \
        v3applicationcredential, v3password, v3token";

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
            ("v3-token", " (did you mean v3token or token?)"),
            ("swift", ""),
        ] {
            let message = format!("unknown auth plugin {name:?}{hint}; {AVAILABLE}");
            assert_eq!(refused(&registry, name), message);
            assert_eq!(registry.state(name), None);
        }
        assert_eq!(
            refused(&Registry::empty(), "v3totp"),
            "unknown auth plugin \"v3totp\"; none is registered"
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
            "auth plugin v3ticket is known but not compiled in; it needs the feature \"ticket\""
        );
        assert!(!registry.names().contains(&"v3ticket".to_owned()));
        let listed = registry.states();
        assert!(listed.contains(&("v3ticket".to_owned(), needed)));
        assert_eq!(listed.len(), 8);

        registry.register(Own("v3ticket", &[])).unwrap();
        assert_eq!(registry.state("v3ticket"), Some(PluginState::Available));
        assert_eq!(registry.states().len(), 8);
    }

    #[test]
    fn every_plugin_of_keystoneauth_has_a_state() {
        let mut registry = Registry::default();
        assert_eq!(registry.states().len(), KEYSTONEAUTH.len());
        assert_eq!(registry.state("v3websso"), Some(PluginState::Unsupported));
        assert_eq!(
            refused(&registry, "v3websso"),
            format!("auth plugin v3websso is known but not supported; {AVAILABLE}")
        );
        registry.register(Own("v3websso", &[])).unwrap();
        assert!(registry.get("v3websso").is_ok());
    }
}
