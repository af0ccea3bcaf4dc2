//! Snapshots of stacks.

use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::error::{Refusal, Result};
use super::request::{Request, ok};
use super::stack::{Action, Settings, Stack, State, Status};
use super::{abandon, plain, python};
use crate::sandbox::call::{self, Answer};
use crate::sandbox::{clock, uuid};

/// The maximum number of snapshots of a stack.
const MAX_SNAPSHOTS: usize = 32;

#[derive(Debug)]
pub(super) struct Snapshot {
    id: String,
    name: Option<String>,
    /// What happens to the snapshot itself: create or delete.
    action: Action,
    status: Status,
    reason: Option<String>,
    /// The stack as Heat shows it.
    data: Value,
    settings: Arc<Settings>,
    created: Timestamp,
}

impl Snapshot {
    fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "action": self.action.name(),
            "status": self.status.name(),
            "status_reason": self.reason,
            "data": self.data,
            "creation_time": clock::seconds(self.created),
        })
    }
}

impl Request<'_> {
    pub(super) fn snapshots(&self, stack: &Arc<Stack>, route: &[&str]) -> Result<Answer> {
        if stack.lock().deleted.is_some() {
            return Err(Refusal::no_stack(&stack.name));
        }
        match (route, &self.call.method) {
            ([], &Method::POST) => self.take_snapshot(stack),
            ([], _) => {
                let state = stack.lock();
                let all: Vec<_> = state.snapshots.iter().map(Snapshot::to_json).collect();
                Ok(ok(&json!({"snapshots": all})))
            }
            ([id], &Method::GET) => {
                let shown = find(&mut stack.lock(), id).map(|found| found.to_json());
                let shown = shown.ok_or_else(|| self.missing(stack, id))?;
                Ok(ok(&json!({"snapshot": shown})))
            }
            ([id], _) => self.delete_snapshot(stack, id),
            ([id, "restore"], _) => self.restore(stack, id),
            _ => Ok(plain::not_found(self.call)),
        }
    }

    /// The error for a snapshot that the stack does not have.
    fn missing(&self, stack: &Stack, id: &str) -> Refusal {
        let is_its = |stack: &Stack| stack.lock().snapshots.iter().any(|own| own.id == id);
        let owners = self.heat.store.newest(None, None, 1, is_its);
        if owners.is_empty() {
            return Refusal::not_found("NotFound", format!("Snapshot with id {id} not found"));
        }
        let name = &stack.name;
        let message = format!("The Snapshot ({id}) for Stack ({name}) could not be found.");
        Refusal::not_found("SnapshotNotFound", message)
    }

    fn take_snapshot(&self, stack: &Arc<Stack>) -> Result<Answer> {
        self.allow("stacks:snapshot")?;
        if self.call.body.is_empty() {
            return Err(Refusal::malformed());
        }
        let body = self.body()?;
        let name = body.get("name").filter(|name| !name.is_null());
        let snapshot = {
            let state = stack.lock();
            if state.status == Status::InProgress {
                let message = format!(
                    "Stack {} already has an action ({}) in progress.",
                    stack.name,
                    state.action.name()
                );
                return Err(Refusal::new(
                    StatusCode::CONFLICT,
                    "ActionInProgress",
                    message,
                ));
            }
            if state.snapshots.len() >= MAX_SNAPSHOTS && !self.caller.admin {
                let message = format!(
                    "Request limit exceeded: You have reached the maximum snapshots per stack, \
                     {MAX_SNAPSHOTS}. Please delete some snapshots."
                );
                return Err(Refusal::bad("RequestLimitExceeded", message));
            }
            Snapshot {
                id: uuid(),
                name: name.map(python::text),
                action: Action::Create,
                status: Status::InProgress,
                reason: None,
                data: abandon::data(stack, &state, false),
                settings: Arc::clone(&state.settings),
                created: clock::now(),
            }
        };
        let shown = snapshot.to_json();
        self.start(stack, Action::Snapshot, |state| {
            state.snapshots.push(snapshot);
        })?;
        Ok(ok(&shown))
    }

    fn delete_snapshot(&self, stack: &Arc<Stack>, id: &str) -> Result<Answer> {
        self.allow("stacks:delete_snapshot")?;
        let deleted = find(&mut stack.lock(), id).map(|snapshot| {
            if (snapshot.action, snapshot.status) == (Action::Create, Status::InProgress) {
                let message = "Deleting in-progress snapshot is not supported.";
                return Err(Refusal::bad("NotSupported", message));
            }
            snapshot.action = Action::Delete;
            snapshot.status = Status::InProgress;
            snapshot.reason = Some("Snapshot delete started".to_owned());
            Ok(())
        });
        deleted.ok_or_else(|| self.missing(stack, id))??;
        let (stack, id) = (Arc::clone(stack), id.to_owned());
        let delay = self.heat.stack_delay();
        tokio::spawn(remove(stack, id, delay));
        Ok(call::empty(StatusCode::NO_CONTENT))
    }

    fn restore(&self, stack: &Arc<Stack>, id: &str) -> Result<Answer> {
        self.allow("stacks:restore_snapshot")?;
        if !self.call.body.is_empty() {
            return Err(Refusal::malformed());
        }
        let found = find(&mut stack.lock(), id)
            .map(|snapshot| (snapshot.status, Arc::clone(&snapshot.settings)));
        let (status, settings) = found.ok_or_else(|| self.missing(stack, id))?;
        if status != Status::Complete {
            let message = "Restoring incomplete snapshot is not supported.";
            return Err(Refusal::bad("NotSupported", message));
        }
        self.start(stack, Action::Restore, |state| {
            state.previous = Some(std::mem::replace(&mut state.settings, settings));
            // As Heat does.
            state.tags.clear();
        })?;
        Ok(plain::accepted(self.call))
    }
}

fn find<'a>(state: &'a mut State, id: &str) -> Option<&'a mut Snapshot> {
    let mut all = state.snapshots.iter_mut();
    all.find(|snapshot| snapshot.id == id)
}

async fn remove(stack: Arc<Stack>, id: String, delay: Duration) {
    tokio::time::sleep(delay).await;
    stack.lock().snapshots.retain(|snapshot| snapshot.id != id);
}

/// Records the end of the snapshot in progress, after the stack's.
pub(super) fn finish(stack: &Stack, state: &mut State) {
    let data = abandon::snapshot_data(stack, state);
    let (status, reason) = (state.status, state.reason.clone());
    let mut newest = state.snapshots.iter_mut().rev();
    let is_new = |snapshot: &&mut Snapshot| {
        (snapshot.action, snapshot.status) == (Action::Create, Status::InProgress)
    };
    if let Some(snapshot) = newest.find(is_new) {
        snapshot.status = status;
        snapshot.reason = Some(reason);
        snapshot.data = data;
    }
}
