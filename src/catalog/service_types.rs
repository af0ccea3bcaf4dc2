//! The service types of OpenStack and their aliases in older catalogs.

use std::borrow::Cow;

/// Official types with their aliases in order of preference (service types authority). Types without
/// aliases are not listed.
const ALIASES: &[(&str, &[&str])] = &[
    ("admin-logic", &["registration"]),
    ("alarm", &["alarming"]),
    ("application-container", &["container"]),
    ("application-deployment", &["application_deployment"]),
    ("baremetal", &["bare-metal"]),
    (
        "block-storage",
        &["volumev3", "volumev2", "volume", "block-store"],
    ),
    ("clustering", &["resource-cluster", "cluster"]),
    (
        "container-infrastructure-management",
        &["container-infrastructure", "container-infra"],
    ),
    ("event", &["events"]),
    ("instance-ha", &["ha"]),
    ("message", &["messaging"]),
    ("meter", &["metering", "telemetry"]),
    ("monitoring-logging", &["monitoring-log-api"]),
    ("multi-region-network-automation", &["tricircle"]),
    ("operator-policy", &["policy"]),
    ("resource-optimization", &["infra-optim"]),
    ("root-cause-analysis", &["rca"]),
    ("shared-file-system", &["sharev2", "share"]),
    ("workflow", &["workflowv2"]),
];

/// The types in a catalog that match `wanted`, in order of preference.
///
/// An official type matches its aliases and the reverse. An alias never matches another alias, since
/// they may be different versions.
pub(super) fn candidates(wanted: &str) -> impl Iterator<Item = &str> {
    let entry = ALIASES
        .iter()
        .find(|(official, aliases)| *official == wanted || aliases.contains(&wanted));
    let others: &[&str] = match entry {
        Some((official, aliases)) if *official == wanted => aliases,
        Some((official, _)) => std::slice::from_ref(official),
        None => &[],
    };
    std::iter::once(wanted).chain(others.iter().copied())
}

/// The official service types without aliases (service types authority).
const OTHERS: &[&str] = &[
    "accelerator",
    "application-catalog",
    "backup",
    "baremetal-introspection",
    "compute",
    "data-processing",
    "data-protection-orchestration",
    "database",
    "dns",
    "ec2-api",
    "function-engine",
    "identity",
    "image",
    "key-manager",
    "load-balancer",
    "log-management",
    "monitoring",
    "monitoring-events",
    "network",
    "nfv-orchestration",
    "object-store",
    "orchestration",
    "placement",
    "rating",
    "reservation",
    "search",
];

/// A service type as it is listed here: with `-` in place of `_`, if it is known then.
pub(super) fn normalized(service_type: &str) -> Cow<'_, str> {
    if !service_type.contains('_') {
        return Cow::Borrowed(service_type);
    }
    let dashed = service_type.replace('_', "-");
    match is_known(&dashed) {
        true => Cow::Owned(dashed),
        false => Cow::Borrowed(service_type),
    }
}

/// The official name of a service type, or the type itself if it is not known.
pub(super) fn official(service_type: &str) -> Cow<'_, str> {
    let normalized = normalized(service_type);
    let entry = ALIASES
        .iter()
        .find(|(_, aliases)| aliases.contains(&normalized.as_ref()));
    entry.map_or(normalized, |(official, _)| Cow::Borrowed(*official))
}

fn is_known(service_type: &str) -> bool {
    OTHERS.contains(&service_type)
        || ALIASES
            .iter()
            .any(|(official, aliases)| *official == service_type || aliases.contains(&service_type))
}

/// The major version that the name of a known service type implies: 2 for `volumev2`.
pub(super) fn implied_version(service_type: &str) -> Option<u32> {
    let (_, version) = service_type.rsplit_once('v')?;
    let is_digit = version.len() == 1;
    let version = version.parse().ok().filter(|_| is_digit)?;
    is_known(&normalized(service_type)).then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_stand_for_their_official_type_only() {
        for (wanted, expected) in [
            ("orchestration", &["orchestration"][..]),
            ("made-up", &["made-up"]),
            (
                "block-storage",
                &[
                    "block-storage",
                    "volumev3",
                    "volumev2",
                    "volume",
                    "block-store",
                ],
            ),
            ("volumev2", &["volumev2", "block-storage"]),
            ("workflow", &["workflow", "workflowv2"]),
            ("rca", &["rca", "root-cause-analysis"]),
        ] {
            assert_eq!(candidates(wanted).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn names_have_an_official_form_and_may_imply_a_version() {
        for (name, official_name, version) in [
            ("orchestration", "orchestration", None),
            ("volumev3", "block-storage", Some(3)),
            ("volumev2", "block-storage", Some(2)),
            ("sharev2", "shared-file-system", Some(2)),
            ("workflowv2", "workflow", Some(2)),
            ("block_storage", "block-storage", None),
            ("application_deployment", "application-deployment", None),
            ("my_type", "my_type", None),
            ("madeupv2", "madeupv2", None),
            ("ev", "ev", None),
        ] {
            assert_eq!(official(name), official_name, "{name}");
            assert_eq!(implied_version(name), version, "{name}");
        }
    }
}
