//! The service types of OpenStack and their aliases in older catalogs.

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
}
