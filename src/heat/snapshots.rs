//! Snapshots of stacks.

use std::future::IntoFuture;

use serde_json::{Map, Value};

use crate::error::Result;
use crate::heat::model::Snapshot;
use crate::heat::operations::{
    CREATE_SNAPSHOT, DELETE_SNAPSHOT, LIST_SNAPSHOTS, RESTORE_SNAPSHOT, SHOW_SNAPSHOT,
};
use crate::heat::{StackRef, StatusWait};
use crate::service::{Item, ItemStream, List, Request, ResponseFuture};
use crate::session::Adapter;

/// Snapshots of stacks. Made by [`Client::snapshots`](super::Client::snapshots).
///
/// Beside the errors of [every request](crate::error#errors-of-every-request), methods fail with
/// [`is_not_found`](crate::Error::is_not_found) if the stack or the snapshot does not exist.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> heatclient::Result<()> {
/// # use heatclient::sandbox::Sandbox;
/// # use heatclient::{Client, Session, loading};
/// use heatclient::heat::{Action, NewStack, StackUpdate};
/// # let sandbox = Sandbox::start().await?;
/// # let auth = loading::plugin_loader("password")?.load(sandbox.options())?;
/// # let heat = Client::new(Session::new(auth));
/// # let template = serde_json::json!({
/// #     "heat_template_version": "2021-04-16",
/// #     "parameters": {"size": {"type": "number", "default": 1}},
/// #     "resources": {"disk": {"type": "OS::Heat::Value", "properties": {"value": {"get_param": "size"}}}},
/// # });
/// # let web = heat.stacks().create(NewStack::new("web", template)).await?;
/// # heat.stacks().wait(&web, Action::Create).await?;
///
/// let snapshot = heat.snapshots().create("web").name("before the update").await?;
/// heat.stacks().wait("web", Action::Snapshot).await?;
///
/// heat.stacks().update("web", StackUpdate::existing().parameter("size", 2)).await?;
/// heat.stacks().wait("web", Action::Update).await?;
///
/// heat.snapshots().restore("web", &snapshot.id).await?;
/// let web = heat.stacks().wait("web", Action::Restore).await?;
/// assert_eq!(web.parameters["size"], "1");
///
/// for snapshot in heat.snapshots().list("web").await? {
///     heat.snapshots().delete("web", &snapshot.id).await?;
/// }
/// # sandbox.stop().await;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Snapshots {
    adapter: Adapter,
}

impl Snapshots {
    pub(super) fn new(adapter: Adapter) -> Self {
        Self { adapter }
    }

    /// Starts a snapshot of a stack. [`Wait`](Self::wait) for it, or wait for the
    /// [stack](super::Stacks::wait) with [`Action::Snapshot`](super::Action::Snapshot).
    ///
    /// Heat stores the template, the environment and the state of each resource. Resources that
    /// have snapshots of their own, such as volumes, take one.
    ///
    /// A stack that was suspended cannot be resumed after a snapshot (Heat 27).
    ///
    /// # Errors
    /// [`is_conflict`](crate::Error::is_conflict) while another action is in progress, status 400 if
    /// the stack has too many snapshots (by default 32), and those of
    /// [every request](crate::error#errors-of-every-request).
    pub fn create(&self, stack: impl Into<StackRef>) -> SnapshotCreate {
        SnapshotCreate {
            adapter: self.adapter.clone(),
            stack: stack.into(),
            name: None,
        }
    }

    /// Lists the snapshots of a stack, oldest first, with their data.
    pub fn list(&self, stack: impl Into<StackRef>) -> SnapshotList {
        SnapshotList {
            list: List::single_page(LIST_SNAPSHOTS.request(&self.adapter)),
            stack: stack.into(),
        }
    }

    /// One snapshot, by its id.
    ///
    /// # Errors
    /// [`is_not_found`](crate::Error::is_not_found) if the stack or the snapshot does not exist, and
    /// those of [every request](crate::error#errors-of-every-request).
    pub fn get(
        &self,
        stack: impl Into<StackRef>,
        id: impl Into<String>,
    ) -> ResponseFuture<Snapshot> {
        let (stack, request) = (
            stack.into(),
            Self::one(SHOW_SNAPSHOT.request(&self.adapter), id),
        );
        ResponseFuture::new(async move { stack.locate(request).await?.fetch().await })
    }

