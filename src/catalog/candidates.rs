//! The URLs at which the version document of a service is looked for.

use http::Uri;

use crate::catalog::versioned::version_segment;
use crate::catalog::{ApiVersion, VersionRange};
use crate::uri;

/// The URLs at which the version document of a service is looked for, in order, and what its URL in the
/// catalog tells.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    pub(super) urls: Vec<Uri>,
    /// Whether the catalog's URL has an accepted version.
    pub(super) is_accepted: bool,
    /// Whether it has the major version of the upper end of the range: there can be no better one.
    pub(super) is_best: bool,
    /// The project id at the end of the catalog's URL.
    pub(super) project: Option<String>,
    /// The path of the catalog's URL without the project id.
    pub(super) path: String,
}

impl Candidates {
    /// The candidates for a URL of the catalog. `above` says whether those above the version in its path
    /// are used.
    pub(super) fn of(
        listed: &Uri,
        versions: VersionRange,
        project_id: Option<&str>,
        above: bool,
    ) -> Self {
        let path = listed.path().trim_end_matches('/');
        let (own, project) = without_project(path, project_id);
        let (root, version) = without_version(own);
        // Any version up to the newest: the list of versions is better than the one in the URL.
        let is_newest = versions.is_any() || versions.is_newest();
        let is_accepted = !is_newest && version.is_some_and(|version| versions.contains(version));
        let best = versions.max().and_then(ApiVersion::major);
        let is_best = is_accepted && best.is_some() && best == version.and_then(ApiVersion::major);
        let mut found = Self {
            urls: Vec::with_capacity(4),
            is_accepted,
            is_best,
            project: project.map(str::to_owned),
            path: own.to_owned(),
        };
        let with_slash = |path: &str| uri::with_path_and_query(listed, format!("{path}/")).ok();
        let versioned = with_slash(own).filter(|_| is_accepted);
        if is_best {
            found.add(versioned.clone());
        }
        if above {
            match root == listed.path() {
                true => found.add(Some(listed.clone())),
                false => found.add(with_slash(root)),
            }
            found.add(versioned);
        } else if project.is_some() && version.is_some() {
            found.add(uri::with_path_and_query(listed, own.to_owned()).ok());
        }
        found.add(Some(listed.clone()));
        found
    }

    fn add(&mut self, url: Option<Uri>) {
        self.urls.extend(url.filter(|url| !self.urls.contains(url)));
    }
}

/// Splits the project from the end of a path.
fn without_project<'a>(path: &'a str, project_id: Option<&str>) -> (&'a str, Option<&'a str>) {
    let Some((rest, last)) = path.rsplit_once('/') else {
        return (path, None);
    };
    let above = rest.rsplit('/').next().unwrap_or_default();
    let is_project = match project_id {
        Some(id) if id == last => true,
        // The segments of other services have prefixes, such as `AUTH_`: any segment after a version is one.
        Some(_) => version_segment(last).is_none() && version_segment(above).is_some(),
        None => ApiVersion::number(above).is_some(),
    };
    match is_project {
        true => (rest, Some(last)),
        false => (path, None),
    }
}

/// Splits the version from the end of a path. Here a number alone is a version.
fn without_version(path: &str) -> (&str, Option<ApiVersion>) {
    match path.rsplit_once('/') {
        Some((rest, last)) => match ApiVersion::number(last) {
            Some(version) => (rest, Some(version)),
            None => (path, None),
        },
        None => (path, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(listed: &str, versions: VersionRange, project: Option<&str>, above: bool) -> String {
        let listed = format!("http://h{listed}").parse().unwrap();
        let found = Candidates::of(&listed, versions, project, above);
        let paths: Vec<_> = found.urls.iter().map(Uri::path).collect();
        let mut text = paths.join(" ");
        if found.is_accepted {
            text.push_str(if found.is_best { " best" } else { " accepted" });
        }
        if let Some(project) = &found.project {
            text.push_str(" of ");
            text.push_str(project);
        }
        text
    }

    #[test]
    fn documents_are_looked_for_where_keystoneauth_does() {
        let two = VersionRange::from(2);
        let latest = VersionRange::LATEST;
        let from_one = VersionRange::at_least(1);
        for (listed, versions, project, above, expected) in [
            ("/s", two, Some("p"), true, "/s"),
            ("/s/", two, Some("p"), true, "/s/"),
            ("/", two, Some("p"), true, "/"),
            ("/s/v2", two, Some("p"), true, "/s/v2/ /s/ /s/v2 best"),
            ("/s/v2", VersionRange::from(3), Some("p"), true, "/s/ /s/v2"),
            ("/s/v2", latest, Some("p"), true, "/s/ /s/v2"),
            (
                "/s/v2",
                from_one,
                Some("p"),
                true,
                "/s/ /s/v2/ /s/v2 accepted",
            ),
            (
                "/s/v2",
                VersionRange::at_most(2),
                Some("p"),
                true,
                "/s/v2/ /s/ /s/v2 best",
            ),
            (
                "/s/v2",
                VersionRange::at_most(ApiVersion::LATEST),
                Some("p"),
                true,
                "/s/ /s/v2",
            ),
            (
                "/s/v2/p",
                two,
                Some("p"),
                true,
                "/s/v2/ /s/ /s/v2/p best of p",
            ),
            (
                "/s/v2/p",
                two,
                Some("p"),
                false,
                "/s/v2/ /s/v2 /s/v2/p best of p",
            ),
            (
                "/s/v2/p",
                VersionRange::ANY,
                Some("p"),
                false,
                "/s/v2 /s/v2/p of p",
            ),
            ("/s/v2", VersionRange::ANY, Some("p"), false, "/s/v2"),
            ("/s/p", two, Some("p"), true, "/s/ /s/p of p"),
            // Without a project id of the token, what follows a version is one.
            ("/s/v2/q", two, None, true, "/s/v2/ /s/ /s/v2/q best of q"),
            ("/s/2/q", two, None, true, "/s/2/ /s/ /s/2/q best of q"),
            ("/s/q", two, None, true, "/s/q"),
            // keystoneauth does not see that the last segment is a project's.
            (
                "/s/v2/AUTH_p",
                two,
                Some("p"),
                true,
                "/s/v2/ /s/ /s/v2/AUTH_p best of AUTH_p",
            ),
            ("/v2", two, Some("p"), true, "/v2/ / /v2 best"),
            ("/2", two, Some("p"), true, "/2/ / /2 best"),
        ] {
            assert_eq!(
                paths(listed, versions, project, above),
                expected,
                "{listed} {versions}"
            );
        }
    }
}
