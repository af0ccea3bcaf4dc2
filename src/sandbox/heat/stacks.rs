//! Operations on stacks: create, adopt, preview, show, update, delete and actions.

use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::adopt::AdoptData;
use super::environment::Environment;
use super::error::{Refusal, Result};
use super::functions::{self, Source};
use super::nested::Nested;
use super::parameters::Values;
use super::request::{Request, number, ok};
use super::resource_types::Type;
use super::stack::{Action, Parent, Resource, Settings, Stack, State, Status};
use super::template::Template;
use super::{engine, plain, python};
use crate::sandbox::call::{self, Answer};

impl Request<'_> {
    pub(super) fn create(&self) -> Result<Answer> {
        self.allow("stacks:create")?;
        let body = self.body()?;
        let name = given_name(&body)?;
        let adopted = AdoptData::read(&body)?;
        let template = match &adopted {
            Some(data) => data.template.clone(),
            None => given_template(&body)?.ok_or_else(no_template)?,
        };
        let options = Options::read(&body)?;
        refuse_converge(&body)?;
        check_name(name)?;
        let name = python::text(name);
        let store = &self.heat.store;
        store.check_free(&name, self.project)?;
        let mut environment = Environment::read(&body)?;
        let mut resources = None;
        if let Some(data) = adopted {
            environment.add_parameters(data.parameters);
            resources = Some(data.resources);
        }
        let settings = settings(template, environment)?;
        check_properties(&settings, &name, self.project)?;
        let state = State::new(
            settings,
            options.tags.unwrap_or_default(),
            options.disable_rollback.unwrap_or(true),
            options.timeout_mins,
        );
        let stack = store.add(&name, self.project, &self.caller.user, None, state)?;
        match resources {
            None => self.start(&stack, Action::Create, |_| {})?,
            Some(resources) => self.start(&stack, Action::Adopt, |state| {
                state.adopted = resources;
            })?,
        }
        let mut answer = call::json(StatusCode::CREATED, &self.views().created(&stack));
        call::locate(&mut answer, &self.views().url(&stack));
        Ok(answer)
    }

    pub(super) fn start(
        &self,
        stack: &Arc<Stack>,
        action: Action,
        change: impl FnOnce(&mut State),
    ) -> Result<()> {
        engine::start(
            &self.heat.store,
            stack,
            action,
            self.heat.stack_delay(),
            change,
        )
    }

    pub(super) fn preview(&self) -> Result<Answer> {
        let body = self.body()?;
        let name = given_name(&body)?;
        let template = given_template(&body)?.ok_or_else(no_template)?;
        let options = Options::read(&body)?;
        refuse_converge(&body)?;
        check_name(name)?;
        let name = python::text(name);
        self.heat.store.check_free(&name, self.project)?;
        let settings = settings(template, Environment::read(&body)?)?;
        check_properties(&settings, &name, self.project)?;
        let state = State::new(
            settings,
            options.tags.unwrap_or_default(),
            options.disable_rollback.unwrap_or(true),
            options.timeout_mins,
        );
        let stack = Stack::draft(&name, self.project, &self.caller.user, state);
        let resources = self.plan(&stack)?;
        let mut shown = self.views().stack(&stack, &stack.lock(), true);
        shown.insert("resources".to_owned(), resources.into());
        Ok(ok(&json!({"stack": shown})))
    }

    /// Adds the planned resources to a draft and shows them; those of nested stacks as lists.
    fn plan(&self, stack: &Stack) -> Result<Vec<Value>> {
        let mut state = stack.lock();
        let settings = Arc::clone(&state.settings);
        let mut lists = Vec::new();
        for definition in &settings.template.resources {
            let mut resource = Resource::new(&stack.name, definition);
            resource.properties = state.properties(stack, &definition.name)?;
            match &definition.nested {
                None => state.resources.push(resource),
                Some(nested) => {
                    let below = nested.draft(&resource.properties)?;
                    let name = format!("{}-{}", stack.name, definition.name);
                    let below = State::new(below, Vec::new(), true, None);
                    let mut below = Stack::draft(&name, &stack.project, &stack.owner, below);
                    below.parent = Some(Parent {
                        id: stack.id.clone(),
                        resource: definition.name.clone(),
                    });
                    lists.push(self.plan(&below)?.into());
                }
            }
        }
        let views = self.views();
        let shown = state.resources.iter().map(|resource| {
            let mut shown = views.previewed(stack, &settings.template, resource);
            let properties = resource.kind.with_defaults(&resource.properties);
            shown.insert("properties".to_owned(), properties);
            Value::Object(shown)
        });
        Ok(shown.chain(lists).collect())
    }

    pub(super) fn show(&self, stack: &Stack) -> Result<Answer> {
        let outputs = self.query().flag("resolve_outputs")?.unwrap_or(true);
        let state = stack.lock();
        Ok(ok(
            &json!({"stack": self.views().stack(stack, &state, outputs)}),
        ))
    }

    pub(super) fn update(&self, action: &str, name: &str, id: &str) -> Result<Answer> {
        let change = self.change(action)?;
        let stack = self.stack(name, id)?;
        let settings = change.apply(&stack)?;
        self.start(&stack, Action::Update, |state| {
            let Options {
                disable_rollback,
                timeout_mins,
                tags,
            } = change.options;
            state.previous = Some(std::mem::replace(&mut state.settings, Arc::new(settings)));
            state.disable_rollback = disable_rollback.unwrap_or(state.disable_rollback);
            state.timeout_mins = timeout_mins.or(state.timeout_mins);
            if tags.is_some() || !change.keep {
                state.tags = tags.unwrap_or_default();
            }
        })?;
        Ok(plain::accepted(self.call))
    }

    /// Reads an update. Heat does so before it looks up the stack.
    fn change(&self, action: &str) -> Result<Change> {
        self.allow(action)?;
        let body = self.body()?;
        let keep = self.call.method == Method::PATCH;
        let template = given_template(&body)?;
        if template.is_none() && !keep {
            return Err(no_template());
        }
        let clear = body.get("clear_parameters").and_then(Value::as_array);
        Ok(Change {
            keep,
            template,
            environment: Environment::read(&body)?,
            clear: clear.into_iter().flatten().map(python::text).collect(),
            options: Options::read(&body)?,
        })
    }

    pub(super) fn preview_update(&self, action: &str, name: &str, id: &str) -> Result<Answer> {
        let change = self.change(action)?;
        let stack = &*self.stack(name, id)?;
        let settings = change.apply(stack)?;
        let show_nested = self.query().flag("show_nested")?.unwrap_or(false);
        if show_nested && settings.template.has_nested() {
            return Err(Refusal::invalid(
                "The sandbox does not support show_nested in update previews",
            ));
        }
        let state = stack.lock();
        let views = self.views();
        let mut groups: [(&str, Vec<Value>); 5] = [
            ("unchanged", Vec::new()),
            ("updated", Vec::new()),
            ("replaced", Vec::new()),
            ("added", Vec::new()),
            ("deleted", Vec::new()),
        ];
        let planned = State::new(settings, Vec::new(), true, None);
        let after = &planned.settings.template;
        let mut put = |wanted: &str, template: &Template, resource: &Resource| {
            if let Some((_, group)) = groups.iter_mut().find(|(name, _)| *name == wanted) {
                group.push(views.previewed(stack, template, resource).into());
            }
        };
        for definition in &after.resources {
            let (kind, name) = (definition.kind, &definition.name);
            let fresh = Resource::new(&stack.name, definition);
            let properties = planned.properties(stack, name).unwrap_or_default();
            match state.resource(name) {
                None => put("added", after, &fresh),
                Some(old)
                    if old.kind == kind
                        && old.properties == properties
                        && definition.is_of_template(old) =>
                {
                    put("unchanged", after, old);
                }
                Some(old)
                    if old.kind != kind || kind.must_replace(&old.properties, &properties) =>
                {
                    put("replaced", after, &fresh);
                }
                Some(old) => put("updated", after, old),
            }
        }
        for resource in &state.resources {
            if after.resource(&resource.name).is_none() {
                put("deleted", &state.settings.template, resource);
            }
        }
        let groups: Map<_, _> = groups
            .into_iter()
            .map(|(name, group)| (name.to_owned(), group.into()))
            .collect();
        Ok(ok(&json!({"resource_changes": groups})))
    }

    pub(super) fn delete(&self, stack: &Arc<Stack>) -> Result<Answer> {
        self.start(stack, Action::Delete, |_| {})?;
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
        // Readers may check stacks.
        if action != "check" {
            self.allow(&format!("actions:{action}"))?;
        }
        let (current, status, status_text) = {
            let state = stack.lock();
            (state.action, state.status, state.status_text())
        };
        let running = status == Status::InProgress;
        let cancellable = match action.as_str() {
            "cancel_update" => running && current == Action::Update,
            _ => running && matches!(current, Action::Create | Action::Update),
        };
        match action.as_str() {
            "suspend" => self.start(stack, Action::Suspend, |_| {})?,
            "resume" => self.start(stack, Action::Resume, |_| {})?,
            "check" => self.start(stack, Action::Check, |_| {})?,
            _ if !cancellable => {
                let message =
                    format!("Cancelling update when stack is {status_text} is not supported.");
                return Err(Refusal::bad("NotSupported", message));
            }
            "cancel_update" => self.start(stack, Action::Rollback, |state| {
                if let Some(previous) = state.previous.take() {
                    state.settings = previous;
                }
            })?,
            _ => engine::cancel(stack),
        }
        Ok(ok(&Value::Null))
    }
}

