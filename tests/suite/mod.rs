//! Cases that hold on every cloud. They run against the sandbox and a real Heat.

pub(crate) mod abandoning;
pub(crate) mod auth;
pub(crate) mod deploying;
pub(crate) mod documents;
pub(crate) mod ending;
pub(crate) mod endpoints;
pub(crate) mod environments;
pub(crate) mod failures;
pub(crate) mod groups;
pub(crate) mod heat;
pub(crate) mod hooks;
pub(crate) mod lists;
pub(crate) mod logins;
pub(crate) mod nesting;
pub(crate) mod projects;
pub(crate) mod signals;
pub(crate) mod snapshots;
pub(crate) mod software;
pub(crate) mod types;
pub(crate) mod updating;
pub(crate) mod watching;
pub(crate) mod whole;
