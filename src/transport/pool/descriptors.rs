//! Waits for a file descriptor if the process has none left for a new connection.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

/// The maximum wait before the next attempt, since other code may close files, too.
const PAUSE: Duration = Duration::from_millis(250);

/// The open connections of a pool.
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
    /// Counts a new connection.
    pub(in crate::transport) fn add(&self) -> OpenConnection {
        self.0.open.fetch_add(1, Ordering::Relaxed);
        OpenConnection(Arc::clone(&self.0))
    }

    /// After a failure to connect: waits for a file descriptor if the process has none left and the
    /// pool has open connections, which will release one. Returns whether to try again.
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
/// It is checked with the system after a failure, since name lookups and TLS libraries report a lack
/// of descriptors in different ways.
fn are_exhausted() -> bool {
    const ENFILE: i32 = 23;
    const EMFILE: i32 = 24;
    let probe: io::Result<_> = std::net::UdpSocket::bind(("127.0.0.1", 0));
    probe
        .err()
        .and_then(|error| error.raw_os_error())
        .is_some_and(|code| cfg!(unix) && matches!(code, ENFILE | EMFILE))
}
