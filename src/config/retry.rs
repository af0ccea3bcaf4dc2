//! Settings of retries and of limits.

use std::time::Duration;

use http::StatusCode;

use crate::config::keys::RetryKeys;
use crate::config::setting::Setting;
use crate::config::source::{Found, Key, Sources};
use crate::error::{Error, ErrorKind, Result};
use crate::transport::layers::{RateLimit, RetryPolicy};

/// Longer times have no effect in practice and would overflow clocks.
const MAX_SECONDS: f64 = 1e9;

/// The retries by these keys; `None` if none of them has a value.
pub(super) fn policy(
    sources: &Sources<'_>,
    keys: &RetryKeys,
) -> Result<(Option<RetryPolicy>, Vec<Found>)> {
    let mut all = Vec::new();
    let mut find = |key: &Key| {
        let found = sources.find(key)?;
        all.push(found.clone());
        Some(found)
    };
    let mut policy = RetryPolicy::default();
    if let Some(found) = find(&keys.connect_retries) {
        policy = policy.connect_retries(whole_number("connect_retries", &found)?);
    }
    if let Some(found) = find(&keys.status_code_retries) {
        policy = policy.status_code_retries(whole_number("status_code_retries", &found)?);
    }
    if let Some(found) = find(&keys.retriable_status_codes) {
        policy = policy.retriable_status_codes(codes(&found)?);
    }
    if let Some(found) = find(&keys.connect_retry_delay)
        && let Some(delay) = delay("connect_retry_delay", &found)?
    {
        policy = policy.connect_retry_delay(delay);
    }
    if let Some(found) = find(&keys.status_code_retry_delay)
        && let Some(delay) = delay("status_code_retry_delay", &found)?
    {
        policy = policy.status_code_retry_delay(delay);
    }
    Ok(((!all.is_empty()).then_some(policy), all))
}

/// The settings of retries for all services.
pub(super) fn shared(
    sources: &Sources<'_>,
    settings: &mut Vec<Setting>,
) -> Result<Option<RetryPolicy>> {
    for (name, key) in RetryKeys::ALL.named() {
        let found = sources.find(key);
        settings.extend(found.map(|found| Setting::named(name, found)));
    }
    Ok(policy(sources, &RetryKeys::ALL)?.0)
}

/// The settings of retries for one service; no policy if it is that for all services.
pub(super) fn of_service(
    sources: &Sources<'_>,
    kind: &str,
    keys: &RetryKeys,
) -> Result<(Option<RetryPolicy>, Vec<Setting>)> {
    let mut settings = Vec::new();
    for ((name, own), (_, shared)) in keys.named().into_iter().zip(RetryKeys::ALL.named()) {
        let (own, shared) = (sources.find(own), sources.find(shared));
        let is_shared = |own: &Found| {
            let same = |shared: &Found| own.source == shared.source && own.text() == shared.text();
            shared.as_ref().is_some_and(same)
        };
        let own = own.filter(|own| !is_shared(own));
        settings.extend(own.map(|found| Setting::named(&format!("{kind}_{name}"), found)));
    }
    if settings.is_empty() {
        return Ok((None, settings));
    }
    Ok((policy(sources, keys)?.0, settings))
}

/// The requests per second to a service; `None` for 0.
pub(super) fn rate_limit(found: &Found) -> Result<Option<RateLimit>> {
    let rate = number(found).filter(|rate| *rate >= 0.0 && *rate <= MAX_SECONDS);
    let interval = rate.map(|rate| Duration::try_from_secs_f64(1.0 / rate));
    match (rate, interval) {
        (Some(0.0), _) => Ok(None),
        (_, Some(Ok(interval))) if interval.as_secs_f64() <= MAX_SECONDS => {
            Ok(Some(RateLimit::new(1, interval)))
        }
        _ => Err(invalid(
            "rate_limit",
            found,
            "a number of requests per second",
        )),
    }
}

