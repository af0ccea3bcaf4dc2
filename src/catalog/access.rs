//! What a token says of itself.

use crate::clock::Instant;
use crate::secret::Secret;

/// What Keystone says of a token: whose it is, for what, until when, and where the services are.
#[derive(Debug)]
pub struct AccessInfo {
    token: Secret,
}

impl AccessInfo {
    /// The token itself.
    pub fn token(&self) -> &Secret {
        &self.token
    }

    /// When it ends, on this machine's clock.
    pub fn expires(&self) -> Option<Instant> {
        None
    }
}
