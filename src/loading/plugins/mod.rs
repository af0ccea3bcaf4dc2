//! The auth plugins of this crate, one family per file.
//!
//! A family's file contains its options, checks, construction of plugins and tests. Options of
//! several families are in `common`.

mod admin_token;
mod application_credential;
mod common;
mod exec;
mod http_basic;
mod known;
mod multi_factor;
mod none;
mod oauth2;
mod password;
#[cfg(test)]
mod testing;
mod token;
mod tokenless;
mod totp;
mod v2;

use crate::loading::PluginLoader;

pub(super) use known::{KEYSTONEAUTH, Known};

/// The families, one per line.
const FAMILIES: &[fn() -> Vec<PluginLoader>] = &[
    admin_token::loaders,
    application_credential::loaders,
    exec::loaders,
    http_basic::loaders,
    multi_factor::loaders,
    none::loaders,
    oauth2::loaders,
    password::loaders,
    token::loaders,
    tokenless::loaders,
    totp::loaders,
    v2::loaders,
];

/// The loaders of all families.
pub(super) fn loaders() -> Vec<PluginLoader> {
    FAMILIES.iter().flat_map(|family| family()).collect()
}
