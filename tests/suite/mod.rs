//! Cases that hold on every cloud. They run against the sandbox and a real Heat.

pub(crate) mod auth;
pub(crate) mod documents;
pub(crate) mod environments;
pub(crate) mod failures;
pub(crate) mod heat;
pub(crate) mod logins;
pub(crate) mod nesting;
pub(crate) mod projects;
pub(crate) mod watching;
