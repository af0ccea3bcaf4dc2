//! Lists of stacks, page by page.

use std::future::IntoFuture;

use serde::Deserializer;

use crate::error::Result;
use crate::heat::SortDir;
use crate::heat::model::{StackSummary, objects};
use crate::heat::operations::{COUNT_STACKS, LIST_STACKS, LIST_STACKS_DETAIL};
use crate::service::{Item, ItemStream, List, ResponseFuture};
use crate::session::Adapter;

/// A list of stacks. Await it for all stacks, or read them page by page with
/// [`stream`](Self::stream).
///
/// ```no_run
/// # async fn example(heat: heatclient::Client) -> heatclient::Result<()> {
/// use futures::TryStreamExt as _;
///
/// let mut failed = heat.stacks().list().filter("status", "FAILED").stream();
/// while let Some(stack) = failed.try_next().await? {
///     println!("{}: {}", stack.name, stack.status_reason);
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before the list is awaited or its stream is polled"]
pub struct StackList(List<StackSummary>);

impl Item for StackSummary {
    fn marker(&self) -> &str {
        &self.id
    }

    fn decode_list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Self>, D::Error> {
        objects(deserializer)
    }
}

impl StackList {
    pub(super) fn new(adapter: &Adapter) -> Self {
        Self(List::new(LIST_STACKS.request(adapter)))
    }

    fn with(self, key: &str, value: &str) -> Self {
        Self(self.0.query(key, value))
    }

    fn with_flag(self, key: &str, flag: bool) -> Self {
        if flag { self.with(key, "True") } else { self }
    }

    /// The maximum number of stacks in all.
    pub fn limit(self, stacks: usize) -> Self {
        Self(self.0.limit(stacks))
    }

    /// The number of stacks per request. By default the server decides and may send all at once.
    pub fn page_size(self, stacks: usize) -> Self {
        Self(self.0.page_size(stacks))
    }

    /// Only the stacks after the one with this id.
    pub fn marker(self, id: impl Into<String>) -> Self {
        Self(self.0.marker(id))
    }

    /// Only stacks whose `key` is `value`. Several values of one key are alternatives.
    ///
    /// Heat supports `id`, `name`, `status`, `action`, `tenant`, `username`, `owner_id` and the
    /// keys of a stack. Heat 27 fails (500) when it has to filter by tags and by status or action
    /// at once.
    pub fn filter(self, key: &str, value: impl AsRef<str>) -> Self {
        self.with(key, value.as_ref())
    }

    /// Only stacks with all of these tags.
    pub fn tags<T: AsRef<str>>(self, tags: impl IntoIterator<Item = T>) -> Self {
        self.tagged("tags", tags)
    }

    /// Only stacks with any of these tags.
    pub fn tags_any<T: AsRef<str>>(self, tags: impl IntoIterator<Item = T>) -> Self {
        self.tagged("tags_any", tags)
    }

    /// Only stacks without all of these tags.
    pub fn not_tags<T: AsRef<str>>(self, tags: impl IntoIterator<Item = T>) -> Self {
        self.tagged("not_tags", tags)
    }

    /// Only stacks without any of these tags.
    pub fn not_tags_any<T: AsRef<str>>(self, tags: impl IntoIterator<Item = T>) -> Self {
        self.tagged("not_tags_any", tags)
    }

    fn tagged<T: AsRef<str>>(self, key: &str, tags: impl IntoIterator<Item = T>) -> Self {
        let mut joined = String::new();
        for tag in tags {
            if !joined.is_empty() {
                joined.push(',');
            }
            joined.push_str(tag.as_ref());
        }
        if joined.is_empty() {
            self
        } else {
            self.with(key, &joined)
        }
    }

    /// The keys by which the server sorts: `stack_name`, `stack_status`, `creation_time`,
    /// `updated_time`.
    ///
    /// Heat ignores other keys.
    pub fn sort_keys<K: AsRef<str>>(self, keys: impl IntoIterator<Item = K>) -> Self {
        keys.into_iter()
            .fold(self, |list, key| list.with("sort_keys", key.as_ref()))
    }

    /// The direction in which the server sorts; newest first by default.
    pub fn sort_dir(self, direction: SortDir) -> Self {
        self.with("sort_dir", direction.as_str())
    }

    /// Whether to list deleted stacks too.
    pub fn show_deleted(self, show: bool) -> Self {
        self.with_flag("show_deleted", show)
    }

    /// Whether to list nested stacks too.
    pub fn show_nested(self, show: bool) -> Self {
        self.with_flag("show_nested", show)
    }

    /// Whether to list hidden stacks too.
    pub fn show_hidden(self, show: bool) -> Self {
        self.with_flag("show_hidden", show)
    }

    /// Whether to list the stacks of all projects. Heat's default policy allows this to nobody; clouds may
    /// allow it to administrators.
    pub fn global_tenant(self, global: bool) -> Self {
        self.with_flag("global_tenant", global)
    }

    /// Only stacks of the project with this id.
    pub fn tenant(self, id: impl AsRef<str>) -> Self {
        self.with("tenant", id.as_ref())
    }

    /// The number of stacks that match, without fetching them.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the server does not support counting, and
    /// those of [every request](crate::error#errors-of-every-request).
    pub fn count(self) -> ResponseFuture<u64> {
        let request = self.0.request().clone().operation(&COUNT_STACKS);
        request
            .query("limit", "1")
            .query("with_count", "True")
            .fetch()
    }

    /// The stacks as a stream. It requests the next page when the previous one is used up, and ends
    /// after its first error.
    pub fn stream(self) -> ItemStream<StackSummary> {
        self.0.stream()
    }
}

impl IntoFuture for StackList {
    type Output = Result<Vec<StackSummary>>;
    type IntoFuture = ResponseFuture<Vec<StackSummary>>;

    fn into_future(self) -> Self::IntoFuture {
        self.0.into_future()
    }
}

/// A list of all stacks of the project. Made by [`Stacks::list_detail`](super::Stacks::list_detail).
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before the list is awaited or its stream is polled"]
pub struct StackDetailList(List<StackSummary>);

impl StackDetailList {
    pub(super) fn new(adapter: &Adapter) -> Self {
        Self(List::single_page(LIST_STACKS_DETAIL.request(adapter)))
    }

    /// The stacks as a stream. All of them are requested at once.
    pub fn stream(self) -> ItemStream<StackSummary> {
        self.0.stream()
    }
}

impl IntoFuture for StackDetailList {
    type Output = Result<Vec<StackSummary>>;
    type IntoFuture = ResponseFuture<Vec<StackSummary>>;

    fn into_future(self) -> Self::IntoFuture {
        self.0.into_future()
    }
}
