//! What holds on every cloud: the sandbox and a real Heat run the same cases.

pub(crate) mod auth;
pub(crate) mod documents;
pub(crate) mod environments;
pub(crate) mod failures;
pub(crate) mod heat;
pub(crate) mod nesting;
pub(crate) mod projects;
pub(crate) mod watching;
