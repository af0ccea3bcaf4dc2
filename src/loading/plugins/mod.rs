//! The auth plugins of this crate, one family a file.
//!
//! A family's file holds its options, its checks, the construction of its plugins and their tests.
//! Options that several families share are in `common`.

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

/// The table of families: one line a family.
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
