//! Stacks: showing, making, changing and deleting them.

use std::future::IntoFuture;

use futures::future::BoxFuture;
use http::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::clock;
use crate::error::Result;
use crate::heat::change::Body;
use crate::heat::model::{Action, CreatedStack, Link, ResourceChanges, Stack, StackPreview};
use crate::heat::{Adoption, NewStack, StackList, StackRef, StackUpdate, Wait};
use crate::session::Adapter;
use crate::transport::operation::named;

/// Stacks. Made by [`Client::stacks`](super::Client::stacks).
///
/// All methods return the errors of the request: [`is_not_found`](crate::Error::is_not_found) for a
/// stack that does not exist, [`is_conflict`](crate::Error::is_conflict) for a name that is taken or an
/// action under way.
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
        StackList::new(self.adapter.clone())
    }

    /// How many stacks the project has.
    ///
    /// # Errors
    /// Those of the request.
    pub async fn count(&self) -> Result<u64> {
        self.list().count().await
    }

    /// One stack.
    ///
    /// # Errors
    /// Those of the request.
    pub async fn get(&self, stack: impl Into<StackRef>) -> Result<Stack> {
        self.get_with(stack).await
    }

    /// One stack, or `None` if Heat says that there is no such stack.
    ///
    /// # Errors
    /// Those of the request, other than [`is_not_found`](crate::Error::is_not_found). A 404 from a proxy
    /// or from a login is an error.
    pub async fn get_opt(&self, stack: impl Into<StackRef>) -> Result<Option<Stack>> {
        match self.get(stack).await {
            Ok(stack) => Ok(Some(stack)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// One stack, with options.
    pub fn get_with(&self, stack: impl Into<StackRef>) -> StackShow {
        StackShow {
            adapter: self.adapter.clone(),
            stack: stack.into(),
            resolve_outputs: true,
        }
    }

    /// Begins to make a stack; [`wait`](Self::wait) tells when it is there.
    ///
    /// # Errors
    /// Those of the request. When [`may_have_been_sent`](crate::Error::may_have_been_sent) and there was
    /// no answer, the stack may exist.
    pub async fn create(&self, stack: NewStack) -> Result<CreatedStack> {
        self.begin("create", stack.body(), &stack.name).await
    }

    /// Begins to make a stack of what another one left behind; [`wait`](Self::wait) with
    /// [`Action::Adopt`] tells when it is there.
    ///
    /// The operator of the cloud must allow it (`enable_stack_adopt`).
    ///
    /// # Errors
    /// Those of the request. When [`may_have_been_sent`](crate::Error::may_have_been_sent) and there was
    /// no answer, the stack may exist.
    pub async fn adopt(&self, adoption: Adoption) -> Result<CreatedStack> {
        self.begin("adopt", adoption.body(), &adoption.name).await
    }

    async fn begin(&self, verb: &str, body: Result<Body<'_>>, name: &str) -> Result<CreatedStack> {
        #[derive(Deserialize)]
        struct Answer {
            stack: Created,
        }
        #[derive(Deserialize)]
        struct Created {
            id: String,
            #[serde(default)]
            links: Vec<Link>,
        }
        let what = || format!("{verb} stack {name:?}");
        let work = async {
            let body = body?;
            let request = self.adapter.request(Method::POST, "/stacks");
            let request = body.of(request)?;
            let Answer { stack } = request.fetch().await?;
            Ok(CreatedStack {
                id: stack.id,
                name: name.to_owned(),
                links: stack.links,
                created: clock::now(),
            })
        };
        named(what, work).await
    }

    /// What a create would make.
    ///
    /// # Errors
    /// Those of the request.
    pub async fn preview(&self, stack: NewStack) -> Result<StackPreview> {
        #[derive(Deserialize)]
        struct Answer {
            stack: StackPreview,
        }
        let what = || format!("preview stack {:?}", stack.name);
        let work = async {
            let body = stack.body()?;
            let request = self.adapter.request(Method::POST, "/stacks/preview");
            let request = body.of(request)?.idempotent(true);
            Ok(request.fetch::<Answer>().await?.stack)
        };
        named(what, work).await
    }

    /// Begins to change a stack; [`wait`](Self::wait) with [`Action::Update`] tells when it is done.
    ///
    /// # Errors
    /// Those of the request.
    pub async fn update(&self, stack: impl Into<StackRef>, update: StackUpdate) -> Result<()> {
        let stack = stack.into();
        let what = || format!("update stack \"{stack}\"");
        let work = async {
            let body = update.body()?;
            let path = stack.path(&self.adapter).await?;
            let request = self.adapter.request(update.method(), path);
            let request = body.of(request)?;
            request.finish().await
        };
        named(what, work).await
    }

    /// What an update would do.
    pub fn preview_update(&self, stack: impl Into<StackRef>, update: StackUpdate) -> UpdatePreview {
        UpdatePreview {
            adapter: self.adapter.clone(),
            stack: stack.into(),
            update,
            show_nested: false,
        }
    }

    /// Begins to delete a stack; [`wait`](Self::wait) with [`Action::Delete`] tells when it is gone.
    ///
    /// If the answer to a first request is lost and the stack is gone when the request is repeated, it
    /// has been deleted.
    ///
    /// # Errors
    /// Those of the request.
    pub async fn delete(&self, stack: impl Into<StackRef>) -> Result<()> {
        let stack = stack.into();
        let what = || format!("delete stack \"{stack}\"");
        let work = async {
            let path = stack.path(&self.adapter).await?;
            let deleted = self.adapter.request(Method::DELETE, path).finish().await;
            match deleted {
                Err(error) if error.is_not_found() && error.attempts() > 1 => Ok(()),
                deleted => deleted,
            }
        };
        named(what, work).await
    }

    /// Begins to suspend a stack.
    ///
    /// # Errors
    /// Those of the request.
    pub async fn suspend(&self, stack: impl Into<StackRef>) -> Result<()> {
        self.act(stack.into(), "suspend", "suspend").await
    }

    /// Begins to resume a stack that is suspended.
    ///
    /// # Errors
    /// Those of the request.
    pub async fn resume(&self, stack: impl Into<StackRef>) -> Result<()> {
        self.act(stack.into(), "resume", "resume").await
    }

    /// Begins to check the resources of a stack.
    ///
    /// # Errors
    /// Those of the request.
    pub async fn check(&self, stack: impl Into<StackRef>) -> Result<()> {
        self.act(stack.into(), "check", "check").await
    }

    /// Cancels an update under way and goes back; wait for [`Action::Rollback`].
    ///
    /// # Errors
    /// Those of the request; 400 when no update is under way.
    pub async fn cancel_update(&self, stack: impl Into<StackRef>) -> Result<()> {
        self.act(stack.into(), "cancel_update", "cancel the update of")
            .await
    }

    /// Cancels a create or update under way and leaves the stack as it is then.
    ///
    /// # Errors
    /// Those of the request; 400 when neither is under way.
    pub async fn cancel_without_rollback(&self, stack: impl Into<StackRef>) -> Result<()> {
        self.act(
            stack.into(),
            "cancel_without_rollback",
            "cancel the action of",
        )
        .await
    }

    async fn act(&self, stack: StackRef, action: &str, verb: &str) -> Result<()> {
        let what = || format!("{verb} stack \"{stack}\"");
        let work = async {
            let path = stack.path(&self.adapter).await?;
            let body = Map::from_iter([(action.to_owned(), Value::Null)]);
            let request = self
                .adapter
                .request(Method::POST, format!("{path}/actions"))
                .json(&body);
            request.finish().await
        };
        named(what, work).await
    }

    /// The template of a stack, as JSON.
    ///
    /// # Errors
    /// Those of the request.
    pub async fn template(&self, stack: impl Into<StackRef>) -> Result<Map<String, Value>> {
        self.part(stack.into(), "template").await
    }

    /// The environment of a stack.
    ///
    /// # Errors
    /// Those of the request.
    pub async fn environment(&self, stack: impl Into<StackRef>) -> Result<Map<String, Value>> {
        self.part(stack.into(), "environment").await
    }

    /// The files of a stack: their contents by URL.
    ///
    /// # Errors
    /// Those of the request.
    pub async fn files(&self, stack: impl Into<StackRef>) -> Result<Map<String, Value>> {
        self.part(stack.into(), "files").await
    }

    async fn part<T: DeserializeOwned>(&self, stack: StackRef, part: &str) -> Result<T> {
        let what = || format!("show {part} of stack \"{stack}\"");
        let work = async {
            let path = stack.read_path()?;
            self.adapter.get(format!("{path}/{part}")).fetch().await
        };
        named(what, work).await
    }

    /// Waits until an action that was begun is done.
    pub fn wait(&self, stack: impl Into<StackRef>, action: Action) -> Wait {
        Wait::new(self.adapter.clone(), stack.into(), action)
    }
}

/// One stack to be shown. Made by [`Stacks::get_with`].
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct StackShow {
    adapter: Adapter,
    stack: StackRef,
    resolve_outputs: bool,
}

impl StackShow {
    /// Whether the outputs' values are worked out, which can take the server long.
    pub fn resolve_outputs(mut self, resolve: bool) -> Self {
        self.resolve_outputs = resolve;
        self
    }

    pub(super) async fn fetch(&self) -> Result<Stack> {
        #[derive(Deserialize)]
        struct Answer {
            stack: Stack,
        }
        let mut request = self.adapter.get(self.stack.read_path()?);
        if !self.resolve_outputs {
            request = request.query("resolve_outputs", "False");
        }
        let Answer { stack } = request.fetch().await?;
        self.stack.learn(&stack.name, &stack.id);
        Ok(stack)
    }
}

impl IntoFuture for StackShow {
    type Output = Result<Stack>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let what = || format!("show stack \"{}\"", self.stack);
            named(what, self.fetch()).await
        })
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
    /// Whether resources of nested stacks are shown too.
    pub fn show_nested(mut self, show: bool) -> Self {
        self.show_nested = show;
        self
    }

    async fn fetch(&self) -> Result<ResourceChanges> {
        #[derive(Deserialize)]
        struct Answer {
            resource_changes: ResourceChanges,
        }
        let body = self.update.body()?;
        let path = self.stack.path(&self.adapter).await?;
        let mut request = self
            .adapter
            .request(self.update.method(), format!("{path}/preview"));
        if self.show_nested {
            request = request.query("show_nested", "True");
        }
        let request = body.of(request)?.idempotent(true);
        Ok(request.fetch::<Answer>().await?.resource_changes)
    }
}

impl IntoFuture for UpdatePreview {
    type Output = Result<ResourceChanges>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let what = || format!("preview update of stack \"{}\"", self.stack);
            named(what, self.fetch()).await
        })
    }
}
