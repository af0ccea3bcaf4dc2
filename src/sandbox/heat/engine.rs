//! Actions on stacks over time, resource by resource, with their events.

use std::sync::{Arc, MutexGuard};
use std::time::Duration;

use futures::future::join_all;
use serde_json::{Map, Value};

use super::error::Refusal;
use super::nested::{self, Nested};
use super::resource_types::Type;
use super::software::{self, Deployment, Software};
use super::stack::{Action, Parent, Resource, Stack, State, Status, Store};
use super::template::Definition;
use super::{adopt, delay, hooks, python, snapshots, wait_conditions};
use crate::sandbox::{clock, uuid};

const CHANGED: &str = "state changed";

/// Starts an action after `change`. An action in progress is stopped.
pub(super) fn start(
    store: &Arc<Store>,
    stack: &Arc<Stack>,
    action: Action,
    delay: Duration,
    change: impl FnOnce(&mut State),
) -> Result<(), Refusal> {
    let mut state = stack.lock();
    if state.deleted.is_some() {
        return Err(Refusal::no_stack(&stack.name));
    }
    stop(&mut state);
    change(&mut state);
    enter(&mut state, stack, action);
    let run = Run {
        store: Arc::clone(store),
        stack: Arc::clone(stack),
        delay,
        number: state.run,
    };
    state.task = Some(tokio::spawn(run.act(action)).abort_handle());
    Ok(())
}

/// Stops the action in progress and leaves the stack failed. Its resources do not change.
pub(super) fn cancel(stack: &Arc<Stack>) {
    let mut state = stack.lock();
    stop(&mut state);
    let action = state.action;
    let reason = format!("Stack {} cancelled", action.name());
    state.enter(stack, action, Status::Failed, reason);
}

/// Stops the action in progress. An aborted task ends only at its next pause, so the run number
/// changes too.
fn stop(state: &mut State) {
    state.run += 1;
    for resource in &state.resources {
        let waits = resource.status == Status::InProgress;
        if let Some(software) = resource.software.as_ref().filter(|_| waits) {
            software.cancel();
        }
    }
    if let Some(task) = state.task.take() {
        task.abort();
    }
    for resource in &mut state.resources {
        resource.hooks.clear();
    }
}

fn enter(state: &mut State, stack: &Stack, action: Action) {
    state.enter(
        stack,
        action,
        Status::InProgress,
        format!("Stack {} started", action.name()),
    );
}

/// An action on a stack.
struct Run {
    store: Arc<Store>,
    stack: Arc<Stack>,
    delay: Duration,
    /// The number of this run of the stack.
    number: u64,
}

/// A step on one resource.
struct Step {
    /// The resource's index in the stack.
    position: usize,
    action: Action,
    wait: Duration,
    outcome: Result<(), String>,
    /// The nested stack of the resource, which performs the same action.
    child: Option<Arc<Stack>>,
}

