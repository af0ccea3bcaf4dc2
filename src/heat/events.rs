//! Events of stacks.

use std::future::IntoFuture;

use serde::Deserializer;

use crate::error::{Error, Result};
use crate::heat::model::{Action, Event, Status, objects};
use crate::heat::names::is_found_by_path;
use crate::heat::operations::{LIST_EVENTS, LIST_EVENTS_OF_RESOURCE, SHOW_EVENT};
use crate::heat::{EventFollow, SortDir, StackRef};
use crate::service::{Item, ItemStream, List, ResponseFuture};
use crate::session::Adapter;

/// Events of stacks. Made by [`Client::events`](super::Client::events).
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> heatclient::Result<()> {
/// # #[cfg(feature = "sandbox")] {
/// # use heatclient::{Client, Session, loading, sandbox::Sandbox};
/// # let sandbox = Sandbox::start().await?;
/// # let auth = loading::plugin_loader("password")?.load(sandbox.options())?;
/// # let heat = Client::new(Session::new(auth));
/// # let template = serde_json::json!({"heat_template_version": "2021-04-16"});
/// # heat.stacks().create(heatclient::heat::NewStack::new("web", template)).await?;
/// for event in heat.events().list("web").action("CREATE").await? {
///     println!("{} {} {}", event.resource_name, event.status, event.status_reason);
/// }
/// # }
/// # Ok(()) }
/// ```
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
        EventFollow::new(self.adapter.clone(), stack.into())
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

    /// Only events with this status. Further calls add alternatives, as for all filters.
    pub fn status(self, status: impl Into<Status>) -> Self {
        self.with("resource_status", status.into().as_str())
    }

    /// Only events of this action.
    pub fn action(self, action: impl Into<Action>) -> Self {
        self.with("resource_action", action.into().as_str())
    }

    /// Only events of the resource with this name. Unlike with [`resource`](Self::resource), a list
    /// without events is empty, and several names are alternatives.
    pub fn resource_name(self, name: impl AsRef<str>) -> Self {
        self.with("resource_name", name.as_ref())
    }

    /// Only events of resources of this type. Those of the stack have the type `OS::Heat::Stack`.
    pub fn resource_type(self, name: impl AsRef<str>) -> Self {
        self.with("resource_type", name.as_ref())
    }

    /// Only events whose `key` is `value`. Heat ignores keys that have no method here.
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

    /// Whether [`stream`](Self::stream) requests the next page while the current one is consumed;
    /// default: false.
    pub fn prefetch(mut self, prefetch: bool) -> Self {
        self.list = self.list.prefetch(prefetch);
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

    /// The keys by which the server sorts, each an [`EventSortKey`](super::EventSortKey) or its text. Heat
    /// ignores others.
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
