//! Hooks: listing and clearing those that resources wait for.

mod pending;

use std::future::IntoFuture;

use futures::FutureExt as _;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use serde_json::json;

use self::pending::pending;
use crate::error::{Error, ErrorKind, Result};
use crate::glob;
use crate::heat::model::{Event, Resource, Time};
use crate::heat::operations::CLEAR_HOOK;
use crate::heat::resources::with_hint;
use crate::heat::{Events, Hook, Resources, StackRef};
use crate::service::ResponseFuture;
use crate::session::Adapter;

/// The number of hooks that are cleared at a time.
const CONCURRENT: usize = 8;

/// Hooks of stacks. Made by [`Client::hooks`](super::Client::hooks).
///
/// An environment sets [hooks](Hook) on resources, at which Heat stops until somebody clears them:
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> heatclient::Result<()> {
/// # let sandbox = heatclient::sandbox::Sandbox::start().await?;
/// # let auth = heatclient::loading::plugin_loader("password")?.load(sandbox.options())?;
/// # let heat = heatclient::Client::new(heatclient::Session::new(auth));
/// use heatclient::heat::{Action, Hook, NewStack};
/// use serde_json::json;
///
/// let template = json!({
///     "heat_template_version": "2021-04-16",
///     "resources": {"db-1": {"type": "OS::Heat::None"}, "db-2": {"type": "OS::Heat::None"}},
/// });
/// let environment = json!({"resource_registry": {"resources": {"db-*": {"hooks": "pre-create"}}}});
/// let new = NewStack::new("web", template).environment(environment);
/// let created = heat.stacks().create(new).await?;
///
/// let hooks = heat.hooks();
/// # while hooks.poll(&created).await?.len() < 2 {}
/// for hook in hooks.poll(&created).await? {
///     println!("{} waits before its creation", hook.resource);
///     assert_eq!(hook.hook, Hook::PreCreate);
/// }
/// let cleared = hooks.clear(&created, "db-*").await?;
/// assert_eq!(cleared.len(), 2);
/// heat.stacks().wait(&created, Action::Create).await?;
/// assert!(hooks.poll(&created).await?.is_empty());
/// # sandbox.stop().await;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Hooks {
    adapter: Adapter,
}

impl Hooks {
    pub(super) fn new(adapter: Adapter) -> Self {
        Self { adapter }
    }

    /// The hooks at which resources wait now, oldest first.
    ///
    /// They are read from the stack's events: hooks of all types since the last action began. The list is
    /// empty before an action begins and after it ended. A hook whose event Heat has purged (by default it keeps
    /// 1,000 to 1,100 events of a stack) is missing.
    ///
    /// # Errors
    /// [`is_not_found`](Error::is_not_found) if the stack does not exist, and those of
    /// [every request](crate::error#errors-of-every-request).
    pub fn poll(&self, stack: impl Into<StackRef>) -> HookPoll {
        HookPoll {
            adapter: self.adapter.clone(),
            stack: stack.into(),
            nested_depth: 0,
        }
    }

    /// Clears the hooks of all resources that match a pattern, and returns what was cleared.
    ///
    /// The pattern is the name of a resource, or the path to a resource of a nested stack: `group/0/server`.
    /// In each name `*` matches any text, `?` one character, `[ab0-9]` one of several and `[!ab]` any other one; case
    /// matters. All pending hooks of these resources are cleared, or [those of one type](HookClear::hook). It is
    /// no error if there are none.
    ///
    /// Several hooks are cleared at a time. If one cannot be cleared, the error names it, and some of the others
    /// are cleared. Heat 27 cannot clear [`Hook::PostDelete`], and finds no resources whose names are not ASCII.
    ///
    /// # Errors
    /// [`is_not_found`](Error::is_not_found) if the stack does not exist, [`ErrorKind::Config`] if the pattern
    /// is empty, and those of [every request](crate::error#errors-of-every-request).
    pub fn clear(&self, stack: impl Into<StackRef>, pattern: impl AsRef<str>) -> HookClear {
        let levels = pattern.as_ref().split('/').filter(|name| !name.is_empty());
        HookClear {
            adapter: self.adapter.clone(),
            stack: stack.into(),
            pattern: levels.map(str::to_owned).collect(),
            hook: None,
        }
    }
}

