//! The values of a plugin's options.

use std::fmt;

use crate::error::{Error, ErrorKind, Result};
use crate::loading::opt::is_same;
use crate::secret::Secret;

/// The values of a plugin's options, by option name.
///
/// All values are held as secrets. [`Debug`](fmt::Debug) shows only the names.
#[derive(Clone, Default)]
pub struct OptionValues(Vec<(&'static str, Secret)>);

impl OptionValues {
    /// The value of an option.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.secret(name).map(Secret::expose)
    }

    /// The value of an option as a secret.
    pub fn secret(&self, name: &str) -> Option<&Secret> {
        self.0
            .iter()
            .find(|(key, _)| is_same(key, name))
            .map(|(_, value)| value)
    }

    /// The items of a comma-separated value.
    pub fn list(&self, name: &str) -> Vec<&str> {
        let items = self.get(name).unwrap_or_default().split(',').map(str::trim);
        items.filter(|item| !item.is_empty()).collect()
    }

    /// The value of a required option.
    ///
    /// # Errors
    /// [`ErrorKind::MissingOption`] if it has no value.
    pub fn require(&self, name: &str) -> Result<&str> {
        self.get(name).ok_or_else(|| missing(name))
    }

    /// The value of a required option as a secret.
    ///
    /// # Errors
    /// [`ErrorKind::MissingOption`] if it has no value.
    pub fn require_secret(&self, name: &str) -> Result<Secret> {
        self.secret(name).cloned().ok_or_else(|| missing(name))
    }

    /// The names of the options that have a value.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.0.iter().map(|(name, _)| *name)
    }

    /// Adds the values of `lower` for options without a value here. For example, explicit options
    /// take precedence over the environment.
    #[must_use]
    pub fn or(mut self, lower: Self) -> Self {
        for (name, value) in lower.0 {
            if self.get(name).is_none() {
                self.0.push((name, value));
            }
        }
        self
    }

    pub(super) fn set(&mut self, name: &'static str, value: Secret) {
        self.0.retain(|(key, _)| *key != name);
        self.0.push((name, value));
    }
}

fn missing(name: &str) -> Error {
    Error::new(
        ErrorKind::MissingOption,
        format!("the option {name} is missing"),
    )
}

impl fmt::Debug for OptionValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.0.iter().map(|(name, value)| (name, value)))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_separated_by_commas() {
        let mut values = OptionValues::default();
        for (value, items) in [
            ("v3password,v3totp", &["v3password", "v3totp"][..]),
            (" v3password , ,v3totp,", &["v3password", "v3totp"]),
            ("v3password", &["v3password"]),
            (",", &[]),
        ] {
            values.set("auth_methods", Secret::from(value));
            assert_eq!(values.list("auth-methods"), items);
        }
        assert!(values.list("other").is_empty());
    }

    #[test]
    fn higher_sources_win() {
        let values = |pairs: &[(&'static str, &str)]| {
            OptionValues(pairs.iter().map(|(k, v)| (*k, Secret::from(*v))).collect())
        };
        let both = values(&[("username", "typed"), ("password", "")]).or(values(&[
            ("username", "env"),
            ("password", "env"),
            ("auth_url", "env"),
        ]));
        assert_eq!(both.get("username"), Some("typed"));
        assert_eq!(both.get("password"), Some(""));
        assert_eq!(both.get("auth-url"), Some("env"));
        assert_eq!(both.require("username").unwrap(), "typed");
        assert_eq!(
            both.require("token").unwrap_err().to_string(),
            "the option token is missing"
        );
        assert_eq!(
            both.names().collect::<Vec<_>>(),
            ["username", "password", "auth_url"]
        );
        assert_eq!(
            format!("{both:?}"),
            r#"{"username": [redacted], "password": [redacted], "auth_url": [redacted]}"#
        );
    }
}
