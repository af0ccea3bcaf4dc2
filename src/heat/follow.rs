//! Following the events of a stack.
//!
//! Heat sorts events by the time that an engine gave them, and then by the order in which the database
//! stored them. The clocks of engines differ, and a transaction may end late: an event can appear before
//! others that were already read. So the last seconds are read again in each round ([`LAG`]).

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::stream;
use jiff::{SignedDuration, Timestamp};

use crate::clock::{self, Instant};
use crate::error::Result;
use crate::heat::StackRef;
use crate::heat::model::{Action, Event, StackStatus, Status};
use crate::heat::poller::Poller;
use crate::service::{ItemStream, Pace, Rounds};
use crate::session::Adapter;

/// How late an event may appear in the list, by its own time and by ours.
const LAG: Duration = Duration::from_secs(10);

/// Follows events. Made by [`Events::follow`](super::Events::follow).
///
/// Each event is returned once. Restarts of Heat and Keystone, and other transient errors, are
/// [tolerated](Self::tolerate_errors_for): the events of that time follow after it.
///
/// Heat can also send events to a queue of the messaging service Zaqar (`event_sinks` of an environment).
/// Such queues are not read here: events are always requested from Heat.
///
/// ```no_run
/// # async fn example(heat: heatclient::Client) -> heatclient::Result<()> {
/// use futures::TryStreamExt as _;
///
/// let follow = heat.events().follow("web").until(|event| {
///     event.is_of_stack() && !event.status.is_in_progress()
/// });
/// let mut events = follow.stream();
/// while let Some(event) = events.try_next().await? {
///     println!("{} {}", event.resource_name, event.status);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "nothing is sent before its stream is polled"]
pub struct EventFollow {
    adapter: Adapter,
    stack: StackRef,
    start: Start,
    nested_depth: u32,
    rounds: Rounds,
    until: Option<Until>,
}

type Until = Arc<dyn Fn(&Event) -> bool + Send + Sync>;

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
            rounds: Rounds::new(Pace::fixed(Duration::from_secs(2))),
            until: None,
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

    /// Starts after the event with this id. Heat ignores an unknown id.
    pub fn after(mut self, id: impl Into<String>) -> Self {
        self.start = Start::After(id.into());
        self
    }

    /// Includes the events of nested stacks, down to this number of levels. Heat forgets those of a
    /// nested stack when it is deleted, even if they were not read yet. Each round sends two requests:
    /// Heat's list with nested stacks lacks the events of a stack that has no resources any more.
    pub fn nested_depth(mut self, levels: u32) -> Self {
        self.nested_depth = levels;
        self
    }

    /// The polling interval; 2 s by default.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.rounds.interval(interval);
        self
    }

    /// How long transient errors are tolerated while Heat does not answer; 5 minutes by default. See
    /// [`Wait::tolerate_errors_for`](super::Wait::tolerate_errors_for).
    pub fn tolerate_errors_for(mut self, time: Duration) -> Self {
        self.rounds.tolerate_errors_for(time);
        self
    }

    /// Ends the stream after the first event for which `is_last` is true.
    pub fn until(mut self, is_last: impl Fn(&Event) -> bool + Send + Sync + 'static) -> Self {
        self.until = Some(Arc::new(is_last));
        self
    }

    /// The events as a stream. It ends after the event that completes the deletion of the stack, or
    /// with an error: the stack does not exist, or Heat does not answer.
    pub fn stream(self) -> ItemStream<Event> {
        let poller = Poller::new(self.adapter, self.stack, self.rounds.clone());
        let mut tail = Tail::new(poller, self.nested_depth);
        let mut skip = false;
        match self.start {
            Start::Beginning => {}
            Start::Now => skip = true,
            Start::After(id) => tail.start_after_id(id),
        }
        let follower = Follower {
            tail,
            skip,
            rounds: self.rounds,
            until: self.until,
            ready: VecDeque::new(),
            answered: false,
            ended: false,
        };
        ItemStream::new(stream::try_unfold(follower, |mut follower| async move {
            let event = follower.next().await;
            let stack = follower.tail.poller.stack();
            let event = event
                .map_err(|e| e.doing_instead(format!("follow events of stack \"{stack}\"")))?;
            Ok(event.map(|event| (event, follower)))
        }))
    }
}

