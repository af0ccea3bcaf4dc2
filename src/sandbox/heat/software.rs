//! Software configs and deployments.

mod api;
mod derive;
mod kind;
mod resource;
mod schema;

use std::sync::{Arc, Mutex, MutexGuard};

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tokio::sync::Notify;

pub(super) use self::kind::Kind;
pub(super) use self::resource::{Software, replaces, signal};

use super::error::{Refusal, Result};
use super::python;
use crate::sandbox::stack_users::StackUser;
use crate::sandbox::{clock, lock, uuid};

const IN_PROGRESS: &str = "IN_PROGRESS";
const REGION: &str = "RegionOne";

/// All configs and deployments, in the order of their creation.
#[derive(Debug, Default)]
pub(super) struct Store {
    records: Mutex<Records>,
}

#[derive(Debug, Default)]
struct Records {
    configs: Vec<Arc<Config>>,
    deployments: Vec<Arc<Deployment>>,
}

/// A config. It never changes.
#[derive(Debug)]
pub(super) struct Config {
    id: String,
    project: String,
    created: Timestamp,
    name: Value,
    group: Value,
    config: Value,
    inputs: Vec<Value>,
    outputs: Vec<Value>,
    options: Value,
}

#[derive(Debug)]
pub(super) struct Deployment {
    id: String,
    project: String,
    created: Timestamp,
    server: Value,
    state: Mutex<State>,
    /// Notified when the status changes.
    changed: Notify,
    /// The user that reports results, if they come by a signal.
    user: Option<Arc<StackUser>>,
}

#[derive(Debug)]
struct State {
    config: Arc<Config>,
    inputs: Value,
    outputs: Value,
    action: Value,
    status: Value,
    reason: String,
    updated: Option<Timestamp>,
}

/// The values of a new config.
#[derive(Debug, Default)]
struct NewConfig {
    name: Value,
    group: Value,
    config: Value,
    inputs: Vec<Value>,
    outputs: Vec<Value>,
    options: Value,
}

impl Store {
    fn records(&self) -> MutexGuard<'_, Records> {
        lock(&self.records)
    }

    fn add_config(&self, project: &str, new: NewConfig) -> Arc<Config> {
        let config = Arc::new(Config {
            id: uuid(),
            project: project.to_owned(),
            created: clock::now(),
            name: column(new.name),
            group: column(new.group),
            config: new.config,
            inputs: new.inputs,
            outputs: new.outputs,
            options: new.options,
        });
        self.records().configs.push(Arc::clone(&config));
        config
    }

    /// The config of a project; of any project for administrators.
    fn config(&self, id: &str, project: Option<&str>) -> Result<Arc<Config>> {
        let records = self.records();
        let found = records.configs.iter().find(|config| {
            config.id == id && project.is_none_or(|project| config.project == project)
        });
        found.map(Arc::clone).ok_or_else(|| no_config(id))
    }

    fn delete_config(&self, id: &str) -> Result<()> {
        let mut records = self.records();
        let mut deployments = records.deployments.iter();
        if deployments.any(|deployment| deployment.lock().config.id == id) {
            let message =
                format!("Software config with id {id} can not be deleted as it is referenced.");
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            return Err(Refusal::new(status, "InvalidRestrictedAction", message));
        }
        records.configs.retain(|config| config.id != id);
        Ok(())
    }

    fn add_deployment(
        &self,
        project: &str,
        server: Value,
        state: State,
        user: Option<Arc<StackUser>>,
    ) -> Arc<Deployment> {
        let deployment = Arc::new(Deployment {
            id: uuid(),
            project: project.to_owned(),
            created: clock::now(),
            server: column(server),
            state: Mutex::new(state),
            changed: Notify::new(),
            user,
        });
        self.records().deployments.push(Arc::clone(&deployment));
        deployment
    }

    fn deployment(&self, id: &str, project: Option<&str>) -> Result<Arc<Deployment>> {
        let records = self.records();
        let found = records.deployments.iter().find(|deployment| {
            deployment.id == id && project.is_none_or(|project| deployment.project == project)
        });
        found.map(Arc::clone).ok_or_else(|| {
            Refusal::not_found("NotFound", format!("Deployment with id {id} not found"))
        })
    }

    fn delete_deployment(&self, id: &str) {
        self.records()
            .deployments
            .retain(|deployment| deployment.id != id);
    }
}