/// The number of concurrent requests to a service; `None` for 0.
pub(super) fn concurrency(found: &Found) -> Result<Option<usize>> {
    let limit = whole_number("concurrency", found)?;
    Ok(usize::try_from(limit).ok().filter(|limit| *limit > 0))
}

/// A time above 0.
pub(super) fn seconds(name: &str, found: &Found) -> Result<Duration> {
    let seconds = number(found).filter(|seconds| *seconds > 0.0 && *seconds <= MAX_SECONDS);
    seconds.map(Duration::from_secs_f64).ok_or_else(|| {
        let expected = format!("a number of seconds above 0 and up to {MAX_SECONDS}");
        invalid(name, found, &expected)
    })
}

/// A delay; `None` for 0, as in keystoneauth.
fn delay(name: &str, found: &Found) -> Result<Option<Duration>> {
    match number(found) {
        Some(0.0) => Ok(None),
        Some(seconds) if seconds > 0.0 && seconds <= MAX_SECONDS => {
            Ok(Some(Duration::from_secs_f64(seconds)))
        }
        _ => {
            let expected =
                format!("a number of seconds up to {MAX_SECONDS}, or 0 for delays that increase");
            Err(invalid(name, found, &expected))
        }
    }
}

fn codes(found: &Found) -> Result<Vec<StatusCode>> {
    let texts = found.text().split(',').map(str::trim);
    let codes: Option<Vec<StatusCode>> = texts.map(|text| text.parse().ok()).collect();
    let expected = "status codes from 100 to 999";
    codes.ok_or_else(|| invalid("retriable_status_codes", found, expected))
}

fn number(found: &Found) -> Option<f64> {
    found.text().trim().parse().ok()
}

fn whole_number(name: &str, found: &Found) -> Result<u32> {
    let number = found.text().trim().parse();
    number.map_err(|_| invalid(name, found, "a whole number, 0 or more"))
}

/// The error for a value. `name` is for those without a key in a file.
fn invalid(name: &str, found: &Found, expected: &str) -> Error {
    let name = found
        .key
        .as_deref()
        .or(found.name.as_deref())
        .unwrap_or(name);
    let message = format!("invalid {name} {:?}: expected {expected}", found.text());
    found.located(Error::new(ErrorKind::Config, message))
}

#[cfg(test)]
mod tests {
    use crate::config::file_tests::{cloud, one};
    use crate::config::{CloudConfig, ConfigBuilder};

    use super::*;

    fn built(keys: &str) -> Result<CloudConfig> {
        let builder = ConfigBuilder::new().document("clouds.yaml", one(keys));
        builder.cloud("a").build()
    }

    #[test]
    fn retries_of_the_service_are_the_adapters_and_others_the_sessions() {
        let secs = Duration::from_secs_f64;
        let all = RetryPolicy::default;
        // Keys, the session's policy, the adapter's, that of the identity service.
        for (keys, session, adapter, identity) in [
            ("image_format: raw", None, None, None),
            (
                "connect_retries: 1",
                Some(all().connect_retries(1)),
                None,
                None,
            ),
            (
                "connect_retries: 1\n    orchestration_status_code_retries: 3",
                Some(all().connect_retries(1)),
                Some(all().connect_retries(1).status_code_retries(3)),
                None,
            ),
            (
                "connect_retries: 1\n    orchestration_connect_retries: 2\n    identity_connect_retries: 0",
                Some(all().connect_retries(1)),
                Some(all().connect_retries(2)),
                Some(all().connect_retries(0)),
            ),
            (
                "connect_retry_delay: 0.5\n    status_code_retry_delay: 2",
                Some(
                    all()
                        .connect_retry_delay(secs(0.5))
                        .status_code_retry_delay(secs(2.0)),
                ),
                None,
                None,
            ),
            ("connect_retry_delay: 0", Some(all()), None, None),
            (
                "retriable_status_codes: [500, 503]",
                Some(all().retriable_status_codes([
                    StatusCode::INTERNAL_SERVER_ERROR,
                    StatusCode::SERVICE_UNAVAILABLE,
                ])),
                None,
                None,
            ),
            (
                "orchestration_retriable_status_codes: '409'",
                None,
                Some(all().retriable_status_codes([StatusCode::CONFLICT])),
                None,
            ),
            ("retriable_status_codes: []", None, None, None),
        ] {
            let cloud = built(keys).unwrap();
            assert_eq!(cloud.session_settings().retry, session, "{keys}");
            assert_eq!(cloud.adapter_settings().retry, adapter, "{keys}");
            assert_eq!(cloud.identity.retry, identity, "{keys}");
        }
    }

