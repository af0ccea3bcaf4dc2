//! Which cloud is meant: from explicit values and environment variables to a session and its clients.
//!
//! A configuration is data: each setting knows its value and where it comes from. Sources are, in order of precedence:
//! explicit values, the variables `OS_*` and `HEAT_*`, and defaults.
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

/// The configuration that the variables of the process describe.
///
/// Without `OS_AUTH_TYPE` the variables choose the auth plugin: a token, an application credential, else user and
/// password.
///
/// ```no_run
/// let session = heatclient::config::from_env()?.session()?;
/// # Ok::<(), heatclient::Error>(())
/// ```
///
/// # Errors
/// Those of [`ConfigBuilder::build`]. Variables that are missing are an error of [`CloudConfig::session`].
pub fn from_env() -> Result<CloudConfig> {
    ConfigBuilder::new().process_env().build()
}
