//! The sandbox's stacks and their indexes.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tokio::task::AbortHandle;

use super::environment::Environment;
use super::error::{Refusal, Result};
use super::functions::{self, Source};
use super::members;
use super::parameters::Values;
use super::resource_types::Type;
use super::snapshots::Snapshot;
use super::software::{self, Software};
use super::template::{Definition, Template};
use super::wait_conditions;
use crate::sandbox::stack_users::StackUsers;
use crate::sandbox::{clock, hex_id, lock, uuid};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Init,
    Create,
    Adopt,
    Update,
    Rollback,
    Delete,
    Suspend,
    Resume,
    Check,
    Snapshot,
    Restore,
    /// Only in events.
    Signal,
}

impl Action {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Init => "INIT",
            Self::Create => "CREATE",
            Self::Adopt => "ADOPT",
            Self::Update => "UPDATE",
            Self::Rollback => "ROLLBACK",
            Self::Delete => "DELETE",
            Self::Suspend => "SUSPEND",
            Self::Resume => "RESUME",
            Self::Check => "CHECK",
            Self::Snapshot => "SNAPSHOT",
            Self::Restore => "RESTORE",
            Self::Signal => "SIGNAL",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    InProgress,
    Complete,
    Failed,
}

impl Status {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Complete => "COMPLETE",
            Self::Failed => "FAILED",
        }
    }
}

/// The input of a stack. An update replaces it.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) template: Template,
    pub(super) environment: Environment,
    pub(super) values: Values,
}

#[derive(Debug)]
pub(super) struct Stack {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) project: String,
    pub(super) owner: String,
    pub(super) user_project: String,
    pub(super) parent: Option<Parent>,
    /// Its number in the order of creation.
    pub(super) number: u64,
    pub(super) created: Timestamp,
    state: Mutex<State>,
}

/// The parent of a nested stack.
#[derive(Debug, Clone)]
pub(super) struct Parent {
    /// The id of the parent stack.
    pub(super) id: String,
    /// The resource in the parent stack.
    pub(super) resource: String,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) action: Action,
    pub(super) status: Status,
    pub(super) reason: String,
    pub(super) updated: Option<Timestamp>,
    pub(super) deleted: Option<Timestamp>,
    pub(super) settings: Arc<Settings>,
    /// The settings to restore if an update fails.
    pub(super) previous: Option<Arc<Settings>>,
    pub(super) tags: Vec<String>,
    pub(super) disable_rollback: bool,
    pub(super) timeout_mins: Option<u64>,
    pub(super) resources: Vec<Resource>,
    /// Data of the adopted resources, by name.
    pub(super) adopted: Map<String, Value>,
    /// Whether its deletion keeps what the resources stand for.
    pub(super) abandoned: bool,
    /// Oldest first.
    pub(super) snapshots: Vec<Snapshot>,
    pub(super) events: Vec<Event>,
    /// The number of actions that were started or stopped.
    pub(super) run: u64,
    /// The task of the current action.
    pub(super) task: Option<AbortHandle>,
}

#[derive(Debug)]
pub(super) struct Resource {
    pub(super) name: String,
    /// The type name in the template.
    pub(super) type_name: String,
    pub(super) kind: Type,
    pub(super) action: Action,
    pub(super) status: Status,
    pub(super) reason: String,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
    /// The name that Heat would give to the physical resource.
    pub(super) physical_name: String,
    /// The physical id; empty until it is created.
    pub(super) physical_id: String,
    pub(super) properties: Map<String, Value>,
    /// The data of its attributes.
    pub(super) held: Value,
    /// The metadata after the first signal.
    pub(super) signals: Option<Map<String, Value>>,
    /// The hooks at which it waits.
    pub(super) hooks: Vec<&'static str>,
    /// Its nested stack, if it has one.
    pub(super) nested: Option<Arc<Stack>>,
    /// Its config or deployment, if it has one.
    pub(super) software: Option<Software>,
    /// Whether another resource replaced it, so that it must be deleted.
    pub(super) replaced: bool,
    /// The length of its longest chain of dependencies.
    pub(super) level: usize,
}

