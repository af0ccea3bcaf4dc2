//! Scripted services for tests with a paused clock.

use crate::session::{Adapter, Session};
use crate::testing::{self, RecordedRequest, ScriptedTransport};

/// An adapter for a service at `http://cloud/v3` behind this transport.
pub(super) fn adapter(transport: &ScriptedTransport) -> Adapter {
    let token = testing::token()
        .project("p")
        .endpoint("identity", "http://cloud/v3");
    let session = Session::builder(token).transport(transport.clone()).build();
    session.adapter("identity").build()
}

/// The path and query below the service's endpoint.
pub(super) fn path(request: &RecordedRequest) -> &str {
    let path = request.uri.path_and_query().unwrap().as_str();
    path.strip_prefix("/v3").unwrap()
}
