//! An option of an auth plugin, as data.

use crate::secret::Secret;

/// An option of an auth plugin, as data: command-line flags, environment variables, keys of
/// clouds.yaml and documentation are all made from it.
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
    /// The name, in the spelling of clouds.yaml: `auth_url`.
    pub name: &'static str,
    /// What it is, in a few words.
    pub help: &'static str,
    /// Older names. A value under the name itself takes precedence.
    pub aliases: &'static [&'static str],
    /// Whether its value must never be shown.
    pub secret: bool,
    /// Whether the plugin needs a value.
    pub required: bool,
    /// Whether the empty string is a value; otherwise it counts as absent.
    pub may_be_empty: bool,
    /// The value if none is given.
    pub default: Option<&'static str>,
    /// The prompt to ask a person for it.
    pub prompt: Option<&'static str>,
}

impl Opt {
    /// An option that may be left out.
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

    /// Sets older names.
    #[must_use]
    pub const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// Marks that the value must never be shown.
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// Marks that the plugin needs a value.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Marks that the empty string is a value.
    #[must_use]
    pub const fn may_be_empty(mut self) -> Self {
        self.may_be_empty = true;
        self
    }

    /// Sets the value if none is given.
    #[must_use]
    pub const fn default(mut self, value: &'static str) -> Self {
        self.default = Some(value);
        self
    }

    /// Sets the prompt to ask a person for it.
    #[must_use]
    pub const fn prompt(mut self, prompt: &'static str) -> Self {
        self.prompt = Some(prompt);
        self
    }

    /// The command-line flag: `--os-auth-url`.
    pub fn flag(&self) -> String {
        flag(self.name)
    }

    /// The flag, then those of the older names.
    pub fn flags(&self) -> Vec<String> {
        self.names().map(flag).collect()
    }

    /// The environment variable: `OS_AUTH_URL`.
    pub fn env_name(&self) -> String {
        env_name(self.name)
    }

    /// The environment variable, then those of the older names: the first that is not empty counts.
    pub fn env_names(&self) -> Vec<String> {
        self.names().map(env_name).collect()
    }

    /// Whether `key` is its name or an older one, with dashes or underscores.
    pub fn is_called(&self, key: &str) -> bool {
        self.names().any(|name| is_same(name, key))
    }

    /// Whether `value` counts as given.
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

/// Whether two names differ in dashes and underscores at most.
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