impl Resource {
    pub(super) fn new(stack: &str, definition: &Definition) -> Self {
        let name = &definition.name;
        let suffix: String = (0..12)
            .filter_map(|_| fastrand::choice(b"abcdefghijklmnopqrstuvwxyz234567"))
            .map(|byte| char::from(*byte))
            .collect();
        let now = clock::now();
        Self {
            name: name.clone(),
            type_name: definition.type_name.clone(),
            kind: definition.kind,
            action: Action::Init,
            status: Status::Complete,
            reason: String::new(),
            created: now,
            updated: now,
            physical_name: format!("{stack}-{name}-{suffix}"),
            physical_id: String::new(),
            properties: Map::new(),
            held: Value::Null,
            signals: None,
            hooks: Vec::new(),
            nested: None,
            software: None,
            replaced: false,
            level: definition.level,
        }
    }

    /// An event of the resource.
    pub(super) fn event(&self, action: Action, status: Status, reason: String) -> Event {
        let physical_id = match self.physical_id.as_str() {
            "" if action == Action::Init => "",
            "" => &self.physical_name,
            id => id,
        };
        Event {
            id: uuid(),
            time: clock::now(),
            resource: self.name.clone(),
            kind: self.type_name.clone(),
            physical_id: physical_id.to_owned(),
            action,
            status,
            reason,
            properties: Value::Object(self.properties.clone()),
        }
    }

    pub(super) fn is(&self, action: Action, status: Status) -> bool {
        self.action == action && self.status == status
    }

    pub(super) fn reference(&self) -> Value {
        if let Some(Stack {
            id, name, project, ..
        }) = self
            .nested
            .as_deref()
            .filter(|_| self.kind == Type::Template)
        {
            format!("arn:openstack:heat::{project}:stacks/{name}/{id}").into()
        } else if self.physical_id.is_empty() {
            self.name.as_str().into()
        } else if self.kind == Type::AwsWaitConditionHandle {
            self.held.get("url").cloned().unwrap_or_default()
        } else if self.kind == Type::RandomString {
            self.held.clone()
        } else {
            self.physical_id.as_str().into()
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) time: Timestamp,
    pub(super) resource: String,
    /// The type of the resource.
    pub(super) kind: String,
    pub(super) physical_id: String,
    pub(super) action: Action,
    pub(super) status: Status,
    pub(super) reason: String,
    pub(super) properties: Value,
}

impl Stack {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// A stack for a preview, which is never created.
    pub(super) fn draft(name: &str, project: &str, owner: &str, state: State) -> Self {
        Self {
            id: "None".to_owned(),
            name: name.to_owned(),
            project: project.to_owned(),
            owner: owner.to_owned(),
            user_project: String::new(),
            parent: None,
            number: 0,
            created: clock::now(),
            state: Mutex::new(state),
        }
    }
}

impl State {
    pub(super) fn new(
        settings: impl Into<Arc<Settings>>,
        tags: Vec<String>,
        disable_rollback: bool,
        timeout_mins: Option<u64>,
    ) -> Self {
        Self {
            action: Action::Init,
            status: Status::Complete,
            reason: String::new(),
            updated: None,
            deleted: None,
            settings: settings.into(),
            previous: None,
            tags,
            disable_rollback,
            timeout_mins,
            resources: Vec::new(),
            adopted: Map::new(),
            abandoned: false,
            snapshots: Vec::new(),
            events: Vec::new(),
            run: 0,
            task: None,
        }
    }

    pub(super) fn status_text(&self) -> String {
        format!("{}_{}", self.action.name(), self.status.name())
    }

    /// The template as Heat shows it.
    pub(super) fn shown_template(&self) -> Value {
        let mut shown = self.settings.template.raw.clone();
        // Heat implements a delete as an update to an empty template.
        if self.action == Action::Delete
            && let Some(resources) = shown.get_mut("resources")
        {
            *resources = json!({});
        }
        shown
    }

