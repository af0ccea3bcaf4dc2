//! Polling of stacks: the one place where waits, event tails and lists of failures read the state of a stack.
//!
//! Each [`Poller`] sends its own requests, one `GET /stacks/{name}/{id}` a round. Many waits at a time will share
//! requests for lists of stacks instead. That changes this file only:
//!
//! - [`Poller::next`] returns a new [`State`] when there is one. Callers do not know which request it came with, nor
//!   when that was sent: the interval and the tolerance of errors are settings of the poller.
//! - A [`State`] has what a list of stacks tells too. For the rest there is [`Poller::details`], which sends a request
//!   only if the state came without it.
//! - Everything else ([`Poller::show`], events, failed resources, deployments) is read once or rarely, and is a
//!   request of its own.
//!
//! All requests use the id of the stack, so another stack that gets the name is never taken for it.

use std::time::Duration;

use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::heat::model::{Action, Event, Resource, Stack, StackStatus, Status};
use crate::heat::reference::Identity;
use crate::heat::{Events, Resources, SortDir, StackRef, Stacks};
use crate::secret::Mask;
use crate::service::{ResponseFuture, Rounds};
use crate::session::Adapter;

/// The depth of nested stacks that is asked for: Heat's default maximum (`max_nested_stack_depth`).
pub(super) const MAX_DEPTH: u32 = 5;

/// Reads the state of one stack, again and again.
#[derive(Debug)]
pub(super) struct Poller {
    adapter: Adapter,
    stack: StackRef,
    rounds: Rounds,
    /// Whether a delete is known to be in progress, so that a 404 is its end.
    deleting: bool,
}

/// The state of a stack, as lists of stacks have it.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) status: StackStatus,
    pub(super) reason: String,
    /// When the last action other than the creation began, in whole seconds.
    pub(super) updated: Option<Timestamp>,
    /// Whether the stack has a deletion time: its name is free.
    pub(super) is_removed: bool,
    /// The stack, if the request returned all of it.
    shown: Option<Box<Stack>>,
}

impl From<Stack> for State {
    fn from(stack: Stack) -> Self {
        Self {
            status: stack.status.clone(),
            reason: stack.status_reason.clone(),
            updated: stack.updated_time.as_ref().and_then(|t| t.timestamp()),
            is_removed: stack.deletion_time.is_some(),
            shown: Some(Box::new(stack)),
        }
    }
}

impl State {
    /// The stack, if it is known without a request.
    pub(super) fn into_stack(self) -> Option<Stack> {
        self.shown.map(|stack| *stack)
    }
}

impl Poller {
    pub(super) fn new(adapter: Adapter, stack: StackRef, rounds: Rounds) -> Self {
        Self {
            adapter,
            stack,
            rounds,
            deleting: false,
        }
    }

    /// The stack that is polled.
    pub(super) fn stack(&self) -> &StackRef {
        &self.stack
    }

    /// A poller of the same stack with its own rounds.
    pub(super) fn with_rounds(&self, rounds: Rounds) -> Self {
        Self::new(self.adapter.clone(), self.stack.clone(), rounds)
    }

    /// What to mask in text of servers.
    pub(super) fn mask(&self) -> &Mask {
        self.adapter.session().mask()
    }

    /// The name and id of the stack. Looked up once.
    pub(super) async fn identity(&self) -> Result<&Identity> {
        self.stack.identity(&self.adapter).await
    }

    /// Waits until the next state of the stack is due, and returns it. The first one is due at once.
    ///
    /// # Errors
    /// Errors that are not transient, and transient ones that lasted too long. Whoever stops waiting
    /// sees the error of the last round in [`last_error`](Self::last_error).
    pub(super) async fn next(&mut self) -> Result<State> {
        loop {
            self.rounds.pause().await;
            match self.show(false).await {
                Err(error) if self.may_be_unseen(&error) => self.rounds.went_well(),
                result => {
                    if let Some(stack) = self.rounds.heard(result)? {
                        return Ok(stack.into());
                    }
                }
            }
        }
    }

    /// Lets the next state be due soon.
    pub(super) fn hurry(&mut self, longest: Duration) {
        self.rounds.pause_at_most(longest);
    }

    /// Takes an error of a request other than for the state as one of the current round.
    pub(super) fn tolerate(&mut self, error: Error) -> Result<()> {
        self.rounds.heard::<()>(Err(error)).map(drop)
    }

    pub(super) fn last_error(&self) -> Option<&Error> {
        self.rounds.last_error()
    }

