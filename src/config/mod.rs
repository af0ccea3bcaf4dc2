//! Configuration of a cloud: creates a session and its clients from explicit values and environment
//! variables.
//!
//! A configuration is data: each setting has a value and a source. The sources in order of
//! precedence are explicit values, the variables `OS_*` and `HEAT_*`, and defaults.
//!
//! ```no_run
//! use heatclient::{Client, config};
//!
//! let cloud = config::from_env()?;
//! for setting in cloud.settings().iter().filter(|setting| !setting.is_secret()) {
//!     println!("{} = {} ({})", setting.name(), setting.value(), setting.source());
//! }
//! let session = cloud.session()?;
//! let heat = Client::from(cloud.adapter(&session).build());
//! # Ok::<(), heatclient::Error>(())
//! ```

mod adapter;
mod auth;
mod builder;
mod cloud;
mod session;
mod setting;
mod source;
mod standalone;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use adapter::AdapterSettings;
pub use builder::ConfigBuilder;
pub use cloud::CloudConfig;
pub use session::SessionSettings;
pub use setting::Setting;
pub use source::Source;

use crate::error::Result;

/// Reads the configuration from the variables of the process.
///
/// Without `OS_AUTH_TYPE` the other variables select the auth plugin: `token`,
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
    ConfigBuilder::new().process_env().build()
}
