//! Resolves paths to URLs at the service's endpoint.

use std::sync::Arc;
use std::task::{Context, Poll};

use futures::future::Either;
use http::{Request, Response, Uri};
use tower::{Layer, Service, ServiceExt as _};
use tracing::Span;

use crate::catalog;
use crate::error::{Error, ErrorKind, Result};
use crate::session::EndpointResolver;
use crate::session::adapter::Target;
use crate::transport::call::Destination;
use crate::transport::layers::{BoxFuture, HttpService};
use crate::transport::{Body, Call};
use crate::uri;

/// Resolves a request's path to a URL at the endpoint of the adapter's service.
///
/// Requests with an absolute URL are passed on, unless the URL contains a user name or password. The
/// first call logs in and looks up the endpoint in the catalog. Later calls use the cached endpoint.
#[derive(Debug, Clone)]
pub(crate) struct ResolveLayer(Arc<EndpointResolver>);

impl ResolveLayer {
    pub(crate) fn new(resolver: Arc<EndpointResolver>) -> Self {
        Self(resolver)
    }
}

impl<S> Layer<S> for ResolveLayer {
    type Service = Resolve<S>;

    fn layer(&self, inner: S) -> Resolve<S> {
        Resolve {
            inner,
            resolver: Arc::clone(&self.0),
        }
    }
}

/// The service of [`ResolveLayer`].
#[derive(Debug, Clone)]
pub(crate) struct Resolve<S> {
    inner: S,
    resolver: Arc<EndpointResolver>,
}

impl<S: HttpService> Service<Request<Body>> for Resolve<S> {
    type Response = Response<Body>;
    type Error = Error;
    type Future = Either<S::Future, BoxFuture>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        if request.uri().authority().is_some() {
            return match uri::check(request.uri(), "the URL") {
                Ok(()) => Either::Left(self.inner.call(request)),
                Err(error) => Either::Right(Box::pin(async { Err(error.into()) })),
            };
        }
        let call = request.extensions().get::<Call>().cloned();
        let Some((call, target)) = call.and_then(|call| Some((call.clone(), Target::of(&call)?)))
        else {
            return Either::Right(Box::pin(async {
                Err(Error::new(
                    ErrorKind::Config,
                    "the request URL has no host; use an absolute URL or an adapter for a service",
                ))
            }));
        };
        let span = Span::current();
        if call.is_logged() && !span.is_disabled() {
            span.record("service", &*target.query.service_type);
        }
        if let Some(endpoint) = self.resolver.found(&target) {
            return match put(&mut request, &call, &target, endpoint) {
                Ok(()) => Either::Left(self.inner.call(request)),
                Err(error) => Either::Right(Box::pin(async { Err(error) })),
            };
        }
        let (resolver, inner) = (Arc::clone(&self.resolver), self.inner.clone());
        Either::Right(Box::pin(async move {
            let endpoint = resolver.resolve(&target).await;
            let endpoint = endpoint.map_err(Error::before_sending)?;
            put(&mut request, &call, &target, endpoint)?;
            inner.oneshot(request).await
        }))
    }
}

fn put(request: &mut Request<Body>, call: &Call, target: &Target, endpoint: Uri) -> Result<()> {
    let path = request.uri().path_and_query().map_or("/", |p| p.as_str());
    let endpoint = match &call.options().project {
        _ if call.options().at_root => catalog::service_root(&endpoint)?,
        Some(project) if target.service.url_shape.project_last => of_project(endpoint, project)?,
        _ => endpoint,
    };
    *request.uri_mut() = match path {
        // Web servers redirect a prefix without its slash.
        "/" if call.options().at_root => endpoint.clone(),
        _ => uri::join(&endpoint, path)?,
    };
    call.set_destination(Destination {
        endpoint,
        service: Arc::clone(&target.service),
    });
    Ok(())
}

/// Replaces the last segment of the endpoint by another project's id, if it is a project's id.
fn of_project(endpoint: Uri, project: &str) -> Result<Uri> {
    let path = endpoint.path().trim_end_matches('/');
    match path.rsplit_once('/') {
        Some((above, last)) if last != project && !is_version(last) => {
            let path = format!("{above}/{}", uri::segment(project));
            Ok(uri::with_path_and_query(&endpoint, path)?)
        }
        _ => Ok(endpoint),
    }
}

/// Whether a path segment is an API version: `v1`.
fn is_version(segment: &str) -> bool {
    let digits = segment.strip_prefix('v').unwrap_or_default();
    digits.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_projects_id_takes_the_place_of_the_last_segment() {
        for (endpoint, project, expected) in [
            ("http://h:8004/v1/p", "q", "http://h:8004/v1/q"),
            ("https://h/heat-api/v1/p/", "q", "https://h/heat-api/v1/q"),
            ("http://h/v1/p", "p", "http://h/v1/p"),
            ("http://h/v1/p", "a/b c?", "http://h/v1/a%2Fb%20c%3F"),
            // There is no project to replace.
            ("http://h/v1", "q", "http://h/v1"),
            ("http://h/heat/v1.0/", "q", "http://h/heat/v1.0/"),
            ("http://h/", "q", "http://h/"),
            ("http://h", "q", "http://h/"),
        ] {
            let found = of_project(endpoint.parse().unwrap(), project).unwrap();
            assert_eq!(found.to_string(), expected, "{endpoint} {project}");
        }
    }
}
