//! Watches the progress of a response body.

use std::future::Future as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::Frame;
use tokio::time::Sleep;

use crate::clock::{self, Instant};
use crate::error::{Error, ErrorKind};
use crate::transport::layers;

/// The waiting time over which the throughput is averaged.
const WINDOW: Duration = Duration::from_secs(30);

/// The required progress of a response body.
#[derive(Debug)]
pub(crate) struct BodyPace {
    /// The maximum pause.
    pub(crate) read_timeout: Duration,
    /// The minimum bytes per second, averaged over [`WINDOW`]; 0 disables it.
    pub(crate) min_throughput: u32,
}

/// Watches the progress of a body, and its deadline. Its state is allocated when the reader waits for
/// bytes for the first time.
pub(super) struct Watch {
    pub(super) pace: Option<Arc<BodyPace>>,
    pub(super) deadline: Option<(Instant, Duration)>,
    pub(super) waiting: Option<Pin<Box<Waiting>>>,
}

pin_project_lite::pin_project! {
    /// A reader that has waited for bytes.
    pub(super) struct Waiting {
        #[pin]
        timer: Sleep,
        // The start of the current wait; `None` while it does not wait.
        since: Option<Instant>,
        // The start of the part of the current wait that belongs to the current window.
        counted_from: Instant,
        // The earlier waiting time and the bytes of the current window.
        waited: Duration,
        bytes: u64,
    }
}

impl Watch {
    /// Records that bytes arrived.
    pub(super) fn received(&mut self, frame: &Frame<Bytes>) {
        let Some(waiting) = &mut self.waiting else {
            return;
        };
        let waiting = waiting.as_mut().project();
        let length = frame.data_ref().map_or(0, Bytes::len);
        *waiting.bytes = waiting.bytes.saturating_add(length as u64);
        if waiting.since.take().is_some() {
            *waiting.waited += clock::now().saturating_duration_since(*waiting.counted_from);
        }
    }

    /// Ready with an error if the reader has waited too long.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Error> {
        if self.pace.is_none() && self.deadline.is_none() {
            return Poll::Pending;
        }
        let deadline = self.deadline;
        let pace = self.pace.as_deref();
        let waiting = self.waiting.get_or_insert_with(|| {
            Box::pin(Waiting {
                timer: tokio::time::sleep_until(clock::now()),
                since: None,
                counted_from: clock::now(),
                waited: Duration::ZERO,
                bytes: 0,
            })
        });
        let mut waiting = waiting.as_mut().project();
        let since = *waiting.since.get_or_insert_with(|| {
            *waiting.counted_from = clock::now();
            *waiting.counted_from
        });
        loop {
            let now = clock::now();
            if let Some((at, limit)) = deadline
                && at <= now
            {
                return Poll::Ready(layers::deadline_passed(limit));
            }
            let mut next = deadline.map(|(at, _)| at);
            if let Some(pace) = pace {
                if now.saturating_duration_since(since) >= pace.read_timeout {
                    return Poll::Ready(stopped(pace.read_timeout));
                }
                let counted = now.saturating_duration_since(*waiting.counted_from);
                if *waiting.waited + counted >= WINDOW {
                    let least = u64::from(pace.min_throughput) * WINDOW.as_secs();
                    // A window without bytes is left to the read timeout.
                    if *waiting.bytes > 0 && *waiting.bytes < least {
                        return Poll::Ready(too_slow(*waiting.bytes, pace.min_throughput));
                    }
                    *waiting.bytes = 0;
                    *waiting.waited = Duration::ZERO;
                    *waiting.counted_from = now;
                }
                let pause_ends = since.checked_add(pace.read_timeout);
                let window_ends = *waiting.counted_from + (WINDOW - *waiting.waited);
                next = next
                    .into_iter()
                    .chain(pause_ends)
                    .chain([window_ends])
                    .min();
            }
            // Without a pace there is a deadline.
            let Some(next) = next else {
                return Poll::Pending;
            };
            if waiting.timer.deadline() != next {
                waiting.timer.as_mut().reset(next);
            }
            ready!(waiting.timer.as_mut().poll(cx));
        }
    }
}