impl Run {
    /// The stack's state, unless another action replaced this one.
    fn lock(&self) -> Option<MutexGuard<'_, State>> {
        Some(self.stack.lock()).filter(|state| state.run == self.number)
    }

    async fn act(self, action: Action) {
        let outcome = match action {
            Action::Create
            | Action::Adopt
            | Action::Update
            | Action::Rollback
            | Action::Restore => self.converge().await,
            Action::Delete => self.delete_all().await,
            _ => self.visit(action).await,
        };
        let failed = outcome.is_err();
        self.finish(action, outcome);
        let can_roll_back = matches!(
            action,
            Action::Create | Action::Adopt | Action::Update | Action::Restore
        );
        if failed && can_roll_back {
            let wanted = self.lock().is_some_and(|state| !state.disable_rollback);
            if wanted {
                self.roll_back().await;
            }
        }
    }

    async fn roll_back(&self) {
        let previous = {
            let Some(mut state) = self.lock() else { return };
            enter(&mut state, &self.stack, Action::Rollback);
            let previous = state.previous.take();
            if let Some(settings) = &previous {
                state.settings = Arc::clone(settings);
            }
            previous
        };
        let outcome = match previous {
            Some(_) => self.converge().await,
            None => self.delete_all().await,
        };
        self.finish(Action::Rollback, outcome);
    }

    fn finish(&self, action: Action, outcome: Result<(), String>) {
        let Some(mut state) = self.lock() else { return };
        let (status, reason) = match outcome {
            Ok(()) => (
                Status::Complete,
                format!("Stack {} completed successfully", action.name()),
            ),
            Err(reason) => (
                Status::Failed,
                format!("Resource {} failed: {reason}", action.name()),
            ),
        };
        let partly = action == Action::Check
            && state
                .resources
                .iter()
                .any(|resource| !resource.kind.can_check());
        let reason = match status {
            Status::Complete if partly => {
                format!("{reason}. 'CHECK' not fully supported (see resources)")
            }
            _ => reason,
        };
        state.enter(&self.stack, action, status, reason);
        if action == Action::Snapshot {
            snapshots::finish(&self.stack, &mut state);
        }
        if status == Status::Complete && action == Action::Delete {
            state.deleted = Some(clock::now());
            state.snapshots.clear();
            drop(state);
            self.store.release(&self.stack);
        }
    }

    /// Creates, updates and deletes resources until they match the template.
    async fn converge(&self) -> Result<(), String> {
        let levels = self.prepare();
        let share = self.share(levels.len());
        for names in levels {
            let steps = names.iter().map(|name| self.converge_one(name, share));
            join_all(steps)
                .await
                .into_iter()
                .collect::<Result<(), _>>()?;
        }
        let obsolete = {
            let Some(state) = self.lock() else {
                return Ok(());
            };
            let template = &state.settings.template;
            positions(&state, |resource| {
                resource.replaced || template.resource(&resource.name).is_none()
            })
        };
        self.delete(obsolete, Duration::ZERO).await
    }

    /// Creates or updates one resource, between its hooks.
    async fn converge_one(&self, name: &str, share: Duration) -> Result<(), String> {
        let before = self.lock().and_then(|state| {
            let position = state.position(name)?;
            let is_new = state.resources.get(position)?.action == Action::Init;
            match state.action {
                Action::Create => Some((position, Action::Create, "pre-create")),
                Action::Update | Action::Rollback if !is_new => {
                    Some((position, Action::Update, "pre-update"))
                }
                _ => None,
            }
        });
        if let Some((position, action, hook)) = before {
            hooks::pause(|| self.lock(), position, action, hook).await;
        }
        let (step, of_stack) = {
            let Some(mut state) = self.lock() else {
                return Ok(());
            };
            (self.begin(&mut state, name), state.action)
        };
        let Some(step) = step else {
            pause(share).await;
            return Ok(());
        };
        let (position, action) = (step.position, step.action);
        self.run_steps(vec![step], share).await?;
        let hook = match (of_stack, action) {
            (Action::Create, Action::Create) => "post-create",
            (_, Action::Update) => "post-update",
            // A replacement has no hooks of its own.
            _ => return Ok(()),
        };
        hooks::pause(|| self.lock(), position, action, hook).await;
        Ok(())
    }

    /// Adds new resources, and returns all names grouped by level.
    fn prepare(&self) -> Vec<Vec<String>> {
        let Some(mut state) = self.lock() else {
            return Vec::new();
        };
        let settings = Arc::clone(&state.settings);
        let mut levels: Vec<Vec<String>> = Vec::new();
        for definition in &settings.template.resources {
            let (name, level) = (&definition.name, definition.level);
            match state
                .position(name)
                .and_then(|position| state.resources.get_mut(position))
            {
                Some(resource) => resource.level = level,
                None => {
                    let new = Resource::new(&self.stack.name, definition);
                    state.resources.push(new);
                }
            }
            if levels.len() <= level {
                levels.resize(level + 1, Vec::new());
            }
            if let Some(names) = levels.get_mut(level) {
                names.push(name.clone());
            }
        }
        levels
    }

    /// Starts the step that a resource needs, if any.
    fn begin(&self, state: &mut State, name: &str) -> Option<Step> {
        let settings = Arc::clone(&state.settings);
        let definition = settings.template.resource(name)?;
        let properties = state.properties(&self.stack, name);
        let mut position = state.position(name)?;
        let resource = state.resources.get_mut(position)?;
        let made = resource.action != Action::Init;
        let properties = match properties {
            Ok(properties) => properties,
            Err(refusal) => {
                let action = if made { Action::Update } else { Action::Create };
                let message = refusal.into_message();
                let place = python::path(name);
                let outcome = Err(format!("StackValidationFailed: {place}: {message}"));
                return Some(Step {
                    position,
                    action,
                    wait: Duration::ZERO,
                    outcome,
                    child: None,
                });
            }
        };
        if made {
            let sound = resource.status == Status::Complete;
            if sound
                && definition.is_of_template(resource)
                && resource.kind == definition.kind
                && resource.properties == properties
            {
                return None;
            }
            if !sound && resource.kind == Type::None {
                let reason =
                    "Update status to COMPLETE for FAILED resource neither update nor replace.";
                let action = resource.action;
                record_event(state, position, action, Status::Complete, reason);
                return None;
            }
            let replace = !sound
                || resource.kind != definition.kind
                || resource
                    .kind
                    .must_replace(&resource.properties, &properties)
                || software::replaces(resource, &self.store, &self.stack, &properties);
            if !replace {
                record_event(state, position, Action::Update, Status::InProgress, CHANGED);
                return Some(self.step(state, position, Action::Update, definition, properties));
            }
            if sound {
                record_event(state, position, Action::Update, Status::InProgress, CHANGED);
                let reason = format!("The Resource {name} requires replacement.");
                record_event(state, position, Action::Update, Status::Complete, &reason);
            }
            if let Some(old) = state.resources.get_mut(position) {
                old.replaced = true;
            }
            position = state.resources.len();
            let new = Resource::new(&self.stack.name, definition);
            state.resources.push(new);
        }
        if let Some(resource) = state.resources.get_mut(position) {
            // Events show the properties from the start.
            resource.properties.clone_from(&properties);
        }
        let action = match state.action {
            Action::Adopt => Action::Adopt,
            _ => Action::Create,
        };
        record_event(state, position, action, Status::InProgress, CHANGED);
        Some(self.step(state, position, action, definition, properties))
    }

    /// Creates or updates the resource, and returns how the step ends.
    fn step(
        &self,
        state: &mut State,
        position: usize,
        action: Action,
        definition: &Definition,
        properties: Map<String, Value>,
    ) -> Step {
        if let Some(nested) = &definition.nested {
            let child = self.nest(state, position, nested, properties);
            return Step {
                position,
                action,
                wait: Duration::ZERO,
                outcome: child.as_ref().map(drop).map_err(String::clone),
                child: child.ok(),
            };
        }
        let wait = wait(definition.kind, &properties, action);
        let fails = properties.get("fail").and_then(Value::as_bool) == Some(true);
        let mut outcome = Ok(());
        let State {
            adopted, resources, ..
        } = state;
        if let Some(resource) = resources.get_mut(position) {
            if action == Action::Adopt {
                let known = adopted.get(&resource.name).unwrap_or(&Value::Null);
                outcome = adopt::take_over(resource, known, &properties);
            } else if let Type::Software(kind) = resource.kind {
                outcome = Software::apply(
                    kind,
                    &self.store,
                    &self.stack,
                    resource,
                    action,
                    &properties,
                );
            } else if resource.kind == Type::TestResource && fails {
                let name = &resource.name;
                let place = python::path(name);
                outcome = Err(format!("ValueError: {place}: Test Resource failed {name}"));
            } else if resource.kind.is_handle() {
                wait_conditions::make_handle(&self.store, &self.stack, resource, &properties);
            } else {
                if resource.physical_id.is_empty() {
                    resource.physical_id = match resource.kind {
                        Type::None => uuid(),
                        Type::Delay => String::new(),
                        kind if kind.is_wait_condition() => String::new(),
                        _ => resource.physical_name.clone(),
                    };
                }
                resource.held = resource.kind.make(&properties);
            }
            resource.properties = properties;
        }
        Step {
            position,
            action,
            wait,
            outcome,
            child: None,
        }
    }

    /// Creates or updates the nested stack of a resource.
    fn nest(
        &self,
        state: &mut State,
        position: usize,
        nested: &Nested,
        properties: Map<String, Value>,
    ) -> Result<Arc<Stack>, String> {
        let State {
            action,
            adopted,
            resources,
            ..
        } = state;
        let resource = resources.get_mut(position);
        let resource = resource.ok_or("resource not found")?;
        let settings = nested.settings(&properties, resource);
        let place = python::path(&resource.name);
        let is_group = resource.kind != Type::Template;
        let failed = |refusal: Refusal| match (refusal.into_message(), is_group) {
            (message, true) => format!("{place}: {message}"),
            (message, false) => format!("StackValidationFailed: {place}: {message}"),
        };
        let settings = settings.map_err(&failed)?;
        let kept = nested.kept(&properties, resource);
        if let Some(child) = &resource.nested {
            let child = Arc::clone(child);
            start(
                &self.store,
                &child,
                Action::Update,
                Duration::ZERO,
                |state| {
                    state.previous =
                        Some(std::mem::replace(&mut state.settings, Arc::new(settings)));
                },
            )
            .map_err(failed)?;
            resource.held = kept;
            resource.properties = properties;
            return Ok(child);
        }
        let Stack {
            id, project, owner, ..
        } = &*self.stack;
        let parent = Parent {
            id: id.clone(),
            resource: resource.name.clone(),
        };
        let (name, mut new) = (
            &resource.physical_name,
            State::new(settings, Vec::new(), true, None),
        );
        let action = match action {
            Action::Adopt => {
                new.adopted = adopt::below(adopted, &resource.name)?;
                Action::Adopt
            }
            _ => Action::Create,
        };
        let child = self.store.add(name, project, owner, Some(parent), new);
        let child = child.map_err(&failed)?;
        start(&self.store, &child, action, Duration::ZERO, |_| {}).map_err(failed)?;
        resource.physical_id.clone_from(&child.id);
        resource.nested = Some(Arc::clone(&child));
        resource.held = kept;
        resource.properties = properties;
        Ok(child)
    }

    /// Waits for concurrent steps, each with its own duration.
    async fn run_steps(&self, steps: Vec<Step>, share: Duration) -> Result<(), String> {
        pause(share).await;
        let steps = steps.into_iter().map(async |step| {
            pause(step.wait).await;
            let outcome = match (&step.child, self.awaited(&step)) {
                (Some(child), _) => nested::settle(child).await,
                (None, Some((name, deployment))) => deployment
                    .settle()
                    .await
                    .map_err(|reason| format!("Error: resources.{name}: {reason}")),
                (None, None) if matches!(step.action, Action::Create | Action::Update) => {
                    let settled = wait_conditions::settle(|| self.lock(), step.position).await;
                    settled.unwrap_or(step.outcome)
                }
                (None, None) => step.outcome,
            };
            let Some(mut state) = self.lock() else {
                return Ok(());
            };
            if let (Some(child), Some(resource)) =
                (&step.child, state.resources.get_mut(step.position))
            {
                resource.held = nested::held(resource, child);
            }
            let (status, reason) = match &outcome {
                Ok(()) => (Status::Complete, CHANGED),
                Err(reason) => (Status::Failed, reason.as_str()),
            };
            record_event(&mut state, step.position, step.action, status, reason);
            outcome
        });
        join_all(steps).await.into_iter().collect()
    }

    /// The deployment whose results a step waits for, with the name of its resource.
    fn awaited(&self, step: &Step) -> Option<(String, Arc<Deployment>)> {
        let state = self.lock()?;
        let resource = state.resources.get(step.position)?;
        let deployment = resource.software.as_ref()?.awaited()?;
        step.outcome
            .is_ok()
            .then(|| (resource.name.clone(), deployment))
    }

    async fn delete_all(&self) -> Result<(), String> {
        let (all, levels) = {
            let Some(state) = self.lock() else {
                return Ok(());
            };
            let deepest = state.resources.iter().map(|resource| resource.level).max();
            (
                positions(&state, |_| true),
                deepest.map_or(0, |level| level + 1),
            )
        };
        if all.is_empty() {
            pause(self.delay).await;
        }
        self.delete(all, self.share(levels)).await
    }

    /// Deletes resources, in reverse order of dependency.
    async fn delete(
        &self,
        mut positions: Vec<(usize, usize)>,
        share: Duration,
    ) -> Result<(), String> {
        positions.sort_by_key(|(_, level)| std::cmp::Reverse(*level));
        for chunk in positions.chunk_by(|(_, one), (_, other)| one == other) {
            let deletes = chunk
                .iter()
                .map(|(position, _)| self.delete_one(*position, share));
            join_all(deletes).await;
        }
        let Some(mut state) = self.lock() else {
            return Ok(());
        };
        state
            .resources
            .retain(|resource| !resource.is(Action::Delete, Status::Complete));
        Ok(())
    }

    /// Deletes one resource, between its hooks if the whole stack is deleted.
    async fn delete_one(&self, position: usize, share: Duration) {
        let has_hooks = {
            let Some(state) = self.lock() else { return };
            let Some(resource) = state.resources.get(position) else {
                return;
            };
            // An earlier delete came to an end behind the resource.
            if resource.is(Action::Delete, Status::Complete) {
                return;
            }
            state.action == Action::Delete && resource.action != Action::Init
        };
        if has_hooks {
            hooks::pause(|| self.lock(), position, Action::Delete, "pre-delete").await;
        }
        let Some(step) = self.begin_delete(position) else {
            return;
        };
        self.run_deletes(vec![step], share).await;
        if has_hooks {
            hooks::pause(|| self.lock(), position, Action::Delete, "post-delete").await;
        }
    }

    fn begin_delete(&self, position: usize) -> Option<Step> {
        let mut state = self.lock()?;
        let resource = state.resources.get(position)?;
        let child = resource.nested.as_ref().map(Arc::clone);
        let abandoned = state.abandoned;
        let mut wait = wait(resource.kind, &resource.properties, Action::Delete);
        if abandoned {
            wait = Duration::ZERO;
        }
        if let Some(child) = &child {
            wait = Duration::ZERO;
            // It may be deleted already.
            let _ = start(&self.store, child, Action::Delete, wait, |state| {
                state.abandoned = abandoned;
            });
        }
        if resource.action != Action::Init {
            let status = Status::InProgress;
            record_event(&mut state, position, Action::Delete, status, CHANGED);
            wait_conditions::deleted(&self.store, &mut state, position);
        }
        Some(Step {
            position,
            action: Action::Delete,
            wait,
            outcome: Ok(()),
            child,
        })
    }

    async fn run_deletes(&self, steps: Vec<Step>, share: Duration) {
        pause(share).await;
        join_all(steps.into_iter().map(async |step| {
            pause(step.wait).await;
            if let Some(child) = &step.child {
                let _ = nested::settle(child).await;
            }
            let Some(mut state) = self.lock() else { return };
            let deleted = state.resources.get(step.position);
            if let Some(software) = deleted.and_then(|resource| resource.software.as_ref()) {
                software.delete(&self.store);
            }
            let begun = state
                .resources
                .get(step.position)
                .is_some_and(|resource| resource.action != Action::Init);
            if begun {
                record_event(
                    &mut state,
                    step.position,
                    Action::Delete,
                    Status::Complete,
                    CHANGED,
                );
            } else if let Some(resource) = state.resources.get_mut(step.position) {
                resource.action = Action::Delete;
            }
        }))
        .await;
    }

    /// Suspends, resumes or checks every resource.
    async fn visit(&self, action: Action) -> Result<(), String> {
        let Some(mut order) = self.lock().map(|state| positions(&state, |_| true)) else {
            return Ok(());
        };
        order.sort_by_key(|(_, level)| *level);
        if action == Action::Suspend {
            order.reverse();
        }
        let share = self.share(order.len());
        if order.is_empty() {
            pause(self.delay).await;
        }
        let mut outcome = Ok(());
        for (position, _) in order {
            let visited = match self.begin_visit(position, action) {
                Ok(step) => self.run_steps(step.into_iter().collect(), share).await,
                Err(reason) => Err(reason),
            };
            outcome = outcome.and(visited);
            // A check continues after a failure, the other actions stop.
            if outcome.is_err() && action != Action::Check {
                break;
            }
        }
        outcome
    }

    fn begin_visit(&self, position: usize, action: Action) -> Result<Option<Step>, String> {
        let Some(mut state) = self.lock() else {
            return Ok(None);
        };
        let Some(resource) = state.resources.get(position) else {
            return Ok(None);
        };
        let name = &resource.name;
        let able = match action {
            Action::Suspend => resource.status == Status::Complete,
            Action::Resume => matches!(resource.action, Action::Suspend | Action::Resume),
            _ => true,
        };
        if !able {
            let verb = action.name().to_ascii_lowercase();
            let (was, status) = (resource.action.name(), resource.status.name());
            return Err(format!(
                "Error: resources.{name}: State ('{was}', '{status}') invalid for {verb}"
            ));
        }
        if action == Action::Check && !resource.kind.can_check() {
            let reason = format!("CHECK not supported for {}", resource.type_name);
            record_event(&mut state, position, action, Status::Complete, &reason);
            return Ok(None);
        }
        let (kind, properties) = (resource.kind, resource.properties.clone());
        let outcome = if action == Action::Check && resource.physical_id.is_empty() {
            Err(format!("Exception: resources.{name}: Resource not created"))
        } else {
            Ok(())
        };
        let child = resource.nested.as_ref().map(Arc::clone);
        // Heat takes no snapshots of nested stacks.
        let child = child.filter(|_| action != Action::Snapshot);
        if let Some(child) = &child {
            start(&self.store, child, action, Duration::ZERO, |_| {})
                .map_err(Refusal::into_message)?;
        }
        let wait = match resource.kind {
            Type::Delay => delay::wait(&resource.properties, action),
            _ => Duration::ZERO,
        };
        record_event(&mut state, position, action, Status::InProgress, CHANGED);
        let outcome = match (kind, state.resources.get_mut(position)) {
            (Type::Software(kind), Some(resource)) if kind.is_deployment() => Software::apply(
                kind,
                &self.store,
                &self.stack,
                resource,
                action,
                &properties,
            ),
            _ => outcome,
        };
        Ok(Some(Step {
            position,
            action,
            wait,
            outcome,
            child,
        }))
    }

    /// The share of the delay for each of this many steps.
    fn share(&self, steps: usize) -> Duration {
        self.delay / u32::try_from(steps).unwrap_or(u32::MAX).max(1)
    }
}

