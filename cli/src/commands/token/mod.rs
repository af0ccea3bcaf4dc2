//! Tokens of the cloud's identity service.

pub(super) mod issue;
pub(super) mod revoke;
