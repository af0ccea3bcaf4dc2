//! Following the events of a stack.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use futures::stream;
use jiff::Timestamp;
use tokio::time::sleep;

use crate::error::Result;
use crate::heat::model::Event;
use crate::heat::{EventList, Events, StackRef};
use crate::service::{ErrorTolerance, ItemStream, Pace};
use crate::session::Adapter;

/// Follows events. Made by [`Events::follow`].
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before its stream is polled"]
pub struct EventFollow {
    adapter: Adapter,
    stack: StackRef,
    start: Start,
    nested_depth: u32,
    pace: Pace,
}

#[derive(Debug, Clone)]
enum Start {
    Now,
    Beginning,
    After(String),
}

impl EventFollow {
    pub(super) fn new(adapter: Adapter, stack: StackRef) -> Self {
        Self {
            adapter,
            stack,
            start: Start::Now,
            nested_depth: 0,
            pace: Pace::fixed(Duration::from_secs(2)),
        }
    }

    /// Sets whether to start with the oldest event; by default only new events are returned.
    pub fn from_beginning(mut self, from_beginning: bool) -> Self {
        self.start = match from_beginning {
            true => Start::Beginning,
            false => Start::Now,
        };
        self
    }

    /// Starts after the event with this id.
    pub fn after(mut self, id: impl Into<String>) -> Self {
        self.start = Start::After(id.into());
        self
    }

    /// Includes the events of nested stacks, down to this number of levels.
    pub fn nested_depth(mut self, levels: u32) -> Self {
        self.nested_depth = levels;
        self
    }

    /// The polling interval; 2 s by default.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.pace = Pace::fixed(interval);
        self
    }

    /// The events as a stream. It ends only with an error: the stack does not exist any more, or
    /// Heat does not answer.
    pub fn stream(self) -> ItemStream<Event> {
        let mut tail = Tail::new(self.adapter, self.stack, self.nested_depth);
        let mut skip = false;
        match self.start {
            Start::Beginning => {}
            Start::Now => skip = true,
            Start::After(id) => tail.marker = Some(id),
        }
        let follower = Follower {
            tail,
            skip,
            pace: self.pace,
            tolerance: ErrorTolerance::default(),
            ready: VecDeque::new(),
            asked: false,
        };
        ItemStream::new(stream::try_unfold(follower, |mut follower| async move {
            let event = follower.next().await;
            let stack = &follower.tail.stack;
            let event = event
                .map_err(|e| e.doing_instead(format!("follow events of stack \"{stack}\"")))?;
            Ok(Some((event, follower)))
        }))
    }
}

/// The state of a stream of events.
#[derive(Debug)]
struct Follower {
    tail: Tail,
    /// Whether to discard the events of the first request.
    skip: bool,
    pace: Pace,
    tolerance: ErrorTolerance,
    ready: VecDeque<Event>,
    asked: bool,
}

impl Follower {
    async fn next(&mut self) -> Result<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Ok(event);
            }
            if self.asked {
                sleep(self.pace.step()).await;
            }
            self.asked = true;
            match self.tail.next().await {
                Ok(events) => {
                    self.tolerance = ErrorTolerance::default();
                    if !std::mem::take(&mut self.skip) {
                        self.ready = events;
                    }
                }
                Err(error) => self.tolerance.tolerate(error)?,
            }
        }
    }
}

/// Reads the new events of a stack, again and again.
#[derive(Debug)]
pub(super) struct Tail {
    adapter: Adapter,
    stack: StackRef,
    nested_depth: u32,
    marker: Option<String>,
    /// The events already returned. Heat sends all events again after it purged the marker.
    seen: Seen,
}

/// The events already returned: all before a time, and some of that time.
///
/// Events are sorted by time, with a resolution of one second.
#[derive(Debug, Default)]
struct Seen {
    until: Option<Timestamp>,
    ids: HashSet<String>,
}

impl Seen {
    /// Keeps only new events and records them as returned.
    fn retain_new(&mut self, events: &mut VecDeque<Event>) {
        let is_old = |event: &Event| match (time(event), self.until) {
            (Some(time), Some(until)) if time < until => true,
            _ => self.ids.contains(&event.id),
        };
        events.retain(|event| !is_old(event));
        self.add(events.iter());
    }

