//! A handle of one stack.

use serde_json::{Map, Value};

use crate::heat::{
    Action, Client, Environment, Event, EventFollow, EventList, HookClear, HookPoll, MarkUnhealthy,
    Output, OutputList, ResourceGet, ResourceList, ResourceSignal, Snapshot, SnapshotCreate,
    SnapshotList, Stack, StackAbandon, StackData, StackFailures, StackGet, StackRef, StackUpdate,
    UpdatePreview, Wait,
};
use crate::service::ResponseFuture;

/// One stack, with the operations of all managers. Created by [`Client::stack`].
///
/// The stack is looked up once, by the first request, and the clones of a handle share the result. So calls
/// always mean the same stack, even if another stack gets the name later.
///
/// ```
/// # use heatclient::heat::{Action, NewStack};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> heatclient::Result<()> {
/// # let sandbox = heatclient::sandbox::Sandbox::start().await?;
/// # let auth = heatclient::loading::plugin_loader("password")?.load(sandbox.options())?;
/// # let heat = heatclient::Client::new(heatclient::Session::new(auth));
/// # let template = serde_json::json!({"heat_template_version": "2021-04-16"});
/// # heat.stacks().create(NewStack::new("web", template)).await?;
/// let web = heat.stack("web");
/// let stack = web.wait(Action::Create).await?;
/// for resource in web.resources().await? {
///     println!("{}.{}: {}", stack.name, resource.name, resource.status);
/// }
/// web.delete().await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct StackHandle {
    client: Client,
    stack: StackRef,
}

impl StackHandle {
    pub(super) fn new(client: Client, stack: StackRef) -> Self {
        Self {
            client,
            stack: stack.looked_up_first(),
        }
    }

    /// The reference, for methods that take one.
    pub fn reference(&self) -> &StackRef {
        &self.stack
    }

    /// The stack. See [`Stacks::get`](super::Stacks::get).
    pub fn get(&self) -> StackGet {
        self.client.stacks().get(&self.stack)
    }

    /// The stack, or `None` if it does not exist. See [`Stacks::get_opt`](super::Stacks::get_opt).
    pub fn get_opt(&self) -> ResponseFuture<Option<Stack>> {
        self.client.stacks().get_opt(&self.stack)
    }

    /// Starts to update the stack. See [`Stacks::update`](super::Stacks::update).
    pub fn update(&self, update: StackUpdate) -> ResponseFuture<()> {
        self.client.stacks().update(&self.stack, update)
    }

    /// Previews an update. See [`Stacks::preview_update`](super::Stacks::preview_update).
    pub fn preview_update(&self, update: StackUpdate) -> UpdatePreview {
        self.client.stacks().preview_update(&self.stack, update)
    }

    /// Starts to delete the stack. See [`Stacks::delete`](super::Stacks::delete).
    pub fn delete(&self) -> ResponseFuture<()> {
        self.client.stacks().delete(&self.stack)
    }

    /// Starts to suspend the stack. See [`Stacks::suspend`](super::Stacks::suspend).
    pub fn suspend(&self) -> ResponseFuture<()> {
        self.client.stacks().suspend(&self.stack)
    }

    /// Starts to resume the stack. See [`Stacks::resume`](super::Stacks::resume).
    pub fn resume(&self) -> ResponseFuture<()> {
        self.client.stacks().resume(&self.stack)
    }

    /// Starts to check the resources of the stack. See [`Stacks::check`](super::Stacks::check).
    pub fn check(&self) -> ResponseFuture<()> {
        self.client.stacks().check(&self.stack)
    }

    /// Cancels an update in progress and rolls it back. See [`Stacks::cancel_update`](super::Stacks::cancel_update).
    pub fn cancel_update(&self) -> ResponseFuture<()> {
        self.client.stacks().cancel_update(&self.stack)
    }

    /// Cancels a create or update in progress, without a rollback. See [`Stacks::cancel_without_rollback`](super::Stacks::cancel_without_rollback).
    pub fn cancel_without_rollback(&self) -> ResponseFuture<()> {
        self.client.stacks().cancel_without_rollback(&self.stack)
    }

    /// Waits until an action completes. See [`Stacks::wait`](super::Stacks::wait).
    pub fn wait(&self, action: Action) -> Wait {
        self.client.stacks().wait(&self.stack, action)
    }

    /// The template. See [`Stacks::template`](super::Stacks::template).
    pub fn template(&self) -> ResponseFuture<Map<String, Value>> {
        self.client.stacks().template(&self.stack)
    }

    /// The environment. See [`Stacks::environment`](super::Stacks::environment).
    pub fn environment(&self) -> ResponseFuture<Environment> {
        self.client.stacks().environment(&self.stack)
    }

    /// The files. See [`Stacks::files`](super::Stacks::files).
    pub fn files(&self) -> ResponseFuture<Map<String, Value>> {
        self.client.stacks().files(&self.stack)
    }

    /// Lists the resources. See [`Resources::list`](super::Resources::list).
    pub fn resources(&self) -> ResourceList {
        self.client.resources().list(&self.stack)
    }

    /// One resource. See [`Resources::get`](super::Resources::get).
    pub fn resource(&self, name: impl Into<String>) -> ResourceGet {
        self.client.resources().get(&self.stack, name)
    }

    /// Lists the events. See [`Events::list`](super::Events::list).
    pub fn events(&self) -> EventList {
        self.client.events().list(&self.stack)
    }

    /// One event. See [`Events::get`](super::Events::get).
    pub fn event(
        &self,
        resource: impl Into<String>,
        id: impl Into<String>,
    ) -> ResponseFuture<Event> {
        self.client.events().get(&self.stack, resource, id)
    }

