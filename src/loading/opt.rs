//! Options of auth plugins, as data.

use crate::secret::Secret;

/// An option of an auth plugin, as data. Command-line flags, environment variables, keys of
/// clouds.yaml and documentation are derived from it.
///
/// ```
/// use heatclient::loading::Opt;
///
/// const PROJECT: Opt = Opt::new("project_name", "Name of the project").aliases(&["tenant_name"]);
/// assert_eq!(PROJECT.flags(), ["--os-project-name", "--os-tenant-name"]);
/// assert_eq!(PROJECT.env_names(), ["OS_PROJECT_NAME", "OS_TENANT_NAME"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Opt {
    /// The name as in clouds.yaml: `auth_url`.
    pub name: &'static str,
    /// A short description.
    pub help: &'static str,
    /// Aliases, such as older names. A value of the name itself takes precedence.
    pub aliases: &'static [&'static str],
    /// Whether the value is secret.
    pub secret: bool,
    /// Whether a value is required.
    pub required: bool,
    /// Whether the empty string is a value. Otherwise it is ignored.
    pub may_be_empty: bool,
    /// The default value.
    pub default: Option<&'static str>,
    /// The prompt to ask the user for the value.
    pub prompt: Option<&'static str>,
}

impl Opt {
    /// An optional option.
    pub const fn new(name: &'static str, help: &'static str) -> Self {
        Self {
            name,
            help,
            aliases: &[],
            secret: false,
            required: false,
            may_be_empty: false,
            default: None,
            prompt: None,
        }
    }

    /// Sets the aliases.
    #[must_use]
    pub const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// Marks the value as secret.
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// Marks the option as required.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Allows the empty string as a value.
    #[must_use]
    pub const fn may_be_empty(mut self) -> Self {
        self.may_be_empty = true;
        self
    }

    /// Sets the default value.
    #[must_use]
    pub const fn default(mut self, value: &'static str) -> Self {
        self.default = Some(value);
        self
    }

    /// Sets the prompt to ask the user for the value.
    #[must_use]
    pub const fn prompt(mut self, prompt: &'static str) -> Self {
        self.prompt = Some(prompt);
        self
    }

    /// The command-line flag: `--os-auth-url`.
    pub fn flag(&self) -> String {
        flag(self.name)
    }

    /// The flag, then those of the aliases.
    pub fn flags(&self) -> Vec<String> {
        self.names().map(flag).collect()
    }

    /// The environment variable: `OS_AUTH_URL`.
    pub fn env_name(&self) -> String {
        env_name(self.name)
    }

    /// The environment variable, then those of the aliases. The first that is not empty wins.
    pub fn env_names(&self) -> Vec<String> {
        self.names().map(env_name).collect()
    }

    /// Whether `key` is its name or an alias, with dashes or underscores.
    pub fn is_called(&self, key: &str) -> bool {
        self.names().any(|name| is_same(name, key))
    }

    /// Whether `value` is a value for this option.
    pub(super) fn accepts(&self, value: &Secret) -> bool {
        self.may_be_empty || !value.expose().is_empty()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }
}

fn flag(name: &str) -> String {
    format!("--os-{}", name.replace('_', "-"))
}

fn env_name(name: &str) -> String {
    format!("OS_{}", name.replace('-', "_").to_ascii_uppercase())
}

/// Compares names without regard to dashes and underscores.
pub(super) fn is_same(a: &str, b: &str) -> bool {
    let plain = |c| if c == '-' { '_' } else { c };
    a.chars().map(plain).eq(b.chars().map(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_and_underscores_are_one() {
        const USER: Opt = Opt::new("username", "").aliases(&["user_name"]);
        for key in ["username", "user_name", "user-name"] {
            assert!(USER.is_called(key), "{key}");
        }
        for key in ["user", "user name", "USERNAME", "usernames", ""] {
            assert!(!USER.is_called(key), "{key}");
        }
        assert_eq!(USER.flag(), "--os-username");
        assert_eq!(USER.env_name(), "OS_USERNAME");
        assert_eq!(
            Opt::new("application_credential_id", "").flag(),
            "--os-application-credential-id"
        );
    }
}