impl fmt::Debug for EventFollow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventFollow")
            .field("stack", &self.stack)
            .field("start", &self.start)
            .field("nested_depth", &self.nested_depth)
            .finish_non_exhaustive()
    }
}

/// The state of a stream of events.
struct Follower {
    tail: Tail,
    /// Whether to discard the events of the first request.
    skip: bool,
    rounds: Rounds,
    until: Option<Until>,
    ready: VecDeque<Event>,
    /// Whether Heat knew the stack.
    answered: bool,
    /// Whether the last event was returned.
    ended: bool,
}

impl Follower {
    async fn next(&mut self) -> Result<Option<Event>> {
        while !self.ended {
            if let Some(event) = self.ready.pop_front() {
                self.ended = self.is_last(&event);
                return Ok(Some(event));
            }
            self.rounds.pause().await;
            let events = match self.tail.next().await {
                // Heat removed the deleted stack from its database.
                Err(error) if error.is_not_found() && self.answered => break,
                result => self.rounds.heard(result)?,
            };
            let Some(events) = events else { continue };
            self.answered = true;
            if !std::mem::take(&mut self.skip) {
                self.ready = events;
            } else if events.iter().any(|event| self.is_deletion(event)) {
                break;
            }
        }
        Ok(None)
    }

    fn is_last(&self, event: &Event) -> bool {
        self.until.as_ref().is_some_and(|until| until(event)) || self.is_deletion(event)
    }

    /// Whether an event is the end of the stack itself.
    fn is_deletion(&self, event: &Event) -> bool {
        let is_root = || {
            let known = self.tail.poller.stack().known_identity();
            let of = event.stack();
            known.is_some_and(|known| of.is_some_and(|(_, id)| id == known.id))
        };
        event.status == StackStatus::new(Action::Delete, Status::Complete)
            && event.is_of_stack()
            && is_root()
    }
}

/// Reads the new events of a stack, again and again.
#[derive(Debug)]
pub(super) struct Tail {
    poller: Poller,
    nested_depth: u32,
    /// The position in the list of the stack's own events.
    own: Cursor,
    /// The position in the list with nested stacks.
    nested: Cursor,
    seen: Seen,
}

/// A position in a list of events: all events up to the marker were read, and no other one appears
/// before it.
#[derive(Debug, Default)]
struct Cursor {
    marker: Option<String>,
}

/// The events already returned.
///
/// The last seconds are requested again, and Heat sends all events again after it purged the marker.
#[derive(Debug, Default)]
struct Seen {
    /// The time of the newest event.
    newest: Option<Timestamp>,
    /// Events of the last seconds before the newest one, and when they were received.
    recent: HashMap<String, (Option<Timestamp>, Instant)>,
}

impl Seen {
    /// The time before which no further event is expected.
    fn settled(&self) -> Option<Timestamp> {
        let lag = SignedDuration::try_from(LAG).ok()?;
        self.newest?.checked_sub(lag).ok()
    }

    /// Whether the event was returned before.
    fn is_old(&self, event: &Event) -> bool {
        let is_settled = match (time(event), self.settled()) {
            (Some(time), Some(settled)) => time < settled,
            _ => false,
        };
        is_settled || self.recent.contains_key(&event.id)
    }

    fn which_are_new(&self, events: &[Event]) -> Vec<bool> {
        events.iter().map(|event| !self.is_old(event)).collect()
    }

