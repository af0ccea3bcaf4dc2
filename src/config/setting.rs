//! Resolved values of settings.

use crate::config::source::{Found, Source};

/// A resolved setting: its name, value and source.
///
/// Names are those of `openstack configuration show`: `auth.username` for an option of the auth
/// plugin, `region_name` for another setting.
///
/// ```
/// use heatclient::config::ConfigBuilder;
///
/// let cloud = ConfigBuilder::new().explicit([("token", "gAAAA")]).build()?;
/// let token = cloud.setting("auth.token").unwrap();
/// assert!(token.is_secret());
/// assert!(!format!("{token:?}").contains(token.value()));
/// # Ok::<(), heatclient::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Setting {
    name: String,
    found: Found,
    secret: bool,
}

impl Setting {
    pub(super) fn new(name: impl Into<String>, found: Found) -> Self {
        // URLs must not contain passwords, but this one may not have been checked yet.
        let text = found.text();
        let secret = text.contains('@') && text.contains("://");
        Self {
            name: name.into(),
            found,
            secret,
        }
    }

    pub(super) fn secret(mut self, secret: bool) -> Self {
        self.secret |= secret;
        self
    }

    /// A setting with its default value.
    pub(super) fn default(name: &str, value: &str) -> Self {
        Self::new(name, Found::new(value, Source::Default))
    }

    /// A setting under the name that its file or its variable has for it.
    pub(super) fn named(name: &str, found: Found) -> Self {
        match found.name.clone() {
            Some(name) => Self::new(&*name, found),
            None => Self::new(name, found),
        }
    }

    /// The name: `auth.username`, `region_name`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value as text; flags are `true` or `false`. Check [`is_secret`](Self::is_secret) before
    /// you show it.
    pub fn value(&self) -> &str {
        self.found.text()
    }

    /// The value as `openstack configuration show -f json` prints it: a string, or what a file has.
    pub fn to_json(&self) -> serde_json::Value {
        let json = self.found.json.as_deref();
        json.and_then(|json| serde_json::from_str(json).ok())
            .unwrap_or_else(|| self.value().into())
    }

    /// The source of the value.
    pub fn source(&self) -> &Source {
        &self.found.source
    }

    /// Whether the value is secret.
    pub fn is_secret(&self) -> bool {
        self.secret
    }
}
