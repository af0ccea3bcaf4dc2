//! Stacks, resources and events in Heat's format.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::stack::{Action, Event, Resource, Stack, State};
use super::template::{Output, Template};
use crate::sandbox::clock;

/// Builds documents for one caller. Links start with the URL that the caller used.
#[derive(Debug, Clone, Copy)]
pub(super) struct Views<'a> {
    pub(super) base: &'a str,
}

/// A stack in a list.
#[derive(Serialize)]
struct Summary<'a> {
    id: &'a str,
    links: [SelfLink; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<&'a str>,
    stack_name: &'a str,
    description: &'a str,
    stack_status: String,
    stack_status_reason: &'a str,
    creation_time: String,
    updated_time: Option<String>,
    deletion_time: Option<String>,
    stack_owner: &'a str,
    parent: Option<&'a str>,
    stack_user_project_id: &'a str,
    tags: Option<&'a [String]>,
}

#[derive(Serialize)]
struct SelfLink {
    href: String,
    rel: &'static str,
}

impl Views<'_> {
    pub(super) fn url(self, stack: &Stack) -> String {
        format!(
            "{}/v1/{}/stacks/{}/{}",
            self.base, stack.project, stack.name, stack.id
        )
    }

    fn link(self, stack: &Stack) -> Value {
        json!([{"href": self.url(stack), "rel": "self"}])
    }

    /// The answer to a create.
    pub(super) fn created(self, stack: &Stack) -> Value {
        json!({"stack": {"id": stack.id, "links": self.link(stack)}})
    }

    /// Writes a stack of a list. Lists can be long, so this builds no document.
    pub(super) fn write_summary(self, stack: &Stack, with_project: bool, text: &mut String) {
        let state = stack.lock();
        let shown = Summary {
            id: &stack.id,
            links: [SelfLink {
                href: self.url(stack),
                rel: "self",
            }],
            project: with_project.then_some(&*stack.project),
            stack_name: &stack.name,
            description: "",
            stack_status: state.status_text(),
            stack_status_reason: &state.reason,
            creation_time: clock::seconds(stack.created),
            updated_time: state.updated.map(clock::seconds),
            deletion_time: state.deleted.map(clock::seconds),
            stack_owner: &stack.owner,
            parent: stack.parent.as_ref().map(|parent| &*parent.id),
            stack_user_project_id: &stack.user_project,
            tags: Some(&*state.tags).filter(|tags| !tags.is_empty()),
        };
        // Texts and lists always serialize.
        text.push_str(&serde_json::to_string(&shown).unwrap_or_default());
    }

    /// A stack with all details. `outputs` selects whether outputs are included.
    pub(super) fn stack(self, stack: &Stack, state: &State, outputs: bool) -> Map<String, Value> {
        let description = state
            .settings
            .template
            .description
            .as_deref()
            .unwrap_or("No description");
        let mut parameters = Map::new();
        parameters.insert("OS::stack_id".to_owned(), stack.id.as_str().into());
        parameters.insert("OS::project_id".to_owned(), stack.project.as_str().into());
        parameters.insert("OS::stack_name".to_owned(), stack.name.as_str().into());
        parameters.extend(state.settings.values.shown());
        let user_project = if stack.user_project.is_empty() {
            Value::Null
        } else {
            json!(stack.user_project)
        };
        let shown = json!({
            "stack_name": stack.name,
            "id": stack.id,
            "links": self.link(stack),
            "creation_time": clock::seconds(stack.created),
            "updated_time": state.updated.map(clock::seconds),
            "deletion_time": state.deleted.map(clock::seconds),
            "notification_topics": [],
            "parameters": parameters,
            "description": description,
            "template_description": description,
            "capabilities": [],
            "disable_rollback": state.disable_rollback,
            "timeout_mins": state.timeout_mins,
            "stack_owner": stack.owner,
            "parent": stack.parent.as_ref().map(|parent| &parent.id),
            "stack_user_project_id": user_project,
            "tags": state.tags,
        });
        let mut shown = into_map(shown);
        if stack.id != "None" {
            shown.insert("stack_status".to_owned(), state.status_text().into());
            shown.insert(
                "stack_status_reason".to_owned(),
                state.reason.as_str().into(),
            );
        }
        if outputs && state.action != Action::Delete {
            let outputs = state.settings.template.outputs.iter();
            let outputs: Vec<_> = outputs
                .map(|output| self.output(stack, state, output))
                .collect();
            shown.insert("outputs".to_owned(), outputs.into());
        }
        shown
    }

    /// An output with its value, or the reason why it has none.
    pub(super) fn output(self, stack: &Stack, state: &State, output: &Output) -> Value {
        let (value, error) = match state.resolve(stack, &output.value) {
            Ok(value) => (value, None),
            Err(error) => (Value::Null, Some(error)),
        };
        let mut shown = json!({
            "output_key": output.name,
            "description": output.description,
            "output_value": value,
        });
        if let (Some(error), Some(shown)) = (error, shown.as_object_mut()) {
            shown.insert("output_error".to_owned(), error.into());
        }
        shown
    }

    pub(super) fn resource(
        self,
        stack: &Stack,
        state: &State,
        resource: &Resource,
        detail: bool,
    ) -> Value {
        let url = self.url(stack);
        let name = &resource.name;
        let template = &state.settings.template;
        let status = format!("{}_{}", resource.action.name(), resource.status.name());
        let shown = json!({
            "updated_time": clock::seconds(resource.updated),
            "creation_time": clock::seconds(resource.created),
            "logical_resource_id": name,
            "resource_name": name,
            "physical_resource_id": resource.physical_id,
            "resource_status": status,
            "resource_status_reason": resource.reason,
            "resource_type": resource.type_name,
            "links": [
                {"href": format!("{url}/resources/{name}"), "rel": "self"},
                {"href": url, "rel": "stack"},
            ],
            "required_by": template.required_by(name),
        });
        let mut shown = into_map(shown);
        if let (Some(nested), Some(Value::Array(links))) =
            (&resource.nested, shown.get_mut("links"))
        {
            links.push(json!({"href": self.url(nested), "rel": "nested"}));
        }
        add_parent_resource(&mut shown, stack);
        if detail {
            let description = template
                .resource(name)
                .map(|definition| &definition.description);
            let held = state.held(resource);
            shown.insert(
                "description".to_owned(),
                json!(description.map_or("", |text| text)),
            );
            let attributes = match &resource.software {
                Some(software) => software.shown(),
                None => resource.kind.attribute(&held, None),
            };
            shown.insert("attributes".to_owned(), attributes);
        }
        shown.into()
    }

    /// An event of the stack with this URL.
    pub(super) fn event(self, url: &str, event: &Event, root: Option<&str>, full: bool) -> Value {
        let name = &event.resource;
        let mut links = vec![
            json!({"href": format!("{url}/resources/{name}/events/{}", event.id), "rel": "self"}),
            json!({"href": format!("{url}/resources/{name}"), "rel": "resource"}),
            json!({"href": url, "rel": "stack"}),
        ];
        if let Some(root) = root {
            links.push(json!({"href": root, "rel": "root_stack"}));
        }
        let shown = json!({
            "id": event.id,
            "links": links,
            "event_time": clock::seconds(event.time),
            "logical_resource_id": name,
            "resource_name": name,
            "physical_resource_id": Some(&event.physical_id).filter(|id| !id.is_empty()),
            "resource_status": format!("{}_{}", event.action.name(), event.status.name()),
            "resource_status_reason": event.reason,
        });
        let mut shown = into_map(shown);
        if full {
            shown.insert("resource_type".to_owned(), event.kind.as_str().into());
            shown.insert("resource_properties".to_owned(), event.properties.clone());
        }
        shown.into()
    }

    /// A resource in a preview. A resource that is not created yet has no times.
    pub(super) fn previewed(
        self,
        stack: &Stack,
        template: &Template,
        resource: &Resource,
    ) -> Map<String, Value> {
        let identity = |path: String| {
            json!({
                "tenant": stack.project,
                "stack_name": stack.name,
                "stack_id": stack.id,
                "path": path,
            })
        };
        let name = &resource.name;
        let definition = template.resource(name);
        let made = resource.action != Action::Init;
        let time = |time| made.then(|| clock::seconds(time));
        let held = if resource.physical_id.is_empty() {
            &Value::Null
        } else {
            &resource.held
        };
        let mut shown = into_map(json!({
            "updated_time": time(resource.updated),
            "creation_time": time(resource.created),
            "resource_name": name,
            "physical_resource_id": resource.physical_id,
            "resource_action": resource.action.name(),
            "resource_status": resource.status.name(),
            "resource_status_reason": resource.reason,
            "resource_type": resource.type_name,
            "resource_identity": identity(format!("/resources/{name}")),
            "stack_identity": identity(String::new()),
            "stack_name": stack.name,
            "required_by": template.required_by(name),
            "description": definition.map_or("", |definition| &definition.description),
            "metadata": definition.map(|definition| &definition.metadata),
            "attributes": resource.kind.attribute(held, None),
        }));
        add_parent_resource(&mut shown, stack);
        shown
    }
}

/// Adds the parent resource to a resource of a nested stack.
fn add_parent_resource(shown: &mut Map<String, Value>, stack: &Stack) {
    if let Some(parent) = &stack.parent {
        shown.insert(
            "parent_resource".to_owned(),
            parent.resource.as_str().into(),
        );
    }
}

fn into_map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
