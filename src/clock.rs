//! The one place that reads the time.
//!
//! Both readings follow tokio's clock, so a test that pauses it (`tokio::time::pause`) moves
//! token lifetimes, back-off and deadlines by hand.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
pub use tokio::time::Instant;

/// Now, for measuring spans of time.
#[inline]
#[allow(clippy::disallowed_methods)]
pub fn now() -> Instant {
    Instant::now()
}

/// Now, as the calendar and other machines tell it.
#[allow(clippy::disallowed_methods)]
pub fn wall() -> Timestamp {
    static START: LazyLock<(Instant, Timestamp)> = LazyLock::new(|| {
        let wall = Timestamp::try_from(SystemTime::now()).unwrap_or(Timestamp::UNIX_EPOCH);
        (now(), wall)
    });
    let (start, wall) = *START;
    wall.saturating_add(now().saturating_duration_since(start))
        .unwrap_or(wall)
}

/// The moment `span` from now; a span without end becomes a lifetime of years.
pub(crate) fn after(span: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
    let now = now();
    now.checked_add(span.min(FAR)).unwrap_or(now)
}

/// A random share of `span`: full jitter, from nothing to all of it.
pub(crate) fn jittered(span: Duration) -> Duration {
    span.mul_f64(fastrand::f64())
}
