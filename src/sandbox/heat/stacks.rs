//! What is done to stacks: create, preview, show, update, delete, actions, validate.

use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::environment::Environment;
use super::error::{Refusal, Result};
use super::parameters::Values;
use super::request::{Request, number, ok};
use super::stack::{Action, Resource, Settings, Stack, State, Status};
use super::template::Template;
use super::{engine, plain, python};
use crate::sandbox::call::{self, Answer};

impl Request<'_> {
    pub(super) fn create(&self) -> Result<Answer> {
        self.allow("stacks:create")?;
        let body = self.body()?;
        let name = given_name(&body)?;
        let template = given_template(&body)?.ok_or_else(no_template)?;
        let options = Options::read(&body)?;
        check_name(name)?;
        let name = python::text(name);
        let store = &self.heat.store;
        store.check_free(&name, self.project)?;
        let settings = settings(template, Environment::read(&body)?)?;
        let state = State::new(
            settings,
            options.tags.unwrap_or_default(),
            options.disable_rollback.unwrap_or(true),
            options.timeout_mins,
        );
        check_properties(
            &state,
            &Stack::draft(&name, self.project, "", placeholder()),
        )?;
        let stack = store.add(&name, self.project, &self.caller.user, state)?;
        engine::start(store, &stack, Action::Create, self.heat.stack_delay());
        let mut answer = call::json(StatusCode::CREATED, &self.views().created(&stack));
        call::locate(&mut answer, &self.views().url(&stack));
        Ok(answer)
    }

    pub(super) fn preview(&self) -> Result<Answer> {
        self.allow("stacks:preview")?;
        let body = self.body()?;
        let name = given_name(&body)?;
        let template = given_template(&body)?.ok_or_else(no_template)?;
        let options = Options::read(&body)?;
        check_name(name)?;
        let name = python::text(name);
        self.heat.store.check_free(&name, self.project)?;
        let settings = settings(template, Environment::read(&body)?)?;
        let state = State::new(
            settings,
            options.tags.unwrap_or_default(),
            options.disable_rollback.unwrap_or(true),
            options.timeout_mins,
        );
        let stack = Stack::draft(&name, self.project, &self.caller.user, state);
        check_properties(&stack.lock(), &stack)?;
        let planned = {
            let state = stack.lock();
            let template = &state.settings.template;
            template
                .resources
                .iter()
                .map(|definition| {
                    let mut resource =
                        Resource::new(&name, &definition.name, definition.kind, definition.level);
                    resource.properties = state.properties(&stack, &definition.name)?;
                    Ok(resource)
                })
                .collect::<Result<Vec<_>>>()?
        };
        let mut state = stack.lock();
        state.resources = planned;
        let views = self.views();
        let mut shown = views.stack(&stack, &state, true);
        let resources: Vec<_> = state
            .resources
            .iter()
            .map(|resource| views.previewed(&stack, &state, resource))
            .collect();
        shown.insert("resources".to_owned(), resources.into());
        Ok(ok(&json!({"stack": shown})))
    }

    pub(super) fn show(&self, stack: &Stack) -> Result<Answer> {
        let outputs = self.query().flag("resolve_outputs")?.unwrap_or(true);
        let state = stack.lock();
        Ok(ok(
            &json!({"stack": self.views().stack(stack, &state, outputs)}),
        ))
    }

    pub(super) fn update(&self, stack: &Arc<Stack>) -> Result<Answer> {
        let body = self.body()?;
        let (settings, options) = self.changed(stack, &body)?;
        {
            let mut state = stack.lock();
            state.previous = Some(std::mem::replace(&mut state.settings, Arc::new(settings)));
            if let Some(disable) = options.disable_rollback {
                state.disable_rollback = disable;
            }
            if options.timeout_mins.is_some() {
                state.timeout_mins = options.timeout_mins;
            }
            if options.tags.is_some() || self.call.method == Method::PUT {
                state.tags = options.tags.unwrap_or_default();
            }
        }
        engine::start(
            &self.heat.store,
            stack,
            Action::Update,
            self.heat.stack_delay(),
        );
        Ok(plain::accepted(self.call))
    }

    /// What a stack would be made from after an update.
    fn changed(&self, stack: &Stack, body: &Map<String, Value>) -> Result<(Settings, Options)> {
        let keep = self.call.method == Method::PATCH;
        let template = given_template(body)?;
        if template.is_none() && !keep {
            return Err(no_template());
        }
        let options = Options::read(body)?;
        let given = Environment::read(body)?;
        let state = stack.lock();
        if state.deleted.is_some() {
            return Err(Refusal::no_stack(&stack.name));
        }
        if state.action == Action::Delete && state.status != Status::Failed {
            let message = "Updating a stack when it is deleting is not supported.";
            return Err(Refusal::bad("NotSupported", message));
        }
        let suspended = state.action == Action::Suspend && state.status == Status::Complete;
        if suspended {
            let message = "Updating a stack when it is suspended is not supported.";
            return Err(Refusal::bad("NotSupported", message));
        }
        let template = match template {
            Some(template) => template,
            None => state
                .settings
                .template
                .raw
                .as_object()
                .cloned()
                .unwrap_or_default(),
        };
        let environment = if keep {
            let clear = body.get("clear_parameters").and_then(Value::as_array);
            let clear: Vec<_> = clear
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            let mut patched = state.settings.environment.patched(given, &clear);
            let declared = template.get("parameters");
            patched
                .parameters
                .retain(|name, _| declared.is_some_and(|declared| declared.get(name).is_some()));
            patched
        } else {
            given
        };
        drop(state);
        let settings = settings(template, environment)?;
        let draft = Stack::draft(&stack.name, &stack.project, &stack.owner, placeholder());
        let planned = State::new(settings, Vec::new(), true, None);
        check_properties(&planned, &draft)?;
        let settings = Arc::into_inner(planned.settings)
            .ok_or_else(|| Refusal::invalid("the settings are in use"))?;
        Ok((settings, options))
    }

    pub(super) fn preview_update(&self, stack: &Stack) -> Result<Answer> {
        let body = self.body()?;
        let (settings, _) = self.changed(stack, &body)?;
        let state = stack.lock();
        let views = self.views();
        let mut groups: [(&str, Vec<Value>); 5] = [
            ("unchanged", Vec::new()),
            ("updated", Vec::new()),
            ("replaced", Vec::new()),
            ("added", Vec::new()),
            ("deleted", Vec::new()),
        ];
        let mut put = |wanted: &str, resource: &Resource| {
            if let Some((_, group)) = groups.iter_mut().find(|(name, _)| *name == wanted) {
                group.push(views.previewed(stack, &state, resource));
            }
        };
        let mut planned = State::new(settings, Vec::new(), true, None);
        planned.resources.clear();
        for definition in &planned.settings.template.resources {
            match state.resource(&definition.name) {
                None => {
                    let mut new = Resource::new(
                        &stack.name,
                        &definition.name,
                        definition.kind,
                        definition.level,
                    );
                    new.properties = planned
                        .properties(stack, &definition.name)
                        .unwrap_or_default();
                    put("added", &new);
                }
                Some(resource) => {
                    let properties = planned
                        .properties(stack, &definition.name)
                        .unwrap_or_default();
                    if resource.kind == definition.kind && resource.properties == properties {
                        put("unchanged", resource);
                    } else if resource.kind == definition.kind
                        && !resource
                            .kind
                            .must_replace(&resource.properties, &properties)
                    {
                        put("updated", resource);
                    } else {
                        put("replaced", resource);
                    }
                }
            }
        }
        for resource in &state.resources {
            if planned.settings.template.resource(&resource.name).is_none() {
                put("deleted", resource);
            }
        }
        let groups: Map<_, _> = groups
            .into_iter()
            .map(|(name, group)| (name.to_owned(), group.into()))
            .collect();
        Ok(ok(&json!({"resource_changes": groups})))
    }

    pub(super) fn delete(&self, stack: &Arc<Stack>) -> Result<Answer> {
        if stack.lock().deleted.is_some() {
            return Err(Refusal::no_stack(&stack.name));
        }
        engine::start(
            &self.heat.store,
            stack,
            Action::Delete,
            self.heat.stack_delay(),
        );
        Ok(call::empty(StatusCode::NO_CONTENT))
    }

    pub(super) fn act(&self, stack: &Arc<Stack>) -> Result<Answer> {
        let body = self.json()?;
        let mut named = body.as_object().into_iter().flat_map(Map::keys);
        let Some(action) = named.next() else {
            return Err(Refusal::bad_request("No action specified"));
        };
        if named.next().is_some() {
            return Err(Refusal::bad_request("Multiple actions specified"));
        }
        let known = [
            "suspend",
            "resume",
            "check",
            "cancel_update",
            "cancel_without_rollback",
        ];
        if !known.contains(&action.as_str()) {
            return Err(Refusal::bad_request(format!(
                "Invalid action {action} specified"
            )));
        }
        self.allow(&format!("actions:{action}"))?;
        let (current, status, status_text, deleted) = {
            let state = stack.lock();
            (
                state.action,
                state.status,
                state.status_text(),
                state.deleted.is_some(),
            )
        };
        if deleted {
            return Err(Refusal::no_stack(&stack.name));
        }
        let begin = |action| {
            engine::start(&self.heat.store, stack, action, self.heat.stack_delay());
        };
        let running = status == Status::InProgress;
        let cancellable = match action.as_str() {
            "cancel_update" => running && current == Action::Update,
            _ => running && matches!(current, Action::Create | Action::Update),
        };
        match action.as_str() {
            "suspend" => begin(Action::Suspend),
            "resume" => begin(Action::Resume),
            "check" => begin(Action::Check),
            _ if !cancellable => {
                let message =
                    format!("Cancelling update when stack is {status_text} is not supported.");
                return Err(Refusal::bad("NotSupported", message));
            }
            "cancel_update" => {
                let mut state = stack.lock();
                if let Some(previous) = state.previous.take() {
                    state.settings = previous;
                }
                drop(state);
                begin(Action::Rollback);
            }
            _ => engine::cancel(stack),
        }
        Ok(ok(&Value::Null))
    }

    pub(super) fn validate(&self) -> Result<Answer> {
        let body = self.body()?;
        let template = given_template(&body)?.ok_or_else(no_template)?;
        let environment = Environment::read(&body)?;
        let parsed = Template::parse(template, &|kind| environment.replacement(kind))
            .map_err(|refusal| Refusal::bad_request(refusal.into_message()))?;
        let parameters: Map<_, _> = parsed
            .parameters
            .iter()
            .map(|parameter| (parameter.name().to_owned(), parameter.to_json()))
            .collect();
        Ok(ok(&json!({
            "Description": parsed.description.as_deref().unwrap_or("No description"),
            "Parameters": parameters,
            "Environment": environment.to_json(),
        })))
    }
}

