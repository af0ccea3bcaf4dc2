//! The accepted versions of Heat's API, and the microversion of requests.

use crate::catalog::{ApiVersion, VersionRange};
use crate::config::keys::{API_VERSION, DEFAULT_MICROVERSION, MAX_VERSION, MIN_VERSION};
use crate::config::setting::Setting;
use crate::config::source::{Found, Source, Sources};
use crate::error::{Error, ErrorKind, Result};

/// The only major version of the orchestration API.
const MAJOR: u32 = 1;

/// The versions from all sources.
pub(super) struct Versions {
    pub(super) range: VersionRange,
    pub(super) default_microversion: Option<ApiVersion>,
    pub(super) settings: Vec<Setting>,
}

/// # Errors
/// [`ErrorKind::Config`] for versions that exclude each other or that do not include version 1.
pub(super) fn resolve(sources: &Sources<'_>) -> Result<Versions> {
    // As in openstacksdk.
    let is_ignored =
        |found: &Found| matches!(found.source, Source::File { .. }) && found.text() == "latest";
    let version = sources.find(&API_VERSION);
    let given = version.as_ref().filter(|found| !is_ignored(found));
    let (min, max) = (sources.find(&MIN_VERSION), sources.find(&MAX_VERSION));
    if let (Some(given), Some(end)) = (given, min.as_ref().or(max.as_ref())) {
        let message = format!(
            "version ({}) and min_version or max_version ({}) exclude each other",
            given.source, end.source
        );
        return Err(end.located(Error::new(ErrorKind::Config, message)));
    }
    let read = |found: &Found| -> Result<ApiVersion> {
        found.text().parse().map_err(|error| found.located(error))
    };
    let explicit = sources.find(&DEFAULT_MICROVERSION);
    let mut default_microversion = explicit.as_ref().map(read).transpose()?;
    let range = match given {
        Some(found) => {
            let version = found.text().parse::<ApiVersion>().ok();
            let Some(version) = version.filter(|version| version.major() == Some(MAJOR)) else {
                return Err(unsupported(found));
            };
            if version.minor().is_some_and(|minor| minor > 0) {
                default_microversion = Some(implied(found, version, default_microversion)?);
            }
            VersionRange::from(MAJOR)
        }
        None => {
            let texts = (min.as_ref().map(Found::text), max.as_ref().map(Found::text));
            let located = |error| match max.as_ref().or(min.as_ref()) {
                Some(found) => found.located(error),
                None => error,
            };
            let range = VersionRange::from_options(None, texts.0, texts.1).map_err(located)?;
            let supported = range.and(VersionRange::from(MAJOR));
            match (supported, min.as_ref().or(max.as_ref())) {
                (Some(range), _) => range,
                (None, Some(found)) => return Err(unsupported(found)),
                (None, None) => VersionRange::from(MAJOR),
            }
        }
    };
    let mut settings = vec![match version {
        Some(found) => Setting::new("orchestration_api_version", found),
        None => Setting::default("orchestration_api_version", "1"),
    }];
    let others = [
        ("orchestration_min_version", min),
        ("orchestration_max_version", max),
        ("orchestration_default_microversion", explicit),
    ];
    let others = others.into_iter();
    settings.extend(others.filter_map(|(name, found)| Some(Setting::new(name, found?))));
    Ok(Versions {
        range,
        default_microversion,
        settings,
    })
}

/// The microversion that a version such as `1.5` stands for, as in openstacksdk.
fn implied(found: &Found, version: ApiVersion, default: Option<ApiVersion>) -> Result<ApiVersion> {
    match default {
        Some(default) if default != version => {
            let message = format!(
                "version {version} stands for a microversion, and the default microversion is {default}; set the \
                 version to {MAJOR}"
            );
            Err(found.located(Error::new(ErrorKind::Config, message)))
        }
        _ => Ok(version),
    }
}

fn unsupported(found: &Found) -> Error {
    let message = format!(
        "version {:?} of Heat's API does not exist; use {MAJOR}",
        found.text()
    );
    found.located(Error::new(ErrorKind::Config, message))
}

#[cfg(test)]
mod tests {
    use crate::config::ConfigBuilder;

    /// The range and the microversion of these lines of a cloud, or the error.
    fn resolved(lines: &[(&str, &str)]) -> String {
        let keys = lines
            .iter()
            .map(|(key, value)| format!("    orchestration_{key}: {value}\n"));
        let text = format!(
            "clouds:\n  a:\n    auth_type: none\n{}",
            keys.collect::<String>()
        );
        let builder = ConfigBuilder::new()
            .document("clouds.yaml", text)
            .cloud("a");
        match builder.build() {
            Ok(cloud) => {
                let adapter = cloud.adapter_settings();
                match adapter.default_microversion {
                    Some(microversion) => format!("{} {microversion}", adapter.versions),
                    None => adapter.versions.to_string(),
                }
            }
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn versions_select_the_api_and_the_microversion() {
        let no = |line: u32, version: &str| {
            format!("clouds.yaml:{line}: version {version:?} of Heat's API does not exist; use 1")
        };
        for (lines, expected) in [
            (&[][..], "v1"),
            (&[("api_version", "1")], "v1"),
            (&[("api_version", "v1.0")], "v1"),
            (&[("api_version", "1.latest")], "v1"),
            (&[("api_version", "latest")], "v1"),
            (&[("api_version", "1.5")], "v1 1.5"),
            (&[("default_microversion", "1.5")], "v1 1.5"),
            (
                &[("api_version", "1.5"), ("default_microversion", "1.5")],
                "v1 1.5",
            ),
            (&[("min_version", "1")], "v1"),
            (&[("min_version", "1.2")], "v1.2 to v1.latest"),
            (&[("max_version", "latest")], "v1"),
            (&[("min_version", "1"), ("max_version", "3")], "v1"),
            (&[("max_version", "1.3")], "v1.0 to v1.3"),
            (
                &[("api_version", "latest"), ("max_version", "1.3")],
                "v1.0 to v1.3",
            ),
            (&[("api_version", "2")], &no(4, "2")),
            (&[("api_version", "one")], &no(4, "one")),
            (&[("min_version", "2")], &no(4, "2")),
            (&[("max_version", "0.9")], &no(4, "0.9")),
            (
                &[("min_version", "1.5"), ("max_version", "1.2")],
                "clouds.yaml:5: the minimum version 1.5 is higher than the maximum version 1.2",
            ),
            (
                &[("max_version", "x")],
                "clouds.yaml:4: invalid version \"x\"; expected a version such as 2, 2.1, 2.latest or latest",
            ),
            (
                &[("default_microversion", "x")],
                "clouds.yaml:4: invalid version \"x\"; expected a version such as 2, 2.1, 2.latest or latest",
            ),
            (
                &[("api_version", "1"), ("min_version", "1")],
                "clouds.yaml:5: version (clouds.yaml:4) and min_version or max_version (clouds.yaml:5) exclude each other",
            ),
            (
                &[("api_version", "1.5"), ("default_microversion", "1.4")],
                "clouds.yaml:4: version 1.5 stands for a microversion, and the default microversion is 1.4; set the \
                 version to 1",
            ),
        ] {
            assert_eq!(resolved(lines), expected, "{lines:?}");
        }
    }
}
