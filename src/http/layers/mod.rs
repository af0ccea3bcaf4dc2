//! The layers of the session's stack, one a file.

use std::time::Duration;

use http::HeaderMap;

/// How retries go.
#[derive(Debug, Clone)]
pub struct RetryPolicy {}

pub(crate) fn retry_after(_headers: &HeaderMap) -> Option<Duration> {
    None
}