/// A hook at which a resource waits. Returned by [`Hooks::poll`] and [`Hooks::clear`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PendingHook {
    /// The type of the hook.
    pub hook: Hook,
    /// The name of the resource.
    pub resource: String,
    /// The resource's stack: the one that was asked for, or a nested one.
    pub stack: StackRef,
    /// The names of the resources from the outermost stack down to this one.
    pub path: Vec<String>,
    /// The event in which Heat reported the hook.
    pub event: Event,
}

impl PendingHook {
    /// When the resource reached the hook.
    pub fn time(&self) -> Option<&Time> {
        self.event.event_time.as_ref()
    }

    fn matches(&self, pattern: &[String], hook: Option<&Hook>) -> bool {
        self.path.len() == pattern.len()
            && hook.is_none_or(|wanted| *wanted == self.hook)
            && pattern
                .iter()
                .zip(&self.path)
                .all(|(pattern, name)| glob::matches(pattern, name))
    }

    /// Clears the hook. `None` if it was cleared already. `outer` is the stack that was asked for.
    async fn clear(self, adapter: &Adapter, outer: &StackRef) -> Result<Option<Self>> {
        let request = CLEAR_HOOK
            .request(adapter)
            .path("resource", &*self.resource)
            .json(&json!({"unset_hook": self.hook.as_str()}));
        let cleared = match self.stack.locate(request).await {
            Ok(request) => request.finish().await,
            Err(error) => Err(error),
        };
        match cleared {
            Ok(()) => Ok(Some(self)),
            Err(error) if is_cleared(&error, &self.resource) => Ok(None),
            Err(error) => {
                let what = format!(
                    "clear hook {} of resource \"{}\" of stack \"{outer}\"",
                    self.hook,
                    self.path.join("/")
                );
                Err(with_hint(error, &self.resource).doing_instead(what))
            }
        }
    }
}

/// Whether a hook cannot be cleared since it was cleared meanwhile, or since its resource is gone.
fn is_cleared(error: &Error, resource: &str) -> bool {
    let kind = error.fault().and_then(|fault| fault.error_type.as_deref());
    kind == Some("InvalidBreakPointHook") || error.is_not_found() && resource.is_ascii()
}

/// A list of pending hooks. Made by [`Hooks::poll`].
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct HookPoll {
    adapter: Adapter,
    stack: StackRef,
    nested_depth: u32,
}

impl HookPoll {
    /// Includes the hooks of nested stacks, down to this number of levels.
    pub fn nested_depth(mut self, levels: u32) -> Self {
        self.nested_depth = levels;
        self
    }

    async fn fetch(&self) -> Result<Vec<PendingHook>> {
        let mut events = Events::new(self.adapter.clone()).list(&self.stack);
        if self.nested_depth > 0 {
            events = events.nested_depth(self.nested_depth);
        }
        let mut events = events.await?;
        if events.is_empty() && self.nested_depth > 0 {
            events = self.events_of_each().await?;
        }
        let pending = pending(events);
        let root = pending.root;
        // The paths of nested stacks are requested only if there is something to show.
        let is_nested = |stack: &str| root.as_deref().is_some_and(|root| root != stack);
        let mut resources = Vec::new();
        if pending.hooks.iter().any(|(stack, ..)| is_nested(stack)) {
            let list = Resources::new(self.adapter.clone()).list(&self.stack);
            resources = list.nested_depth(self.nested_depth).await?;
        }
        let paths = pending::Paths::new(&resources);
        let hooks = pending.hooks.into_iter().map(|(stack, hook, event)| {
            let is_nested = is_nested(&stack);
            let mut path = match is_nested {
                true => paths.of(&stack),
                false => Vec::new(),
            };
            path.push(event.resource_name.clone());
            PendingHook {
                hook,
                resource: event.resource_name.clone(),
                stack: match event.stack() {
                    Some((name, id)) => self.stack.neighbour(&name, &id),
                    None => self.stack.clone(),
                },
                path,
                event,
            }
        });
        Ok(hooks.collect())
    }
}

