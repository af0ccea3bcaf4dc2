//! From a plugin's name and its options to credentials.
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

mod builtin;
mod identity;
mod loader;
mod opt;
mod registry;
mod values;

pub use loader::{Loader, PluginLoader};
pub use opt::Opt;
pub use registry::{Registry, plugin_loader, plugin_names, register};
pub use values::OptionValues;
