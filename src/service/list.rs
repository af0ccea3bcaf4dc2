//! Paged lists.

use std::collections::VecDeque;
use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::stream::{BoxStream, Stream, StreamExt as _};
use serde::Deserialize;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess,
    Unexpected, Visitor,
};
use tokio::task::JoinHandle;
use tracing::Instrument as _;

use crate::error::{Error, ErrorKind, Result};
use crate::service::envelope::OneOf;
use crate::service::{Request, ResponseFuture};

/// An item of a list.
pub trait Item: DeserializeOwned + Send + 'static {
    /// The value of the query's `marker` that requests the items after this one: usually the id.
    fn marker(&self) -> &str;

    /// Decodes the items of a page.
    ///
    /// # Errors
    /// The error of the deserializer.
    fn decode_list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Self>, D::Error> {
        Vec::deserialize(deserializer)
    }
}

/// A request for a list. Awaiting it returns all items; [`stream`](Self::stream) returns them page by
/// page.
///
/// Pages are requested with `limit` and `marker`. The list ends with a page that is not full and has
/// no link to the next page, or when the server ignores the marker.
///
/// # Errors
/// Those of [every request](crate::error#errors-of-every-request).
#[derive(Debug)]
#[must_use = "nothing is sent before the list is awaited or its stream is polled"]
pub struct List<T> {
    request: Request,
    limit: Option<usize>,
    page_size: Option<usize>,
    marker: Option<String>,
    is_paged: bool,
    prefetch: bool,
    items: PhantomData<fn() -> T>,
}

impl<T> Clone for List<T> {
    fn clone(&self) -> Self {
        Self {
            request: self.request.clone(),
            limit: self.limit,
            page_size: self.page_size,
            marker: self.marker.clone(),
            is_paged: self.is_paged,
            prefetch: self.prefetch,
            items: PhantomData,
        }
    }
}

impl<T: Item> List<T> {
    /// A paged list. The operation of `request` must have an envelope, which contains the items.
    pub fn new(request: Request) -> Self {
        Self {
            request,
            limit: None,
            page_size: None,
            marker: None,
            is_paged: true,
            prefetch: false,
            items: PhantomData,
        }
    }

    /// A list without pages: one request returns all items.
    pub fn single_page(request: Request) -> Self {
        Self {
            is_paged: false,
            ..Self::new(request)
        }
    }

    /// Sets the maximum total number of items.
    pub fn limit(mut self, items: usize) -> Self {
        self.limit = Some(items);
        self
    }

    /// Sets the number of items in each page: at least 1. By default the server decides; it may send all
    /// items in one page.
    pub fn page_size(mut self, items: usize) -> Self {
        if items == 0 {
            return self.refuse("a page size of 0 lists nothing; use at least 1");
        }
        self.page_size = Some(items);
        self
    }

    /// Makes the list fail before anything is sent.
    pub(crate) fn refuse(mut self, message: impl Into<String>) -> Self {
        self.request = self.request.refuse(message);
        self
    }

    /// Returns only the items after the one with this marker.
    pub fn marker(mut self, marker: impl Into<String>) -> Self {
        self.marker = Some(marker.into());
        self
    }

    /// Sets whether [`stream`](Self::stream) requests the next page while the current one is consumed.
    /// `false` by default.
    ///
    /// There is at most one page ahead, so that two pages are in memory. A task requests it, which ends when
    /// the stream is dropped. Its error comes after the items of the current page.
    pub fn prefetch(mut self, prefetch: bool) -> Self {
        self.prefetch = prefetch;
        self
    }

    /// Appends `key=value` to the query of each page.
    pub fn query(mut self, key: &str, value: impl AsRef<str>) -> Self {
        self.request = self.request.query(key, value);
        self
    }

    pub(crate) fn request(&self) -> &Request {
        &self.request
    }

    /// Replaces the request by the result of `f`.
    pub(crate) async fn try_map_request(
        mut self,
        f: impl AsyncFnOnce(Request) -> Result<Request>,
    ) -> Result<Self> {
        self.request = f(self.request).await?;
        Ok(self)
    }

    /// Returns the items as a stream. The next page is requested when all items of the previous one were
    /// consumed, or earlier with [`prefetch`](Self::prefetch). The stream ends after its first error.
    pub fn stream(self) -> ItemStream<T> {
        ItemStream::of(async move { Ok(self) })
    }
}

