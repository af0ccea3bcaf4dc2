//! The headers of microversions.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::catalog::ApiVersion;
use crate::error::{Error, ErrorKind, Result};

/// The header of all services
/// (API-SIG guideline [Microversion Specification](https://specs.openstack.org/openstack/api-sig/guidelines/microversion_specification.html)).
pub(super) const API_VERSION: HeaderName = HeaderName::from_static("openstack-api-version");

/// The headers that request a microversion of a service type.
///
/// # Errors
/// [`ErrorKind::Config`] for `2.latest`, which no service accepts, without a service type, and for a type
/// that no header can contain.
pub(super) fn headers(microversion: ApiVersion, service_type: &str) -> Result<HeaderMap> {
    let refused = |why: &str| {
        Error::new(
            ErrorKind::Config,
            format!("microversion {microversion} {why}"),
        )
    };
    if !microversion.is_latest() && microversion.minor().is_none() {
        return Err(refused("does not exist; use a number or latest"));
    }
    let service_type = service_type.trim();
    if service_type.is_empty() {
        return Err(refused(
            "needs a service type; set microversion_service_type",
        ));
    }
    let service_type = header_type(service_type);
    let value = HeaderValue::from_str(&format!("{service_type} {microversion}"))
        .map_err(|e| refused("is for a service type that is not valid").with_source(e))?;
    let mut headers = HeaderMap::new();
    headers.insert(API_VERSION, value);
    if let Some(name) = older_header(service_type)
        && let Ok(value) = HeaderValue::from_str(&microversion.to_string())
    {
        headers.insert(HeaderName::from_static(name), value);
    }
    Ok(headers)
}

/// The name of a service type in the header. Cinder and Manila have one for all their types.
fn header_type(service_type: &str) -> &str {
    match service_type {
        "block-storage" => "volume",
        _ if service_type.starts_with("volume") => "volume",
        _ if service_type.starts_with("share") => "shared-file-system",
        other => other,
    }
}

/// The header that a service had before the common one.
fn older_header(service_type: &str) -> Option<&'static str> {
    Some(match service_type {
        "compute" => "x-openstack-nova-api-version",
        "baremetal" => "x-openstack-ironic-api-version",
        "shared-file-system" => "x-openstack-manila-api-version",
        _ => return None,
    })
}

/// The error for a microversion that a service does not support.
pub(super) fn unsupported(
    microversion: ApiVersion,
    range: (ApiVersion, ApiVersion),
    service_type: &str,
) -> Option<Error> {
    let (min, max) = range;
    let is_supported = microversion.is_latest() || min <= microversion && microversion <= max;
    (!is_supported).then(|| {
        Error::new(
            ErrorKind::Discovery,
            format!("the {service_type} service does not support microversion {microversion} (it supports {min} to {max})"),
        )
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::Value;

    use super::*;

    /// `tests/discovery/rules` records them.
    #[derive(Deserialize)]
    struct Rules {
        microversions: Vec<(String, Option<String>, Value)>,
    }

    #[test]
    fn headers_are_those_of_keystoneauth() {
        let rules = include_str!("../../tests/discovery/rules.json");
        let rules: Rules = serde_json::from_str(rules).unwrap();
        for (version, service_type, expected) in rules.microversions {
            let service_type = service_type.unwrap_or_default();
            let found = version
                .parse()
                .and_then(|version| headers(version, &service_type));
            if expected.get("raises").is_some() {
                let error = found.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Config, "{version} {service_type}");
                continue;
            }
            let found = found.unwrap();
            let found: BTreeMap<_, _> = found
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
                .collect();
            let expected: BTreeMap<_, _> = serde_json::from_value(expected).unwrap();
            assert_eq!(found, expected, "{version} {service_type}");
        }
    }

    #[test]
    fn values_that_no_service_accepts_are_refused() {
        for (version, service_type, message) in [
            (
                ApiVersion::latest_of(2),
                "compute",
                "microversion 2.latest does not exist; use a number or latest",
            ),
            (
                ApiVersion::new(2, 1),
                " ",
                "microversion 2.1 needs a service type; set microversion_service_type",
            ),
            (
                ApiVersion::new(2, 1),
                "a\nb",
                "microversion 2.1 is for a service type that is not valid",
            ),
        ] {
            let error = headers(version, service_type).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
    }

    #[test]
    fn a_microversion_is_compared_with_the_range() {
        let range = (ApiVersion::new(2, 1), ApiVersion::new(2, 90));
        for (version, is_supported) in [
            ("2.1", true),
            ("2.90", true),
            ("latest", true),
            ("2.0", false),
            ("2.91", false),
            ("3", false),
        ] {
            let error = unsupported(version.parse().unwrap(), range, "compute");
            assert_eq!(error.is_none(), is_supported, "{version}");
        }
    }
}
