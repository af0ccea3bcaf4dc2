//! Stacks: show, create, update and delete.

use std::future::IntoFuture;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::clock;
use crate::error::Result;
use crate::heat::abandon;
use crate::heat::change::with_body;
use crate::heat::model::{
    Action, CreatedStack, Environment, Link, ResourceChanges, Stack, StackData, StackPreview,
};
use crate::heat::operations::{
    ADOPT_STACK, CANCEL_UPDATE, CANCEL_WITHOUT_ROLLBACK, CHECK_STACK, CREATE_STACK, DELETE_STACK,
    PREVIEW_STACK, PREVIEW_UPDATE, PREVIEW_UPDATE_EXISTING, RESUME_STACK, SHOW_ENVIRONMENT,
    SHOW_FILES, SHOW_STACK, SHOW_TEMPLATE, SUSPEND_STACK, UPDATE_STACK, UPDATE_STACK_EXISTING,
};
use crate::heat::{
    Adoption, NewStack, StackAbandon, StackDetailList, StackFailures, StackList, StackRef,
    StackUpdate, Wait,
};
use crate::service::{Operation, Request, ResponseFuture};
use crate::session::Adapter;

/// Manages stacks. Made by [`Client::stacks`](super::Client::stacks).
///
/// Beside the errors of [every request](crate::error#errors-of-every-request), methods fail with
/// [`is_not_found`](crate::Error::is_not_found) if the stack does not exist, and with
/// [`is_conflict`](crate::Error::is_conflict) if the name is taken or another action is in
/// progress.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> heatclient::Result<()> {
/// # use heatclient::sandbox::Sandbox;
/// # use heatclient::{Client, Session, loading};
/// use heatclient::heat::{Action, NewStack, StackUpdate};
/// use serde_json::json;
///
/// # let sandbox = Sandbox::start().await?;
/// # let auth = loading::plugin_loader("password")?.load(sandbox.options())?;
/// # let heat = Client::new(Session::new(auth));
/// let template = json!({
///     "heat_template_version": "2021-04-16",
///     "parameters": {"size": {"type": "number", "default": 1}},
///     "resources": {"key": {"type": "OS::Heat::RandomString"}},
///     "outputs": {"key": {"value": {"get_attr": ["key", "value"]}}},
/// });
/// let stacks = heat.stacks();
/// let web = stacks.create(NewStack::new("web", template).tags(["prod"])).await?;
/// let web = stacks.wait(&web, Action::Create).await?;
/// println!("{:?}", web.output("key"));
///
/// let update = StackUpdate::existing().parameter("size", 3);
/// let changes = stacks.preview_update(&web, update.clone()).await?;
/// assert!(changes.replaced.is_empty());
/// stacks.update(&web, update).await?;
/// stacks.wait(&web, Action::Update).await?;
///
/// stacks.delete(&web).await?;
/// stacks.wait(&web, Action::Delete).await?;
/// assert!(stacks.get_opt("web").await?.is_none());
/// # sandbox.stop().await;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Stacks {
    adapter: Adapter,
}

impl Stacks {
    pub(super) fn new(adapter: Adapter) -> Self {
        Self { adapter }
    }

    /// The stacks of the project, newest first.
    pub fn list(&self) -> StackList {
        StackList::new(&self.adapter)
    }

    /// All stacks of the project, newest first, by `GET /stacks/detail`.
    ///
    /// In spite of its name Heat's answer has the fields of [`list`](Self::list) and no more (Heat 27;
    /// fields of other releases are in [`StackSummary::extra`](super::StackSummary::extra)). It has no
    /// filters, no order and no pages. Prefer [`list`](Self::list), and [`get`](Self::get) for
    /// details.
    pub fn list_detail(&self) -> StackDetailList {
        StackDetailList::new(&self.adapter)
    }

    /// One stack.
    ///
    /// # Errors
    /// [`is_not_found`](crate::Error::is_not_found) if the stack does not exist, and those of
    /// [every request](crate::error#errors-of-every-request).
    pub fn get(&self, stack: impl Into<StackRef>) -> StackGet {
        StackGet {
            adapter: self.adapter.clone(),
            stack: stack.into(),
            resolve_outputs: true,
        }
    }

    /// One stack, or `None` if Heat says that it does not exist. A 404 from a proxy or a login is
    /// an error.
    pub fn get_opt(&self, stack: impl Into<StackRef>) -> ResponseFuture<Option<Stack>> {
        let get = self.get(stack);
        ResponseFuture::new(async move {
            match get.fetch().await {
                Ok(stack) => Ok(Some(stack)),
                Err(error) if error.is_not_found() => Ok(None),
                Err(error) => Err(error),
            }
        })
    }

