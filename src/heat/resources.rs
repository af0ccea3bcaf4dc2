//! Resources of stacks.

use std::future::IntoFuture;

use serde::Deserializer;

use crate::error::{Error, Result};
use crate::heat::StackRef;
use crate::heat::model::{Resource, objects};
use crate::heat::names::is_found_by_path;
use crate::heat::operations::{LIST_RESOURCES, SHOW_RESOURCE};
use crate::service::{Item, ItemStream, List, Request, ResponseFuture};
use crate::session::Adapter;

/// Resources of stacks. Made by [`Client::resources`](super::Client::resources).
#[derive(Debug, Clone)]
pub struct Resources {
    adapter: Adapter,
}

impl Resources {
    pub(super) fn new(adapter: Adapter) -> Self {
        Self { adapter }
    }

    /// Lists the resources of a stack.
    pub fn list(&self, stack: impl Into<StackRef>) -> ResourceList {
        ResourceList {
            list: List::single_page(LIST_RESOURCES.request(&self.adapter)),
            stack: stack.into(),
        }
    }

    /// One resource with its attributes, by its name or its physical id.
    ///
    /// A name that Heat cannot find by its path, such as one beyond ASCII, is looked up in the list
    /// of resources. Attributes that are shown only on request are then left out.
    ///
    /// # Errors
    /// [`is_not_found`](Error::is_not_found) if the stack or the resource does not exist, and those
    /// of [every request](crate::error#errors-of-every-request).
    pub fn get(&self, stack: impl Into<StackRef>, name: impl Into<String>) -> ResourceGet {
        let (stack, name) = (stack.into(), name.into());
        let request = SHOW_RESOURCE
            .request(&self.adapter)
            .path("resource", &*name);
        ResourceGet {
            request: stack.describe(request),
            stack,
            name,
        }
    }
}

impl Item for Resource {
    fn marker(&self) -> &str {
        &self.name
    }

    fn decode_list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Self>, D::Error> {
        objects(deserializer)
    }
}

/// A list of resources. Made by [`Resources::list`].
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct ResourceList {
    list: List<Resource>,
    stack: StackRef,
}

impl ResourceList {
    /// Includes the resources of nested stacks, down to this number of levels.
    pub fn nested_depth(mut self, levels: u32) -> Self {
        self.list = self.list.query("nested_depth", levels.to_string());
        self
    }

    /// Only resources whose `key` is `value`: `type`, `status`, `name`, `action`, `id`,
    /// `physical_resource_id`. Heat refuses other keys (400).
    pub fn filter(mut self, key: &str, value: impl AsRef<str>) -> Self {
        self.list = self.list.query(key, value);
        self
    }

    /// Whether to include attributes.
    pub fn with_detail(mut self, detail: bool) -> Self {
        if detail {
            self.list = self.list.query("with_detail", "True");
        }
        self
    }

    async fn located(self) -> Result<List<Resource>> {
        let Self { list, stack } = self;
        list.try_map_request(async move |request| stack.read(request).await)
            .await
    }

    /// The resources as a stream.
    pub fn stream(self) -> ItemStream<Resource> {
        ItemStream::of(self.located())
    }
}

impl IntoFuture for ResourceList {
    type Output = Result<Vec<Resource>>;
    type IntoFuture = ResponseFuture<Vec<Resource>>;

    fn into_future(self) -> Self::IntoFuture {
        ResponseFuture::new(async move { self.located().await?.await })
    }
}

/// One resource. Made by [`Resources::get`].
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct ResourceGet {
    request: Request,
    stack: StackRef,
    name: String,
}

impl ResourceGet {
    /// Includes an attribute that is shown only on request.
    pub fn with_attr(mut self, attribute: impl AsRef<str>) -> Self {
        self.request = self.request.query("with_attr", attribute);
        self
    }

    /// Finds the resource in the list, for a name that Heat cannot find by its path.
    async fn of_list(&self) -> Result<Resource> {
        // This fails if the stack does not exist.
        drop(self.stack.locate(self.request.clone()).await?);
        let resources = Resources::new(self.request.adapter().clone());
        let list = resources.list(&self.stack).filter("name", &self.name);
        let mut found = list.with_detail(true).await?.into_iter();
        found
            .find(|resource| resource.name == self.name)
            .ok_or_else(|| Error::missing(format!("the stack has no resource {:?}", self.name)))
    }
}

impl IntoFuture for ResourceGet {
    type Output = Result<Resource>;
    type IntoFuture = ResponseFuture<Resource>;

    fn into_future(self) -> Self::IntoFuture {
        ResponseFuture::new(async move {
            if is_found_by_path(&self.name) {
                return self.stack.locate(self.request).await?.fetch().await;
            }
            let found = self.of_list().await;
            found.map_err(|error| self.request.renamed(error))
        })
    }
}
