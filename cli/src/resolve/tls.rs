//! Certificates, as options and variables name them.

use std::path::{Path, PathBuf};

use heatclient::transport::TlsConfig;

use super::cloud::Env;
use crate::args::GlobalArgs;

/// Where the certificates of authorities are, in the order in which the variables count: those of requests
/// come last, as for the Python clients.
const AUTHORITIES: &[&str] = &["OS_CACERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"];

/// Files are read by the first https connection.
pub(super) fn tls(global: &GlobalArgs, env: Env<'_>) -> TlsConfig {
    let path = |typed: &Option<PathBuf>, variables: &[&str]| {
        let typed = typed.as_ref().filter(|path| !path.as_os_str().is_empty());
        let variable = || variables.iter().find_map(|name| env(name));
        let path = typed.cloned().or_else(|| variable().map(PathBuf::from))?;
        Some(in_home(path, env))
    };
    TlsConfig {
        cacert: path(&global.os_cacert, AUTHORITIES),
        cert: path(&global.os_cert, &["OS_CERT"]),
        key: path(&global.os_key, &["OS_KEY"]),
        insecure: global.is_insecure()
            || !global.verify && env("OS_INSECURE").is_some_and(|value| is_yes(&value)),
    }
}

/// `~` as shells have it; they leave it alone in `--os-cacert=~/ca.pem` and in quotes.
fn in_home(path: PathBuf, env: Env<'_>) -> PathBuf {
    match (path.strip_prefix("~"), env("HOME")) {
        (Ok(below), Some(home)) => Path::new(&home).join(below),
        _ => path,
    }
}

/// Only a clear yes turns verification off.
fn is_yes(value: &str) -> bool {
    let value = value.trim().to_ascii_lowercase();
    matches!(value.as_str(), "1" | "true" | "yes" | "on" | "t" | "y")
}

#[cfg(test)]
mod tests {
    use clap::{Args as _, FromArgMatches as _};

    use super::*;

    fn config(line: &str, variables: &[(&str, &str)]) -> TlsConfig {
        let command = GlobalArgs::augment_args(clap::Command::new("heat").no_binary_name(true));
        let matches = command.get_matches_from(line.split_whitespace());
        let env = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found
                .map(|(_, value)| (*value).to_owned())
                .filter(|value| !value.is_empty())
        };
        tls(&GlobalArgs::from_arg_matches(&matches).unwrap(), &env)
    }

    #[test]
    fn the_first_name_of_the_authorities_counts() {
        let variables = [
            ("CURL_CA_BUNDLE", "/curl.pem"),
            ("REQUESTS_CA_BUNDLE", "/requests.pem"),
            ("OS_CACERT", "/os.pem"),
        ];
        for (line, variables, expected) in [
            ("", &variables[..0], None),
            ("", &variables[..1], Some("/curl.pem")),
            ("", &variables[..2], Some("/requests.pem")),
            ("", &variables[..], Some("/os.pem")),
            ("--os-cacert /typed.pem", &variables[..], Some("/typed.pem")),
            ("--os-cacert=", &variables[..], Some("/os.pem")),
            (
                "",
                &[("OS_CACERT", ""), ("CURL_CA_BUNDLE", "/c")],
                Some("/c"),
            ),
        ] {
            let config = config(line, variables);
            assert_eq!(config.cacert.as_deref(), expected.map(Path::new), "{line}");
        }
    }

    #[test]
    fn a_tilde_is_the_home_directory() {
        let variables = [
            ("HOME", "/home/me"),
            ("OS_CERT", "~/c.pem"),
            ("REQUESTS_CA_BUNDLE", "~"),
        ];
        let moved = config("--os-key=~/k.pem", &variables);
        assert_eq!(moved.cert.as_deref(), Some(Path::new("/home/me/c.pem")));
        assert_eq!(moved.key.as_deref(), Some(Path::new("/home/me/k.pem")));
        assert_eq!(moved.cacert.as_deref(), Some(Path::new("/home/me/")));
        for (path, home) in [
            ("~other/c.pem", "/home/me"),
            ("/a/~/c.pem", "/home/me"),
            ("~/c.pem", ""),
        ] {
            let moved = config("", &[("HOME", home), ("OS_CERT", path)]);
            assert_eq!(moved.cert.as_deref(), Some(Path::new(path)));
        }
    }

    #[test]
    fn only_a_clear_yes_turns_verification_off() {
        for (line, value, expected) in [
            ("", "", false),
            ("", "true", true),
            ("", " True", true),
            ("", "1", true),
            ("", "yes", true),
            ("", "false", false),
            ("", "0", false),
            ("", "no", false),
            ("", "maybe", false),
            ("--insecure", "false", true),
            ("--verify", "true", false),
        ] {
            let config = config(line, &[("OS_INSECURE", value)]);
            assert_eq!(config.insecure, expected, "{line} {value:?}");
        }
    }
}