    #[test]
    fn an_explicit_number_for_all_services_wins_over_one_for_a_service_in_a_file() {
        let keys = one("orchestration_connect_retries: 2");
        let found = cloud(&keys, &[("cloud", "a"), ("connect_retries", "7")], &[]);
        let seven = Some(RetryPolicy::default().connect_retries(7));
        assert_eq!(found.session_settings().retry, seven);
        assert_eq!(found.adapter_settings().retry, None);
    }

    #[test]
    fn limits_are_by_service_type() {
        let rate = |interval| Some(RateLimit::new(1, Duration::from_millis(interval)));
        for (keys, expected) in [
            ("rate_limit: {orchestration: 20}", (rate(50), None)),
            (
                "rate_limit: {orchestration: 0.5, compute: 3}",
                (rate(2000), None),
            ),
            ("rate_limit: {orchestration: '20'}", (rate(50), None)),
            ("rate_limit: {compute: x}", (None, None)),
            ("rate_limit: {orchestration: 0}", (None, None)),
            ("rate_limit: {orchestration: null}", (None, None)),
            ("rate_limit:", (None, None)),
            (
                "concurrency: {orchestration: 4, identity: 1}",
                (None, Some(4)),
            ),
            ("concurrency: {orchestration: 0}", (None, None)),
        ] {
            let cloud = built(keys).unwrap();
            let adapter = cloud.adapter_settings();
            assert_eq!(
                (adapter.rate_limit, adapter.concurrency),
                expected,
                "{keys}"
            );
            let identity = keys.contains("identity").then_some(1);
            assert_eq!(cloud.identity.concurrency, identity, "{keys}");
        }
    }

    #[test]
    fn errors_name_the_key_its_line_and_what_is_expected() {
        let seconds =
            "expected a number of seconds up to 1000000000, or 0 for delays that increase";
        for (keys, message) in [
            (
                "connect_retry_delay: -1",
                format!("invalid connect_retry_delay \"-1\": {seconds}"),
            ),
            (
                "orchestration_status_code_retry_delay: soon",
                format!("invalid orchestration_status_code_retry_delay \"soon\": {seconds}"),
            ),
            (
                "connect_retries: -1",
                "invalid connect_retries \"-1\": expected a whole number, 0 or more".to_owned(),
            ),
            (
                "heat_timeout: -1",
                "invalid heat_timeout \"-1\": expected a number of seconds above 0 and up to 1000000000"
                    .to_owned(),
            ),
            (
                "retriable_status_codes: [503, 5xx]",
                "invalid retriable_status_codes \"503,5xx\": expected status codes from 100 to 999"
                    .to_owned(),
            ),
            (
                "rate_limit: {orchestration: fast}",
                "invalid rate_limit.orchestration \"fast\": expected a number of requests per second"
                    .to_owned(),
            ),
            (
                "rate_limit: {orchestration: -2}",
                "invalid rate_limit.orchestration \"-2\": expected a number of requests per second"
                    .to_owned(),
            ),
            (
                "concurrency: {orchestration: 1.5}",
                "invalid concurrency.orchestration \"1.5\": expected a whole number, 0 or more"
                    .to_owned(),
            ),
            (
                "concurrency: 4",
                "concurrency must be a mapping, not a number".to_owned(),
            ),
        ] {
            let error = built(keys).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{keys}");
            let line = error.to_string();
            let (place, text) = line.split_once(": ").unwrap();
            assert!(place.starts_with("clouds.yaml:"), "{line}");
            assert_eq!(text, message);
        }
    }
}
