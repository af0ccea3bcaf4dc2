//! What a call is for, in words: `create stack "web"`.

use std::future::Future;

use futures::TryFutureExt as _;

use crate::error::Result;

tokio::task_local! {
    /// Set only while somebody looks at the spans of calls.
    static OPERATION: Option<String>;
}

/// Does `work`, which is `what`: its errors say so, and so do the spans of its calls.
///
/// The text is made for an error, or once for the spans if these are enabled.
// Not an `async fn`, whose future would have room for `work` twice.
pub(crate) fn named<T>(
    what: impl Fn() -> String,
    work: impl Future<Output = Result<T>>,
) -> impl Future<Output = Result<T>> {
    let is_seen = tracing::enabled!(target: "heatclient::call", tracing::Level::DEBUG);
    OPERATION
        .scope(is_seen.then(&what), work)
        .map_err(move |error| error.doing(what()))
}

/// Shows `look` what the current call is for, if that is known.
pub(crate) fn with_current(look: impl FnOnce(&str)) {
    // Logins and calls without a name have none.
    let _ = OPERATION.try_with(|operation| operation.as_deref().map(look));
}
