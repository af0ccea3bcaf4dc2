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
    use super::*;

    #[test]
    fn headers_are_those_of_keystoneauth() {
        for (version, service_type, expected) in [
            (
                "2.1",
                "compute",
                "openstack-api-version: compute 2.1, x-openstack-nova-api-version: 2.1",
            ),
            (
                "latest",
                "compute",
                "openstack-api-version: compute latest, x-openstack-nova-api-version: latest",
            ),
            (
                "1.58",
                "baremetal",
                "openstack-api-version: baremetal 1.58, x-openstack-ironic-api-version: 1.58",
            ),
            ("3.20", "volumev3", "openstack-api-version: volume 3.20"),
            ("3", "volume", "openstack-api-version: volume 3.0"),
            ("3.1", "block-storage", "openstack-api-version: volume 3.1"),
            (
                "2.7",
                "sharev2",
                "openstack-api-version: shared-file-system 2.7, x-openstack-manila-api-version: 2.7",
            ),
            (
                "2.7",
                "share",
                "openstack-api-version: shared-file-system 2.7, x-openstack-manila-api-version: 2.7",
            ),
            (
                "2.7",
                "shared-file-system",
                "openstack-api-version: shared-file-system 2.7, x-openstack-manila-api-version: 2.7",
            ),
            ("1.2", "placement", "openstack-api-version: placement 1.2"),
        ] {
            let found = headers(version.parse().unwrap(), service_type).unwrap();
            let found: Vec<_> = found
                .iter()
                .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
                .collect();
            assert_eq!(found.join(", "), expected, "{version} {service_type}");
        }
        for (version, service_type, message) in [
            (
                "2.latest",
                "compute",
                "microversion 2.latest does not exist; use a number or latest",
            ),
            (
                "2.1",
                " ",
                "microversion 2.1 needs a service type; set microversion_service_type",
            ),
            (
                "2.1",
                "a\nb",
                "microversion 2.1 is for a service type that is not valid",
            ),
        ] {
            let error = headers(version.parse().unwrap(), service_type).unwrap_err();
            assert_eq!(error.to_string(), message);
            assert_eq!(error.kind(), ErrorKind::Config);
        }
    }
}