/// A requested update.
struct Change {
    /// Whether unnamed settings keep their values (PATCH).
    keep: bool,
    template: Option<Map<String, Value>>,
    environment: Environment,
    /// Parameters to reset to their defaults.
    clear: Vec<String>,
    options: Options,
}

impl Change {
    /// The settings of the stack after the update.
    fn apply(&self, stack: &Stack) -> Result<Settings> {
        let state = stack.lock();
        if state.deleted.is_some() {
            return Err(Refusal::no_stack(&stack.name));
        }
        for (action, verb) in [(Action::Delete, "deleting"), (Action::Suspend, "suspended")] {
            if state.action == action && state.status != Status::Failed {
                let message = format!("Updating a stack when it is {verb} is not supported.");
                return Err(Refusal::bad("NotSupported", message));
            }
        }
        let template = match &self.template {
            Some(template) => template.clone(),
            None => state
                .settings
                .template
                .raw
                .as_object()
                .cloned()
                .unwrap_or_default(),
        };
        let mut environment = self.environment.clone();
        if self.keep {
            environment = state
                .settings
                .environment
                .patched(environment, &self.clear)?;
            let declared = template.get("parameters");
            environment
                .parameters
                .retain(|name, _| declared.is_some_and(|declared| declared.get(name).is_some()));
        }
        drop(state);
        let settings = settings(template, environment)?;
        check_properties(&settings, &stack.name, &stack.project)?;
        Ok(settings)
    }
}

