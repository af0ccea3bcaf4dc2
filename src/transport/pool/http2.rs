//! Errors of HTTP/2 (RFC 9113).

use std::error::Error;

use h2::Reason;

/// Whether the server says that it has not processed the request, so that any request may be repeated (RFC 9113, 8.7):
/// a refused stream, or one that it did not accept before it closed the connection.
pub(super) fn is_unprocessed(error: &(dyn Error + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(error), |&error| error.source());
    let found = causes.find_map(|cause| cause.downcast_ref::<h2::Error>());
    found.is_some_and(|error| match error.reason() {
        Some(Reason::REFUSED_STREAM) => true,
        Some(Reason::NO_ERROR) => error.is_go_away() && error.is_remote(),
        _ => false,
    })
}