    /// From now on a 404 of a new stack means that it was deleted.
    pub(super) fn expect_deletion(&mut self) {
        self.deleting = true;
    }

    /// Whether a 404 may come from a database replica that does not have the new stack yet.
    pub(super) fn may_be_unseen(&self, error: &Error) -> bool {
        error.is_not_found() && self.stack.is_new() && !self.deleting
    }

    /// The stack, at once.
    pub(super) async fn show(&self, resolve_outputs: bool) -> Result<Stack> {
        // During an action the name may disappear or be reused: use the id.
        self.identity().await?;
        let stacks = Stacks::new(self.adapter.clone());
        stacks
            .get(&self.stack)
            .resolve_outputs(resolve_outputs)
            .fetch()
            .await
    }

    /// The rest of what a state does not contain.
    pub(super) async fn details(&self, state: &State) -> Result<Stack> {
        match &state.shown {
            Some(stack) => Ok((**stack).clone()),
            None => self.show(false).await,
        }
    }

    /// The events after the one with this id, of the stack and of nested stacks down to this level,
    /// oldest first.
    pub(super) async fn events(&self, after: Option<&str>, levels: u32) -> Result<Vec<Event>> {
        self.identity().await?;
        let mut list = Events::new(self.adapter.clone()).list(&self.stack);
        if levels > 0 {
            list = list.nested_depth(levels);
        }
        if let Some(id) = after {
            list = list.marker(id);
        }
        list.await
    }

    /// The stack's own event that started its last action of this kind.
    pub(super) async fn beginning(&self, action: &Action) -> Result<Option<Event>> {
        let name = &self.identity().await?.name;
        // A resource may have the same name as the stack.
        const MAX_EVENTS: usize = 10;
        let events = Events::new(self.adapter.clone())
            .list(&self.stack)
            .filter("resource_name", name)
            .filter("resource_action", action.as_str())
            .filter("resource_status", Status::InProgress.as_str())
            .sort_dir(SortDir::Desc)
            .limit(MAX_EVENTS)
            .await?;
        let status = StackStatus::new(action.clone(), Status::InProgress);
        Ok(events
            .into_iter()
            .find(|event| event.is_of_stack() && event.status == status))
    }

    /// The events of failures after the one with this id, oldest first.
    pub(super) async fn failed_events(&self, after: Option<&str>) -> Result<Vec<Event>> {
        self.identity().await?;
        let mut list = Events::new(self.adapter.clone())
            .list(&self.stack)
            .filter("resource_status", Status::Failed.as_str());
        if let Some(id) = after {
            list = list.marker(id);
        }
        list.await
    }

    /// The event with the type of its resource.
    pub(super) async fn event(&self, event: &Event) -> Result<Event> {
        Events::new(self.adapter.clone())
            .get(&self.stack, &event.resource_name, &event.id)
            .await
    }

    /// The failed resources, also those of nested stacks.
    pub(super) async fn failed_resources(&self) -> Result<Vec<Resource>> {
        self.identity().await?;
        Resources::new(self.adapter.clone())
            .list(&self.stack)
            .nested_depth(MAX_DEPTH)
            .filter("status", Status::Failed.as_str())
            .await
    }

    /// The resources, also those of nested stacks down to this level.
    pub(super) async fn resources(&self, levels: u32) -> Result<Vec<Resource>> {
        self.identity().await?;
        let mut list = Resources::new(self.adapter.clone()).list(&self.stack);
        if levels > 0 {
            list = list.nested_depth(levels);
        }
        list.await
    }

    pub(super) fn adapter(&self) -> &Adapter {
        &self.adapter
    }
}

/// Reads an object other than a stack, again and again: a snapshot or a deployment.
pub(super) struct ObjectPoller<T> {
    read: Box<dyn Fn() -> ResponseFuture<T> + Send + Sync>,
    rounds: Rounds,
}

impl<T> ObjectPoller<T> {
    pub(super) fn new(
        read: Box<dyn Fn() -> ResponseFuture<T> + Send + Sync>,
        rounds: Rounds,
    ) -> Self {
        Self { read, rounds }
    }

    /// Waits until the next answer is due, and returns it. The first one is due at once.
    ///
    /// # Errors
    /// Errors that are not transient, and transient ones that lasted too long.
    pub(super) async fn next(&mut self) -> Result<T> {
        loop {
            self.rounds.pause().await;
            let result = (self.read)().await;
            if let Some(object) = self.rounds.heard(result)? {
                return Ok(object);
            }
        }
    }

    pub(super) fn last_error(&self) -> Option<&Error> {
        self.rounds.last_error()
    }
}
