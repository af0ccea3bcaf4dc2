//! The clock. All other code reads the time here.
//!
//! Both functions follow tokio's clock. A test that pauses it (`tokio::time::pause`) controls token
//! lifetimes, back-off and deadlines.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
pub use tokio::time::Instant;

/// The current time of the monotonic clock, to measure durations.
#[inline]
#[allow(clippy::disallowed_methods)]
pub fn now() -> Instant {
    Instant::now()
}

/// The current calendar time (UTC), to compare with the times of other machines.
#[allow(clippy::disallowed_methods)]
pub fn wall() -> Timestamp {
    static START: LazyLock<(Instant, Timestamp)> = LazyLock::new(|| {
        let wall = Timestamp::try_from(SystemTime::now()).unwrap_or(Timestamp::UNIX_EPOCH);
        (now(), wall)
    });
    let (start, wall) = *START;
    let now = now();
    // A paused clock may show a time before the start.
    match now.checked_duration_since(start) {
        Some(passed) => wall.saturating_add(passed),
        None => wall.saturating_sub(start.saturating_duration_since(now)),
    }
    .unwrap_or(wall)
}

/// The value of [`wall`] after `span` from now.
pub(crate) fn wall_after(span: Duration) -> Timestamp {
    let wall = wall();
    wall.saturating_add(span).unwrap_or(wall)
}

/// The instant at which [`wall`] returns `at`; now if that time has passed.
pub(crate) fn moment_of(at: Timestamp) -> Instant {
    after(Duration::try_from(at.duration_since(wall())).unwrap_or_default())
}

/// The instant after `span` from now. Very long spans are limited to 30 years.
pub(crate) fn after(span: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
    let now = now();
    now.checked_add(span.min(FAR)).unwrap_or(now)
}

/// A random duration between zero and `span` (full jitter).
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