/// What a create or an update says beside template and environment.
struct Options {
    disable_rollback: Option<bool>,
    timeout_mins: Option<u64>,
    tags: Option<Vec<String>>,
}

impl Options {
    fn read(body: &Map<String, Value>) -> Result<Self> {
        let present = |key| body.get(key).filter(|value| !Value::is_null(value));
        let disable_rollback = present("disable_rollback")
            .map(
                |value| match python::text(value).to_ascii_lowercase().as_str() {
                    "true" => Ok(true),
                    "false" => Ok(false),
                    _ => Err(Refusal::hidden("ValueError")),
                },
            )
            .transpose()?;
        let timeout_mins = present("timeout_mins")
            .map(|value| number("timeout_mins", value))
            .transpose()?;
        let tags = present("tags")
            .map(|tags| {
                let tags = tags
                    .as_str()
                    .ok_or_else(|| Refusal::hidden("AttributeError"))?;
                tags.split(',').map(|tag| check_tag(tag.trim())).collect()
            })
            .transpose()?;
        Ok(Self {
            disable_rollback,
            timeout_mins,
            tags,
        })
    }
}

fn check_tag(tag: &str) -> Result<String> {
    if tag.is_empty() {
        return Err(Refusal::bad_request(
            "Invalid tag, the empty string is not allowed",
        ));
    }
    if tag.chars().count() > 80 {
        let message = format!("Invalid tag, \"{tag}\" is longer than 80 characters");
        return Err(Refusal::bad_request(message));
    }
    Ok(tag.to_owned())
}

