//! Lists of stacks, page by page.

use std::collections::VecDeque;
use std::future::IntoFuture;

use futures::future::BoxFuture;
use futures::{Stream, stream};
use serde::Deserialize;

use crate::error::{Error, ErrorKind, Result};
use crate::heat::SortDir;
use crate::heat::model::{Link, StackSummary, objects};
use crate::session::Adapter;
use crate::transport::operation::named;
use crate::uri::push_query;

/// A list of stacks: awaited it is all of them, as a [`stream`](Self::stream) it comes page by page.
///
/// ```no_run
/// # async fn example(heat: heatclient::Client) -> heatclient::Result<()> {
/// use futures::TryStreamExt as _;
///
/// let mut failed = std::pin::pin!(heat.stacks().list().filter("status", "FAILED").stream());
/// while let Some(stack) = failed.try_next().await? {
///     println!("{}: {}", stack.name, stack.status_reason);
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before the list is awaited or its stream is polled"]
pub struct StackList {
    adapter: Adapter,
    path: String,
    limit: Option<usize>,
    page_size: Option<usize>,
    marker: Option<String>,
}

impl StackList {
    pub(super) fn new(adapter: Adapter) -> Self {
        Self {
            adapter,
            path: "/stacks".to_owned(),
            limit: None,
            page_size: None,
            marker: None,
        }
    }

    fn with(mut self, key: &str, value: &str) -> Self {
        push_query(&mut self.path, key, value);
        self
    }

    /// At most so many stacks in all.
    pub fn limit(mut self, stacks: usize) -> Self {
        self.limit = Some(stacks);
        self
    }

    /// How many stacks are asked for at a time. By default the server decides: it may send all at once.
    pub fn page_size(mut self, stacks: usize) -> Self {
        self.page_size = Some(stacks);
        self
    }

    /// Only the stacks after the one with this id.
    pub fn marker(mut self, id: impl Into<String>) -> Self {
        self.marker = Some(id.into());
        self
    }

    /// Only stacks of which `key` is `value`; of one key, any of several values will do.
    ///
    /// Heat knows `id`, `name`, `status`, `action`, `tenant`, `username`, `owner_id` and the keys of
    /// a stack. Heat 27 fails (500) when it has to filter by tags and by status or action at once.
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

    /// What the server sorts by: `stack_name`, `stack_status`, `creation_time`, `updated_time`.
    ///
    /// It ignores other keys.
    pub fn sort_keys<K: AsRef<str>>(self, keys: impl IntoIterator<Item = K>) -> Self {
        keys.into_iter()
            .fold(self, |list, key| list.with("sort_keys", key.as_ref()))
    }

    /// In which direction the server sorts; newest first by default.
    pub fn sort_dir(self, direction: SortDir) -> Self {
        self.with("sort_dir", direction.as_str())
    }

    /// Deleted stacks too.
    pub fn show_deleted(self) -> Self {
        self.with("show_deleted", "True")
    }

    /// Nested stacks too.
    pub fn show_nested(self) -> Self {
        self.with("show_nested", "True")
    }

    /// Hidden stacks too.
    pub fn show_hidden(self) -> Self {
        self.with("show_hidden", "True")
    }

    /// Stacks of all projects; Heat's default policy allows that to nobody but administrators.
    pub fn global_tenant(self) -> Self {
        self.with("global_tenant", "True")
    }

    /// Only stacks of the project with this id.
    pub fn tenant(self, id: impl AsRef<str>) -> Self {
        self.with("tenant", id.as_ref())
    }

    /// How many stacks there are, without fetching them.
    ///
    /// # Errors
    /// Those of the request; [`ErrorKind::Decode`] if the server does not count.
    pub async fn count(self) -> Result<u64> {
        let what = || "count stacks".to_owned();
        let work = async {
            let request = self
                .adapter
                .get(self.path)
                .query("limit", "1")
                .query("with_count", "True");
            let page: Page = request.fetch().await?;
            page.count
                .ok_or_else(|| Error::new(ErrorKind::Decode, "the server sent no count"))
        };
        named(what, work).await
    }

    /// The stacks as they come: the next page is asked for when the last one is used up.
    ///
    /// The stream ends after its first error.
    pub fn stream(self) -> impl Stream<Item = Result<StackSummary>> + Send + 'static {
        let state = (Pages::new(self), VecDeque::new());
        stream::try_unfold(state, |(mut pages, mut page)| async move {
            loop {
                if let Some(stack) = page.pop_front() {
                    return Ok(Some((stack, (pages, page))));
                }
                match pages.next().await? {
                    Some(next) => page = VecDeque::from(next),
                    None => return Ok(None),
                }
            }
        })
    }
}

impl IntoFuture for StackList {
    type Output = Result<Vec<StackSummary>>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut pages = Pages::new(self);
            // Mostly there is one page, which is the list then.
            let mut list = pages.next().await?.unwrap_or_default();
            while let Some(mut page) = pages.next().await? {
                list.append(&mut page);
            }
            Ok(list)
        })
    }
}

#[derive(Debug, Deserialize)]
struct Page {
    #[serde(deserialize_with = "objects")]
    stacks: Vec<StackSummary>,
    #[serde(default)]
    links: Vec<Link>,
    #[serde(default)]
    count: Option<u64>,
}

/// Where in the pages of a list one is.
#[derive(Debug)]
struct Pages {
    list: StackList,
    /// Whether there may be another page.
    more: bool,
    /// The last stack so far: the marker of the next page.
    last: Option<String>,
    /// How many stacks are wanted still.
    left: Option<usize>,
}

impl Pages {
    fn new(list: StackList) -> Self {
        Self {
            left: list.limit,
            last: list.marker.clone(),
            more: list.limit != Some(0),
            list,
        }
    }

    /// The next page; `None` after the last one.
    async fn next(&mut self) -> Result<Option<Vec<StackSummary>>> {
        if !self.more {
            return Ok(None);
        }
        let size = self.size();
        let request = self.list.adapter.get(self.path(size));
        let page = named(|| "list stacks".to_owned(), request.fetch()).await?;
        Ok(Some(self.turn(page, size)))
    }

    /// How many stacks the next page shall have.
    fn size(&self) -> Option<usize> {
        match (self.list.page_size, self.left) {
            (Some(size), Some(left)) => Some(size.min(left)),
            (size, left) => size.or(left),
        }
    }

    /// The path of the next page. Made from our own filters rather than taken from the server's
    /// link, whose host may be wrong behind a proxy.
    fn path(&self, size: Option<usize>) -> String {
        let mut path = self.list.path.clone();
        if let Some(size) = size {
            push_query(&mut path, "limit", &size.to_string());
        }
        if let Some(marker) = &self.last {
            push_query(&mut path, "marker", marker);
        }
        path
    }

    fn turn(&mut self, page: Page, size: Option<usize>) -> Vec<StackSummary> {
        let mut stacks = page.stacks;
        let last = stacks.last().map(|stack| &stack.id);
        // A server that does not know the marker starts again: the last page twice is the end.
        if last == self.last.as_ref() {
            stacks.clear();
        }
        let full = size.is_some_and(|size| stacks.len() >= size);
        let linked = page.links.iter().any(|link| link.rel == "next");
        if let Some(left) = &mut self.left {
            stacks.truncate(*left);
            *left -= stacks.len();
        }
        self.more = !stacks.is_empty() && (full || linked) && self.left != Some(0);
        self.last = match self.more {
            true => stacks.last().map(|stack| stack.id.clone()),
            false => None,
        };
        stacks
    }
}
