//! Time formats of Keystone and Heat.

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub(super) use crate::clock::wall as now;

/// Keystone's format, `2026-11-23T10:21:43.000000Z`.
pub(super) fn micros(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC)
        .strftime("%Y-%m-%dT%H:%M:%S.%6fZ")
        .to_string()
}

/// Heat's format, `2026-11-23T10:21:43Z`.
pub(super) fn seconds(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC)
        .strftime("%Y-%m-%dT%H:%M:%SZ")
        .to_string()
}