    /// Records events as returned.
    fn add<'a>(&mut self, events: impl Iterator<Item = &'a Event> + Clone, now: Instant) {
        self.newest = self.newest.max(events.clone().filter_map(time).max());
        let settled = self.settled();
        // Events of a time that is settled are recognised by it.
        let is_recent = |time: Option<Timestamp>| time.is_none() || time >= settled;
        self.recent.retain(|_, (time, _)| is_recent(*time));
        for event in events.filter(|event| is_recent(time(event))) {
            if !self.recent.contains_key(&event.id) {
                let received = (time(event), now);
                self.recent.insert(event.id.clone(), received);
            }
        }
    }

    /// Whether no other event can appear before this one, which was returned.
    fn is_settled(&self, event: &Event, now: Instant) -> bool {
        match self.recent.get(&event.id) {
            Some((_, received)) => now.saturating_duration_since(*received) >= LAG,
            None => true,
        }
    }
}

/// The time of an event, if it is readable.
fn time(event: &Event) -> Option<Timestamp> {
    event.event_time.as_ref()?.timestamp()
}

impl Cursor {
    /// Moves the marker behind the events that are settled.
    fn advance(&mut self, events: &[Event], seen: &Seen, now: Instant) {
        let settled = events.iter().take_while(|e| seen.is_settled(e, now));
        if let Some(last) = settled.last() {
            self.marker = Some(last.id.clone());
        }
    }
}

impl Tail {
    pub(super) fn new(poller: Poller, nested_depth: u32) -> Self {
        Self {
            poller,
            nested_depth,
            own: Cursor::default(),
            nested: Cursor::default(),
            seen: Seen::default(),
        }
    }

    /// The events since the last call.
    pub(super) async fn next(&mut self) -> Result<VecDeque<Event>> {
        let own = self.poller.events(self.own.marker.as_deref(), 0);
        let (own, nested) = match self.nested_depth {
            0 => (own.await?, Vec::new()),
            depth => {
                let nested = self.poller.events(self.nested.marker.as_deref(), depth);
                futures::try_join!(own, nested)?
            }
        };
        let (now, seen) = (clock::now(), &mut self.seen);
        let (own_new, nested_new) = (seen.which_are_new(&own), seen.which_are_new(&nested));
        seen.add(own.iter().chain(&nested), now);
        self.own.advance(&own, seen, now);
        self.nested.advance(&nested, seen, now);
        Ok(merge(only(own, own_new), only(nested, nested_new)))
    }

    /// Discards all existing events.
    pub(super) async fn skip(&mut self) -> Result<()> {
        self.next().await.map(drop)
    }

    /// Discards all events up to this one.
    pub(super) fn start_after(&mut self, event: &Event) {
        self.start_after_id(event.id.clone());
        self.seen.add(std::iter::once(event), clock::now());
    }

    /// Discards all events up to the one with this id.
    fn start_after_id(&mut self, id: String) {
        self.nested.marker = Some(id.clone());
        self.own.marker = Some(id);
    }
}

/// The events that are marked.
fn only(events: Vec<Event>, marks: Vec<bool>) -> Vec<Event> {
    let marked = events.into_iter().zip(marks);
    marked
        .filter_map(|(event, is)| is.then_some(event))
        .collect()
}