    /// Waits until no action is in progress. See [`Stacks::wait_idle`](super::Stacks::wait_idle).
    pub fn wait_idle(&self) -> Wait {
        self.client.stacks().wait_idle(&self.stack)
    }

    /// The failed resources. See [`Stacks::failures`](super::Stacks::failures).
    pub fn failures(&self) -> StackFailures {
        self.client.stacks().failures(&self.stack)
    }

    /// Follows the events. See [`Events::follow`](super::Events::follow).
    pub fn follow(&self) -> EventFollow {
        self.client.events().follow(&self.stack)
    }

    /// Lists the outputs. See [`Outputs::list`](super::Outputs::list).
    pub fn outputs(&self) -> OutputList {
        self.client.outputs().list(&self.stack)
    }

    /// One output. See [`Outputs::get`](super::Outputs::get).
    pub fn output(&self, key: impl Into<String>) -> ResponseFuture<Output> {
        self.client.outputs().get(&self.stack, key)
    }

    /// Deletes the stack from Heat and keeps its resources. See [`Stacks::abandon`](super::Stacks::abandon).
    pub fn abandon(&self) -> StackAbandon {
        self.client.stacks().abandon(&self.stack)
    }

    /// The data of the stack as [`abandon`](Self::abandon) returns it, without a change. See [`Stacks::export`](super::Stacks::export).
    pub fn export(&self) -> ResponseFuture<StackData> {
        self.client.stacks().export(&self.stack)
    }

    /// The metadata of a resource. See [`Resources::metadata`](super::Resources::metadata).
    pub fn metadata(&self, resource: impl Into<String>) -> ResponseFuture<Value> {
        self.client.resources().metadata(&self.stack, resource)
    }

    /// Signals a resource. See [`Resources::signal`](super::Resources::signal).
    pub fn signal(&self, resource: impl Into<String>) -> ResourceSignal {
        self.client.resources().signal(&self.stack, resource)
    }

    /// Marks a resource as unhealthy or healthy. See [`Resources::mark_unhealthy`](super::Resources::mark_unhealthy).
    pub fn mark_unhealthy(&self, resource: impl Into<String>, unhealthy: bool) -> MarkUnhealthy {
        self.client
            .resources()
            .mark_unhealthy(&self.stack, resource, unhealthy)
    }

    /// Lists the pending hooks. See [`Hooks::poll`](super::Hooks::poll).
    pub fn pending_hooks(&self) -> HookPoll {
        self.client.hooks().poll(&self.stack)
    }

    /// Clears pending hooks. See [`Hooks::clear`](super::Hooks::clear).
    pub fn clear_hooks(&self, pattern: impl AsRef<str>) -> HookClear {
        self.client.hooks().clear(&self.stack, pattern)
    }

    /// Lists the snapshots. See [`Snapshots::list`](super::Snapshots::list).
    pub fn snapshots(&self) -> SnapshotList {
        self.client.snapshots().list(&self.stack)
    }

    /// One snapshot. See [`Snapshots::get`](super::Snapshots::get).
    pub fn snapshot(&self, id: impl Into<String>) -> ResponseFuture<Snapshot> {
        self.client.snapshots().get(&self.stack, id)
    }

    /// Starts to create a snapshot. See [`Snapshots::create`](super::Snapshots::create).
    pub fn create_snapshot(&self) -> SnapshotCreate {
        self.client.snapshots().create(&self.stack)
    }

    /// Deletes a snapshot. See [`Snapshots::delete`](super::Snapshots::delete).
    pub fn delete_snapshot(&self, id: impl Into<String>) -> ResponseFuture<()> {
        self.client.snapshots().delete(&self.stack, id)
    }

    /// Starts to restore a snapshot. See [`Snapshots::restore`](super::Snapshots::restore).
    pub fn restore_snapshot(&self, id: impl Into<String>) -> ResponseFuture<()> {
        self.client.snapshots().restore(&self.stack, id)
    }
}

#[cfg(test)]
mod tests {
    use http::header::LOCATION;
    use serde_json::json;

    use super::*;
    use crate::session::Session;
    use crate::testing::{self, ScriptedTransport};

    #[tokio::test]
    async fn the_stack_is_looked_up_once() {
        let wire = ScriptedTransport::new(|request| match request.path() {
            "/v1/p/stacks/web" => {
                let mut found = testing::empty(302)?;
                let url = "http://heat/v1/p/stacks/web/1".parse().unwrap();
                found.headers_mut().insert(LOCATION, url);
                Ok(found)
            }
            "/v1/p/stacks/web/1/events" => testing::json(200, json!({"events": []})),
            "/v1/p/stacks/web/1/resources" => testing::json(200, json!({"resources": []})),
            "/v1/p/stacks/web/1" => testing::empty(204),
            _ => testing::empty(500),
        });
        let token = testing::token()
            .project("p")
            .endpoint("orchestration", "http://heat/v1/p");
        let heat = Client::new(Session::builder(token).transport(wire.clone()).build());

        let web = heat.stack("web");
        web.events().await.unwrap();
        web.clone().resources().await.unwrap();
        web.delete().await.unwrap();
        let requests = wire.requests();
        let paths: Vec<_> = requests.iter().map(|request| request.path()).collect();
        let path = "/v1/p/stacks/web/1";
        assert_eq!(
            paths,
            [
                "/v1/p/stacks/web",
                &format!("{path}/events"),
                &format!("{path}/resources"),
                path
            ]
        );
    }
}
