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
    /// It is asked once for each option. Defaults are not filled in.
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
                let value = source(opt);
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

    /// Takes the options of the methods in `auth_methods`; the method `second` chooses another option.
    #[derive(Debug)]
    struct Methods;

    const AUTH_METHODS: Opt = Opt::new("auth_methods", "Methods, separated by commas")
        .required()
        .default("first");
    const USER: Opt = Opt::new("user", "A user").aliases(&["login"]).required();
    const DEVICE: Opt = Opt::new("device", "A device").default("phone");
    const NUMBER: Opt = Opt::new("number", "A number")
        .secret()
        .required()
        .prompt("Number: ");

    impl Loader for Methods {
        fn name(&self) -> &str {
            "methods"
        }

        fn options(&self) -> &[Opt] {
            &[AUTH_METHODS]
        }

        fn options_for(&self, values: &OptionValues) -> Cow<'_, [Opt]> {
            let mut options = self.options().to_vec();
            for method in values.list("auth_methods") {
                match method {
                    "first" => options.push(USER),
                    "second" => options.extend([USER, DEVICE]),
                    _ => {}
                }
            }
            if values.get("device") == Some("phone") {
                options.push(NUMBER);
            }
            options.into()
        }

        fn missing(&self, values: &OptionValues) -> Vec<&'static [&'static str]> {
            let groups: [(&str, &'static [&'static str]); 3] = [
                ("third", &["user", "card"]),
                ("fourth", &["a"]),
                ("fifth", &["b"]),
            ];
            let methods = values.list("auth_methods");
            let chosen = groups
                .into_iter()
                .filter(|(method, _)| methods.contains(method));
            chosen.map(|(_, group)| group).collect()
        }

        fn load(&self, values: &OptionValues) -> Result<Credentials> {
            let values = values.names().map(|name| (name, values.get(name)));
            let message = format!("{:?}", values.collect::<Vec<_>>());
            Err(Error::new(ErrorKind::Config, message))
        }
    }

    fn names(options: &[Opt]) -> Vec<&str> {
        options.iter().map(|opt| opt.name).collect()
    }

    #[test]
    fn values_choose_options() {
        let loader = PluginLoader::from(Methods);
        let none = OptionValues::default();
        assert_eq!(names(loader.options()), ["auth_methods"]);
        assert_eq!(names(&loader.options_for(&none)), ["auth_methods", "user"]);

        for (pairs, loaded) in [
            (
                &[("login", "demo")][..],
                r#"[("auth_methods", Some("first")), ("user", Some("demo"))]"#,
            ),
            (
                &[
                    ("device", "card"),
                    ("user", "demo"),
                    ("auth-methods", " second,,first "),
                ],
                r#"[("auth_methods", Some(" second,,first ")), ("user", Some("demo")), ("device", Some("card"))]"#,
            ),
            // A default chooses as a value does.
            (
                &[
                    ("number", "17"),
                    ("user", "demo"),
                    ("auth_methods", "second"),
                ],
                r#"[("auth_methods", Some("second")), ("user", Some("demo")), ("device", Some("phone")), ("number", Some("17"))]"#,
            ),
            (
                &[("auth_methods", "second")],
                "auth plugin methods needs user (OS_USER); number (OS_NUMBER)",
            ),
            (
                &[("number", "17"), ("user", "demo")],
                "auth plugin methods has no option \"number\"",
            ),
            (
                &[
                    ("auth_methods", "second"),
                    ("user", "demo"),
                    ("nmber", "17"),
                ],
                "auth plugin methods has no option \"nmber\" (did you mean number?)",
            ),
        ] {
            let error = loader.load(pairs.iter().copied()).unwrap_err();
            assert_eq!(error.to_string(), loaded);
        }
    }

    #[test]
    fn any_number_of_groups_may_be_missing() {
        let error = PluginLoader::from(Methods)
            .load([("auth_methods", "second,third,fourth,fifth")])
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "auth plugin methods needs user (OS_USER); number (OS_NUMBER); user (OS_USER) or card; a; b"
        );
    }

    #[test]
    fn a_value_of_one_source_chooses_options_of_another() {
        let loader = PluginLoader::from(Methods);
        let typed = [("auth_methods", "second")];
        let mut asked = Vec::new();
        let values = loader.gather(|opt| {
            asked.push(opt.name);
            let typed = typed.iter().find(|(name, _)| *name == opt.name);
            let variable = opt.env_names().into_iter().find(|name| name == "OS_LOGIN");
            typed
                .map(|(_, value)| Secret::from(*value))
                .or_else(|| variable.map(Secret::from))
        });
        assert_eq!(asked, ["auth_methods", "user", "device", "number"]);
        assert_eq!(values.get("user"), Some("OS_LOGIN"));
        // Defaults would hide what a lower source has.
        assert_eq!(values.names().collect::<Vec<_>>(), ["auth_methods", "user"]);

        let env = |name: &str| match name {
            "OS_AUTH_METHODS" => Some("second".to_owned()),
            "OS_NUMBER" => Some("17".to_owned()),
            _ => None,
        };
        assert_eq!(loader.read_env(env).get("number"), Some("17"));
    }

    #[test]
    fn a_loader_that_always_chooses_more_options_ends() {
        #[derive(Debug)]
        struct Endless;

        impl Loader for Endless {
            fn name(&self) -> &str {
                "endless"
            }

            fn options(&self) -> &[Opt] {
                &[]
            }

            fn options_for(&self, values: &OptionValues) -> Cow<'_, [Opt]> {
                const NAMES: [&str; 20] = [
                    "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p",
                    "q", "r", "s", "t",
                ];
                let count = values.names().count() + 1;
                let options = NAMES.into_iter().take(count);
                options.map(|name| Opt::new(name, "A letter")).collect()
            }

            fn load(&self, _: &OptionValues) -> Result<Credentials> {
                Ok(NoAuth::new().into())
            }
        }

        let values = PluginLoader::from(Endless).gather(|_| Some(Secret::from("x")));
        assert_eq!(values.names().count(), DEEPEST_CHOICE);
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
