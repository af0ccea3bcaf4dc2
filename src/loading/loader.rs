//! Creates auth plugins from options.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::auth::Credentials;
use crate::error::{Error, ErrorKind, Result};
use crate::loading::opt::is_same;
use crate::loading::{Opt, OptionValues};
use crate::secret::Secret;
use crate::suggest::nearest;

/// Creates an auth plugin from options.
///
/// [`register`](crate::loading::register) adds a loader to the registry. The plugin is then listed
/// and can be chosen by its name or `OS_AUTH_TYPE`, like the plugins of this crate.
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
/// loading::register(TokenFile)?;
/// assert_eq!(loading::plugin_loader("token_file")?.options().len(), 2);
/// # Ok::<(), heatclient::Error>(())
/// ```
pub trait Loader: fmt::Debug + Send + Sync + 'static {
    /// The name of the plugin.
    fn name(&self) -> &str;

    /// Other names of the plugin.
    fn aliases(&self) -> &[&str] {
        &[]
    }

    /// The options that do not depend on values. Names must be unique.
    fn options(&self) -> &[Opt];

    /// The options that apply to these values: those of [`options`](Self::options), and those that
    /// depend on values. For example, a login with several methods has the options of the methods
    /// in `auth_methods`.
    ///
    /// The values include defaults. It is called again after new options got values, because they
    /// may add further options.
    fn options_for(&self, values: &OptionValues) -> Cow<'_, [Opt]> {
        let _ = values;
        Cow::Borrowed(self.options())
    }

    /// Missing options beside the required ones: at least one option of each group is required.
    fn missing(&self, values: &OptionValues) -> Vec<&'static [&'static str]> {
        let _ = values;
        Vec::new()
    }

    /// Creates the plugin. No option is missing, and defaults are filled in.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if a value is invalid.
    fn load(&self, values: &OptionValues) -> Result<Credentials>;
}

/// A shared handle to a loader of any type.
#[derive(Debug, Clone)]
pub struct PluginLoader(Arc<dyn Loader>);

impl<L: Loader> From<L> for PluginLoader {
    fn from(loader: L) -> Self {
        Self(Arc::new(loader))
    }
}

impl PluginLoader {
    /// The name of the plugin.
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// Other names of the plugin.
    pub fn aliases(&self) -> &[&str] {
        self.0.aliases()
    }

    /// The options that do not depend on values.
    pub fn options(&self) -> &[Opt] {
        self.0.options()
    }

    /// The options that apply to these values; see [`Loader::options_for`].
    pub fn options_for(&self, values: &OptionValues) -> Vec<Opt> {
        self.collect(|opt| values.secret(opt.name).cloned()).options
    }

    /// The option with this name or alias, with dashes or underscores, among those that do not
    /// depend on values.
    pub fn option(&self, key: &str) -> Option<&Opt> {
        self.options().iter().find(|opt| opt.is_called(key))
    }

    /// Creates the plugin from pairs of option and value.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownOption`], [`ErrorKind::MissingOption`] with all missing options, and
    /// [`ErrorKind::Config`] if values are invalid or conflict.
    pub fn load<K, V>(&self, pairs: impl IntoIterator<Item = (K, V)>) -> Result<Credentials>
    where
        K: AsRef<str>,
        V: Into<Secret>,
    {
        self.load_values(self.values(pairs)?)
    }

    /// Creates the plugin from collected values. Values of options that it does not have are
    /// ignored.
    ///
    /// # Errors
    /// Those of [`load`](Self::load), except for unknown options.
    // By value, so that the secrets have one owner less afterwards.
    #[allow(clippy::needless_pass_by_value)]
    pub fn load_values(&self, values: OptionValues) -> Result<Credentials> {
        let settled = self.collect(|opt| values.secret(opt.name).cloned());
        let (values, options) = (settled.with_defaults, settled.options);
        let describe = |name: &str| describe(&options, name);
        let required = options
            .iter()
            .filter(|opt| opt.required && values.get(opt.name).is_none())
            .map(|opt| describe(opt.name));
        let groups = self.0.missing(&values);
        let groups = groups.iter().map(|group| {
            let names: Vec<_> = group.iter().map(|name| describe(name)).collect();
            names.join(" or ")
        });
        let mut missing: Vec<String> = Vec::new();
        for item in required.chain(groups) {
            if !missing.contains(&item) {
                missing.push(item);
            }
        }
        if !missing.is_empty() {
            return Err(Error::new(
                ErrorKind::MissingOption,
                format!("auth plugin {} needs {}", self.name(), missing.join("; ")),
            ));
        }
        self.0.load(&values)
    }

    /// Assigns pairs of option and value to the options.
    ///
    /// Names may have dashes or underscores and may be aliases. The last value of a name wins. An
    /// empty value is ignored unless the option [allows it](Opt::may_be_empty).
    ///
    /// # Errors
    /// [`ErrorKind::UnknownOption`], with suggestions.
    pub fn values<K, V>(&self, pairs: impl IntoIterator<Item = (K, V)>) -> Result<OptionValues>
    where
        K: AsRef<str>,
        V: Into<Secret>,
    {
        let pairs: Vec<(K, Secret)> = pairs.into_iter().map(|(k, v)| (k, v.into())).collect();
        let values = self.gather(|opt| {
            let given = |is_meant: &dyn Fn(&str) -> bool| {
                let mut newest_first = pairs.iter().rev();
                newest_first.find(|(key, value)| is_meant(key.as_ref()) && opt.accepts(value))
            };
            given(&|key| is_same(opt.name, key))
                .or_else(|| given(&|key| opt.is_called(key)))
                .map(|(_, value)| value.clone())
        });
        self.check_names(pairs.iter().map(|(key, _)| key.as_ref()), &values)?;
        Ok(values)
    }