    /// Starts to create a stack. [`Wait`](Self::wait) for [`Action::Create`].
    ///
    /// # Errors
    /// [`is_conflict`](crate::Error::is_conflict) if the name is taken, and those of
    /// [every request](crate::error#errors-of-every-request). The stack may have been created if
    /// [`may_have_been_sent`](crate::Error::may_have_been_sent) and no answer came.
    pub fn create(&self, stack: NewStack) -> ResponseFuture<CreatedStack> {
        let request = named(CREATE_STACK.request(&self.adapter), &stack.name);
        ResponseFuture::new(async move {
            let request = with_body(request, stack.body())?;
            created(request, stack.name).await
        })
    }

    /// Starts to adopt existing resources as a new stack. [`Wait`](Self::wait) for
    /// [`Action::Adopt`].
    ///
    /// The operator of the cloud must allow it (`enable_stack_adopt`).
    ///
    /// # Errors
    /// Those of [`create`](Self::create).
    pub fn adopt(&self, adoption: Adoption) -> ResponseFuture<CreatedStack> {
        let request = named(ADOPT_STACK.request(&self.adapter), &adoption.name);
        ResponseFuture::new(async move {
            let request = with_body(request, adoption.body())?;
            created(request, adoption.name).await
        })
    }

    /// Previews the stack that [`create`](Self::create) would create.
    pub fn preview(&self, stack: NewStack) -> ResponseFuture<StackPreview> {
        let request = named(PREVIEW_STACK.request(&self.adapter), &stack.name);
        ResponseFuture::new(async move { with_body(request, stack.body())?.fetch().await })
    }

    /// Starts to update a stack. [`Wait`](Self::wait) for [`Action::Update`].
    ///
    /// # Errors
    /// [`is_conflict`](crate::Error::is_conflict) while another action is in progress, and those of
    /// [every request](crate::error#errors-of-every-request).
    pub fn update(&self, stack: impl Into<StackRef>, update: StackUpdate) -> ResponseFuture<()> {
        let stack = stack.into();
        let operation = match update.keeps_existing() {
            true => &UPDATE_STACK_EXISTING,
            false => &UPDATE_STACK,
        };
        let request = stack.describe(operation.request(&self.adapter));
        ResponseFuture::new(async move {
            let request = with_body(request, update.body())?;
            stack.locate(request).await?.finish().await
        })
    }

    /// Previews what [`update`](Self::update) would change.
    pub fn preview_update(&self, stack: impl Into<StackRef>, update: StackUpdate) -> UpdatePreview {
        UpdatePreview {
            adapter: self.adapter.clone(),
            stack: stack.into(),
            update,
            show_nested: false,
        }
    }

    /// Starts to delete a stack. [`Wait`](Self::wait) for [`Action::Delete`].
    ///
    /// A retry that finds the stack gone counts as success: the first request deleted it and its
    /// answer was lost.
    ///
    /// # Errors
    /// [`is_not_found`](crate::Error::is_not_found) if the stack does not exist, and those of
    /// [every request](crate::error#errors-of-every-request).
    pub fn delete(&self, stack: impl Into<StackRef>) -> ResponseFuture<()> {
        let stack = stack.into();
        let request = DELETE_STACK.request(&self.adapter);
        ResponseFuture::new(async move {
            match stack.locate(request).await?.finish().await {
                Err(error) if error.is_not_found() && error.attempts() > 1 => Ok(()),
                deleted => deleted,
            }
        })
    }

    /// Starts to abandon a stack, and returns its data: Heat forgets the stack and keeps its
    /// resources. [`Adoption`] makes a stack of them again. [`Wait`](Self::wait) for
    /// [`Action::Delete`].
    ///
    /// Heat does not keep the data: what this method returns is the only copy. So the data is
    /// exported first. If Heat does not answer and the stack is gone, the exported data is the
    /// result; if it is not known whether the stack is gone, the error contains it
    /// ([`Error::stack_data`](crate::Error::stack_data)). The request is never repeated. Use
    /// [`StackAbandon::store_first`] to store the exported data before the stack is gone.
    ///
    /// The operator of the cloud must allow it (`enable_stack_abandon`). Heat deletes the stack's
    /// snapshots.
    ///
    /// # Errors
    /// [`is_not_found`](crate::Error::is_not_found) if the stack does not exist or is already being
    /// deleted, status 400 if the cloud does not allow it, and those of
    /// [every request](crate::error#errors-of-every-request).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use heatclient::sandbox::Sandbox;
    /// # use heatclient::{Client, Session, loading};
    /// use heatclient::heat::{Action, Adoption, StackData};
    /// # let sandbox = Sandbox::start().await?;
    /// # let auth = loading::plugin_loader("password")?.load(sandbox.options())?;
    /// # let heat = Client::new(Session::new(auth));
    /// # let template = serde_json::json!({
    /// #     "heat_template_version": "2021-04-16",
    /// #     "resources": {"key": {"type": "OS::Heat::RandomString"}},
    /// # });
    /// # let web = heat.stacks().create(heatclient::heat::NewStack::new("web", template)).await?;
    /// # heat.stacks().wait(&web, Action::Create).await?;
    /// # let path = std::env::temp_dir().join(format!("heatclient-{}.json", std::process::id()));
    ///
    /// // Make sure that the file can be written before the stack is gone.
    /// let file = std::fs::File::create_new(&path)?;
    /// let data = heat.stacks().abandon("web").await?;
    /// serde_json::to_writer_pretty(file, &data)?;
    ///
    /// let data: StackData = serde_json::from_reader(std::fs::File::open(&path)?)?;
    /// let adoption = Adoption::new("web-2", &data).tags(&data.tags);
    /// let web = heat.stacks().adopt(adoption).await?;
    /// heat.stacks().wait(&web, Action::Adopt).await?;
    /// # std::fs::remove_file(&path)?;
    /// # sandbox.stop().await;
    /// # Ok(()) }
    /// ```
    pub fn abandon(&self, stack: impl Into<StackRef>) -> StackAbandon {
        StackAbandon::new(self.adapter.clone(), stack.into())
    }

