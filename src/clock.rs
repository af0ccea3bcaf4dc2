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
    let now = now();
    // A clock that a test stopped may show a time before the start.
    match now.checked_duration_since(start) {
        Some(passed) => wall.saturating_add(passed),
        None => wall.saturating_sub(start.saturating_duration_since(now)),
    }
    .unwrap_or(wall)
}

/// What [`wall`] will show `span` from now.
pub(crate) fn wall_after(span: Duration) -> Timestamp {
    let wall = wall();
    wall.saturating_add(span).unwrap_or(wall)
}

/// The moment at which [`wall`] will show `at`; now, if it has passed.
pub(crate) fn moment_of(at: Timestamp) -> Instant {
    after(Duration::try_from(at.duration_since(wall())).unwrap_or_default())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn wall_time_and_moments_agree() {
        let hour = Duration::from_secs(3600);
        let end = wall_after(hour);
        assert_eq!(moment_of(end), now() + hour);
        tokio::time::advance(hour / 2).await;
        assert_eq!(moment_of(end), now() + hour / 2);
        assert_eq!(wall_after(hour / 2), end);
        tokio::time::advance(hour).await;
        assert_eq!(moment_of(end), now());
        assert_eq!(moment_of(Timestamp::MIN), now());
        assert!(moment_of(Timestamp::MAX) > now() + hour);
        assert_eq!(wall_after(Duration::MAX), Timestamp::MAX);
    }
}
