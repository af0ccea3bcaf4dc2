//! Resources of stacks.

use std::future::IntoFuture;

use futures::future::BoxFuture;
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::heat::StackRef;
use crate::heat::model::{Resource, objects};
use crate::heat::names::is_found_by_path;
use crate::session::Adapter;
use crate::transport::operation::named;
use crate::uri::{push_query, segment};

/// Resources of stacks. Made by [`Client::resources`](super::Client::resources).
#[derive(Debug, Clone)]
pub struct Resources {
    adapter: Adapter,
}

impl Resources {
    pub(super) fn new(adapter: Adapter) -> Self {
        Self { adapter }
    }

    /// The resources of a stack.
    pub fn list(&self, stack: impl Into<StackRef>) -> ResourceList {
        ResourceList {
            adapter: self.adapter.clone(),
            stack: stack.into(),
            query: String::new(),
        }
    }

    /// One resource, by its name or its physical id, with its attributes.
    ///
    /// A name that Heat does not find by a path, such as one beyond ASCII, is looked up in the list of
    /// resources; attributes that are shown only when asked for are left out then.
    pub fn get(&self, stack: impl Into<StackRef>, name: impl Into<String>) -> ResourceShow {
        ResourceShow {
            adapter: self.adapter.clone(),
            stack: stack.into(),
            name: name.into(),
            query: String::new(),
        }
    }
}

/// A list of resources. Made by [`Resources::list`].
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct ResourceList {
    adapter: Adapter,
    stack: StackRef,
    query: String,
}

impl ResourceList {
    /// Resources of nested stacks too, so many levels down.
    pub fn nested_depth(mut self, levels: u32) -> Self {
        push_query(&mut self.query, "nested_depth", &levels.to_string());
        self
    }

    /// Only resources of which `key` is `value`: `type`, `status`, `name`, `action`, `id`,
    /// `physical_resource_id`. Heat refuses other keys (400).
    pub fn filter(mut self, key: &str, value: impl AsRef<str>) -> Self {
        push_query(&mut self.query, key, value.as_ref());
        self
    }

    /// With attributes.
    pub fn with_detail(mut self) -> Self {
        push_query(&mut self.query, "with_detail", "True");
        self
    }

    pub(super) async fn fetch(&self) -> Result<Vec<Resource>> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(deserialize_with = "objects")]
            resources: Vec<Resource>,
        }
        let path = self.stack.read_path()?;
        let Answer { resources } = self
            .adapter
            .get(format!("{path}/resources{}", self.query))
            .fetch()
            .await?;
        Ok(resources)
    }
}

impl IntoFuture for ResourceList {
    type Output = Result<Vec<Resource>>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let what = || format!("list resources of stack \"{}\"", self.stack);
            named(what, self.fetch()).await
        })
    }
}

/// One resource. Made by [`Resources::get`].
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct ResourceShow {
    adapter: Adapter,
    stack: StackRef,
    name: String,
    query: String,
}

impl ResourceShow {
    /// With an attribute that is shown only when it is asked for.
    pub fn with_attr(mut self, attribute: &str) -> Self {
        push_query(&mut self.query, "with_attr", attribute);
        self
    }

    async fn fetch(&self) -> Result<Resource> {
        #[derive(Deserialize)]
        struct Answer {
            resource: Resource,
        }
        let path = self.stack.path(&self.adapter).await?;
        if !is_found_by_path(&self.name) {
            return self.of_list().await;
        }
        let path = format!("{path}/resources/{}{}", segment(&self.name), self.query);
        Ok(self.adapter.get(path).fetch::<Answer>().await?.resource)
    }

    /// The resource as the list has it, for a name that Heat does not find by a path.
    async fn of_list(&self) -> Result<Resource> {
        let mut list = Resources::new(self.adapter.clone()).list(&self.stack);
        list = list.filter("name", &self.name).with_detail();
        let is_it = |resource: &Resource| resource.name == self.name;
        let found = list.fetch().await?.into_iter().find(is_it);
        found.ok_or_else(|| Error::missing(format!("the stack has no resource {:?}", self.name)))
    }
}

impl IntoFuture for ResourceShow {
    type Output = Result<Resource>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let what = || format!("show resource {:?} of stack \"{}\"", self.name, self.stack);
            named(what, self.fetch()).await
        })
    }
}
