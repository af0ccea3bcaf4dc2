//! Helpers for the tests of all families.

use crate::auth::Credentials;
use crate::error::{ErrorKind, Result};
use crate::loading::{PluginLoader, Registry};

pub(super) type Pairs<'a> = &'a [(&'a str, &'a str)];

pub(super) fn loader(plugin: &str) -> PluginLoader {
    Registry::default().get(plugin).unwrap()
}

pub(super) fn load(plugin: &str, pairs: Pairs<'_>) -> Result<Credentials> {
    loader(plugin).load(pairs.iter().copied())
}

/// The plugin's `Debug` text. It must not contain these secrets.
pub(super) fn made(plugin: &str, pairs: Pairs<'_>, secrets: &[&str]) -> String {
    let debug = format!("{:?}", load(plugin, pairs).unwrap());
    for secret in secrets {
        assert!(!debug.contains(secret), "{plugin}: {debug}");
    }
    debug
}

pub(super) fn error(plugin: &str, pairs: Pairs<'_>) -> (ErrorKind, String) {
    let error = load(plugin, pairs).unwrap_err();
    (error.kind(), error.to_string())
}

/// Asserts that loading fails with these missing options.
pub(super) fn assert_missing(plugin: &str, pairs: Pairs<'_>, missing: &str) {
    let message = format!("auth plugin {plugin} needs {missing}");
    assert_eq!(error(plugin, pairs), (ErrorKind::MissingOption, message));
}

/// The options in one line: `!` marks a required one, `*` a secret, and `=` precedes an alias.
pub(super) fn options(plugin: &str) -> String {
    let loader = loader(plugin);
    let options = loader.options().iter().map(|opt| {
        assert!(!opt.help.is_empty(), "{}", opt.name);
        let required = if opt.required { "!" } else { "" };
        let secret = if opt.secret { "*" } else { "" };
        let names: Vec<_> = opt.names().collect();
        format!("{}{required}{secret}", names.join("="))
    });
    options.collect::<Vec<_>>().join(" ")
}

pub(super) const SCOPE: &str = "system_scope domain_id domain_name project_id project_name \
     project_domain_id project_domain_name trust_id";
pub(super) const GENERIC_SCOPE: &str = "system_scope domain_id domain_name project_id=tenant_id \
     project_name=tenant_name project_domain_id project_domain_name trust_id default_domain_id \
     default_domain_name";
pub(super) const USER: &str = "user_id username=user_name user_domain_id user_domain_name";
