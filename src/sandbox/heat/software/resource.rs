//! Configs and deployments as resources of stacks.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::derive::Derivation;
use super::kind::{actions, transport};
use super::{Config, Deployment, Kind, NewConfig, REGION, State, name_of, schema};
use crate::sandbox::heat::error::{Refusal, Result};
use crate::sandbox::heat::python;
use crate::sandbox::heat::stack::{Action, Resource, Stack, Status, Store};

/// The record of a resource.
#[derive(Debug, Clone)]
pub(in crate::sandbox::heat) enum Software {
    Config(Arc<Config>),
    Deployment {
        record: Arc<Deployment>,
        /// Whether the current action of the resource waits for results.
        waits: bool,
    },
}

impl Software {
    /// The deployment whose results the resource waits for.
    pub(in crate::sandbox::heat) fn awaited(&self) -> Option<Arc<Deployment>> {
        match self {
            Self::Deployment {
                record,
                waits: true,
            } => Some(Arc::clone(record)),
            _ => None,
        }
    }

    /// The resource as the API shows it.
    pub(in crate::sandbox::heat) fn shown(&self) -> Value {
        match self {
            Self::Config(config) => config.shown(),
            Self::Deployment { record, .. } => record.shown(),
        }
    }

    /// The value of an attribute of the resource with this name; of all attributes for `None`.
    pub(in crate::sandbox::heat) fn attribute(
        &self,
        resource: &str,
        name: Option<&str>,
    ) -> Result<Value, String> {
        match (self, name) {
            (_, Some("show")) => Ok(self.shown()),
            (Self::Config(config), Some("config")) => Ok(config.config.clone()),
            (Self::Config(config), None) => Ok(json!({"config": config.config})),
            (Self::Config(_), Some(_)) => Ok(Value::Null),
            (Self::Deployment { .. }, None) => {
                let names = Kind::Deployment.attributes().iter();
                let values = names
                    .map(|name| Ok(((*name).to_owned(), self.attribute(resource, Some(name))?)));
                Ok(Value::Object(values.collect::<Result<_, String>>()?))
            }
            (Self::Deployment { record, .. }, Some(name)) => {
                let state = record.lock();
                let is_declared = Kind::Deployment.attributes().contains(&name)
                    || state
                        .config
                        .outputs
                        .iter()
                        .any(|output| output["name"] == name);
                match state.outputs.get(name) {
                    Some(value) => Ok(value.clone()),
                    None if is_declared => Ok(Value::Null),
                    None => Err(format!(
                        "The Referenced Attribute ({resource} {name}) is incorrect."
                    )),
                }
            }
        }
    }

    /// Ends a deployment whose action was stopped.
    pub(in crate::sandbox::heat) fn cancel(&self) {
        if let Some(deployment) = self.awaited()
            && deployment.is_in_progress()
        {
            deployment.change(|state| {
                state.status = "FAILED".into();
                "Deployment cancelled.".clone_into(&mut state.reason);
            });
        }
    }

    /// Deletes the records of a deleted resource.
    pub(in crate::sandbox::heat) fn delete(&self, store: &Store) {
        let software = store.software();
        let config = match self {
            Self::Config(config) => Arc::clone(config),
            Self::Deployment { record, .. } => {
                software.delete_deployment(&record.id);
                if let Some(user) = &record.user {
                    store.users.remove(&user.id);
                }
                Arc::clone(&record.lock().config)
            }
        };
        // A config that another deployment uses stays.
        let _ = software.delete_config(&config.id);
    }

    /// Creates or updates the records of a resource for an action.
    ///
    /// # Errors
    /// The reason why the action fails.
    pub(in crate::sandbox::heat) fn apply(
        kind: Kind,
        store: &Store,
        stack: &Stack,
        resource: &mut Resource,
        action: Action,
        properties: &Map<String, Value>,
    ) -> Result<(), String> {
        if kind.is_deployment() {
            return deploy(kind, store, stack, resource, action, properties);
        }
        let filled = |section: &str, keys: &[&str]| {
            let items = properties.get(section).and_then(Value::as_array);
            let items = items.into_iter().flatten().filter_map(Value::as_object);
            // A template leaves no key out: each has a default.
            let filled = items.map(|item| {
                let value = |key: &str| match (key, item.get(key)) {
                    ("type", None | Some(Value::Null)) => "String".into(),
                    (_, value) => value.cloned().unwrap_or_default(),
                };
                keys.iter()
                    .map(|key| ((*key).to_owned(), value(key)))
                    .collect()
            });
            Value::Array(filled.map(Value::Object).collect())
        };
        let failed = |refusal: Refusal| refusal.into_message();
        let name = &resource.name;
        let inputs = schema::inputs(Some(&filled("inputs", schema::INPUT.0)));
        let inputs = inputs.map_err(|_| format!("ValueError: resources.{name}: invalid input"))?;
        let outputs =
            schema::outputs(Some(&filled("outputs", schema::OUTPUT.0))).map_err(failed)?;
        let value = |key| {
            properties
                .get(key)
                .filter(|value| !value.is_null())
                .cloned()
        };
        let config = store.software().add_config(
            &stack.project,
            NewConfig {
                name: resource.physical_name.as_str().into(),
                group: value("group").unwrap_or_else(|| "Heat::Ungrouped".into()),
                config: value("config").unwrap_or_else(|| match kind {
                    Kind::StructuredConfig => json!({}),
                    _ => "".into(),
                }),
                inputs,
                outputs,
                options: value("options").unwrap_or_else(|| json!({})),
            },
        );
        resource.physical_id.clone_from(&config.id);
        resource.software = Some(Self::Config(config));
        Ok(())
    }
}

