//! What makes a plugin from options.

use std::fmt;
use std::sync::Arc;

use crate::auth::Credentials;
use crate::error::{Error, ErrorKind, Result};
use crate::loading::opt::is_same;
use crate::loading::{Opt, OptionValues};
use crate::secret::Secret;
use crate::suggest::nearest;

/// What makes an auth plugin from options.
///
/// ```
/// use heatclient::auth::{AdminToken, Credentials};
/// use heatclient::loading::{self, Loader, Opt, OptionValues};
///
/// #[derive(Debug)]
/// struct TokenFile;
///
/// impl Loader for TokenFile {
///     fn name(&self) -> &str {
///         "token_file"
///     }
///
///     fn options(&self) -> &[Opt] {
///         const OPTIONS: &[Opt] = &[
///             Opt::new("endpoint", "URL of the service").required(),
///             Opt::new("path", "File that holds the token").default("/run/token"),
///         ];
///         OPTIONS
///     }
///
///     fn load(&self, values: &OptionValues) -> heatclient::Result<Credentials> {
///         let token = std::fs::read_to_string(values.require("path")?).unwrap_or_default();
///         Ok(AdminToken::new(values.require("endpoint")?, token.trim())?.into())
///     }
/// }
///
/// loading::register(TokenFile);
/// assert_eq!(loading::plugin_loader("token_file")?.options().len(), 2);
/// # Ok::<(), heatclient::Error>(())
/// ```
pub trait Loader: fmt::Debug + Send + Sync + 'static {
    /// The name that the plugin is chosen by.
    fn name(&self) -> &str;

    /// Other names it is known by.
    fn aliases(&self) -> &[&str] {
        &[]
    }

    /// The options it takes.
    fn options(&self) -> &[Opt];

    /// What these values leave open beyond the required options: of each group, one is needed.
    fn missing(&self, values: &OptionValues) -> Vec<&'static [&'static str]> {
        let _ = values;
        Vec::new()
    }

    /// Makes the plugin. Called with nothing missing and defaults filled in.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for values that cannot be used.
    fn load(&self, values: &OptionValues) -> Result<Credentials>;
}

/// A shared handle to a loader of whatever type.
#[derive(Debug, Clone)]
pub struct PluginLoader(Arc<dyn Loader>);

impl<L: Loader> From<L> for PluginLoader {
    fn from(loader: L) -> Self {
        Self(Arc::new(loader))
    }
}

impl PluginLoader {
    /// The name that the plugin is chosen by.
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// Other names it is known by.
    pub fn aliases(&self) -> &[&str] {
        self.0.aliases()
    }

    /// The options it takes.
    pub fn options(&self) -> &[Opt] {
        self.0.options()
    }

    /// The option of that name, with dashes or underscores, or of that older name.
    pub fn option(&self, key: &str) -> Option<&Opt> {
        self.options().iter().find(|opt| opt.is_called(key))
    }

    /// Makes the plugin from pairs of option and value.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownOption`], [`ErrorKind::MissingOption`] with all that is missing, and
    /// [`ErrorKind::Config`] for values that cannot be used or contradict each other.
    pub fn load<K, V>(&self, pairs: impl IntoIterator<Item = (K, V)>) -> Result<Credentials>
    where
        K: AsRef<str>,
        V: Into<Secret>,
    {
        self.load_values(self.values(pairs)?)
    }

    /// Makes the plugin from values that were gathered before.
    ///
    /// # Errors
    /// Those of [`load`](Self::load) but for unknown options.
    pub fn load_values(&self, mut values: OptionValues) -> Result<Credentials> {
        for opt in self.options() {
            if let (None, Some(default)) = (values.get(opt.name), opt.default) {
                values.set(opt.name, Secret::from(default));
            }
        }
        let required: Vec<_> = self
            .options()
            .iter()
            .filter(|opt| opt.required && values.get(opt.name).is_none())
            .map(|opt| self.describe(opt.name))
            .collect();
        let groups = self.0.missing(&values);
        let groups = groups.iter().map(|group| {
            group
                .iter()
                .map(|name| self.describe(name))
                .collect::<Vec<_>>()
                .join(" or ")
        });
        let missing: Vec<_> = required.into_iter().chain(groups).collect();
        if !missing.is_empty() {
            return Err(Error::new(
                ErrorKind::MissingOption,
                format!("auth plugin {} needs {}", self.name(), missing.join("; ")),
            ));
        }
        self.0.load(&values)
    }