/// Sets a key of an object.
fn set(object: &mut Value, key: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}

/// The name of an input or an output.
fn name_of(item: &Value) -> String {
    item.get("name").map(python::text).unwrap_or_default()
}

fn no_config(id: &str) -> Refusal {
    let message = format!("Software config with id {id} not found");
    Refusal::not_found("NotFound", message)
}

/// A value as it comes back from a text column of the database.
fn column(value: Value) -> Value {
    match value {
        Value::Null | Value::String(_) => value,
        other => python::text(&other).into(),
    }
}

impl Config {
    /// The config in a list.
    fn summary(&self, with_project: bool) -> Value {
        let mut shown = json!({
            "id": self.id,
            "name": self.name,
            "group": self.group,
            "creation_time": clock::seconds(self.created),
        });
        if with_project {
            set(&mut shown, "project", self.project.as_str().into());
        }
        shown
    }

    fn shown(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "group": self.group,
            "creation_time": clock::seconds(self.created),
            "config": self.config,
            "inputs": self.inputs,
            "outputs": self.outputs,
            "options": self.options,
        })
    }

    /// The value of an input.
    fn input(&self, name: &str) -> Option<&Value> {
        let input = self.inputs.iter().find(|input| input["name"] == name);
        input?.get("value")
    }
}

impl Deployment {
    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    fn shown(&self) -> Value {
        let state = self.lock();
        let mut shown = json!({
            "id": self.id,
            "server_id": self.server,
            "input_values": state.inputs,
            "output_values": state.outputs,
            "action": state.action,
            "status": state.status,
            "status_reason": state.reason,
            "config_id": state.config.id,
            "creation_time": clock::seconds(self.created),
        });
        if let Some(updated) = state.updated {
            set(&mut shown, "updated_time", clock::seconds(updated).into());
        }
        shown
    }

    fn is_in_progress(&self) -> bool {
        self.lock().status == IN_PROGRESS
    }

    /// Changes the deployment, as an update does.
    fn change(&self, change: impl FnOnce(&mut State)) {
        {
            let mut state = self.lock();
            change(&mut state);
            state.updated = Some(clock::now());
        }
        self.changed.notify_waiters();
    }

    /// Waits until the deployment is not in progress.
    ///
    /// # Errors
    /// The reason, if it failed.
    pub(super) async fn settle(&self) -> Result<(), String> {
        loop {
            // Created before the look at the status, so that no change is missed.
            let changed = self.changed.notified();
            {
                let state = self.lock();
                match state.status.as_str() {
                    Some("COMPLETE") => return Ok(()),
                    Some("FAILED") => {
                        return Err(format!("Deployment to server failed: {}", state.reason));
                    }
                    _ => {}
                }
            }
            changed.await;
        }
    }

    /// Takes the results that a server reports. Returns the reason of the event.
    fn report(&self, details: &Map<String, Value>) -> String {
        let id = &self.id;
        let mut reason = format!("deployment {id} succeeded");
        let mut failures = Vec::new();
        self.change(|state| {
            let mut outputs = match std::mem::take(&mut state.outputs) {
                Value::Object(outputs) => outputs,
                _ => Map::new(),
            };
            let code = details.get("deploy_status_code").unwrap_or(&Value::Null);
            let text = python::text(code);
            if python::is_true(code) && text != "0" {
                failures.push(format!(
                    "deploy_status_code : Deployment exited with non-zero status code: {text}"
                ));
                reason = format!("deployment {id} failed ({text})");
            }
            for output in &state.config.outputs {
                let name = name_of(output);
                let Some(value) = details.get(&name) else {
                    continue;
                };
                outputs.insert(name.clone(), value.clone());
                if output["error_output"] == true {
                    failures.push(format!("{name} : {}", python::text(value)));
                    reason = format!("deployment {id} failed");
                }
            }
            for name in ["deploy_stdout", "deploy_stderr", "deploy_status_code"] {
                let value = details.get(name).cloned().unwrap_or_default();
                outputs.insert(name.to_owned(), value);
            }
            state.outputs = outputs.into();
            (state.status, state.reason) = if failures.is_empty() {
                ("COMPLETE".into(), "Outputs received".to_owned())
            } else {
                ("FAILED".into(), failures.join(", "))
            };
        });
        reason
    }
}