    /// The data that [`abandon`](Self::abandon) would return. The stack is not changed.
    ///
    /// The data of a stack that is being deleted has no resources.
    ///
    /// # Errors
    /// Status 400 if the cloud does not allow it (`enable_stack_abandon`), and those of
    /// [every request](crate::error#errors-of-every-request).
    pub fn export(&self, stack: impl Into<StackRef>) -> ResponseFuture<StackData> {
        ResponseFuture::new(abandon::export(self.adapter.clone(), stack.into()))
    }

    /// Starts to suspend a stack. [`Wait`](Self::wait) for [`Action::Suspend`].
    pub fn suspend(&self, stack: impl Into<StackRef>) -> ResponseFuture<()> {
        self.act(&SUSPEND_STACK, stack.into(), "suspend")
    }

    /// Starts to resume a suspended stack. [`Wait`](Self::wait) for [`Action::Resume`].
    pub fn resume(&self, stack: impl Into<StackRef>) -> ResponseFuture<()> {
        self.act(&RESUME_STACK, stack.into(), "resume")
    }

    /// Starts to check the resources of a stack. [`Wait`](Self::wait) for [`Action::Check`].
    pub fn check(&self, stack: impl Into<StackRef>) -> ResponseFuture<()> {
        self.act(&CHECK_STACK, stack.into(), "check")
    }

    /// Cancels an update in progress and rolls it back. [`Wait`](Self::wait) for
    /// [`Action::Rollback`].
    ///
    /// # Errors
    /// Status 400 if no update is in progress, and those of
    /// [every request](crate::error#errors-of-every-request).
    pub fn cancel_update(&self, stack: impl Into<StackRef>) -> ResponseFuture<()> {
        self.act(&CANCEL_UPDATE, stack.into(), "cancel_update")
    }

    /// Cancels a create or update in progress, without a rollback.
    ///
    /// # Errors
    /// Status 400 if neither is in progress, and those of
    /// [every request](crate::error#errors-of-every-request).
    pub fn cancel_without_rollback(&self, stack: impl Into<StackRef>) -> ResponseFuture<()> {
        let action = "cancel_without_rollback";
        self.act(&CANCEL_WITHOUT_ROLLBACK, stack.into(), action)
    }

    fn act(
        &self,
        operation: &'static Operation,
        stack: StackRef,
        action: &str,
    ) -> ResponseFuture<()> {
        let body = Map::from_iter([(action.to_owned(), Value::Null)]);
        let request = operation.request(&self.adapter).json(&body);
        ResponseFuture::new(async move { stack.locate(request).await?.finish().await })
    }

    /// The template of a stack, as JSON.
    pub fn template(&self, stack: impl Into<StackRef>) -> ResponseFuture<Map<String, Value>> {
        self.part(&SHOW_TEMPLATE, stack.into())
    }

    /// The environment of a stack. Values of hidden parameters are `******`.
    pub fn environment(&self, stack: impl Into<StackRef>) -> ResponseFuture<Environment> {
        self.part(&SHOW_ENVIRONMENT, stack.into())
    }

    /// The files of a stack: contents by URL.
    pub fn files(&self, stack: impl Into<StackRef>) -> ResponseFuture<Map<String, Value>> {
        self.part(&SHOW_FILES, stack.into())
    }

