//! Resources of stacks.

mod signal;
mod unhealthy;

use std::future::IntoFuture;

use http::StatusCode;
use serde::Deserializer;
use serde_json::Value;

use crate::error::{Error, Result, Sender};
use crate::heat::StackRef;
use crate::heat::model::{Resource, objects};
use crate::heat::names::is_found_by_path;
use crate::heat::operations::{LIST_RESOURCES, SHOW_METADATA, SHOW_RESOURCE};
use crate::service::{Item, ItemStream, List, Request, ResponseFuture};
use crate::session::Adapter;

pub use signal::ResourceSignal;
pub(super) use signal::object;
pub use unhealthy::MarkUnhealthy;

/// Resources of stacks. Made by [`Client::resources`](super::Client::resources).
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> heatclient::Result<()> {
/// # let sandbox = heatclient::sandbox::Sandbox::start().await?;
/// # let auth = heatclient::loading::plugin_loader("password")?.load(sandbox.options())?;
/// # let heat = heatclient::Client::new(heatclient::Session::new(auth));
/// use heatclient::heat::{Action, NewStack};
/// use serde_json::json;
///
/// let template = json!({
///     "heat_template_version": "2021-04-16",
///     "resources": {
///         "handle": {"type": "OS::Heat::WaitConditionHandle"},
///         "ready": {"type": "OS::Heat::WaitCondition", "properties": {
///             "handle": {"get_resource": "handle"}, "timeout": 600,
///         }},
///     },
/// });
/// let created = heat.stacks().create(NewStack::new("web", template)).await?;
/// let resources = heat.resources();
/// # let mut list = resources.list(&created).await?;
/// # while !list.iter().any(|r| r.name == "ready" && r.status.is_in_progress()) {
/// #     list = resources.list(&created).await?;
/// # }
/// // `ready` waits for a signal to `handle`.
/// resources.signal(&created, "handle").data(json!({"data": "version 2 runs"})).await?;
/// let stack = heat.stacks().wait(&created, Action::Create).await?;
/// let signals = resources.metadata(&stack, "handle").await?;
/// assert_eq!(signals["1"]["data"], "version 2 runs");
///
/// // The next update replaces `handle`.
/// resources.mark_unhealthy(&stack, "handle", true).reason("leaked").await?;
/// let handle = resources.get(&stack, "handle").await?;
/// assert_eq!(handle.status.to_string(), "CHECK_FAILED");
/// # sandbox.stop().await;
/// # Ok(()) }
/// ```
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

    /// The metadata of a resource: that of its template, and what signals added.
    ///
    /// # Errors
    /// [`is_not_found`](Error::is_not_found) if the stack or the resource does not exist, and those
    /// of [every request](crate::error#errors-of-every-request). Heat 27 does not find resources whose names are
    /// not ASCII.
    pub fn metadata(
        &self,
        stack: impl Into<StackRef>,
        name: impl Into<String>,
    ) -> ResponseFuture<Value> {
        let (stack, name) = (stack.into(), name.into());
        let request = SHOW_METADATA
            .request(&self.adapter)
            .path("resource", &*name);
        ResponseFuture::new(async move {
            let shown = stack.locate(request).await?.fetch().await;
            shown.map_err(|error| with_hint(error, &name))
        })
    }

    /// Signals a resource: a wait condition handle, a scaling policy, a software deployment and others.
    ///
    /// Without [data](ResourceSignal::data) the signal is empty. Heat answers before most types have processed
    /// the signal. An event of the resource with the status `SIGNAL_COMPLETE` shows that it was accepted; data in
    /// a wrong format is ignored.
    ///
    /// A wait condition handle takes the keys `status` (`SUCCESS`, the default, or `FAILURE`), `reason`, `data`
    /// and `id`. To clear a hook use [`Hooks::clear`](super::Hooks::clear).
    ///
    /// A handle with the transport `TOKEN_SIGNAL` has the attributes `endpoint` and `token`, with which
    /// a machine without an account signals it:
    ///
    /// ```no_run
    /// # async fn example(endpoint: &str, token: &str) -> heatclient::Result<()> {
    /// use heatclient::Client;
    /// use serde_json::json;
    ///
    /// // http://heat.example/v1/PROJECT/stacks/web/ID/resources/handle/signal
    /// let (base, path) = endpoint.split_once("/stacks/").expect("an endpoint of Heat");
    /// let (stack, path) = path.split_once("/resources/").expect("an endpoint of Heat");
    /// let (resource, _) = path.split_once('/').expect("an endpoint of Heat");
    /// let heat = Client::with_token(base, token)?;
    /// heat.resources().signal(stack, resource).data(json!({"status": "SUCCESS"})).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`is_not_found`](Error::is_not_found) if the stack or the resource does not exist, status 400 if the
    /// resource takes no signals or is suspended, and those of
    /// [every request](crate::error#errors-of-every-request). Heat 27 does not find resources whose names are
    /// not ASCII.
    pub fn signal(&self, stack: impl Into<StackRef>, name: impl Into<String>) -> ResourceSignal {
        ResourceSignal::new(&self.adapter, stack.into(), name.into())
    }

    /// Marks a resource as unhealthy (`CHECK_FAILED`), so that the next update replaces it, or as healthy again.
    /// The resource is named by its name or its physical id.
    ///
    /// Marking as healthy changes only a resource that is `CHECK_FAILED`. The next update
    /// does not replace resources of types that have nothing to replace, such as `OS::Heat::None`.
    ///
    /// # Errors
    /// [`is_not_found`](Error::is_not_found) if the stack or the resource does not exist,
    /// [`is_conflict`](Error::is_conflict) while an action on the resource is in progress, and those of
    /// [every request](crate::error#errors-of-every-request).
    pub fn mark_unhealthy(
        &self,
        stack: impl Into<StackRef>,
        name_or_physical_id: impl Into<String>,
        unhealthy: bool,
    ) -> MarkUnhealthy {
        let (adapter, stack) = (self.adapter.clone(), stack.into());
        MarkUnhealthy::new(adapter, stack, name_or_physical_id.into(), unhealthy)
    }
}

/// Finds a resource in the list, for a name that Heat cannot find by its path.
async fn find(adapter: &Adapter, stack: &StackRef, name: &str) -> Result<Resource> {
    let list = Resources::new(adapter.clone())
        .list(stack)
        .filter("name", name);
    let mut found = list.with_detail(true).await?.into_iter();
    found
        .find(|resource| resource.name == name)
        .ok_or_else(|| Error::missing(format!("the stack has no resource {name:?}")))
}

/// Explains why Heat did not find a resource that exists.
pub(super) fn with_hint(error: Error, name: &str) -> Error {
    if error.status() != Some(StatusCode::NOT_FOUND) {
        return error;
    }
    if name.contains('/') {
        let message = format!(
            "404 Not Found: the stack has no resource {name:?}: names of resources contain no slash"
        );
        return error
            .with_message(message)
            .with_sender(Some(Sender::Service));
    }
    if name.is_ascii() {
        return error;
    }
    let message = format!(
        "404 Not Found: Heat finds no resource by the name {name:?}; releases up to 27 read names in paths as \
         Latin-1, so that only ASCII names work"
    );
    error.with_message(message)
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
        find(self.request.adapter(), &self.stack, &self.name).await
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
