//! What becomes of a connection for which the process has no file descriptor left.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

/// How long to wait at most before another try, since others may close files, too.
const PAUSE: Duration = Duration::from_millis(250);

/// The connections that a pool has open.
#[derive(Debug, Clone, Default)]
pub(in crate::transport) struct OpenConnections(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    open: AtomicUsize,
    closed: Notify,
}

/// Counts one connection until it is dropped.
#[derive(Debug)]
pub(in crate::transport) struct OpenConnection(Arc<Inner>);

impl OpenConnections {
    /// Counts one more.
    pub(in crate::transport) fn add(&self) -> OpenConnection {
        self.0.open.fetch_add(1, Ordering::Relaxed);
        OpenConnection(Arc::clone(&self.0))
    }

    /// After a failure to connect: waits for a file descriptor if the process has none left and a
    /// connection of the pool will return one. Returns whether to try again.
    pub(in crate::transport) async fn wait_for_descriptor(&self) -> bool {
        let closed = self.0.closed.notified();
        if self.0.open.load(Ordering::Relaxed) == 0 || !are_exhausted() {
            return false;
        }
        let _ = tokio::time::timeout(PAUSE, closed).await;
        true
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
        self.0.closed.notify_one();
    }
}

/// Whether the process, or the system, can open no more files.
///
/// Asked of the system after a failure: what a name lookup or a TLS library makes of a lack of
/// descriptors says less.
fn are_exhausted() -> bool {
    const ENFILE: i32 = 23;
    const EMFILE: i32 = 24;
    let probe: io::Result<_> = std::net::UdpSocket::bind(("127.0.0.1", 0));
    probe
        .err()
        .and_then(|error| error.raw_os_error())
        .is_some_and(|code| cfg!(unix) && matches!(code, ENFILE | EMFILE))
}
