//! Events of stacks: listing and following them.

use std::collections::{HashSet, VecDeque};
use std::future::IntoFuture;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::{Stream, stream};
use serde::Deserialize;
use tokio::time::sleep;

use crate::error::{Error, Result};
use crate::heat::StackRef;
use crate::heat::model::{Event, objects};
use crate::heat::names::is_found_by_path;
use crate::heat::poll::{Pace, Patience};
use crate::http::uri::{push_query, segment};
use crate::session::Adapter;

/// In which direction a list is sorted.
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

    /// The events of a stack, oldest first.
    pub fn list(&self, stack: impl Into<StackRef>) -> EventList {
        EventList {
            adapter: self.adapter.clone(),
            stack: stack.into(),
            resource: None,
            sort_dir: SortDir::Asc,
            query: String::new(),
        }
    }

    /// One event, with the type and the properties of its resource. These are left out for a
    /// resource whose name Heat does not find by a path, such as one beyond ASCII.
    ///
    /// # Errors
    /// Those of the request.
    pub async fn get(&self, stack: impl Into<StackRef>, resource: &str, id: &str) -> Result<Event> {
        #[derive(Deserialize)]
        struct Answer {
            event: Event,
        }
        let stack = stack.into();
        let doing = |e: Error| {
            e.doing(format!(
                "show event {id:?} of resource {resource:?} of stack \"{stack}\""
            ))
        };
        if !is_found_by_path(resource) {
            let events = self.list(&stack).resource(resource).fetch().await;
            let event = events.map_err(doing)?.into_iter().find(|e| e.id == id);
            return event.ok_or_else(|| doing(Error::missing("there is no such event")));
        }
        let path = stack.path(&self.adapter).await.map_err(doing)?;
        let path = format!(
            "{path}/resources/{}/events/{}",
            segment(resource),
            segment(id)
        );
        Ok(self
            .adapter
            .get(path)
            .fetch::<Answer>()
            .await
            .map_err(doing)?
            .event)
    }

    /// The events of a stack as they happen, from now on.
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

/// A list of events. Made by [`Events::list`].
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct EventList {
    adapter: Adapter,
    stack: StackRef,
    resource: Option<String>,
    sort_dir: SortDir,
    query: String,
}

impl EventList {
    fn with(mut self, key: &str, value: &str) -> Self {
        push_query(&mut self.query, key, value);
        self
    }

    /// Only events of one resource. Heat knows no events of it: that is an error, 404.
    pub fn resource(mut self, name: impl Into<String>) -> Self {
        self.resource = Some(name.into());
        self
    }

    /// Only events of which `key` is `value`: `resource_status` (`FAILED`), `resource_action`
    /// (`CREATE`), `resource_name`, `resource_type`. Heat ignores other keys.
    pub fn filter(self, key: &str, value: impl AsRef<str>) -> Self {
        self.with(key, value.as_ref())
    }

    /// At most so many events.
    pub fn limit(self, events: usize) -> Self {
        self.with("limit", &events.to_string())
    }

    /// Only the events after the one with this id. Heat ignores an id that it does not know.
    pub fn marker(self, id: impl AsRef<str>) -> Self {
        self.with("marker", id.as_ref())
    }

    /// Events of nested stacks too, so many levels down.
    pub fn nested_depth(self, levels: u32) -> Self {
        self.with("nested_depth", &levels.to_string())
    }

    /// What the server sorts by: `event_time` or `resource_type`. It ignores other keys.
    pub fn sort_keys<K: AsRef<str>>(self, keys: impl IntoIterator<Item = K>) -> Self {
        keys.into_iter()
            .fold(self, |list, key| list.with("sort_keys", key.as_ref()))
    }

    /// In which direction the server sorts; oldest first by default.
    pub fn sort_dir(mut self, direction: SortDir) -> Self {
        self.sort_dir = direction;
        self
    }

