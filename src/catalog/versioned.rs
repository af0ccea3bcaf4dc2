//! The versions in paths of URLs.

use http::Uri;

use crate::catalog::ApiVersion;
use crate::error::Result;
use crate::uri;

/// The major version at the end of a URL's path: 3 for `http://host/identity/v3/`.
pub(crate) fn trailing_version(url: &Uri) -> Option<u32> {
    split(url.path()).1?.major()
}

/// The last version in a URL's path: 2.1 for `http://host/compute/v2.1/PROJECT`.
pub(super) fn version_in(url: &Uri) -> Option<ApiVersion> {
    url.path().rsplit('/').find_map(version_segment)
}

/// The root of the service at `endpoint`, above its API versions: `http://h/heat/` for
/// `http://h/heat/v1/PROJECT`. An endpoint without a version is its own root.
pub(crate) fn service_root(endpoint: &Uri) -> Result<Uri> {
    let path = endpoint.path().trim_end_matches('/');
    let above = path.rsplit_once('/').map_or("", |(above, _)| above);
    let root = match (split(path), split(above)) {
        ((root, Some(_)), _) | (_, (root, Some(_))) => root,
        _ => path,
    };
    Ok(uri::with_path_and_query(endpoint, format!("{root}/"))?)
}

/// Splits a version from the end of a path: the path without it, and the version.
fn split(path: &str) -> (&str, Option<ApiVersion>) {
    let path = path.trim_end_matches('/');
    match path.rsplit_once('/') {
        Some((rest, last)) => match version_segment(last) {
            Some(version) => (rest, Some(version)),
            None => (path, None),
        },
        None => (path, None),
    }
}

/// The version of a segment such as `v2.1`. Numbers alone may be project ids.
pub(super) fn version_segment(segment: &str) -> Option<ApiVersion> {
    let is_version = segment.starts_with(['v', 'V']);
    is_version.then(|| ApiVersion::number(segment))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_in_paths_are_seen() {
        for (url, version) in [
            ("http://h/v3", Some(3)),
            ("http://h/identity/v3/", Some(3)),
            ("http://h/v2.0", Some(2)),
            ("http://h/", None),
            ("http://h/v3/auth", None),
            ("http://h/vault", None),
            ("http://h/3", None),
            ("http://v3", None),
        ] {
            assert_eq!(trailing_version(&url.parse().unwrap()), version, "{url}");
        }
    }

    #[test]
    fn the_root_is_above_version_and_project() {
        for (endpoint, root) in [
            ("http://h:8004/v1/p1", "http://h:8004/"),
            ("https://h/heat-api/v1/p1/", "https://h/heat-api/"),
            ("http://h/a/b/v1.0", "http://h/a/b/"),
            ("http://h/v1/", "http://h/"),
            ("http://h/heat-api", "http://h/heat-api/"),
            ("http://h", "http://h/"),
        ] {
            let found = service_root(&endpoint.parse().unwrap()).unwrap();
            assert_eq!(found.to_string(), root, "{endpoint}");
        }
    }

    #[test]
    fn the_last_version_in_a_path_is_found() {
        for (url, version) in [
            ("http://h/compute/v2.1/p1", Some((2, 1))),
            ("http://h/v1/v2", Some((2, 0))),
            ("http://h/v1/2", Some((1, 0))),
            ("http://h/vault/12", None),
            ("http://v3", None),
        ] {
            let found = version_in(&url.parse().unwrap());
            assert_eq!(found, version.map(ApiVersion::from), "{url}");
        }
    }
}