    /// Calls `source` once for each option, including options that depend on values.
    ///
    /// Use it to combine several sources: `source` implements the precedence. Defaults are not
    /// filled in. An empty value is ignored unless the option [allows it](Opt::may_be_empty).
    ///
    /// ```
    /// # use heatclient::loading::plugin_loader;
    /// # use heatclient::secret::Secret;
    /// let loader = plugin_loader("password")?;
    /// let typed = loader.values([("username", "demo")])?;
    /// let values = loader.gather(|opt| {
    ///     let variable = || std::env::var(opt.env_name()).ok().map(Secret::from);
    ///     typed.secret(opt.name).cloned().or_else(variable)
    /// });
    /// assert_eq!(values.get("username"), Some("demo"));
    /// # Ok::<(), heatclient::Error>(())
    /// ```
    pub fn gather(&self, source: impl FnMut(&Opt) -> Option<Secret>) -> OptionValues {
        self.collect(source).given
    }

    /// Checks that each name is an option that applies to these values.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownOption`], with suggestions.
    pub fn check_names<'a>(
        &self,
        names: impl IntoIterator<Item = &'a str>,
        values: &OptionValues,
    ) -> Result<()> {
        let options = self.options_for(values);
        let unknown: Vec<_> = names
            .into_iter()
            .filter(|name| !options.iter().any(|opt| opt.is_called(name)))
            .map(|name| suggest(&options, name))
            .collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let message = format!(
            "auth plugin {} has no option {}",
            self.name(),
            unknown.join(" nor ")
        );
        Err(Error::new(ErrorKind::UnknownOption, message))
    }

    /// Creates the plugin from the `OS_` variables of the process. Empty variables are ignored.
    ///
    /// ```no_run
    /// # use heatclient::{Session, loading::plugin_loader};
    /// let session = Session::new(plugin_loader("password")?.from_env()?);
    /// # Ok::<(), heatclient::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::MissingOption`] with the missing variables, and [`ErrorKind::Config`] if values
    /// are invalid or conflict.
    // `from` refers to the source of the values, not to a conversion.
    #[allow(clippy::wrong_self_convention)]
    pub fn from_env(&self) -> Result<Credentials> {
        self.load_values(self.read_env(|name| std::env::var(name).ok()))
    }

    /// The values of the plugin's `OS_` variables, read with `lookup`. Empty variables are ignored.
    ///
    /// ```
    /// # use heatclient::loading::plugin_loader;
    /// let loader = plugin_loader("password")?;
    /// let values = loader.read_env(|name| std::env::var(name).ok());
    /// # Ok::<(), heatclient::Error>(())
    /// ```
    pub fn read_env(&self, lookup: impl Fn(&str) -> Option<String>) -> OptionValues {
        let variable = |name: &String| lookup(name).filter(|value| !value.is_empty());
        self.gather(|opt| opt.env_names().iter().find_map(variable).map(Secret::from))
    }

    /// Collects values until no value adds another option.
    fn collect(&self, mut source: impl FnMut(&Opt) -> Option<Secret>) -> Collected {
        let (mut given, mut with_defaults) = (OptionValues::default(), OptionValues::default());
        let mut asked = Vec::new();
        for _ in 0..MAX_ROUNDS {
            let before = asked.len();
            for opt in self.0.options_for(&with_defaults.clone()).iter() {
                if asked.contains(&opt.name) {
                    continue;
                }
                asked.push(opt.name);
                let value = source(opt).filter(|value| opt.accepts(value));
                if let Some(value) = &value {
                    given.set(opt.name, value.clone());
                }
                if let Some(value) = value.or_else(|| opt.default.map(Secret::from)) {
                    with_defaults.set(opt.name, value);
                }
            }
            if asked.len() == before {
                break;
            }
        }
        let options = self.0.options_for(&with_defaults).into_owned();
        Collected {
            given,
            with_defaults,
            options,
        }
    }
}

/// The maximum number of rounds in which values add options. It bounds a faulty loader.
const MAX_ROUNDS: usize = 8;

/// Collected values and the options that apply to them.
struct Collected {
    given: OptionValues,
    with_defaults: OptionValues,
    options: Vec<Opt>,
}

/// The error about missing options, without the names of variables. For values of a source where variables are not read.
pub(crate) fn without_variables(error: Error) -> Error {
    if error.kind() != ErrorKind::MissingOption {
        return error;
    }
    let text = error.to_string();
    let mut parts = text.split(" (OS_");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str(part.split_once(')').map_or(part, |(_, after)| after));
    }
    error.with_message(kept)
}

/// Formats an option for errors: `auth_url (OS_AUTH_URL)`.
fn describe(options: &[Opt], name: &str) -> String {
    match options.iter().find(|opt| opt.is_called(name)) {
        Some(opt) => format!("{} ({})", opt.name, opt.env_name()),
        None => name.to_owned(),
    }
}

/// Formats an unknown option name with suggestions.
fn suggest(options: &[Opt], key: &str) -> String {
    let mut near: Vec<_> = nearest(key, options.iter().flat_map(Opt::names))
        .into_iter()
        .filter_map(|name| options.iter().find(|opt| opt.is_called(name)))
        .map(|opt| opt.name)
        .collect();
    near.dedup();
    match near.is_empty() {
        true => format!("{key:?}"),
        false => format!("{key:?} (did you mean {}?)", near.join(" or ")),
    }
}

#[cfg(test)]
mod tests;