    /// Sorts pairs of option and value by option.
    ///
    /// Names may be written with dashes or underscores, and be older ones. An empty value counts as
    /// none, unless the option says otherwise.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownOption`], with the options that were probably meant.
    pub fn values<K, V>(&self, pairs: impl IntoIterator<Item = (K, V)>) -> Result<OptionValues>
    where
        K: AsRef<str>,
        V: Into<Secret>,
    {
        let mut values = OptionValues::default();
        let mut older = OptionValues::default();
        let mut unknown = Vec::new();
        for (key, value) in pairs {
            let (key, value) = (key.as_ref(), value.into());
            match self.option(key) {
                None => unknown.push(self.suggest(key)),
                Some(opt) if value.expose().is_empty() && !opt.may_be_empty => {}
                Some(opt) if is_same(opt.name, key) => values.set(opt.name, value),
                Some(opt) => older.set(opt.name, value),
            }
        }
        if unknown.is_empty() {
            return Ok(values.or(older));
        }
        let message = format!(
            "auth plugin {} has no option {}",
            self.name(),
            unknown.join(" nor ")
        );
        Err(Error::new(ErrorKind::UnknownOption, message))
    }

    /// Makes the plugin from the `OS_` variables of the process. Empty ones count as absent.
    ///
    /// ```no_run
    /// # use heatclient::{Session, loading::plugin_loader};
    /// let session = Session::new(plugin_loader("password")?.from_env()?);
    /// # Ok::<(), heatclient::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::MissingOption`] with the variables that are missing, and [`ErrorKind::Config`] for
    /// values that cannot be used or contradict each other.
    // The name says where the options come from; there is nothing to convert.
    #[allow(clippy::wrong_self_convention)]
    pub fn from_env(&self) -> Result<Credentials> {
        self.load_values(self.read_env(|name| std::env::var(name).ok()))
    }

    /// The values of the plugin's `OS_` variables, as `lookup` tells them.
    ///
    /// ```
    /// # use heatclient::loading::plugin_loader;
    /// let loader = plugin_loader("password")?;
    /// let values = loader.read_env(|name| std::env::var(name).ok());
    /// # Ok::<(), heatclient::Error>(())
    /// ```
    pub fn read_env(&self, lookup: impl Fn(&str) -> Option<String>) -> OptionValues {
        let mut values = OptionValues::default();
        for opt in self.options() {
            let found = opt
                .env_names()
                .iter()
                .find_map(|name| lookup(name).filter(|v| !v.is_empty()));
            if let Some(value) = found {
                values.set(opt.name, Secret::from(value));
            }
        }
        values
    }

    /// An option as errors name it: `auth_url (OS_AUTH_URL)`.
    fn describe(&self, name: &str) -> String {
        match self.option(name) {
            Some(opt) => format!("{} ({})", opt.name, opt.env_name()),
            None => name.to_owned(),
        }
    }

    fn suggest(&self, key: &str) -> String {
        let near = nearest(key, self.options().iter().flat_map(Opt::names));
        let mut near: Vec<_> = near
            .into_iter()
            .filter_map(|name| self.option(name))
            .map(|opt| opt.name)
            .collect();
        near.dedup();
        match near.is_empty() {
            true => format!("{key:?}"),
            false => format!("{key:?} (did you mean {}?)", near.join(" or ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::NoAuth;

    use crate::loading::Registry;

    #[test]
    fn the_environment_is_read_by_option() {
        let env = |name: &str| {
            let value = match name {
                "OS_AUTH_URL" => "http://id",
                "OS_USERNAME" => "demo",
                "OS_USER_NAME" => "older",
                "OS_PROJECT_NAME" => "",
                "OS_TENANT_NAME" => "web",
                "OS_PASSWORD" => "",
                "OS_TOKEN" => "of another plugin",
                _ => return None,
            };
            Some(value.to_owned())
        };
        let loader = Registry::default().get("password").unwrap();
        let values = loader.read_env(env);
        let mut names: Vec<_> = values.names().collect();
        names.sort_unstable();
        assert_eq!(names, ["auth_url", "project_name", "username"]);
        assert_eq!(values.get("username"), Some("demo"));
        assert_eq!(values.get("project_name"), Some("web"));

        let typed = loader
            .values([
                ("username", "admin"),
                ("tenant_name", "ops"),
                ("password", ""),
                ("default_domain_id", "d"),
            ])
            .unwrap()
            .or(values);
        assert_eq!(typed.get("username"), Some("admin"));
        assert_eq!(typed.get("project_name"), Some("ops"));
        assert!(loader.load_values(typed).is_ok());
    }

    #[test]
    fn defaults_are_filled_in_for_every_loader() {
        #[derive(Debug)]
        struct WithDefault;

        impl Loader for WithDefault {
            fn name(&self) -> &str {
                "with_default"
            }

            fn options(&self) -> &[Opt] {
                const OPTIONS: &[Opt] =
                    &[Opt::new("path", "A file").required().default("/run/token")];
                OPTIONS
            }

            fn load(&self, values: &OptionValues) -> Result<Credentials> {
                match values.require("path")? {
                    "/run/token" => Ok(NoAuth::new().into()),
                    other => Err(Error::new(ErrorKind::Config, other.to_owned())),
                }
            }
        }

        let loader = PluginLoader::from(WithDefault);
        assert!(loader.load([("path", "")]).is_ok());
        assert!(loader.load(Vec::<(String, String)>::new()).is_ok());
        assert_eq!(
            loader.load([("path", "/other")]).unwrap_err().to_string(),
            "/other"
        );
    }
}
