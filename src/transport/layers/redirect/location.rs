//! Classifies the `Location` of a redirect.

use http::header::LOCATION;
use http::{HeaderMap, Uri};

use crate::error::{Error, ErrorKind, Result};
use crate::transport::call::UrlShape;
use crate::uri;

/// The destination of a redirect.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Hop {
    /// To the same origin.
    SameOrigin(Uri),
    /// From http to https with the same host and path.
    HttpsUpgrade(Uri),
    /// To another origin.
    CrossOrigin(Uri),
}

impl Hop {
    /// Classifies the redirect of a response from `here` with these headers (RFC 9110, 10.2.2).
    /// `endpoint` is the endpoint of the call, if there is one, and `shape` the form of its URLs.
    ///
    /// # Errors
    /// [`ErrorKind::Redirect`] for a `Location` that is missing, not valid or not allowed.
    pub(super) fn of(
        headers: &HeaderMap,
        here: &Uri,
        endpoint: Option<&Uri>,
        shape: UrlShape,
    ) -> Result<Self> {
        let next = location(headers, here)?;
        // Only a `Location` from the service itself is rebased.
        let endpoint = endpoint.filter(|endpoint| uri::same_origin(endpoint, here));
        if uri::same_origin(&next, here) {
            let restored = endpoint.and_then(|endpoint| at_endpoint(&next, endpoint, shape));
            return match restored {
                Some(path) => Ok(Self::SameOrigin(uri::with_path_and_query(here, path)?)),
                None => Ok(Self::SameOrigin(next)),
            };
        }
        let scheme = |uri: &Uri| uri.scheme_str().unwrap_or_default().to_owned();
        let (from, to) = (scheme(here), scheme(&next));
        let is_same_page = uri::same_host(&next, here) && next.path() == here.path();
        if from == "http" && to == "https" && is_same_page {
            return Ok(Self::HttpsUpgrade(next));
        }
        if let Some(path) = endpoint.and_then(|endpoint| at_endpoint(&next, endpoint, shape)) {
            let rebased = uri::with_path_and_query(here, path)?;
            if rebased == *here {
                return Err(refused(format!(
                    "{} redirects to {}; configure that as the endpoint",
                    origin(here),
                    origin(&next)
                )));
            }
            return Ok(Self::SameOrigin(rebased));
        }
        if from == "https" && to == "http" {
            return Err(refused(format!(
                "refused to follow a redirect from https to {}",
                origin(&next)
            )));
        }
        Ok(Self::CrossOrigin(next))
    }
}

/// The `Location` of a response from `here`, as an absolute URL without a fragment.
fn location(headers: &HeaderMap, here: &Uri) -> Result<Uri> {
    const NO_URL: &str = "invalid redirect Location: not a URL";
    let location = headers
        .get(LOCATION)
        .ok_or_else(|| refused("the redirect has no Location".into()))?;
    let location = std::str::from_utf8(location.as_bytes()).map_err(|_| refused(NO_URL.into()))?;
    let mut joined = url::Url::parse(&here.to_string())
        .and_then(|base| base.join(location))
        .map_err(|e| refused(NO_URL.into()).with_source(e))?;
    if !matches!(joined.scheme(), "http" | "https") {
        return Err(refused(format!(
            "invalid redirect Location: the scheme {} is neither http nor https",
            joined.scheme()
        )));
    }
    if !joined.username().is_empty() || joined.password().is_some() {
        return Err(refused(
            "invalid redirect Location: it contains a user name or password".into(),
        ));
    }
    joined.set_fragment(None);
    joined.as_str().parse().map_err(|_| refused(NO_URL.into()))
}

/// The path and query of `location` at the endpoint, if its path is below the endpoint. Its scheme and
/// host are ignored: a service behind a TLS terminator or a proxy knows neither its public name nor a
/// path prefix that the proxy removed.
///
/// If the last segment of the endpoint is a project's id, `location` may have another project's id
/// there: an administrator requests a stack of that project.
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
    // Without its prefix, `/heat/v1/p` is `/v1/p`, never `/p`.
    let collection = format!("/{}/", shape.collection?);
    let (prefix, version) = above_project.rsplit_once('/')?;
    let version = format!("/{version}");
    (!prefix.is_empty() && is_below(&version) && path.contains(&collection))
        .then(|| format!("{prefix}{path_and_query}"))
}

fn refused(why: String) -> Error {
    Error::new(ErrorKind::Redirect, why)
}

/// The scheme, host and port, for messages.
pub(super) fn origin(of: &Uri) -> String {
    format!(
        "{}://{}",
        of.scheme_str().unwrap_or_default(),
        uri::shown_server(of)
    )
}
