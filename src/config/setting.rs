//! Resolved values of settings.

use crate::config::source::{Found, Source};
use crate::loading::Opt;

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
    /// The name in `openstack`, if it differs.
    other_name: Option<String>,
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
            other_name: None,
            found,
            secret,
        }
    }

    /// An option of an auth plugin.
    pub(super) fn option(option: &Opt, found: Found) -> Self {
        let other_name = option_name(option, &found);
        let name = format!("auth.{}", option.name);
        Self {
            other_name: (other_name != name).then_some(other_name),
            ..Self::new(name, found).secret(option.secret)
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

    /// The name under which `openstack configuration show` prints the value. It differs for options of auth
    /// plugins that are not in `auth` of clouds.yaml: `username` in place of `auth.username`.
    pub fn openstack_name(&self) -> &str {
        self.other_name.as_deref().unwrap_or(&self.name)
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

/// Options that `openstack` moves into `auth`, wherever they are.
const MOVED: &[&str] = &[
    "domain_id",
    "domain_name",
    "passcode",
    "project_domain_id",
    "project_domain_name",
    "project_id",
    "project_name",
    "tenant_id",
    "tenant_name",
    "token",
    "user_domain_id",
    "user_domain_name",
];

/// The name of an option in `openstack`, which depends on where its value is.
fn option_name(option: &Opt, found: &Found) -> String {
    let spelled = match (&found.source, found.name.as_deref()) {
        (Source::File { .. } | Source::Variable(_), Some(name)) => name,
        _ => option.name,
    };
    let bare = spelled.strip_prefix("auth.").unwrap_or(spelled);
    let bare = renamed(bare);
    // A value may also be that of another setting, such as the default domain.
    let is_own = bare == renamed(option.name) || option.aliases.contains(&bare);
    let is_beside_auth =
        found.source != Source::Default && spelled == bare && !MOVED.contains(&bare);
    match (is_own, is_beside_auth) {
        (false, _) => format!("auth.{}", option.name),
        (true, false) => format!("auth.{bare}"),
        (true, true) => bare.to_owned(),
    }
}

/// The newer name of an option.
pub(super) fn renamed(name: &str) -> &str {
    match name {
        "tenant_id" => "project_id",
        "tenant_name" => "project_name",
        "auth_token" => "token",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    #[test]
    fn options_beside_auth_have_no_prefix_unless_they_are_moved() {
        let file = || Source::File {
            path: PathBuf::from("f"),
            line: 1,
        };
        let variable = || Source::Variable("OS_X".to_owned());
        let username = Opt::new("username", "").aliases(&["user_name"]);
        for (option, source, name, expected) in [
            (username, file(), Some("auth.username"), "auth.username"),
            (username, file(), Some("auth.user_name"), "auth.user_name"),
            (username, file(), Some("username"), "username"),
            (username, variable(), Some("username"), "username"),
            (username, variable(), Some("user_name"), "user_name"),
            (username, Source::Explicit, None, "username"),
            (username, Source::Default, None, "auth.username"),
            (
                Opt::new("project_name", ""),
                file(),
                Some("tenant_name"),
                "auth.project_name",
            ),
            (
                Opt::new("project_name", ""),
                Source::Explicit,
                None,
                "auth.project_name",
            ),
            (
                Opt::new("token", ""),
                file(),
                Some("auth.auth_token"),
                "auth.token",
            ),
            (
                Opt::new("user_domain_id", ""),
                file(),
                Some("auth.domain_id"),
                "auth.user_domain_id",
            ),
            (
                Opt::new("user_domain_id", ""),
                variable(),
                Some("default_domain"),
                "auth.user_domain_id",
            ),
        ] {
            let mut found = Found::new("x", source);
            found.name = name.map(Into::into);
            assert_eq!(
                Setting::option(&option, found).openstack_name(),
                expected,
                "{name:?}"
            );
        }
    }
}