    async fn fetch(&self) -> Result<VecDeque<Event>> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(deserialize_with = "objects")]
            events: Vec<Event>,
        }
        let path = match &self.resource {
            None => format!("{}/events", self.stack.read_path()?),
            Some(resource) if !is_found_by_path(resource) => {
                let list = Self {
                    resource: None,
                    ..self.clone()
                };
                return Box::pin(list.filter("resource_name", resource).fetch()).await;
            }
            // Heat redirects no path below a resource.
            Some(resource) => {
                let path = self.stack.path(&self.adapter).await?;
                format!("{path}/resources/{}/events", segment(resource))
            }
        };
        let path = format!("{path}{}", self.query);
        let request = self
            .adapter
            .get(path)
            .query("sort_dir", self.sort_dir.as_str());
        Ok(request.fetch::<Answer>().await?.events.into())
    }
}

impl IntoFuture for EventList {
    type Output = Result<Vec<Event>>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let events = self.fetch().await;
            events
                .map(Vec::from)
                .map_err(|e| e.doing(format!("list events of stack \"{}\"", self.stack)))
        })
    }
}

/// Events as they happen. Made by [`Events::follow`].
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
    /// Starts with the oldest event there is.
    pub fn from_beginning(mut self) -> Self {
        self.start = Start::Beginning;
        self
    }

    /// Starts after the event with this id.
    pub fn after(mut self, id: impl Into<String>) -> Self {
        self.start = Start::After(id.into());
        self
    }

    /// Events of nested stacks too, so many levels down.
    pub fn nested_depth(mut self, levels: u32) -> Self {
        self.nested_depth = levels;
        self
    }

    /// How long to wait between two requests; 2 s by default.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.pace = Pace::fixed(interval);
        self
    }

    /// The events. The stream ends with an error only: the stack is gone, or Heat does not answer.
    pub fn stream(self) -> impl Stream<Item = Result<Event>> + Send + 'static {
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
            patience: Patience::default(),
            ready: VecDeque::new(),
            asked: false,
        };
        stream::try_unfold(follower, |mut follower| async move {
            let doing =
                |e: Error, stack: &StackRef| e.doing(format!("follow events of stack \"{stack}\""));
            let event = follower
                .next()
                .await
                .map_err(|e| doing(e, &follower.tail.stack))?;
            Ok(Some((event, follower)))
        })
    }
}

/// Where in the events a stream is.
#[derive(Debug)]
struct Follower {
    tail: Tail,
    /// Whether what there is at first is passed over.
    skip: bool,
    pace: Pace,
    patience: Patience,
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
                    self.patience = Patience::default();
                    if !std::mem::take(&mut self.skip) {
                        self.ready = events;
                    }
                }
                Err(error) => self.patience.bear(error)?,
            }
        }
    }
}

/// The end of a stack's events, read further again and again.
#[derive(Debug)]
pub(super) struct Tail {
    adapter: Adapter,
    stack: StackRef,
    nested_depth: u32,
    marker: Option<String>,
    /// Events already handed out: when Heat has purged the marker it sends all again.
    seen: HashSet<String>,
}

impl Tail {
    pub(super) fn new(adapter: Adapter, stack: StackRef, nested_depth: u32) -> Self {
        Self {
            adapter,
            stack,
            nested_depth,
            marker: None,
            seen: HashSet::new(),
        }
    }

    /// The events since the last call.
    pub(super) async fn next(&mut self) -> Result<VecDeque<Event>> {
        let mut list = self.list();
        if let Some(marker) = &self.marker {
            list = list.marker(marker);
        }
        let mut events = list.fetch().await?;
        if let Some(last) = events.back() {
            self.marker = Some(last.id.clone());
        }
        events.retain(|event| self.seen.insert(event.id.clone()));
        Ok(events)
    }

    /// Passes over all events there are.
    pub(super) async fn skip(&mut self) -> Result<()> {
        self.next().await.map(drop)
    }

    /// Passes over all events up to this one.
    pub(super) fn start_after(&mut self, event: &Event) {
        self.marker = Some(event.id.clone());
        self.seen.insert(event.id.clone());
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
