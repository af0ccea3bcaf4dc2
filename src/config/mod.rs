//! Configuration of a cloud: creates a session and its clients from explicit values, environment
//! variables and files.
//!
//! A configuration is data: each setting has a value and a source. The sources in order of
//! precedence are
//!
//! 1. explicit values, such as those of a command line;
//! 2. the variables `OS_*` and `HEAT_*`. Beside a cloud of a file some of them are ignored, as in
//!    `openstack`;
//! 3. files: clouds.yaml with secure.yaml and clouds-public.yaml, or an ini file of an OpenStack service;
//! 4. defaults.
//!
//! `docs/clouds-yaml.md` in the repository describes the files, key by key.
//!
//! ```no_run
//! use heatclient::{Client, config};
//!
//! let cloud = config::from_env()?;
//! for setting in cloud.settings().iter().filter(|setting| !setting.is_secret()) {
//!     println!("{} = {} ({})", setting.name(), setting.value(), setting.source());
//! }
//! let session = cloud.session()?;
//! let heat = Client::from(cloud.adapter(&session));
//! # Ok::<(), heatclient::Error>(())
//! ```

mod adapter;
mod auth;
mod builder;
mod choice;
mod cloud;
mod entry;
#[cfg(test)]
mod file_tests;
mod ini;
mod keys;
mod options;
mod regions;
mod retry;
mod search;
mod session;
mod setting;
mod source;
mod standalone;
mod template;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod tree;
mod unused;
mod vendors;
mod version;

pub use adapter::AdapterSettings;
pub use builder::ConfigBuilder;
pub use cloud::CloudConfig;
pub use session::SessionSettings;
pub use setting::Setting;
pub use source::Source;

use std::path::PathBuf;

use crate::error::{Error, ErrorKind, Result};

/// Reads the configuration from the variables of the process, and the cloud of clouds.yaml that
/// `OS_CLOUD` names.
///
/// Without `OS_CLOUD` and other variables, the only cloud of clouds.yaml is used. Without
/// `OS_AUTH_TYPE`, and if the cloud has no `auth_type`, the other values select the auth plugin: `token`,
/// `v3applicationcredential`, or else `password`.
///
/// ```no_run
/// let session = heatclient::config::from_env()?.session()?;
/// # Ok::<(), heatclient::Error>(())
/// ```
///
/// # Errors
/// Those of [`ConfigBuilder::build`]. Missing variables are an error of [`CloudConfig::session`].
pub fn from_env() -> Result<CloudConfig> {
    ConfigBuilder::new().process_env().files().build()
}

/// Reads the configuration of this cloud from clouds.yaml. Variables of the process take precedence, as
/// in `openstack`.
///
/// ```no_run
/// use heatclient::{Client, config};
///
/// let cloud = config::cloud("production")?;
/// let session = cloud.session()?;
/// let heat = Client::from(cloud.adapter(&session));
/// # Ok::<(), heatclient::Error>(())
/// ```
///
/// # Errors
/// Those of [`ConfigBuilder::build`]; [`ErrorKind::Config`] if the name is empty.
pub fn cloud(name: &str) -> Result<CloudConfig> {
    if name.is_empty() {
        return Err(Error::new(
            ErrorKind::Config,
            "the name of the cloud is empty; config::from_env uses OS_CLOUD",
        ));
    }
    let builder = ConfigBuilder::new().process_env().files();
    builder.cloud(name).build()
}

/// Reads the configuration from a section of an ini file in the form of oslo.config. Variables are not
/// read.
///
/// ```no_run
/// let cloud = heatclient::config::ini("/etc/scaler/scaler.conf", "heat")?;
/// let session = cloud.session()?;
/// # Ok::<(), heatclient::Error>(())
/// ```
///
/// # Errors
/// Those of [`ConfigBuilder::build`].
pub fn ini(path: impl Into<PathBuf>, section: &str) -> Result<CloudConfig> {
    ConfigBuilder::new().ini(path, section).build()
}
