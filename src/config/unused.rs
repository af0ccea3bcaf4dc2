//! What of a cloud has no effect: it is shown, as `openstack` does, and reported.

use crate::config::auth::Auth;
use crate::config::entry::Entry;
use crate::config::keys::{is_secret, meant};
use crate::config::setting::Setting;
use crate::config::source::Found;
use crate::config::tree::{Item, Value};
use crate::secret::Secret;

/// Adds the values of a cloud that are not among the settings, and returns warnings about probable
/// typing errors.
pub(super) fn report(entry: &Entry, auth: &Auth, settings: &mut Vec<Setting>) -> Vec<String> {
    let mut warnings = Vec::new();
    for (name, found) in entry.settings() {
        let shown = found.name.as_deref().unwrap_or(name);
        let is_known = |setting: &Setting| {
            let known = setting.name();
            known == shown || known.strip_prefix("auth.") == Some(name)
        };
        let is_known = settings.iter().any(is_known) || CONSUMED.contains(&name);
        if is_known {
            continue;
        }
        let setting = Setting::new(shown, found.clone()).secret(is_secret(name));
        settings.push(setting);
    }
    for (name, found) in entry.auth() {
        if !auth.has_option(name) {
            let plugin = auth.plugin();
            tracing::debug!(
                "{}: auth.{name} is ignored: it is no option of the auth plugin {plugin}",
                found.source
            );
        }
    }
    for (name, item) in entry.others() {
        if auth.has_option(name) {
            continue;
        }
        match meant(name) {
            Some(meant) => warnings.push(format!(
                "{}: unknown key {name:?} (did you mean {meant}?)",
                item.at
            )),
            None => tracing::debug!("{}: the key {name:?} is ignored", item.at),
        }
        settings.push(shown(name, item));
    }
    warnings
}

/// Keys that are shown under other names. With a project, a domain is that of user and project.
/// `openstack` does not show the choice of IPv4.
const CONSUMED: &[&str] = &[
    "insecure",
    "auth_plugin",
    "domain_id",
    "domain_name",
    "force_ipv4",
    "prefer_ipv6",
];

fn shown(name: &str, item: &Item) -> Setting {
    let json = item.value.to_json(false);
    let text = match &json {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut found = Found::new(Secret::from(text), item.at.source());
    let is_secret = is_secret(name) || has_secret(item);
    if !json.is_string() && !is_secret {
        found.json = Some(json.to_string().into());
    }
    Setting::new(name, found).secret(is_secret)
}

fn has_secret(item: &Item) -> bool {
    match &item.value {
        Value::Map(members) => members
            .iter()
            .any(|(name, item)| is_secret(name) || has_secret(item)),
        Value::List(items) => items.iter().any(has_secret),
        _ => false,
    }
}