    fn add<'a>(&mut self, events: impl Iterator<Item = &'a Event> + Clone) {
        let newest = events.clone().filter_map(time).max();
        if newest > self.until {
            self.until = newest;
            self.ids.clear();
        }
        let until = self.until;
        let is_last = |event: &&Event| time(event).is_none_or(|time| Some(time) >= until);
        let last = events.filter(is_last);
        self.ids.extend(last.map(|event| event.id.clone()));
    }
}

/// The time of an event, if it is readable.
fn time(event: &Event) -> Option<Timestamp> {
    event.event_time.as_ref()?.timestamp()
}

impl Tail {
    pub(super) fn new(adapter: Adapter, stack: StackRef, nested_depth: u32) -> Self {
        Self {
            adapter,
            stack,
            nested_depth,
            marker: None,
            seen: Seen::default(),
        }
    }

    /// The events since the last call.
    pub(super) async fn next(&mut self) -> Result<VecDeque<Event>> {
        let mut list = self.list();
        if let Some(marker) = &self.marker {
            list = list.marker(marker);
        }
        let mut events = VecDeque::from(list.await?);
        if let Some(last) = events.back() {
            self.marker = Some(last.id.clone());
        }
        self.seen.retain_new(&mut events);
        Ok(events)
    }

    /// Discards all existing events.
    pub(super) async fn skip(&mut self) -> Result<()> {
        self.next().await.map(drop)
    }

    /// Discards all events up to this one.
    pub(super) fn start_after(&mut self, event: &Event) {
        self.marker = Some(event.id.clone());
        self.seen.add(std::iter::once(event));
    }

    fn list(&self) -> EventList {
        let list = Events::new(self.adapter.clone()).list(&self.stack);
        if self.nested_depth > 0 {
            list.nested_depth(self.nested_depth)
        } else {
            list
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::json;

    use super::*;
    use crate::heat::testing::{answer, fake, query};

    /// Event number `n` of a stack that has three events a second.
    fn event(n: usize) -> serde_json::Value {
        let at = Timestamp::from_second(1_767_225_600 + i64::try_from(n / 3).unwrap()).unwrap();
        json!({"id": format!("e{n}"), "event_time": at.to_string(), "resource_name": "r",
            "resource_status": "CREATE_COMPLETE"})
    }

    /// A tail of a stack that gains `step` events with each request. Heat keeps the last `kept`
    /// events.
    fn tail(step: usize, kept: usize, end: usize) -> Tail {
        let written = Arc::new(Mutex::new(0));
        let heat = fake(move |request| {
            let mut written = written.lock().unwrap();
            *written = (*written + step).min(end);
            let oldest = written.saturating_sub(kept);
            let marker = query(request, "marker");
            let marker = marker.and_then(|id| id.strip_prefix('e')?.parse::<usize>().ok());
            // Heat ignores a purged marker.
            let first = marker.filter(|n| *n >= oldest).map_or(oldest, |n| n + 1);
            let events: Vec<_> = (first..*written).map(event).collect();
            answer(200, &json!({"events": events}))
        });
        Tail::new(heat.adapter().clone(), StackRef::from("web/1"), 0)
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_kept_of_100_000_events_is_those_of_the_last_second() {
        let mut tail = tail(250, 1000, 100_000);
        let mut next = 0;
        while next < 100_000 {
            for event in tail.next().await.unwrap() {
                assert_eq!(event.id, format!("e{next}"));
                next += 1;
            }
            assert!(tail.seen.ids.len() <= 3, "{}", tail.seen.ids.len());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn events_that_are_sent_again_are_not_handed_out_again() {
        // Heat purges the marker after each request.
        let mut tail = tail(10, 25, 1000);
        let mut next = 0;
        while next < 1000 {
            tail.marker = Some("gone".to_owned());
            for event in tail.next().await.unwrap() {
                assert_eq!(event.id, format!("e{next}"));
                next += 1;
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn events_without_a_time_are_told_apart_by_their_ids() {
        let heat = fake(|_| {
            let event = |id| json!({"id": id, "event_time": "soon", "resource_status": "X"});
            answer(200, &json!({"events": [event("a"), event("b")]}))
        });
        let mut tail = Tail::new(heat.adapter().clone(), StackRef::from("web/1"), 0);
        assert_eq!(tail.next().await.unwrap().len(), 2);
        assert_eq!(tail.next().await.unwrap().len(), 0);
    }
}