fn stopped(limit: Duration) -> Error {
    Error::new(
        ErrorKind::Timeout,
        format!("the response stalled: no bytes for {limit:?}"),
    )
    .after_sending()
}

fn too_slow(bytes: u64, least: u32) -> Error {
    Error::new(
        ErrorKind::Timeout,
        format!("the response is too slow: {bytes} bytes in {WINDOW:?}, less than {least} bytes/s"),
    )
    .after_sending()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::{Body, read};

    fn pace(read_timeout: Duration, min_throughput: u32) -> Arc<BodyPace> {
        Arc::new(BodyPace {
            read_timeout,
            min_throughput,
        })
    }

    /// A body of which `size` bytes arrive after each of these pauses, in seconds.
    fn paused(pauses: impl IntoIterator<Item = u64> + 'static, size: usize) -> Body {
        let pauses: Vec<u64> = pauses.into_iter().collect();
        let frames = futures::stream::unfold(pauses.into_iter(), move |mut pauses| async move {
            tokio::time::sleep(Duration::from_secs(pauses.next()?)).await;
            let frame = Frame::data(Bytes::from(vec![b'x'; size]));
            Some((Ok::<_, Error>(frame), pauses))
        });
        Body::stream(http_body_util::StreamBody::new(Box::pin(frames)))
    }

    async fn read(mut body: Body, pace: Arc<BodyPace>) -> (Result<usize, String>, u64) {
        body.watch.pace = Some(pace);
        let start = clock::now();
        let result = read::collect(body, 1_000_000).await;
        let result = result.map(|bytes| bytes.len()).map_err(|error| {
            assert!(error.is_timeout() && error.may_have_been_sent());
            error.to_string()
        });
        (result, (clock::now() - start).as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_is_measured_from_the_last_bytes() {
        let body = paused([9, 9, 9, 9, 9, 11], 10_000);
        let (result, took) = read(body, pace(Duration::from_secs(10), 64)).await;
        assert_eq!(
            result.unwrap_err(),
            "the response stalled: no bytes for 10s"
        );
        assert_eq!(took, 55);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_drip_is_ended_and_a_slow_answer_is_not() {
        let minute = Duration::from_secs(60);
        let too_slow = |bytes| {
            Err(format!(
                "the response is too slow: {bytes} bytes in 30s, less than 64 bytes/s"
            ))
        };
        for (pauses, size, least, expected, seconds) in [
            // A byte every few seconds.
            (vec![7; 20], 1, 64, too_slow(4), 30),
            (vec![29; 20], 1, 64, too_slow(1), 30),
            // A pause up to the read timeout is allowed.
            (vec![45, 1], 1, 64, Ok(2), 46),
            (vec![59, 59], 1, 64, too_slow(1), 60),
            // Exactly the minimum throughput, and slightly less.
            (vec![1; 70], 64, 64, Ok(64 * 70), 70),
            (vec![1; 70], 63, 64, too_slow(63 * 30), 30),
            (vec![10; 12], 641, 64, Ok(641 * 12), 120),
            (vec![5; 20], 1, 0, Ok(20), 100),
        ] {
            let body = paused(pauses.clone(), size);
            let (result, took) = read(body, pace(minute, least)).await;
            assert_eq!(result, expected, "{size} bytes after {pauses:?}");
            assert_eq!(took, seconds, "{size} bytes after {pauses:?}");
        }
    }

    /// Only the time in which the reader waits counts.
    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_is_not_taken_for_a_slow_server() {
        use http_body_util::BodyExt as _;
        let mut body = paused(vec![1; 20], 1);
        body.watch.pace = Some(pace(Duration::from_secs(60), 64));
        let mut count = 0;
        while let Some(frame) = body.frame().await {
            assert!(frame.is_ok());
            count += 1;
            tokio::time::sleep(Duration::from_secs(100)).await;
        }
        assert_eq!(count, 20);
    }

    #[tokio::test(start_paused = true)]
    async fn spans_without_end_do_no_harm() {
        let (result, _) = read(paused([1], 1), pace(Duration::MAX, 64)).await;
        assert_eq!(result.unwrap(), 1);
    }
}
