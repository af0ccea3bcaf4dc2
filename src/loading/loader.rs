//! Makes auth plugins from options.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::auth::Credentials;
use crate::error::{Error, ErrorKind, Result};
use crate::loading::opt::is_same;
use crate::loading::{Opt, OptionValues};
use crate::secret::Secret;
use crate::suggest::nearest;

/// Makes an auth plugin from options.
///
/// Register one with [`register`](crate::loading::register): then it is listed, and chosen by its
/// name or by `OS_AUTH_TYPE`, as the plugins of this crate are.
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
    /// The name that the plugin is chosen by.
    fn name(&self) -> &str;

    /// Other names it is known by.
    fn aliases(&self) -> &[&str] {
        &[]
    }

    /// The options it takes whatever their values are, each name once.
    fn options(&self) -> &[Opt];

    /// The options it takes with these values: those of [`options`](Self::options), and those that
    /// values choose. A login of several methods takes the options of the methods listed in
    /// `auth_methods`, for example.
    ///
    /// The values include defaults. Called again when an option that is new gets a value, as that
    /// may choose further options.
    fn options_for(&self, values: &OptionValues) -> Cow<'_, [Opt]> {
        let _ = values;
        Cow::Borrowed(self.options())
    }

    /// What is missing beside the required options: one option of each group is needed.
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

    /// The options it takes whatever their values are.
    pub fn options(&self) -> &[Opt] {
        self.0.options()
    }

    /// The options it takes with these values; see [`Loader::options_for`].
    pub fn options_for(&self, values: &OptionValues) -> Vec<Opt> {
        self.settle(|opt| values.secret(opt.name).cloned()).options
    }

    /// The option of that name, with dashes or underscores, or of that older name, among those that
    /// do not depend on values.
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

    /// Makes the plugin from values that were gathered before. Values that are not for any of its
    /// options are ignored.
    ///
    /// # Errors
    /// Those of [`load`](Self::load) but for unknown options.
    // By value: a secret has one owner less afterwards.
    #[allow(clippy::needless_pass_by_value)]
    pub fn load_values(&self, values: OptionValues) -> Result<Credentials> {
        let settled = self.settle(|opt| values.secret(opt.name).cloned());
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

    /// Sorts pairs of option and value by option.
    ///
    /// Names may be written with dashes or underscores, and be older ones; of equal names the last
    /// one counts. An empty value counts as absent, unless the option says otherwise.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownOption`], with the options that were probably meant.
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

    /// Asks `source` for a value of each option, those included that the values choose.
    ///
    /// This is how values of several sources are combined, with the rule of precedence in `source`.
    /// It is asked once for each option. Defaults are not filled in; an empty value counts as absent,
    /// unless the option says otherwise.
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
        self.settle(source).given
    }

    /// Checks that each of these is the name of an option, given these values.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownOption`], with the options that were probably meant.
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

    /// The values of the plugin's `OS_` variables, read with `lookup`. Empty ones count as absent.
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

    /// Asks for values until no value chooses an option that was not asked for.
    fn settle(&self, mut source: impl FnMut(&Opt) -> Option<Secret>) -> Settled {
        let (mut given, mut with_defaults) = (OptionValues::default(), OptionValues::default());
        let mut asked = Vec::new();
        for _ in 0..DEEPEST_CHOICE {
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
        Settled {
            given,
            with_defaults,
            options,
        }
    }
}

/// How often values may choose options whose values choose options: a loader that never stops must
/// not hang its caller.
const DEEPEST_CHOICE: usize = 8;

/// Values, and the options that they are for.
struct Settled {
    given: OptionValues,
    with_defaults: OptionValues,
    options: Vec<Opt>,
}

/// An option as errors name it: `auth_url (OS_AUTH_URL)`.
fn describe(options: &[Opt], name: &str) -> String {
    match options.iter().find(|opt| opt.is_called(name)) {
        Some(opt) => format!("{} ({})", opt.name, opt.env_name()),
        None => name.to_owned(),
    }
}

/// A name that is no option, with what was probably meant.
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