/// Merges two lists that are sorted by time. An event may be in both.
fn merge(own: Vec<Event>, nested: Vec<Event>) -> VecDeque<Event> {
    if nested.is_empty() {
        return own.into();
    }
    let known: HashSet<String> = nested.iter().map(|e| e.id.clone()).collect();
    let mut missing = own
        .into_iter()
        .filter(|e| !known.contains(&e.id))
        .peekable();
    let mut merged = VecDeque::new();
    for event in nested {
        while let Some(earlier) = missing.next_if(|other| time(other) < time(&event)) {
            merged.push_back(earlier);
        }
        merged.push_back(event);
    }
    merged.extend(missing);
    merged
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
        tail_of(&heat)
    }

    fn tail_of(heat: &crate::heat::Client) -> Tail {
        let (adapter, rounds) = (heat.adapter().clone(), Rounds::new(Pace::growing()));
        Tail::new(Poller::new(adapter, StackRef::from("web/1"), rounds), 0)
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_kept_of_100_000_events_is_those_of_the_last_seconds() {
        let mut tail = tail(250, 1000, 100_000);
        let mut next = 0;
        while next < 100_000 {
            for event in tail.next().await.unwrap() {
                assert_eq!(event.id, format!("e{next}"));
                next += 1;
            }
            // Three events a second.
            let kept = tail.seen.recent.len();
            assert!(kept <= 3 * (LAG.as_secs() as usize + 1), "{kept}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn events_that_are_sent_again_are_not_handed_out_again() {
        // Heat purges the marker after each request.
        let mut tail = tail(10, 25, 1000);
        let mut next = 0;
        while next < 1000 {
            tail.start_after_id("gone".to_owned());
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
        let mut tail = tail_of(&heat);
        assert_eq!(tail.next().await.unwrap().len(), 2);
        assert_eq!(tail.next().await.unwrap().len(), 0);
    }

    /// The event with this id, second and stack.
    fn at(id: &str, second: i64, stack: &str) -> serde_json::Value {
        let at = Timestamp::from_second(1_767_225_600 + second).unwrap();
        json!({"id": id, "event_time": at.to_string(), "resource_name": "r", "resource_status": "X",
            "links": [{"rel": "stack", "href": format!("http://h/v1/p/stacks/s/{stack}")}]})
    }

    fn ids(events: &VecDeque<Event>) -> Vec<&str> {
        events.iter().map(|event| event.id.as_str()).collect()
    }

    /// The clock of another engine is behind, or a transaction took long.
    #[tokio::test(start_paused = true)]
    async fn an_event_that_appears_before_others_is_not_lost() {
        let written = Arc::new(Mutex::new(vec![at("a", 0, "1"), at("c", 9, "1")]));
        let heat = {
            let written = Arc::clone(&written);
            fake(move |request| {
                let written = written.lock().unwrap();
                let marker = query(request, "marker");
                let known = |event: &serde_json::Value| event["id"].as_str() == marker.as_deref();
                let first = written.iter().position(known).map_or(0, |n| n + 1);
                answer(200, &json!({"events": written[first..]}))
            })
        };
        let mut tail = tail_of(&heat);
        assert_eq!(ids(&tail.next().await.unwrap()), ["a", "c"]);
        tokio::time::advance(LAG / 2).await;
        written.lock().unwrap().insert(1, at("b", 4, "1"));
        assert_eq!(ids(&tail.next().await.unwrap()), ["b"]);
        assert_eq!(tail.own.marker, None);
        tokio::time::advance(LAG / 2).await;
        // The marker stays before the event that is new.
        assert!(tail.next().await.unwrap().is_empty());
        assert_eq!(tail.own.marker.as_deref(), Some("a"));
        tokio::time::advance(LAG).await;
        written.lock().unwrap().push(at("d", 60, "1"));
        assert_eq!(ids(&tail.next().await.unwrap()), ["d"]);
        assert_eq!(tail.own.marker.as_deref(), Some("c"));
        assert!(tail.next().await.unwrap().is_empty());
    }

    /// Heat's list with nested stacks lacks the events of stacks without resources.
    #[tokio::test(start_paused = true)]
    async fn the_stacks_own_events_are_read_with_those_of_nested_stacks() {
        let heat = fake(|request| {
            let events = match query(request, "nested_depth") {
                Some(_) => json!([at("a", 0, "1"), at("b", 1, "2"), at("d", 3, "2")]),
                None => json!([at("a", 0, "1"), at("c", 2, "1"), at("e", 4, "1")]),
            };
            answer(200, &json!({"events": events}))
        });
        let mut tail = tail_of(&heat);
        tail.nested_depth = 3;
        assert_eq!(ids(&tail.next().await.unwrap()), ["a", "b", "c", "d", "e"]);
        assert!(tail.next().await.unwrap().is_empty());
    }
}