impl<T: Item> IntoFuture for List<T> {
    type Output = Result<Vec<T>>;
    type IntoFuture = ResponseFuture<Vec<T>>;

    fn into_future(self) -> Self::IntoFuture {
        ResponseFuture::new(async move {
            let mut pages = Pages::new(self);
            // Mostly there is only one page, whose items are returned without a copy.
            let mut list = pages.next().await?.unwrap_or_default();
            while let Some(mut page) = pages.next().await? {
                list.append(&mut page);
            }
            Ok(list)
        })
    }
}

/// A stream of the items of a list. It is [`Unpin`]. Nothing is sent before it is polled.
#[must_use = "nothing is sent before it is polled"]
pub struct ItemStream<T>(BoxStream<'static, Result<T>>);

impl<T: Send + 'static> ItemStream<T> {
    pub(crate) fn new(stream: impl Stream<Item = Result<T>> + Send + 'static) -> Self {
        Self(stream.boxed())
    }
}

impl<T: Item> ItemStream<T> {
    /// The items of a list that is built by a future, such as a lookup.
    pub(crate) fn of(list: impl Future<Output = Result<List<T>>> + Send + 'static) -> Self {
        enum State<F, T> {
            Start(F),
            Pages(Next<T>, VecDeque<T>),
        }
        let start = State::Start(Box::pin(list));
        Self::new(futures::stream::try_unfold(start, |mut state| async move {
            loop {
                state = match state {
                    State::Start(list) => {
                        let pages = Box::new(Pages::new(list.await?));
                        State::Pages(Next::OnDemand(pages), VecDeque::new())
                    }
                    State::Pages(next, mut page) if !page.is_empty() => {
                        let item = page.pop_front();
                        return Ok(item.map(|item| (item, State::Pages(next, page))));
                    }
                    State::Pages(next, used) => {
                        // Frees the memory of the page before the next one is decoded.
                        drop(used);
                        match next.page().await? {
                            Some((page, next)) => State::Pages(next, page.into()),
                            None => return Ok(None),
                        }
                    }
                };
            }
        }))
    }
}

/// How the next page comes.
enum Next<T> {
    /// It is requested when it is needed.
    OnDemand(Box<Pages<T>>),
    /// A task requests it.
    Ahead(Ahead<T>),
}

/// A page, and the position after it.
type Fetched<T> = Result<Option<(Vec<T>, Box<Pages<T>>)>>;

/// The task that requests the next page. It ends when this is dropped.
struct Ahead<T>(JoinHandle<Fetched<T>>);

impl<T> Drop for Ahead<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl<T: Item> Next<T> {
    /// The page, and how the one after it comes; `None` after the last page.
    async fn page(self) -> Result<Option<(Vec<T>, Self)>> {
        let fetched = match self {
            Self::OnDemand(pages) => pages.fetch().await?,
            Self::Ahead(mut task) => match (&mut task.0).await {
                Ok(fetched) => fetched?,
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                Err(_) => {
                    let message = "the request for the next page was cancelled before it ended";
                    return Err(Error::new(ErrorKind::Cancelled, message));
                }
            },
        };
        Ok(fetched.map(|(page, pages)| (page, Self::after(pages))))
    }

    fn after(pages: Box<Pages<T>>) -> Self {
        if pages.list.prefetch && pages.more {
            Self::Ahead(Ahead(tokio::spawn(pages.fetch().in_current_span())))
        } else {
            Self::OnDemand(pages)
        }
    }
}

impl<T> Stream for ItemStream<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        self.0.as_mut().poll_next(cx)
    }
}

impl<T> fmt::Debug for ItemStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ItemStream").finish_non_exhaustive()
    }
}

/// A position in the pages of a list.
#[derive(Debug)]
struct Pages<T> {
    list: List<T>,
    /// Whether there may be another page.
    more: bool,
    /// The marker of the next page.
    last: Option<String>,
    /// The number of items that are still to be returned.
    left: Option<usize>,
}

impl<T: Item> Pages<T> {
    fn new(list: List<T>) -> Self {
        Self {
            left: list.limit,
            last: list.marker.clone(),
            more: list.limit != Some(0),
            list,
        }
    }

