//! The sender of a 404 or a 410.

/// The sender of a 404 or a 410 that answered a request to a service's endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sender {
    /// The service; its fault names the requested resource.
    Service,
    /// The service; its fault names something else, such as a database row that was replaced during
    /// the request.
    ServiceOfOther,
    /// The service's router, which does not know the path.
    Router,
    /// A proxy, a load balancer or another server. The response does not look like OpenStack's.
    Intermediary,
}