/// Creates a deployment, or updates it with a new derived config.
fn deploy(
    kind: Kind,
    store: &Store,
    stack: &Stack,
    resource: &mut Resource,
    action: Action,
    properties: &Map<String, Value>,
) -> Result<(), String> {
    let failed =
        |kind: &str, message: &str| format!("{kind}: resources.{}: {message}", resource.name);
    if let Some(Software::Deployment { waits, .. }) = &mut resource.software {
        *waits = false;
    }
    if !actions(properties).any(|one| one == action.name()) {
        return Ok(());
    }
    let transport = transport(properties);
    if let Some(service) = match transport {
        "TEMP_URL_SIGNAL" => Some("object-store"),
        "ZAQAR_SIGNAL" => Some("messaging"),
        _ => None,
    } {
        let message = format!("public endpoint for {service} service in {REGION} region not found");
        return Err(failed("EndpointNotFound", &message));
    }
    let source = match properties.get("config").and_then(Value::as_str) {
        None | Some("") => None,
        Some(id) => Some(
            store
                .software()
                .config(id, Some(&stack.project))
                .map_err(|refusal| failed("NotFound_Remote", &refusal.into_message()))?,
        ),
    };
    let previous = match &resource.software {
        Some(Software::Deployment { record, .. }) => Some(Arc::clone(record)),
        _ => None,
    };
    let signals = matches!(transport, "HEAT_SIGNAL" | "CFN_SIGNAL");
    let user = match &previous {
        Some(record) => record.user.clone(),
        None => signals.then(|| {
            store
                .users
                .add(&resource.physical_name, &stack.user_project)
        }),
    };
    let derivation = Derivation {
        kind,
        store,
        stack,
        resource,
        action,
        properties,
        user: user.as_deref(),
    };
    let derived = derivation.config(source.as_deref())?;
    let config = store.software().add_config(&stack.project, derived);
    let waits = transport != "NO_SIGNAL";
    let (status, reason) = if waits {
        ("IN_PROGRESS", "Deploy data available")
    } else {
        ("COMPLETE", "Not waiting for outputs signal")
    };
    let inputs = properties
        .get("input_values")
        .filter(|values| !values.is_null());
    let inputs = inputs.cloned().unwrap_or_else(|| json!({}));
    let record = match previous {
        Some(record) => {
            let mut old = String::new();
            record.change(|state| {
                old.clone_from(&state.config.id);
                state.config = config;
                if python::is_true(&inputs) {
                    state.inputs = inputs;
                }
                state.action = action.name().into();
                state.status = status.into();
                reason.clone_into(&mut state.reason);
            });
            let _ = store.software().delete_config(&old);
            record
        }
        None => {
            let state = State {
                config,
                inputs,
                outputs: Value::Null,
                action: action.name().into(),
                status: status.into(),
                reason: reason.to_owned(),
                updated: None,
            };
            let server = properties.get("server").map(python::text);
            let server = server.unwrap_or_default().into();
            store
                .software()
                .add_deployment(&stack.project, server, state, user)
        }
    };
    resource.physical_id.clone_from(&record.id);
    resource.software = Some(Software::Deployment { record, waits });
    Ok(())
}

/// Whether a changed input requires a new deployment: one that is declared with `replace_on_change`.
pub(in crate::sandbox::heat) fn replaces(
    resource: &Resource,
    store: &Store,
    stack: &Stack,
    properties: &Map<String, Value>,
) -> bool {
    let Some(Software::Deployment { record, .. }) = &resource.software else {
        return false;
    };
    let id = properties
        .get("config")
        .map(python::text)
        .unwrap_or_default();
    let Ok(source) = store.software().config(&id, Some(&stack.project)) else {
        return false;
    };
    let old = Arc::clone(&record.lock().config);
    let given = properties.get("input_values");
    source.inputs.iter().any(|input| {
        let name = name_of(input);
        let value = given
            .and_then(|given| given.get(&name))
            .or_else(|| input.get("default"));
        let has_old = old.inputs.iter().any(|input| input["name"] == *name);
        let changed = old.input(&name).unwrap_or(&Value::Null) != value.unwrap_or(&Value::Null);
        input["replace_on_change"] == true && has_old && changed
    })
}

/// Signals a resource. Returns the reason of the event, or `None` if there is none.
///
/// # Errors
/// If resources of this type take no signals.
pub(in crate::sandbox::heat) fn signal(
    resource: &mut Resource,
    details: &Value,
) -> Result<Option<String>> {
    let unsupported = || {
        let message = "signal is not supported for resource.";
        Refusal::bad("ResourceActionNotSupported", message)
    };
    if resource.action == Action::Init || resource.is(Action::Delete, Status::Complete) {
        return Err(unsupported());
    }
    let Some(Software::Deployment { record, .. }) = &resource.software else {
        return Err(unsupported());
    };
    if record.is_in_progress() {
        return Ok(match details {
            Value::Object(details) => Some(format!("Signal: {}", record.report(details))),
            other if !python::is_true(other) => {
                Some(format!("Signal: {}", record.report(&Map::new())))
            }
            // Heat fails after its answer, and records nothing.
            _ => None,
        });
    }
    Ok(Some(match details {
        Value::Null => "No signal details provided".to_owned(),
        Value::String(text) => text.clone(),
        _ => "Unknown".to_owned(),
    }))
}