    /// The next page; `None` after the last one.
    async fn next(&mut self) -> Result<Option<Vec<T>>> {
        if !self.more {
            return Ok(None);
        }
        let size = self.size();
        // The query is built from the list's own filters. The server's link is not used, since its
        // host may be wrong behind a proxy.
        let mut request = self.list.request.clone();
        if let Some(size) = size {
            // Servers store it in 64 bits with a sign.
            let size = i64::try_from(size).unwrap_or(i64::MAX);
            request = request.query("limit", size.to_string());
        }
        if let Some(marker) = &self.last {
            request = request.query("marker", marker);
        }
        let page = request.page().await?;
        Ok(Some(self.accept(page, size)))
    }

    /// The next page and the position after it; `None` after the last page.
    async fn fetch(mut self: Box<Self>) -> Fetched<T> {
        Ok(self.next().await?.map(|page| (page, self)))
    }

    /// The size of the next page.
    fn size(&self) -> Option<usize> {
        match (self.list.page_size, self.left) {
            (Some(size), Some(left)) => Some(size.min(left)),
            (size, left) => size.or(left),
        }
    }

    /// Takes the items of a page and updates the position.
    fn accept(&mut self, page: Page<T>, size: Option<usize>) -> Vec<T> {
        let mut items = page.items;
        // A server that ignores the marker sends the same page again, which ends the list.
        if items.last().map(Item::marker) == self.last.as_deref() {
            items.clear();
        }
        let full = size.is_some_and(|size| items.len() >= size);
        if let Some(left) = &mut self.left {
            items.truncate(*left);
            *left -= items.len();
        }
        let may_be_more = self.list.is_paged && (full || page.linked);
        self.more = !items.is_empty() && may_be_more && self.left != Some(0);
        self.last = match self.more {
            true => items.last().map(|item| item.marker().to_owned()),
            false => None,
        };
        items
    }
}

impl Request {
    async fn page<T: Item>(&self) -> Result<Page<T>> {
        let answer = self.send().await?;
        let seed = PageSeed {
            key: self.envelope().unwrap_or_default(),
            items: PhantomData,
        };
        answer.json_with(seed).map_err(|error| self.named(error))
    }
}

/// A page of a list.
#[derive(Debug)]
struct Page<T> {
    items: Vec<T>,
    /// Whether the server links to a next page.
    linked: bool,
}

/// Decodes a page.
struct PageSeed<T> {
    key: &'static str,
    items: PhantomData<fn() -> T>,
}

impl<T> Clone for PageSeed<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for PageSeed<T> {}

impl<'de, T: Item> DeserializeSeed<'de> for PageSeed<T> {
    type Value = Page<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Page<T>, D::Error> {
        // Decoding as a struct gives the error of a list its position in the text.
        deserializer.deserialize_struct("object", &[], self)
    }
}

impl<'de, T: Item> Visitor<'de> for PageSeed<T> {
    type Value = Page<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with the list {:?}", self.key)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Page<T>, A::Error> {
        let (mut items, mut linked) = (None, false);
        // Heat and Keystone link to the next page in `links`.
        while let Some(key) = map.next_key_seed(OneOf([self.key, "links"]))? {
            match key {
                Some(0) => items = Some(map.next_value_seed(Items(PhantomData))?),
                Some(_) => linked = map.next_value::<Links>()?.has_next(),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let items = items.ok_or_else(|| A::Error::missing_field(self.key))?;
        Ok(Page { items, linked })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Page<T>, A::Error> {
        Err(A::Error::invalid_type(Unexpected::Seq, &self))
    }
}

struct Items<T>(PhantomData<fn() -> T>);

impl<'de, T: Item> DeserializeSeed<'de> for Items<T> {
    type Value = Vec<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<T>, D::Error> {
        T::decode_list(deserializer)
    }
}

/// The links of a page: a list of objects with `rel`, or one object.
#[derive(Deserialize)]
#[serde(untagged)]
enum Links {
    List(Vec<Link>),
    Object {
        #[serde(default)]
        next: Option<IgnoredAny>,
    },
    None(IgnoredAny),
}

#[derive(Deserialize)]
struct Link {
    #[serde(default)]
    rel: String,
}

impl Links {
    fn has_next(&self) -> bool {
        match self {
            Self::List(links) => links.iter().any(|link| link.rel == "next"),
            Self::Object { next } => next.is_some(),
            Self::None(_) => false,
        }
    }
}

#[cfg(test)]
mod tests;
