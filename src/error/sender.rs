//! The sender of a 404 or a 410.

/// The sender of a 404 or a 410 to a call that went to a service's endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sender {
    /// The service: its fault names what was asked for.
    Service,
    /// The service, of something else: a row of its database that was replaced while it answered.
    ServiceOfOther,
    /// The service's router, which does not know the path.
    Router,
    /// A proxy, a load balancer or another server: nothing in the answer is OpenStack's.
    Intermediary,
}