impl HookPoll {
    /// The events of the stack and of its nested stacks, each read for itself. If the stack belongs to another project,
    /// Heat 27 returns an empty list for all of them together.
    async fn events_of_each(&self) -> Result<Vec<Event>> {
        let list = Events::new(self.adapter.clone());
        let mut events = list.list(&self.stack).await?;
        if events.is_empty() {
            return Ok(events);
        }
        let resources = Resources::new(self.adapter.clone()).list(&self.stack);
        let resources = resources.nested_depth(self.nested_depth).await?;
        let paths = pending::Paths::new(&resources);
        let most = usize::try_from(self.nested_depth).unwrap_or(usize::MAX);
        let nested = resources.iter().filter_map(Resource::nested_stack);
        let nested = nested.filter(|(_, id)| paths.of(id).len() <= most);
        let requests: Vec<_> = nested
            .map(|(name, id)| {
                let below = list.list(self.stack.neighbour(&name, &id)).into_future();
                below.map(|events| match events {
                    // It was deleted meanwhile.
                    Err(error) if error.is_not_found() => Ok(Vec::new()),
                    events => events,
                })
            })
            .collect();
        let lists: Vec<_> = stream::iter(requests)
            .buffered(CONCURRENT)
            .try_collect()
            .await?;
        events.extend(lists.into_iter().flatten());
        events.sort_by_key(|event| event.event_time.as_ref().and_then(Time::timestamp));
        Ok(events)
    }
}

impl IntoFuture for HookPoll {
    type Output = Result<Vec<PendingHook>>;
    type IntoFuture = ResponseFuture<Vec<PendingHook>>;

    fn into_future(self) -> Self::IntoFuture {
        ResponseFuture::new(async move {
            let hooks = self.fetch().await;
            hooks.map_err(|e| e.doing_instead(format!("list hooks of stack \"{}\"", self.stack)))
        })
    }
}

/// A request to clear hooks. Made by [`Hooks::clear`].
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct HookClear {
    adapter: Adapter,
    stack: StackRef,
    pattern: Vec<String>,
    hook: Option<Hook>,
}

impl HookClear {
    /// Clears only hooks of this type; by default those of all types.
    pub fn hook(mut self, hook: Hook) -> Self {
        self.hook = Some(hook);
        self
    }

    /// The hooks to clear.
    async fn matching(&self) -> Result<Vec<PendingHook>> {
        let Some(above) = self.pattern.len().checked_sub(1) else {
            let message = "the pattern is empty; name a resource, or use \"*\" for all";
            return Err(Error::new(ErrorKind::Config, message));
        };
        let poll = HookPoll {
            adapter: self.adapter.clone(),
            stack: self.stack.clone(),
            nested_depth: u32::try_from(above).unwrap_or(u32::MAX),
        };
        let mut pending = poll.fetch().await?;
        pending.retain(|found| found.matches(&self.pattern, self.hook.as_ref()));
        Ok(pending)
    }

    async fn clear(&self) -> Result<Vec<PendingHook>> {
        let pending = self.matching().await.map_err(|error| {
            let pattern = self.pattern.join("/");
            let what = format!("clear hooks of \"{pattern}\" of stack \"{}\"", self.stack);
            error.doing_instead(what)
        })?;
        let cleared = pending.into_iter();
        let cleared = cleared.map(|found| found.clear(&self.adapter, &self.stack));
        let cleared: Vec<_> = stream::iter(cleared)
            .buffered(CONCURRENT)
            .try_collect()
            .await?;
        Ok(cleared.into_iter().flatten().collect())
    }
}

impl IntoFuture for HookClear {
    type Output = Result<Vec<PendingHook>>;
    type IntoFuture = ResponseFuture<Vec<PendingHook>>;

    fn into_future(self) -> Self::IntoFuture {
        ResponseFuture::new(async move { self.clear().await })
    }
}