    /// Sets the state of the stack and records the event.
    pub(super) fn enter(&mut self, stack: &Stack, action: Action, status: Status, reason: String) {
        if status == Status::InProgress && action != Action::Create {
            self.updated = Some(clock::now());
        }
        self.action = action;
        self.status = status;
        self.reason.clone_from(&reason);
        self.events.push(Event {
            id: uuid(),
            time: clock::now(),
            resource: stack.name.clone(),
            kind: "OS::Heat::Stack".to_owned(),
            physical_id: stack.id.clone(),
            action,
            status,
            reason,
            properties: json!({}),
        });
    }

    pub(super) fn resource(&self, name: &str) -> Option<&Resource> {
        self.resources
            .iter()
            .find(|resource| resource.name == name && !resource.replaced)
    }

    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.resources
            .iter()
            .position(|resource| resource.name == name && !resource.replaced)
    }

    /// The data of a resource's attributes; null before it is created.
    pub(super) fn held(&self, resource: &Resource) -> Value {
        if let Some(data) = wait_conditions::data(self, resource) {
            return data;
        }
        match resource.physical_id.as_str() {
            "" => Value::Null,
            _ => resource.held.clone(),
        }
    }

    /// The value of an expression in the stack's template.
    pub(super) fn resolve(&self, stack: &Stack, value: &Value) -> Result<Value, String> {
        functions::resolve(value, &Scope { stack, state: self })
    }

    /// The current properties of a resource.
    pub(super) fn properties(&self, stack: &Stack, name: &str) -> Result<Map<String, Value>> {
        match self.settings.template.resource(name) {
            Some(definition) => definition.properties(&Scope { stack, state: self }),
            None => Ok(Map::new()),
        }
    }
}

struct Scope<'a> {
    stack: &'a Stack,
    state: &'a State,
}

impl Source for Scope<'_> {
    fn parameter(&self, name: &str) -> Value {
        match name {
            "OS::stack_name" => self.stack.name.as_str().into(),
            "OS::stack_id" => self.stack.id.as_str().into(),
            "OS::project_id" => self.stack.project.as_str().into(),
            _ => self
                .state
                .settings
                .values
                .get(name)
                .cloned()
                .unwrap_or_default(),
        }
    }

    fn attribute(&self, resource: &str, attribute: Option<&str>) -> Result<Value, String> {
        let made = self.state.resource(resource);
        let is_made =
            |made: &&Resource| made.kind.is_wait_condition() || !made.physical_id.is_empty();
        let Some(made) = made.filter(is_made) else {
            return Ok(Value::Null);
        };
        if let Some(software) = &made.software {
            return software.attribute(resource, attribute);
        }
        let held = self.state.held(made);
        match attribute {
            Some(name) if made.kind == Type::Template && held.get(name).is_none() => Err(format!(
                "The Referenced Attribute ({resource} {name}) is incorrect."
            )),
            _ => Ok(made.kind.attribute(&held, attribute)),
        }
    }

    fn member_attribute(&self, resource: &str, path: &[Value]) -> Option<Result<Value, String>> {
        let made = self.state.resource(resource)?;
        let child = made
            .nested
            .as_ref()
            .filter(|_| made.kind != Type::Template)?;
        (!path.is_empty()).then(|| members::attribute(made, child, path))
    }

    fn reference(&self, resource: &str) -> Value {
        self.state
            .resource(resource)
            .map_or_else(|| resource.into(), Resource::reference)
    }

    fn file(&self, path: &str) -> Option<&Value> {
        self.state.settings.environment.files.get(path)
    }
}

/// All stacks, including deleted ones.
#[derive(Debug)]
pub(super) struct Store {
    index: RwLock<Index>,
    pub(super) users: Arc<StackUsers>,
    software: software::Store,
}

#[derive(Debug, Default)]
struct Index {
    next: u64,
    by_id: HashMap<String, Arc<Stack>>,
    in_order: BTreeMap<u64, Arc<Stack>>,
    projects: HashMap<String, Project>,
}

