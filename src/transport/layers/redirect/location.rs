//! What a `Location` means: each kind has its own rule.

use http::header::LOCATION;
use http::{HeaderMap, Uri};

use crate::error::{Error, ErrorKind, Result};
use crate::transport::call::UrlShape;
use crate::uri;

/// Where a redirect leads.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Hop {
    /// To the same origin.
    Home(Uri),
    /// From http to https on the same host, to the same path.
    Secure(Uri),
    /// To another origin.
    Foreign(Uri),
}

impl Hop {
    /// Where an answer with these headers leads (RFC 9110, 10.2.2) that came from `here`. `home` is
    /// the endpoint of the call, if it has one, and `shape` the form of its URLs.
    ///
    /// # Errors
    /// [`ErrorKind::Redirect`] for a `Location` that is missing, invalid or not to be followed.
    pub(super) fn of(
        headers: &HeaderMap,
        here: &Uri,
        home: Option<&Uri>,
        shape: UrlShape,
    ) -> Result<Self> {
        let next = location(headers, here)?;
        // Only the service itself can be wrong about its own name.
        let home = home.filter(|home| uri::same_origin(home, here));
        if uri::same_origin(&next, here) {
            let restored = home.and_then(|home| at_endpoint(&next, home, shape));
            return match restored {
                Some(path) => Ok(Self::Home(uri::with_path_and_query(here, path)?)),
                None => Ok(Self::Home(next)),
            };
        }
        let scheme = |uri: &Uri| uri.scheme_str().unwrap_or_default().to_owned();
        let (from, to) = (scheme(here), scheme(&next));
        let is_same_page = uri::same_host(&next, here) && next.path() == here.path();
        if from == "http" && to == "https" && is_same_page {
            return Ok(Self::Secure(next));
        }
        if let Some(path) = home.and_then(|home| at_endpoint(&next, home, shape)) {
            let rebased = uri::with_path_and_query(here, path)?;
            if rebased == *here {
                return Err(refused(format!(
                    "{} redirects to {}; configure that as the endpoint",
                    origin(here),
                    origin(&next)
                )));
            }
            return Ok(Self::Home(rebased));
        }
        if from == "https" && to == "http" {
            return Err(refused(format!(
                "refused to follow a redirect from https to {}",
                origin(&next)
            )));
        }
        Ok(Self::Foreign(next))
    }
}

/// The `Location` of an answer from `here`, as an absolute URL without a fragment.
fn location(headers: &HeaderMap, here: &Uri) -> Result<Uri> {
    const NO_URL: &str = "the server redirects to what is no URL";
    let location = headers
        .get(LOCATION)
        .ok_or_else(|| refused("the server redirects without a Location".into()))?;
    let location = std::str::from_utf8(location.as_bytes()).map_err(|_| refused(NO_URL.into()))?;
    let mut joined = url::Url::parse(&here.to_string())
        .and_then(|base| base.join(location))
        .map_err(|e| refused(NO_URL.into()).with_source(e))?;
    if !matches!(joined.scheme(), "http" | "https") {
        return Err(refused(format!(
            "the server redirects to a URL of {}, neither http nor https",
            joined.scheme()
        )));
    }
    if !joined.username().is_empty() || joined.password().is_some() {
        return Err(refused(
            "the server redirects to a URL with a user name or password".into(),
        ));
    }
    joined.set_fragment(None);
    joined.as_str().parse().map_err(|_| refused(NO_URL.into()))
}

/// The path and query of `location` at the endpoint, if it is a path below the endpoint, whatever
/// its scheme and host say: that of a service behind a TLS terminator or a proxy, which knows neither
/// its public name nor the prefix of the path that the proxy removed.
///
/// If the last segment of the endpoint is a project's id, another project may stand in its place:
/// an administrator looks at a stack of that project.
fn at_endpoint(location: &Uri, endpoint: &Uri, shape: UrlShape) -> Option<String> {
    let base = endpoint.path().trim_end_matches('/');
    let above_project = match base.rsplit_once('/') {
        Some((above, _)) if shape.project_last => above,
        _ => base,
    };
    let path = location.path();
    let is_below = |prefix: &str| {
        !prefix.is_empty()
            && path
                .strip_prefix(prefix)
                .is_some_and(|rest| rest.starts_with('/'))
    };
    let path_and_query = location.path_and_query().map_or("/", |p| p.as_str());
    if is_below(base) || is_below(above_project) || !base.is_empty() && path == base {
        return Some(path_and_query.to_owned());
    }
    // `/heat/v1/p` without its prefix is `/v1/p`, never `/p` alone.
    let collection = format!("/{}/", shape.collection?);
    let (prefix, version) = above_project.rsplit_once('/')?;
    let version = format!("/{version}");
    (!prefix.is_empty() && is_below(&version) && path.contains(&collection))
        .then(|| format!("{prefix}{path_and_query}"))
}

fn refused(why: String) -> Error {
    Error::new(ErrorKind::Redirect, why)
}

/// Scheme, host and port, as messages show them.
pub(super) fn origin(of: &Uri) -> String {
    format!(
        "{}://{}",
        of.scheme_str().unwrap_or_default(),
        uri::shown_server(of)
    )
}
