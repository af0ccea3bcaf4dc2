//! The parts of a stack: resources, events, outputs, template, environment and files.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::error::{Refusal, Result};
use super::request::{Query, Request, ok};
use super::stack::{Event, Resource, Stack, State};
use super::{plain, wait_conditions};
use crate::sandbox::call::Answer;

const RESOURCE_FILTERS: &[&str] = &[
    "type",
    "status",
    "name",
    "action",
    "id",
    "physical_resource_id",
];

impl Request<'_> {
    pub(super) fn part(&self, stack: &Stack, route: &[&str]) -> Result<Answer> {
        let state = stack.lock();
        let settings = &state.settings;
        match route {
            ["template"] => Ok(ok(&state.shown_template())),
            ["files"] => Ok(ok(&Value::Object(settings.environment.files.clone()))),
            ["environment"] => {
                let mut shown = settings.environment.to_json(&settings.template);
                let declared = settings.template.parameters.iter();
                for hidden in declared.filter(|parameter| parameter.hidden()) {
                    for section in ["parameters", "parameter_defaults"] {
                        let value = shown.get_mut(section);
                        if let Some(value) = value.and_then(|all| all.get_mut(hidden.name())) {
                            *value = "******".into();
                        }
                    }
                }
                if let Some(shown) = shown.as_object_mut() {
                    let encrypted = settings.environment.encrypted.clone();
                    shown.insert("encrypted_param_names".to_owned(), encrypted.into());
                }
                Ok(ok(&shown))
            }
            ["outputs"] => {
                let outputs: Vec<_> = settings
                    .template
                    .outputs
                    .iter()
                    .map(|output| {
                        json!({"output_key": output.name, "description": output.description})
                    })
                    .collect();
                Ok(ok(&json!({"outputs": outputs})))
            }
            ["outputs", key] => {
                let output = settings
                    .template
                    .outputs
                    .iter()
                    .find(|output| output.name == *key);
                let output = output.ok_or_else(|| {
                    Refusal::not_found("NotFound", format!("Specified output key {key} not found."))
                })?;
                Ok(ok(
                    &json!({"output": self.views().output(stack, &state, output)}),
                ))
            }
            ["resources"] => self.resources(stack, &state),
            ["resources", name] => {
                let resource = resource(stack, &state, name)?;
                let shown = self.views().resource(stack, &state, resource, true);
                Ok(ok(&json!({"resource": shown})))
            }
            ["resources", name, "metadata"] => {
                let resource = resource(stack, &state, name)?;
                let metadata = wait_conditions::metadata(&state, resource);
                Ok(ok(&json!({"metadata": metadata})))
            }
            ["events"] => self.events(stack, &state, None),
            ["resources", name, "events"] => self.events(stack, &state, Some(name)),
            ["resources", name, "events", id] => {
                let found = state
                    .events
                    .iter()
                    .find(|event| event.id == *id && event.resource == *name);
                let event = found.ok_or_else(|| {
                    Refusal::not_found("HTTPNotFound", format!("No event {id} found"))
                })?;
                Ok(ok(
                    &json!({"event": self.views().event(&self.views().url(stack), event, None, true)}),
                ))
            }
            _ => Ok(plain::not_found(self.call)),
        }
    }

    fn resources(&self, stack: &Stack, state: &State) -> Result<Answer> {
        let query = self.query();
        let detail = query.flag("with_detail")?.unwrap_or(false);
        let depth = query.number("nested_depth")?.unwrap_or(0);
        let unknown = query.pairs().iter().find(|(key, _)| {
            !matches!(key.as_str(), "with_detail" | "nested_depth")
                && !RESOURCE_FILTERS.contains(&key.as_str())
        });
        if let Some((key, _)) = unknown {
            return Err(Refusal::bad_request(format!(
                "Invalid filter parameters ['{key}']"
            )));
        }
        let mut resources = Vec::new();
        let mut add = |stack: &Stack, state: &State| {
            let own = state.resources.iter();
            let own = own.filter(|resource| !resource.replaced && passes(resource, &query));
            let views = self.views();
            resources.extend(own.map(|own| views.resource(stack, state, own, detail)));
        };
        descend(stack, state, depth, &mut add);
        Ok(ok(&json!({"resources": resources})))
    }

    fn events(&self, stack: &Stack, state: &State, of: Option<&str>) -> Result<Answer> {
        let query = self.query();
        let limit = query.number("limit")?;
        let limit = limit
            .and_then(|limit| usize::try_from(limit).ok())
            .unwrap_or(usize::MAX);
        let depth = query.number("nested_depth")?;
        // Heat ignores other keys.
        let keys = query
            .all("sort_keys")
            .filter(|key| ["event_time", "resource_type"].contains(key));
        let keys: Vec<_> = keys.collect();
        let ascending = match query.get("sort_dir") {
            None => !keys.is_empty(),
            Some("desc") => false,
            Some("asc") => true,
            Some(_) => return Err(Refusal::hidden("ValueError")),
        };
        let views = self.views();
        let mut events: Vec<(String, Event)> = Vec::new();
        let mut add = |stack: &Stack, state: &State| {
            // With a depth, Heat finds stacks through their resources.
            if depth.is_some_and(|depth| depth > 0) && state.resources.is_empty() {
                return;
            }
            let url = views.url(stack);
            events.extend(
                state
                    .events
                    .iter()
                    .map(|event| (url.clone(), event.clone())),
            );
        };
        let depth_or_none = depth.unwrap_or(0);
        // Of another project's stack, Heat lists no events together with those of nested stacks.
        if depth_or_none == 0 || stack.project == self.project {
            descend(stack, state, depth_or_none, &mut add);
        }
        events.sort_by_key(|(_, event)| event.time);
        if keys.first() == Some(&"resource_type") {
            events.sort_by(|(_, one), (_, other)| one.kind.cmp(&other.kind));
        }
        if !ascending {
            events.reverse();
        }
        // Heat finds the marker without regard to the filters.
        let marker = query.get("marker");
        let after = marker.and_then(|marker| {
            let position = events.iter().position(|(_, event)| event.id == marker)?;
            let ids = events.iter().skip(position + 1);
            Some(
                ids.map(|(_, event)| event.id.clone())
                    .collect::<HashSet<_>>(),
            )
        });
        events.retain(|(_, event)| {
            of.is_none_or(|name| event.resource == name) && {
                let is = |key: &str, text: &str| {
                    let mut wanted = query.all(key).peekable();
                    wanted.peek().is_none() || wanted.any(|value| value == text)
                };
                is("resource_name", &event.resource)
                    && is("resource_status", event.status.name())
                    && is("resource_action", event.action.name())
                    && is("resource_type", &event.kind)
            }
        });
        if let Some(name) = of
            && events.is_empty()
        {
            let message = format!("No events found for resource {name}");
            return Err(Refusal::not_found("HTTPNotFound", message));
        }
        let root = depth.map(|_| views.url(stack));
        let shown: Vec<_> = events
            .iter()
            .filter(|(_, event)| after.as_ref().is_none_or(|ids| ids.contains(&event.id)))
            .take(limit)
            .map(|(url, event)| views.event(url, event, root.as_deref(), false))
            .collect();
        Ok(ok(&json!({"events": shown})))
    }
}

/// Visits a stack and its nested stacks, down to this number of levels.
fn descend(stack: &Stack, state: &State, depth: u64, visit: &mut dyn FnMut(&Stack, &State)) {
    visit(stack, state);
    let below = state.resources.iter().filter(|resource| !resource.replaced);
    for child in below.filter_map(|resource| resource.nested.as_ref()) {
        if depth > 0 {
            descend(child, &child.lock(), depth - 1, visit);
        }
    }
}

fn resource<'a>(stack: &Stack, state: &'a State, name: &str) -> Result<&'a Resource> {
    state.resource(name).ok_or_else(|| {
        let message = format!(
            "The Resource ({name}) could not be found in Stack {}.",
            stack.name
        );
        Refusal::not_found("ResourceNotFound", message)
    })
}

fn passes(resource: &Resource, query: &Query) -> bool {
    let is = |key: &str, text: &str| {
        let mut wanted = query.all(key).peekable();
        wanted.peek().is_none() || wanted.any(|value| value == text)
    };
    is("type", &resource.type_name)
        && is("status", resource.status.name())
        && is("action", resource.action.name())
        && is("name", &resource.name)
        && is("physical_resource_id", &resource.physical_id)
}
