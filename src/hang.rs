//! For tests: work that must end, whatever the speed of the machine.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// What the work results in. Fails if it takes so long that it must have taken more than linear time: the limit is many
/// times what linear work takes on a slow machine.
pub(crate) fn ends<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    const LIMIT: Duration = Duration::from_secs(600);
    let (done, wait) = mpsc::channel();
    thread::spawn(move || {
        // Nobody waits any more if the limit is over.
        let _ = done.send(work());
    });
    match wait.recv_timeout(LIMIT) {
        Ok(result) => result,
        Err(error) => panic!("no result within {LIMIT:?}: {error}"),
    }
}