/// The settings of a create or update beside template and environment.
struct Options {
    disable_rollback: Option<bool>,
    timeout_mins: Option<u64>,
    tags: Option<Vec<String>>,
}

impl Options {
    fn read(body: &Map<String, Value>) -> Result<Self> {
        let present = |key| body.get(key).filter(|value| !Value::is_null(value));
        let flag = |key| {
            let value = body.get(key);
            value.map(flag).transpose()
        };
        let disable_rollback = flag("disable_rollback")?;
        flag("converge")?;
        // Heat ignores a timeout of zero.
        let timeout_mins = present("timeout_mins")
            .map(|value| number("timeout_mins", value))
            .transpose()?
            .filter(|minutes| *minutes != 0);
        let tags = present("tags")
            .map(|tags| {
                let tags = tags
                    .as_str()
                    .ok_or_else(|| Refusal::hidden("AttributeError"))?;
                tags.split(',').map(check_tag).collect()
            })
            .transpose()?;
        Ok(Self {
            disable_rollback,
            timeout_mins,
            tags,
        })
    }
}

/// Reads a boolean option.
fn flag(value: &Value) -> Result<bool> {
    match python::text(value).to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Refusal::hidden("ValueError")),
    }
}

fn refuse_converge(body: &Map<String, Value>) -> Result<()> {
    match body.get("converge") {
        None => Ok(()),
        Some(_) => Err(Refusal::bad_request(
            "converge flag only supported in stack update (or update preview) request.",
        )),
    }
}