fn given_name(body: &Map<String, Value>) -> Result<&Value> {
    body.get("stack_name")
        .ok_or_else(|| Refusal::bad_request("No stack name specified"))
}

fn check_name(name: &Value) -> Result<()> {
    let Some(text) = name.as_str() else {
        let name = python::text(name);
        return Err(Refusal::invalid(format!(
            "Invalid stack name {name}, must be a string"
        )));
    };
    let mut characters = text.chars();
    let starts_well = characters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic());
    let goes_on_well =
        characters.all(|next| next.is_ascii_alphanumeric() || matches!(next, '_' | '-' | '.'));
    if starts_well && goes_on_well && text.len() <= 255 {
        return Ok(());
    }
    Err(Refusal::invalid(format!(
        "Invalid stack name {text} must contain only alphanumeric or \"_-.\" characters, must \
         start with alpha and must be 255 characters or less."
    )))
}

fn given_template(body: &Map<String, Value>) -> Result<Option<Map<String, Value>>> {
    if body.get("template_url").is_some_and(|url| !url.is_null()) && body.get("template").is_none()
    {
        return Err(Refusal::bad_request(
            "The sandbox fetches no templates (template_url)",
        ));
    }
    body.get("template")
        .filter(|template| !template.is_null())
        .map(Template::read)
        .transpose()
}

fn no_template() -> Refusal {
    Refusal::bad_request("No template specified")
}

fn settings(template: Map<String, Value>, environment: Environment) -> Result<Settings> {
    let template = Template::parse(template, &|kind| environment.replacement(kind))?;
    let values = Values::new(
        &template.parameters,
        &environment.parameters,
        &environment.defaults,
    )?;
    Ok(Settings {
        template,
        environment,
        values,
    })
}

/// Checks property values as far as they are known before anything is made.
fn check_properties(state: &State, draft: &Stack) -> Result<()> {
    for definition in &state.settings.template.resources {
        if definition.needs.is_empty() {
            state.properties(draft, &definition.name)?;
        }
    }
    Ok(())
}

fn placeholder() -> State {
    let settings = Settings {
        template: Template::empty(),
        environment: Environment::default(),
        values: Values::default(),
    };
    State::new(settings, Vec::new(), true, None)
}
