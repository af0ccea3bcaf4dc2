//! Events of stacks: listing and following them.

use std::collections::{HashSet, VecDeque};
use std::future::IntoFuture;
use std::time::Duration;

use futures::stream;
use jiff::Timestamp;
use serde::Deserializer;
use tokio::time::sleep;

use crate::error::{Error, Result};
use crate::heat::StackRef;
use crate::heat::model::{Event, objects};
use crate::heat::names::is_found_by_path;
use crate::heat::operations::{LIST_EVENTS, LIST_EVENTS_OF_RESOURCE, SHOW_EVENT};
use crate::service::{ErrorTolerance, Item, ItemStream, List, Pace, ResponseFuture};
use crate::session::Adapter;

/// The direction in which a list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortDir {
    /// Smallest or oldest first.
    Asc,
    /// Largest or newest first.
    Desc,
}

impl SortDir {
    /// The name as Heat writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asc => "asc",
            Self::Desc => "desc",
        }
    }
}

/// Events of stacks. Made by [`Client::events`](super::Client::events).
#[derive(Debug, Clone)]
pub struct Events {
    adapter: Adapter,
}

impl Events {
    pub(super) fn new(adapter: Adapter) -> Self {
        Self { adapter }
    }

    /// Lists the events of a stack, oldest first.
    pub fn list(&self, stack: impl Into<StackRef>) -> EventList {
        EventList {
            list: List::new(LIST_EVENTS.request(&self.adapter)),
            stack: stack.into(),
            resource: None,
            sort_dir: SortDir::Asc,
        }
    }

    /// One event, with the type and the properties of its resource. These are left out if Heat
    /// cannot find the resource by its path, such as a name beyond ASCII.
    ///
    /// # Errors
    /// [`is_not_found`](Error::is_not_found) if the event does not exist, and those of
    /// [every request](crate::error#errors-of-every-request).
    pub fn get(
        &self,
        stack: impl Into<StackRef>,
        resource: impl Into<String>,
        id: impl Into<String>,
    ) -> ResponseFuture<Event> {
        let (stack, resource, id) = (stack.into(), resource.into(), id.into());
        let request = SHOW_EVENT.request(&self.adapter);
        let request = request.path("resource", &*resource).path("event", &*id);
        let request = stack.describe(request);
        let list = self.list(&stack).resource(&*resource);
        ResponseFuture::new(async move {
            if is_found_by_path(&resource) {
                return stack.locate(request).await?.fetch().await;
            }
            let events = list.await.map_err(|error| request.renamed(error))?;
            let event = events.into_iter().find(|event| event.id == id);
            event.ok_or_else(|| request.named(Error::missing("no such event")))
        })
    }

    /// Follows the events of a stack, starting now.
    pub fn follow(&self, stack: impl Into<StackRef>) -> EventFollow {
        EventFollow {
            adapter: self.adapter.clone(),
            stack: stack.into(),
            start: Start::Now,
            nested_depth: 0,
            pace: Pace::fixed(Duration::from_secs(2)),
        }
    }
}

impl Item for Event {
    fn marker(&self) -> &str {
        &self.id
    }

    fn decode_list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Self>, D::Error> {
        objects(deserializer)
    }
}

/// A list of events. Made by [`Events::list`].
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited or its stream is polled"]
pub struct EventList {
    list: List<Event>,
    stack: StackRef,
    resource: Option<String>,
    sort_dir: SortDir,
}

impl EventList {
    fn with(mut self, key: &str, value: &str) -> Self {
        self.list = self.list.query(key, value);
        self
    }

    /// Only events of one resource. Heat answers 404 if the resource has no events.
    pub fn resource(mut self, name: impl Into<String>) -> Self {
        self.resource = Some(name.into());
        self
    }

    /// Only events whose `key` is `value`: `resource_status` (`FAILED`), `resource_action`
    /// (`CREATE`), `resource_name`, `resource_type`. Heat ignores other keys.
    pub fn filter(self, key: &str, value: impl AsRef<str>) -> Self {
        self.with(key, value.as_ref())
    }

    /// The maximum number of events in all.
    pub fn limit(mut self, events: usize) -> Self {
        self.list = self.list.limit(events);
        self
    }

    /// The number of events per request. By default the server decides and may send all at once.
    pub fn page_size(mut self, events: usize) -> Self {
        self.list = self.list.page_size(events);
        self
    }

    /// Only the events after the one with this id. Heat ignores an unknown id.
    pub fn marker(mut self, id: impl Into<String>) -> Self {
        self.list = self.list.marker(id);
        self
    }

    /// Includes the events of nested stacks, down to this number of levels.
    pub fn nested_depth(self, levels: u32) -> Self {
        self.with("nested_depth", &levels.to_string())
    }

    /// The keys by which the server sorts: `event_time` or `resource_type`. It ignores other keys.
    pub fn sort_keys<K: AsRef<str>>(self, keys: impl IntoIterator<Item = K>) -> Self {
        keys.into_iter()
            .fold(self, |list, key| list.with("sort_keys", key.as_ref()))
    }

    /// The direction in which the server sorts; oldest first by default.
    pub fn sort_dir(mut self, direction: SortDir) -> Self {
        self.sort_dir = direction;
        self
    }

    async fn located(self) -> Result<List<Event>> {
        let Self {
            mut list,
            stack,
            resource,
            sort_dir,
        } = self;
        let by_path = resource.as_deref().is_some_and(is_found_by_path);
        if let Some(resource) = resource.as_deref().filter(|_| !by_path) {
            list = list.query("resource_name", resource);
        }
        let list = list.query("sort_dir", sort_dir.as_str());
        list.try_map_request(async move |request| match resource {
            // Heat does not redirect paths below a resource.
            Some(resource) if by_path => {
                let request = request.operation(&LIST_EVENTS_OF_RESOURCE);
                stack.locate(request.path("resource", resource)).await
            }
            _ => stack.read(request).await,
        })
        .await
    }

    /// The current events as a stream. To follow later ones use [`Events::follow`].
    pub fn stream(self) -> ItemStream<Event> {
        ItemStream::of(self.located())
    }
}

impl IntoFuture for EventList {
    type Output = Result<Vec<Event>>;
    type IntoFuture = ResponseFuture<Vec<Event>>;

    fn into_future(self) -> Self::IntoFuture {
        ResponseFuture::new(async move { self.located().await?.await })
    }
}

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