/// Sets the state of a resource and records the event.
pub(super) fn record_event(
    state: &mut State,
    position: usize,
    action: Action,
    status: Status,
    reason: &str,
) {
    let Some(resource) = state.resources.get_mut(position) else {
        return;
    };
    resource.action = action;
    resource.status = status;
    reason.clone_into(&mut resource.reason);
    resource.updated = clock::now();
    add_event(state, position, action, status, reason);
}

/// Records an event of a resource, whose state does not change.
pub(super) fn add_event(
    state: &mut State,
    position: usize,
    action: Action,
    status: Status,
    reason: &str,
) {
    let Some(resource) = state.resources.get(position) else {
        return;
    };
    let event = resource.event(action, status, reason.to_owned());
    state.events.push(event);
}

/// The index and level of the selected resources.
fn positions(state: &State, meant: impl Fn(&Resource) -> bool) -> Vec<(usize, usize)> {
    let all = state.resources.iter().enumerate();
    all.filter(|(_, resource)| meant(resource))
        .map(|(position, resource)| (position, resource.level))
        .collect()
}

/// The wait of a resource in an action, as its template demands.
fn wait(kind: Type, properties: &Map<String, Value>, action: Action) -> Duration {
    if action == Action::Adopt {
        return Duration::ZERO;
    }
    if kind == Type::Delay {
        return delay::wait(properties, action);
    }
    let own = properties
        .get("action_wait_secs")
        .and_then(|waits| waits.get(action.name().to_ascii_lowercase()))
        .filter(|wait| !wait.is_null());
    let wait = own.or_else(|| properties.get("wait_secs"));
    let seconds = wait
        .and_then(|wait| python::number(wait).ok()?.as_f64())
        .unwrap_or(0.0);
    // Heat waits for ever if the number is negative.
    if seconds < 0.0 {
        return Duration::MAX;
    }
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

async fn pause(duration: Duration) {
    if duration.is_zero() {
        tokio::task::yield_now().await;
    } else {
        tokio::time::sleep(duration).await;
    }
}