/// Checks a tag. Heat accepts empty ones.
fn check_tag(tag: &str) -> Result<String> {
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

pub(super) fn given_template(body: &Map<String, Value>) -> Result<Option<Map<String, Value>>> {
    // The sandbox reaches no other server.
    if let (Some(url), None) = (body.get("template_url"), body.get("template")) {
        let url = url
            .as_str()
            .ok_or_else(|| Refusal::hidden("AttributeError"))?;
        let why = match url.split_once(':').map_or("", |(scheme, _)| scheme) {
            "http" | "https" => format!("Failed to retrieve template from {url}"),
            other => format!("Invalid URL scheme {other}"),
        };
        return Err(Refusal::bad_request(format!(
            "Could not retrieve template: {why}"
        )));
    }
    body.get("template")
        .filter(|template| !template.is_null())
        .map(Template::read)
        .transpose()
}

pub(super) fn no_template() -> Refusal {
    Refusal::bad_request("No template specified")
}

pub(super) fn settings(template: Map<String, Value>, environment: Environment) -> Result<Settings> {
    let template = Template::parse(template, &environment)?;
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

/// Checks property values as far as they are known before the creation.
fn check_properties(settings: &Settings, name: &str, project: &str) -> Result<()> {
    check(settings, name, project, |_| true)
}

/// Checks the members of the groups in a template.
pub(super) fn check_members(settings: &Settings) -> Result<()> {
    let is_group = |nested: Option<&Nested>| matches!(nested, Some(Nested::Members(_)));
    check(settings, "", "", is_group)
}

/// Checks the properties of the chosen resources, as far as they are known, and all nested templates.
fn check(
    settings: &Settings,
    name: &str,
    project: &str,
    chosen: impl Fn(Option<&Nested>) -> bool,
) -> Result<()> {
    let scope = Draft {
        name,
        project,
        settings,
    };
    settings.template.check_nested()?;
    for definition in &settings.template.resources {
        let nested = definition.nested.as_deref();
        if !chosen(nested) {
            continue;
        }
        if definition.needs.is_empty() {
            let properties = definition.properties(&scope)?;
            if let Some(Nested::Members(members)) = nested {
                members.check(&definition.name, &properties)?;
            }
        } else if let Type::Software(_) = definition.kind {
            // Values that depend on other resources are checked when the resource is created.
            let known = definition.properties.iter().filter_map(|(name, value)| {
                let value = functions::resolve(value, &scope).ok()?;
                Some((name.clone(), value))
            });
            definition.kind.coerce(&definition.name, known.collect())?;
        }
    }
    Ok(())
}

/// A stack without any created resource.
struct Draft<'a> {
    name: &'a str,
    project: &'a str,
    settings: &'a Settings,
}

impl Source for Draft<'_> {
    fn parameter(&self, name: &str) -> Value {
        match name {
            "OS::stack_name" => self.name.into(),
            "OS::stack_id" => "None".into(),
            "OS::project_id" => self.project.into(),
            _ => self.settings.values.get(name).cloned().unwrap_or_default(),
        }
    }

    fn attribute(&self, _resource: &str, _attribute: Option<&str>) -> Result<Value, String> {
        Ok(Value::Null)
    }

    fn reference(&self, resource: &str) -> Value {
        resource.into()
    }

    fn file(&self, path: &str) -> Option<&Value> {
        self.settings.environment.files.get(path)
    }
}