    /// Starts to delete a snapshot. [`Wait`](Self::wait) until it is gone: not found then, or before.
    ///
    /// A retry that finds the snapshot gone counts as success: the first request deleted it and its
    /// answer was lost.
    ///
    /// # Errors
    /// [`is_not_found`](crate::Error::is_not_found) if the stack or the snapshot does not exist,
    /// status 400 if the snapshot is still in progress, and those of
    /// [every request](crate::error#errors-of-every-request).
    pub fn delete(&self, stack: impl Into<StackRef>, id: impl Into<String>) -> ResponseFuture<()> {
        let request = Self::one(DELETE_SNAPSHOT.request(&self.adapter), id);
        let stack = stack.into();
        ResponseFuture::new(async move {
            match stack.locate(request).await?.finish().await {
                Err(error) if error.is_not_found() && error.attempts() > 1 => Ok(()),
                deleted => deleted,
            }
        })
    }

    /// Starts to restore a stack from a snapshot: an update to the template, the environment and the
    /// parameters of that time. [`Wait`](super::Stacks::wait) for
    /// [`Action::Restore`](super::Action::Restore).
    ///
    /// Heat removes the stack's tags. It stops another action in progress.
    ///
    /// # Errors
    /// [`is_not_found`](crate::Error::is_not_found) if the stack or the snapshot does not exist,
    /// status 400 if the snapshot is not complete, and those of
    /// [every request](crate::error#errors-of-every-request).
    pub fn restore(&self, stack: impl Into<StackRef>, id: impl Into<String>) -> ResponseFuture<()> {
        let request = Self::one(RESTORE_SNAPSHOT.request(&self.adapter), id);
        let stack = stack.into();
        ResponseFuture::new(async move { stack.locate(request).await?.finish().await })
    }

    /// Waits until a snapshot is complete, or gone if it is being deleted.
    pub fn wait(&self, stack: impl Into<StackRef>, id: impl Into<String>) -> StatusWait<Snapshot> {
        let (this, stack, id) = (self.clone(), stack.into(), id.into());
        let name = format!("{id:?} of stack \"{stack}\"");
        StatusWait::new(self.adapter.clone(), name, move || this.get(&stack, &*id))
    }

    fn one(request: Request, id: impl Into<String>) -> Request {
        request.path("snapshot", id)
    }
}

/// A new snapshot. Made by [`Snapshots::create`].
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct SnapshotCreate {
    adapter: Adapter,
    stack: StackRef,
    name: Option<String>,
}

impl SnapshotCreate {
    /// The snapshot's name, which need not be unique. By default it has none.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }
}

impl IntoFuture for SnapshotCreate {
    type Output = Result<Snapshot>;
    type IntoFuture = ResponseFuture<Snapshot>;

    fn into_future(self) -> Self::IntoFuture {
        let name = self.name.map(|name| ("name".to_owned(), Value::from(name)));
        let body: Map<_, _> = name.into_iter().collect();
        let request = CREATE_SNAPSHOT.request(&self.adapter).json(&body);
        ResponseFuture::new(async move { self.stack.locate(request).await?.fetch().await })
    }
}

impl Item for Snapshot {
    fn marker(&self) -> &str {
        &self.id
    }
}

/// A list of snapshots. Made by [`Snapshots::list`].
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct SnapshotList {
    list: List<Snapshot>,
    stack: StackRef,
}

impl SnapshotList {
    async fn located(self) -> Result<List<Snapshot>> {
        let Self { list, stack } = self;
        list.try_map_request(async move |request| stack.locate(request).await)
            .await
    }

    /// The snapshots as a stream.
    pub fn stream(self) -> ItemStream<Snapshot> {
        ItemStream::of(self.located())
    }
}

impl IntoFuture for SnapshotList {
    type Output = Result<Vec<Snapshot>>;
    type IntoFuture = ResponseFuture<Vec<Snapshot>>;

    fn into_future(self) -> Self::IntoFuture {
        ResponseFuture::new(async move { self.located().await?.await })
    }
}
