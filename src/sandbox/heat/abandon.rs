//! Abandoned and exported stacks.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::error::{Refusal, Result};
use super::request::{Request, ok};
use super::resource_types::Type;
use super::stack::{Action, Resource, Stack, State};
use crate::sandbox::call::Answer;

impl Request<'_> {
    pub(super) fn export(&self, stack: &Stack) -> Result<Answer> {
        self.allow("stacks:export")?;
        self.data(stack)
    }

    pub(super) fn abandon(&self, stack: &Arc<Stack>) -> Result<Answer> {
        self.allow("stacks:abandon")?;
        let answer = self.data(stack)?;
        self.start(stack, Action::Delete, |state| state.abandoned = true)?;
        Ok(answer)
    }

    fn data(&self, stack: &Stack) -> Result<Answer> {
        let state = stack.lock();
        if state.deleted.is_some() {
            return Err(Refusal::no_stack(&stack.name));
        }
        Ok(ok(&data(stack, &state, true)))
    }
}

/// The data of a stack, with that of its resources if `with_resources`.
pub(super) fn data(stack: &Stack, state: &State, with_resources: bool) -> Value {
    let resources = match with_resources {
        true => resources(state, &|resource| match &resource.nested {
            Some(child) => data(child, &child.lock(), true),
            None => resource_data(state, resource),
        }),
        false => Map::new(),
    };
    describe(stack, state, resources)
}

/// The data of a stack in a snapshot: nested stacks are resources like others.
pub(super) fn snapshot_data(stack: &Stack, state: &State) -> Value {
    let resources = resources(state, &|resource| resource_data(state, resource));
    describe(stack, state, resources)
}

fn resources(state: &State, describe: &dyn Fn(&Resource) -> Value) -> Map<String, Value> {
    // Heat implements a delete as an update to an empty template.
    if state.action == Action::Delete {
        return Map::new();
    }
    let current = state.resources.iter().filter(|resource| !resource.replaced);
    current
        .map(|resource| (resource.name.clone(), describe(resource)))
        .collect()
}

fn resource_data(state: &State, resource: &Resource) -> Value {
    let definition = state.settings.template.resource(&resource.name);
    let held = match resource.kind {
        Type::RandomString | Type::TestResource => json!({"value": resource.held}),
        _ => json!({}),
    };
    let id = match resource.physical_id.as_str() {
        "" => Value::Null,
        id => id.into(),
    };
    json!({
        "name": resource.name,
        "resource_id": id,
        "type": resource.type_name,
        "action": resource.action.name(),
        "status": resource.status.name(),
        "metadata": definition.map_or_else(|| json!({}), |definition| definition.metadata.clone()),
        "resource_data": held,
    })
}

fn describe(stack: &Stack, state: &State, resources: Map<String, Value>) -> Value {
    let settings = &state.settings;
    json!({
        "name": stack.name,
        "id": stack.id,
        "action": state.action.name(),
        "environment": settings.environment.to_json(&settings.template),
        "files": settings.environment.files,
        "status": state.status.name(),
        "template": state.shown_template(),
        "resources": resources,
        "project_id": stack.project,
        "stack_user_project_id": stack.user_project,
        "tags": state.tags,
    })
}
