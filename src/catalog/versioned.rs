//! Resolves a catalog URL to the URL of the requested API version.

use std::sync::Arc;

use http::Uri;

use crate::catalog::Discovery;
use crate::catalog::version::number;
use crate::error::{Error, ErrorKind, Result};
use crate::transport::HttpClient;
use crate::uri;

/// The major version at the end of a URL's path: 3 for `http://host/identity/v3/`.
pub(crate) fn trailing_version(url: &Uri) -> Option<u32> {
    split(url.path()).1
}

/// The endpoint of the requested version of the service at `url`, a URL from a catalog.
///
/// A URL with the version in its path is returned without a request. Otherwise the version document
/// at the service's root is used; a project id at the end is kept.
///
/// # Errors
/// [`ErrorKind::Discovery`] if there is no version document or it does not list the version.
pub(crate) async fn versioned_endpoint(
    client: &HttpClient,
    discovery: &Arc<Discovery>,
    url: &Uri,
    version: Option<u32>,
    project_id: Option<&str>,
) -> Result<Uri> {
    let Some(major) = version else {
        return Ok(url.clone());
    };
    let path = url.path().trim_end_matches('/');
    let (unprojected, project) = match path.rsplit_once('/') {
        Some((rest, last)) if Some(last) == project_id => (rest, Some(last)),
        // The project segments of other services have prefixes: any segment after a version is one.
        Some((rest, last)) if split(path).1.is_none() && split(rest).1.is_some() => {
            (rest, Some(last))
        }
        _ => (path, None),
    };
    let (root, present) = split(unprojected);
    if present == Some(major) {
        return Ok(url.clone());
    }
    let root = uri::with_path_and_query(url, format!("{root}/"))?;
    let document = discovery.versions(client, &root).await?;
    let Some(found) = document.choose(major) else {
        return Err(Error::new(
            ErrorKind::Discovery,
            format!(
                "no API v{major} at {} (found {})",
                uri::shown(&root),
                document.offer()
            ),
        ));
    };
    match project {
        Some(project) => Ok(uri::join(&found.url, project)?),
        None => Ok(found.url.clone()),
    }
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

/// Splits a version from the end of a path: the path without it, and its major number.
fn split(path: &str) -> (&str, Option<u32>) {
    let path = path.trim_end_matches('/');
    match path.rsplit_once('/') {
        Some((rest, last)) if last.starts_with(['v', 'V']) => match number(last) {
            Some((major, _)) => (rest, Some(major)),
            None => (path, None),
        },
        _ => (path, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::testing::{Server, answer};

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

    #[tokio::test(start_paused = true)]
    async fn endpoints_of_the_wanted_version() {
        let heat = r#"{"versions": [
            {"id": "v1.0", "status": "CURRENT", "links": [{"rel": "self", "href": "http://in:8004/v1/"}]},
            {"id": "v2.0", "status": "EXPERIMENTAL", "links": [{"rel": "self", "href": "http://in:8004/v2/"}]}]}"#;
        // Catalog URL, requested version, result, number of requests.
        type Case = (
            &'static str,
            Option<u32>,
            Result<&'static str, &'static str>,
            &'static [&'static str],
        );
        let cases: &[Case] = &[
            ("http://h/heat/v1/p1", None, Ok("http://h/heat/v1/p1"), &[]),
            ("http://h/heat", None, Ok("http://h/heat"), &[]),
            (
                "http://h/heat/v1/p1",
                Some(1),
                Ok("http://h/heat/v1/p1"),
                &[],
            ),
            (
                "http://h/heat/v1/AUTH_p1",
                Some(1),
                Ok("http://h/heat/v1/AUTH_p1"),
                &[],
            ),
            (
                "http://h/heat/v1.0/",
                Some(1),
                Ok("http://h/heat/v1.0/"),
                &[],
            ),
            (
                "http://h/heat",
                Some(1),
                Ok("http://h/heat/v1/"),
                &["http://h/heat/"],
            ),
            (
                "http://h/heat/",
                Some(1),
                Ok("http://h/heat/v1/"),
                &["http://h/heat/"],
            ),
            (
                "http://h/heat/p1",
                Some(1),
                Ok("http://h/heat/v1/p1"),
                &["http://h/heat/"],
            ),
            (
                "http://h/heat/v2/p1",
                Some(1),
                Ok("http://h/heat/v1/p1"),
                &["http://h/heat/"],
            ),
            (
                "http://h/heat/v2/x",
                Some(1),
                Ok("http://h/heat/v1/x"),
                &["http://h/heat/"],
            ),
            ("http://h/v2", Some(1), Ok("http://h/v1/"), &["http://h/"]),
            (
                "http://h/heat/v1/p1",
                Some(2),
                Err("no API v2 at http://h/heat/ (found v1.0, v2.0 experimental)"),
                &["http://h/heat/"],
            ),
        ];
        for (url, version, expected, requests) in cases {
            let server = Server::new(move |_| answer(300, "application/json", heat));
            let context = server.context();
            let found = versioned_endpoint(
                context.client(),
                context.discovery(),
                &url.parse().unwrap(),
                *version,
                Some("p1"),
            )
            .await;
            let found = found.map(|url| url.to_string()).map_err(|e| e.to_string());
            assert_eq!(
                found,
                expected.map(str::to_owned).map_err(str::to_owned),
                "{url} {version:?}"
            );
            assert_eq!(server.requests(), *requests, "{url} {version:?}");
        }
    }
}
