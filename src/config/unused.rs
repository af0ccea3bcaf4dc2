//! What of a cloud has no effect: it is shown, as `openstack` does, and reported.

use crate::config::auth::{Auth, is_yes};
use crate::config::entry::{Entry, LIMITS};
use crate::config::keys::{all_options, is_secret, meant};
use crate::config::setting::{MOVED, Setting, renamed};
use crate::config::source::{Found, Names, Sources};
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
        if is_known || HIDDEN.contains(&name) {
            continue;
        }
        let setting = match all_options().iter().find(|option| option.name == name) {
            Some(option) => Setting::option(option, found.clone()),
            None => Setting::new(shown, found.clone()),
        };
        let is_known = |known: &Setting| known.openstack_name() == setting.openstack_name();
        if !settings.iter().any(is_known) {
            settings.push(setting.secret(is_secret(name)));
        }
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
        if auth.has_option(name) || HIDDEN.contains(&name) {
            continue;
        }
        if let Some((_, instead)) = WITHOUT_EFFECT.iter().find(|(known, _)| *known == name) {
            warnings.push(format!(
                "{}: {name} has no effect, as in openstack; {instead}",
                item.at
            ));
            continue;
        }
        match meant(name) {
            Some(meant) => warnings.push(format!(
                "{}: unknown key {name:?} (did you mean {meant}?)",
                item.at
            )),
            None if LIMITS.contains(&name) => {}
            None => tracing::debug!("{}: the key {name:?} is ignored", item.at),
        }
        settings.push(shown(name, item));
    }
    warnings
}

/// Keys for other purposes that `openstack` does not show.
const HIDDEN: &[&str] = &["force_ipv4", "prefer_ipv6"];

/// Keys that are shown under other names. With a project, a domain is that of user and project.
const CONSUMED: &[&str] = &["domain_id", "domain_name"];

/// Keys that `openstack` documents, and that have no effect, with what to use instead.
const WITHOUT_EFFECT: &[(&str, &str)] = &[
    ("auth_plugin", "use auth_type"),
    ("default_domain", "set default_domain_id in auth"),
];

/// The options of explicit values, variables and `auth` that are not among the settings.
pub(super) fn overridden(
    sources: &Sources<'_>,
    entry: Option<&Entry>,
    settings: &[Setting],
) -> Vec<Setting> {
    let mut found: Vec<Setting> = Vec::new();
    let mut add = |setting: Setting| {
        let mut known = settings.iter().chain(&found);
        if !known.any(|known| known.openstack_name() == setting.openstack_name()) {
            found.push(setting);
        }
    };
    let own = sources.without_files();
    for option in all_options() {
        let names = [&[option.name], option.aliases].concat();
        let value = own.first(|origin| {
            origin.find_by(&Names {
                explicit: &names,
                variables: &option.env_names(),
                last: &[],
                may_be_empty: false,
                is_option: true,
            })
        });
        if let Some(value) = value {
            add(Setting::option(&option, value));
        }
    }
    let auth = || entry.into_iter().flat_map(Entry::auth);
    // Newer names come before older ones.
    let (newer, older): (Vec<_>, Vec<_>) = auth().partition(|(name, _)| renamed(name) == *name);
    for (name, value) in newer.into_iter().chain(older) {
        if value.text().is_empty() && MOVED.contains(&renamed(name)) {
            continue;
        }
        let setting = Setting::new(format!("auth.{}", renamed(name)), value.clone());
        add(setting.secret(is_secret(name)));
    }
    let is_project = |setting: &Setting| {
        matches!(
            setting.openstack_name(),
            "auth.project_id" | "auth.project_name"
        )
    };
    if settings.iter().chain(&found).any(is_project) {
        found.retain(|setting| {
            !matches!(
                setting.openstack_name(),
                "auth.domain_id" | "auth.domain_name"
            )
        });
    }
    found
}

fn shown(name: &str, item: &Item) -> Setting {
    let json = match &item.value {
        // A boolean of openstacksdk.
        Value::Text(text) if name == "cache" => is_yes(text.expose()).into(),
        value => value.to_json(false),
    };
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
