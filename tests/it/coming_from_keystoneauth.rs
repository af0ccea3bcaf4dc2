//! The page for users of keystoneauth has a row for each of its names, and names only what exists here.

use crate::coming_from_python::{code, missing, text};

const PAGE: &str = include_str!("../../docs/coming-from-keystoneauth.md");

/// Arguments of `Session`, of `Session.request`, of `Adapter`, and the methods of both, in keystoneauth 5.18.1.
const NAMES: &[(&str, &[&str])] = &[
    (
        "Session",
        &[
            "auth",
            "session",
            "original_ip",
            "verify",
            "cert",
            "timeout",
            "user_agent",
            "redirect",
            "additional_headers",
            "app_name",
            "app_version",
            "additional_user_agent",
            "discovery_cache",
            "split_loggers",
            "collect_timing",
            "rate_semaphore",
            "connect_retries",
            "tls_ciphers",
            "tls_min_version",
        ],
    ),
    (
        "Requests",
        &[
            "url",
            "method",
            "json",
            "original_ip",
            "user_agent",
            "redirect",
            "authenticated",
            "endpoint_filter",
            "endpoint_override",
            "auth",
            "requests_auth",
            "raise_exc",
            "allow_reauth",
            "log",
            "logger",
            "allow",
            "client_name",
            "client_version",
            "microversion",
            "microversion_service_type",
            "connect_retries",
            "status_code_retries",
            "retriable_status_codes",
            "connect_retry_delay",
            "status_code_retry_delay",
            "rate_semaphore",
            "global_request_id",
            "headers",
            "params",
            "data",
            "files",
            "stream",
            "verify",
            "cert",
            "timeout",
            "cookies",
        ],
    ),
    (
        "Adapter",
        &[
            "session",
            "service_type",
            "service_name",
            "interface",
            "region_name",
            "endpoint_override",
            "version",
            "min_version",
            "max_version",
            "auth",
            "user_agent",
            "connect_retries",
            "status_code_retries",
            "retriable_status_codes",
            "connect_retry_delay",
            "status_code_retry_delay",
            "logger",
            "allow",
            "additional_headers",
            "client_name",
            "client_version",
            "allow_version_hack",
            "global_request_id",
            "default_microversion",
            "raise_exc",
            "rate_limit",
            "concurrency",
        ],
    ),
    (
        "Methods",
        &[
            "request",
            "get",
            "head",
            "post",
            "put",
            "patch",
            "delete",
            "get_auth_headers",
            "get_token",
            "get_endpoint",
            "get_endpoint_data",
            "get_api_major_version",
            "get_all_version_data",
            "get_auth_connection_params",
            "invalidate",
            "get_user_id",
            "get_project_id",
            "get_timings",
            "reset_timings",
            "mount",
            "adapters",
            "close",
            "register_argparse_arguments",
            "LegacyJsonAdapter",
        ],
    ),
];

#[test]
fn every_name_of_session_and_adapter_has_its_row() {
    for (section, names) in NAMES {
        let mut lines = text(PAGE).skip_while(|line| *line != format!("## {section}"));
        lines
            .next()
            .unwrap_or_else(|| panic!("no section {section}"));
        let section: Vec<_> = lines.take_while(|line| !line.starts_with("## ")).collect();
        for name in *names {
            let is_row = |line: &&&str| {
                let mut cells = line.split('|');
                let left = cells.nth(1).unwrap_or_default();
                let has_right = cells.next().is_some_and(|right| !right.trim().is_empty());
                has_right && code(left).any(|known| known == *name)
            };
            assert!(
                section.iter().any(|line| is_row(&line)),
                "no row for {name}: {section:#?}"
            );
        }
    }
}

#[test]
fn everything_that_the_page_names_exists() {
    let (missing, count) = missing(PAGE);
    assert!(
        missing.is_empty(),
        "not in docs/public-api.txt: {missing:#?}"
    );
    assert!(count > 60, "{count}");
}
