//! Lists of stacks, page by page.

use std::future::IntoFuture;

use serde::Deserializer;

use crate::error::Result;
use crate::heat::model::{Action, StackSummary, Status, objects};
use crate::heat::operations::{COUNT_STACKS, LIST_STACKS, LIST_STACKS_DETAIL};
use crate::heat::sort::{SortDir, StackSortKey};
use crate::service::{Item, ItemStream, List, ResponseFuture};
use crate::session::Adapter;

/// A list of stacks. Await it for all stacks, or read them page by page with
/// [`stream`](Self::stream).
///
/// ```no_run
/// # async fn example(heat: heatclient::Client) -> heatclient::Result<()> {
/// use futures::TryStreamExt as _;
///
/// let mut failed = heat.stacks().list().status("FAILED").stream();
/// while let Some(stack) = failed.try_next().await? {
///     println!("{}: {}", stack.name, stack.status_reason);
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before the list is awaited or its stream is polled"]
pub struct StackList {
    list: List<StackSummary>,
    page_size: Option<usize>,
    /// Whether Heat can page through the list without losing stacks.
    is_paged: bool,
}

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
        Self {
            list: List::new(LIST_STACKS.request(adapter)),
            page_size: None,
            is_paged: true,
        }
    }

    fn with(mut self, key: &str, value: &str) -> Self {
        self.list = self.list.query(key, value);
        self
    }

    /// Adds a filter, which Heat would ignore if its value were empty.
    fn only(self, key: &str, value: &str) -> Self {
        if value.is_empty() {
            return self.refuse(format!(
                "the filter {key} is empty; leave it out to list all stacks"
            ));
        }
        self.with(key, value)
    }

    fn refuse(mut self, message: impl Into<String>) -> Self {
        self.list = self.list.refuse(message);
        self
    }

    fn with_flag(self, key: &str, flag: bool) -> Self {
        if flag { self.with(key, "True") } else { self }
    }

    /// The maximum number of stacks in all.
    pub fn limit(mut self, stacks: usize) -> Self {
        self.list = self.list.limit(stacks);
        self
    }

    /// The number of stacks per request. By default the server decides and may send all at once.
    ///
    /// A list sorted by [`StackSortKey::UpdatedTime`] is always one request, since Heat loses stacks
    /// between the pages of such a list.
    pub fn page_size(mut self, stacks: usize) -> Self {
        self.page_size = Some(stacks);
        self
    }

    /// Whether [`stream`](Self::stream) requests the next page while the current one is consumed;
    /// default: false.
    pub fn prefetch(mut self, prefetch: bool) -> Self {
        self.list = self.list.prefetch(prefetch);
        self
    }

    /// Only the stacks after the one with this id. Heat ignores an unknown id.
    pub fn marker(mut self, id: impl Into<String>) -> Self {
        self.list = self.list.marker(id);
        self
    }

    /// Only stacks whose `key` is `value`. Several values of one key are alternatives. Heat ignores
    /// unknown keys.
    ///
    /// Beside the keys that have methods of their own, Heat supports `stack_status_reason`,
    /// `disable_rollback`, `timeout_mins` and `stack_user_project_id`.
    pub fn filter(self, key: &str, value: impl AsRef<str>) -> Self {
        self.with(key, value.as_ref())
    }

    /// Only the stack with this id. Further calls add alternatives, as for all filters.
    pub fn id(self, id: impl AsRef<str>) -> Self {
        self.only("id", id.as_ref())
    }

    /// Only the stack with this name.
    pub fn name(self, name: impl AsRef<str>) -> Self {
        self.only("name", name.as_ref())
    }

    /// Only stacks with this status, or with this action and status: `FAILED`, `CREATE_FAILED`.
    pub fn status(self, status: impl Into<Status>) -> Self {
        self.only("status", status.into().as_str())
    }

    /// Only stacks whose last action is this one.
    pub fn action(self, action: impl Into<Action>) -> Self {
        self.only("action", action.into().as_str())
    }

    /// Only stacks that the user with this name created.
    pub fn username(self, name: impl AsRef<str>) -> Self {
        self.only("username", name.as_ref())
    }

    /// Only the stacks that are directly nested in the one with this id. It includes
    /// [`show_nested`](Self::show_nested).
    pub fn parent(self, id: impl AsRef<str>) -> Self {
        self.only("owner_id", id.as_ref()).show_nested(true)
    }

    /// Only stacks with all of these tags. Of several calls the last one counts.
    ///
    /// Heat 27 fails (500) if there is another filter with one value. Use [`tags_any`](Self::tags_any)
    /// for a single tag, which does not have this defect.
    pub fn tags<T: AsRef<str>>(self, tags: impl IntoIterator<Item = T>) -> Self {
        self.tagged("tags", tags)
    }

    /// Only stacks with any of these tags. Of several calls the last one counts.
    pub fn tags_any<T: AsRef<str>>(self, tags: impl IntoIterator<Item = T>) -> Self {
        self.tagged("tags_any", tags)
    }

    /// Only stacks without all of these tags. Of several calls the last one counts.
    pub fn not_tags<T: AsRef<str>>(self, tags: impl IntoIterator<Item = T>) -> Self {
        self.tagged("not_tags", tags)
    }

    /// Only stacks without any of these tags. Of several calls the last one counts.
    pub fn not_tags_any<T: AsRef<str>>(self, tags: impl IntoIterator<Item = T>) -> Self {
        self.tagged("not_tags_any", tags)
    }

    fn tagged<T: AsRef<str>>(self, key: &str, tags: impl IntoIterator<Item = T>) -> Self {
        let tags: Vec<_> = tags.into_iter().collect();
        let is_invalid = |tag: &&T| tag.as_ref().is_empty() || tag.as_ref().contains(',');
        if let Some(tag) = tags.iter().find(is_invalid) {
            let tag = tag.as_ref();
            return self.refuse(format!(
                "invalid tag {tag:?}: use at least 1 character, and no comma"
            ));
        }
        match (tags.is_empty(), key) {
            (true, "tags_any") => self.refuse("no tags are given, of which a stack could have any"),
            (true, _) => self,
            (false, _) => {
                let tags: Vec<_> = tags.iter().map(AsRef::as_ref).collect();
                self.with(key, &tags.join(","))
            }
        }
    }

    /// The keys by which the server sorts, each a [`StackSortKey`] or its text. Heat ignores others.
    ///
    /// The server sorts before it applies [`limit`](Self::limit). Stacks that were never updated are
    /// before all others if the list is sorted by [`StackSortKey::UpdatedTime`].
    pub fn sort_keys<K: AsRef<str>>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        for key in keys {
            let key = key.as_ref();
            self.is_paged &= key != StackSortKey::UpdatedTime.as_ref();
            self = self.with("sort_keys", key);
        }
        self
    }

    /// The direction in which the server sorts. By default newest first, or ascending if there are
    /// [`sort_keys`](Self::sort_keys).
    pub fn sort_dir(self, direction: SortDir) -> Self {
        self.with("sort_dir", direction.as_str())
    }

    /// Whether to list deleted stacks too. They stay in Heat's database until the operator purges it.
    pub fn show_deleted(self, show: bool) -> Self {
        self.with_flag("show_deleted", show)
    }

    /// Whether to list nested stacks too.
    pub fn show_nested(self, show: bool) -> Self {
        self.with_flag("show_nested", show)
    }

    /// Whether to list hidden stacks too: those with a tag that the operator chose for this.
    pub fn show_hidden(self, show: bool) -> Self {
        self.with_flag("show_hidden", show)
    }

    /// Whether to list the stacks of all projects. Heat's default policy allows this to nobody; clouds may
    /// allow it to administrators.
    ///
    /// Without it, users see the stacks of their own project. Administrators see those of all projects in
    /// any case; [`tenant`](Self::tenant) selects one.
    pub fn global_tenant(self, global: bool) -> Self {
        self.with_flag("global_tenant", global)
    }

    /// Only stacks of the project with this id. It is a filter: users find nothing in other projects.
    pub fn tenant(self, id: impl AsRef<str>) -> Self {
        self.only("tenant", id.as_ref())
    }

    /// The number of stacks that match, without fetching them.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the server does not support counting, and
    /// those of [every request](crate::error#errors-of-every-request).
    pub fn count(self) -> ResponseFuture<u64> {
        let request = self.list.request().clone().operation(&COUNT_STACKS);
        request
            .query("limit", "1")
            .query("with_count", "True")
            .fetch()
    }

    fn paged(self) -> List<StackSummary> {
        match self.page_size.filter(|_| self.is_paged) {
            Some(size) => self.list.page_size(size),
            None => self.list,
        }
    }

    /// The stacks as a stream. It requests the next page when the previous one is used up, or earlier with
    /// [`prefetch`](Self::prefetch), and ends after its first error.
    pub fn stream(self) -> ItemStream<StackSummary> {
        self.paged().stream()
    }
}

impl IntoFuture for StackList {
    type Output = Result<Vec<StackSummary>>;
    type IntoFuture = ResponseFuture<Vec<StackSummary>>;

    fn into_future(self) -> Self::IntoFuture {
        self.paged().into_future()
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
