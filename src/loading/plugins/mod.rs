//! The auth plugins of this crate, one family per file.
//!
//! A family's file contains its options, checks, construction of plugins and tests. Options of
//! several families are in `common`.

mod admin_token;
mod application_credential;
mod common;
mod known;
mod none;
mod password;
#[cfg(test)]
mod testing;
mod token;

use crate::loading::PluginLoader;

pub(super) use known::{KEYSTONEAUTH, Known};

/// The families, one per line.
const FAMILIES: &[fn() -> Vec<PluginLoader>] = &[
    admin_token::loaders,
    application_credential::loaders,
    none::loaders,
    password::loaders,
    token::loaders,
];

/// The loaders of all families.
pub(super) fn loaders() -> Vec<PluginLoader> {
    FAMILIES.iter().flat_map(|family| family()).collect()
}
