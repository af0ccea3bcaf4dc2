//! Time in tests. No result depends on the speed of the machine.
//!
//! The unit tests of the library include this file.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "the library's own tests use a part of it, as a private module"
)]

use std::pin::pin;
use std::sync::mpsc;
use std::time::Duration;

/// A limit in real time that only a hang reaches.
pub const HANG: Duration = Duration::from_secs(120);

/// Tokio's clock, stopped. Only the test advances it. With `start_paused` the clock advances by itself when
/// all tasks wait, even while bytes are in transit between sockets.
///
/// Needs a single-threaded runtime.
pub struct Clock {
    /// Tokio advances a paused clock by itself unless a blocking task runs. This task ends with the sender.
    _blocks: mpsc::Sender<()>,
}

impl Clock {
    pub fn stop() -> Self {
        tokio::time::pause();
        let (sender, receiver) = mpsc::channel::<()>();
        tokio::task::spawn_blocking(move || receiver.recv());
        Self { _blocks: sender }
    }

    /// Awaits a future that must complete without the clock advancing.
    pub async fn still<F: IntoFuture>(&self, future: F) -> F::Output {
        self.moving(Duration::ZERO, future).await
    }

    /// Awaits a future while the clock advances in steps. Between two steps all tasks run.
    pub async fn moving<F: IntoFuture>(&self, step: Duration, future: F) -> F::Output {
        let mut future = pin!(future.into_future());
        let steps = HANG.as_millis();
        for _ in 0..steps {
            tokio::select! {
                biased;
                output = &mut future => return output,
                () = turn() => {}
            }
            if !step.is_zero() {
                tokio::time::advance(step).await;
            }
        }
        panic!("still waiting after {steps} steps of {step:?}");
    }

    /// Advances the clock.
    pub async fn pass(&self, span: Duration) {
        tokio::time::advance(span).await;
        turn().await;
    }

    /// Waits for a condition without advancing the clock.
    pub async fn until(&self, is_so: impl Fn() -> bool) {
        let wait = async {
            while !is_so() {
                turn().await;
            }
        };
        self.still(wait).await;
    }
}

/// Yields to all other tasks and to I/O for a moment of real time.
pub async fn turn() {
    let pause = || std::thread::sleep(Duration::from_millis(1));
    tokio::task::spawn_blocking(pause).await.unwrap();
}
