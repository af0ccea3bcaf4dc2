//! Creates credentials from the name and the options of an auth plugin.
//!
//! ```
//! use heatclient::loading;
//!
//! let auth = loading::plugin_loader("password")?.load([
//!     ("auth_url", "http://keystone:5000/v3"),
//!     ("username", "demo"),
//!     ("password", "swordfish"),
//!     ("project_name", "demo"),
//!     ("user_domain_name", "Default"),
//!     ("project_domain_name", "Default"),
//! ])?;
//! # Ok::<(), heatclient::Error>(())
//! ```

mod loader;
mod opt;
mod plugins;
mod registry;
mod values;

pub(crate) use loader::without_variables;
pub use loader::{Loader, PluginLoader};
pub use opt::Opt;
pub use registry::{
    PluginState, Registry, plugin_from_env, plugin_loader, plugin_names, register, replace,
};
pub use values::OptionValues;