    fn part<T: DeserializeOwned + 'static>(
        &self,
        operation: &'static Operation,
        stack: StackRef,
    ) -> ResponseFuture<T> {
        let request = operation.request(&self.adapter);
        ResponseFuture::new(async move { stack.read(request).await?.fetch().await })
    }

    /// Waits until an action completes.
    pub fn wait(&self, stack: impl Into<StackRef>, action: Action) -> Wait {
        Wait::new(self.adapter.clone(), stack.into(), Some(action))
    }

    /// Waits until no action is in progress. If another action takes over, it waits for that one.
    ///
    /// It fails if the last action failed, also if that was before. A deleted stack is a success if it
    /// existed at the beginning.
    pub fn wait_idle(&self, stack: impl Into<StackRef>) -> Wait {
        Wait::new(self.adapter.clone(), stack.into(), None)
    }

    /// The failed resources of a stack whose last action failed, also those in nested stacks, with the
    /// logs of failed software deployments. Empty if the last action did not fail.
    ///
    /// # Errors
    /// [`is_not_found`](crate::Error::is_not_found) if the stack does not exist, and those of
    /// [every request](crate::error#errors-of-every-request).
    pub fn failures(&self, stack: impl Into<StackRef>) -> StackFailures {
        StackFailures::new(self.adapter.clone(), stack.into())
    }
}

fn named(request: Request, stack: &str) -> Request {
    request.described("name", stack.escape_debug().to_string().into())
}

async fn created(request: Request, name: String) -> Result<CreatedStack> {
    #[derive(Deserialize)]
    struct Created {
        id: String,
        #[serde(default)]
        links: Vec<Link>,
    }
    let Created { id, links } = request.fetch().await?;
    Ok(CreatedStack {
        id,
        name,
        links,
        created: clock::now(),
    })
}

/// A request for one stack. Made by [`Stacks::get`].
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct StackGet {
    adapter: Adapter,
    stack: StackRef,
    resolve_outputs: bool,
}

impl StackGet {
    /// Whether to resolve the values of the outputs, which can take the server long; default: true.
    pub fn resolve_outputs(mut self, resolve: bool) -> Self {
        self.resolve_outputs = resolve;
        self
    }

    pub(super) async fn fetch(&self) -> Result<Stack> {
        let mut request = SHOW_STACK.request(&self.adapter);
        if !self.resolve_outputs {
            request = request.query("resolve_outputs", "False");
        }
        let stack: Stack = self.stack.read(request).await?.fetch().await?;
        self.stack.remember(&stack);
        Ok(stack)
    }
}

impl IntoFuture for StackGet {
    type Output = Result<Stack>;
    type IntoFuture = ResponseFuture<Stack>;

    fn into_future(self) -> Self::IntoFuture {
        ResponseFuture::new(async move { self.fetch().await })
    }
}

/// A preview of an update. Made by [`Stacks::preview_update`].
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct UpdatePreview {
    adapter: Adapter,
    stack: StackRef,
    update: StackUpdate,
    show_nested: bool,
}

impl UpdatePreview {
    /// Whether to include the resources of nested stacks; default: false.
    pub fn show_nested(mut self, show: bool) -> Self {
        self.show_nested = show;
        self
    }
}

impl IntoFuture for UpdatePreview {
    type Output = Result<ResourceChanges>;
    type IntoFuture = ResponseFuture<ResourceChanges>;

    fn into_future(self) -> Self::IntoFuture {
        let operation = match self.update.keeps_existing() {
            true => &PREVIEW_UPDATE_EXISTING,
            false => &PREVIEW_UPDATE,
        };
        ResponseFuture::new(async move {
            let mut request = self.stack.describe(operation.request(&self.adapter));
            if self.show_nested {
                request = request.query("show_nested", "True");
            }
            let request = with_body(request, self.update.body())?;
            self.stack.locate(request).await?.fetch().await
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::heat::Client;
    use crate::session::Session;
    use crate::testing::{self, ScriptedTransport};

    /// B-18.
    #[tokio::test]
    async fn a_preview_of_an_update_has_the_flag_converge() {
        let wire = ScriptedTransport::new(|_| testing::json(200, json!({"resource_changes": {}})));
        let token = testing::token()
            .project("p")
            .endpoint("orchestration", "http://heat/v1/p");
        let heat = Client::new(Session::builder(token).transport(wire.clone()).build());
        for update in [StackUpdate::existing(), StackUpdate::new(json!({"a": 1}))] {
            let preview = heat.stacks().preview_update("web/1", update.converge(true));
            preview.show_nested(true).await.unwrap();
        }
        let sent: Vec<_> = wire
            .requests()
            .iter()
            .map(|sent| {
                assert_eq!(sent.path(), "/v1/p/stacks/web/1/preview");
                assert_eq!(sent.query("show_nested").as_deref(), Some("True"));
                (sent.method.clone(), sent.json::<Value>().unwrap())
            })
            .collect();
        assert_eq!(
            sent,
            [
                (http::Method::PATCH, json!({"converge": true})),
                (
                    http::Method::PUT,
                    json!({"converge": true, "template": {"a": 1}})
                ),
            ]
        );
    }
}