#[derive(Debug, Default)]
struct Project {
    /// Stacks that are not deleted.
    by_name: HashMap<String, Arc<Stack>>,
    in_order: BTreeMap<u64, Arc<Stack>>,
}

impl Store {
    pub(super) fn new(users: Arc<StackUsers>) -> Self {
        Self {
            index: RwLock::default(),
            users,
            software: software::Store::default(),
        }
    }

    pub(super) fn software(&self) -> &software::Store {
        &self.software
    }

    /// Adds a stack. Its name must be free.
    pub(super) fn add(
        &self,
        name: &str,
        project: &str,
        owner: &str,
        parent: Option<Parent>,
        state: State,
    ) -> Result<Arc<Stack>> {
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        let number = index.next;
        let of_project = index.projects.entry(project.to_owned()).or_default();
        if of_project.by_name.contains_key(name) {
            return Err(exists(name));
        }
        // Nested stacks share the project of the outermost one.
        let above = parent
            .as_ref()
            .and_then(|parent| index.by_id.get(&parent.id));
        let user_project = above.map_or_else(hex_id, |above| above.user_project.clone());
        let of_project = index.projects.entry(project.to_owned()).or_default();
        let stack = Arc::new(Stack {
            id: uuid(),
            user_project,
            parent,
            number,
            ..Stack::draft(name, project, owner, state)
        });
        of_project
            .by_name
            .insert(name.to_owned(), Arc::clone(&stack));
        of_project.in_order.insert(number, Arc::clone(&stack));
        index.by_id.insert(stack.id.clone(), Arc::clone(&stack));
        index.in_order.insert(number, Arc::clone(&stack));
        index.next += 1;
        Ok(stack)
    }

    pub(super) fn check_free(&self, name: &str, project: &str) -> Result<()> {
        match self.named(name, project) {
            Some(_) => Err(exists(name)),
            None => Ok(()),
        }
    }

    pub(super) fn by_id(&self, id: &str) -> Option<Arc<Stack>> {
        self.index
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .by_id
            .get(id)
            .map(Arc::clone)
    }

    pub(super) fn named(&self, name: &str, project: &str) -> Option<Arc<Stack>> {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        index
            .projects
            .get(project)?
            .by_name
            .get(name)
            .map(Arc::clone)
    }

    /// Frees the name of a deleted stack.
    pub(super) fn release(&self, stack: &Stack) {
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(project) = index.projects.get_mut(&stack.project)
            && project
                .by_name
                .get(&stack.name)
                .is_some_and(|named| named.id == stack.id)
        {
            project.by_name.remove(&stack.name);
        }
    }

    /// The stacks of a project (of all without one) that pass `keep`, newest first, at most `limit` of
    /// those created before number `before`.
    pub(super) fn newest(
        &self,
        project: Option<&str>,
        before: Option<u64>,
        limit: usize,
        keep: impl Fn(&Stack) -> bool,
    ) -> Vec<Arc<Stack>> {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        let Some(in_order) = index.in_order(project) else {
            return Vec::new();
        };
        in_order
            .range(..before.unwrap_or(u64::MAX))
            .rev()
            .map(|(_, stack)| stack)
            .filter(|stack| keep(stack))
            .take(limit)
            .map(Arc::clone)
            .collect()
    }

    /// The number of stacks that [`newest`](Self::newest) finds without limits.
    pub(super) fn count(&self, project: Option<&str>, keep: impl Fn(&Stack) -> bool) -> usize {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        let all = index.in_order(project).into_iter().flatten();
        all.filter(|(_, stack)| keep(stack)).count()
    }
}

impl Index {
    fn in_order(&self, project: Option<&str>) -> Option<&BTreeMap<u64, Arc<Stack>>> {
        match project {
            Some(project) => Some(&self.projects.get(project)?.in_order),
            None => Some(&self.in_order),
        }
    }
}

fn exists(name: &str) -> Refusal {
    let message = format!("The Stack ({name}) already exists.");
    Refusal::new(http::StatusCode::CONFLICT, "StackExists", message)
}
