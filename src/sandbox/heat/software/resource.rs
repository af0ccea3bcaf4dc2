//! Configs and deployments as resources of stacks.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{Config, Deployment, NewConfig, State, schema};
use crate::sandbox::heat::error::{Refusal, Result};
use crate::sandbox::heat::python;
use crate::sandbox::heat::stack::{Action, Resource, Stack, Status, Store};

const REGION: &str = "RegionOne";

const TRANSPORTS: [&str; 5] = [
    "CFN_SIGNAL",
    "TEMP_URL_SIGNAL",
    "HEAT_SIGNAL",
    "NO_SIGNAL",
    "ZAQAR_SIGNAL",
];

const ACTIONS: [&str; 5] = ["CREATE", "UPDATE", "DELETE", "SUSPEND", "RESUME"];

/// A resource type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sandbox::heat) enum Kind {
    Config,
    StructuredConfig,
    Deployment,
    StructuredDeployment,
}

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

impl Kind {
    pub(in crate::sandbox::heat) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "OS::Heat::SoftwareConfig" => Self::Config,
            "OS::Heat::StructuredConfig" => Self::StructuredConfig,
            "OS::Heat::SoftwareDeployment" => Self::Deployment,
            "OS::Heat::StructuredDeployment" => Self::StructuredDeployment,
            _ => return None,
        })
    }

    /// The name of Heat's class.
    pub(in crate::sandbox::heat) const fn class(self) -> &'static str {
        match self {
            Self::Config => "SoftwareConfig",
            Self::StructuredConfig => "StructuredConfig",
            Self::Deployment => "SoftwareDeployment",
            Self::StructuredDeployment => "StructuredDeployment",
        }
    }

    pub(in crate::sandbox::heat) const fn is_deployment(self) -> bool {
        matches!(self, Self::Deployment | Self::StructuredDeployment)
    }

    pub(in crate::sandbox::heat) const fn attributes(self) -> &'static [&'static str] {
        if self.is_deployment() {
            &["deploy_stdout", "deploy_stderr", "deploy_status_code"]
        } else {
            &["config"]
        }
    }

    /// The required property.
    pub(in crate::sandbox::heat) const fn required(self) -> Option<&'static str> {
        if self.is_deployment() {
            Some("server")
        } else {
            None
        }
    }

    /// Whether a change of properties requires a new resource.
    pub(in crate::sandbox::heat) fn must_replace(
        self,
        old: &Map<String, Value>,
        new: &Map<String, Value>,
    ) -> bool {
        let fixed = [
            "server",
            "signal_transport",
            "input_key",
            "input_values_validate",
        ];
        let changed = |key: &&str| old.get(*key) != new.get(*key);
        !self.is_deployment() || fixed.iter().any(|key| changed(&key))
    }

    /// Checks the values of properties.
    pub(in crate::sandbox::heat) fn check(
        self,
        resource: &str,
        given: &Map<String, Value>,
    ) -> Result<()> {
        let wrong = |property: &str, message: String| {
            Refusal::invalid(format!(
                "Property error: : resources.{resource}.properties.{property}: : {message}"
            ))
        };
        let unknown = |value: &str, allowed: &[&str]| {
            format!(
                "{value} is not an allowed value {}",
                python::json(&json!(allowed))
            )
        };
        if !self.is_deployment() {
            for (section, (known, flag)) in [("inputs", schema::INPUT), ("outputs", schema::OUTPUT)]
            {
                let Some(items) = given.get(section).filter(|items| !items.is_null()) else {
                    continue;
                };
                for (index, item) in items.as_array().into_iter().flatten().enumerate() {
                    check_item(item, known, flag).map_err(|(below, message)| {
                        wrong(&format!("{section}[{index}]{below}"), message)
                    })?;
                }
            }
            return Ok(());
        }
        let text = |key: &str| given.get(key).and_then(Value::as_str);
        if let Some(transport) = text("signal_transport")
            && !TRANSPORTS.contains(&transport)
        {
            let message = unknown(&format!("\"{transport}\""), &TRANSPORTS);
            return Err(wrong("signal_transport", message));
        }
        if let Some(mode) = text("input_values_validate")
            && !["LAX", "STRICT"].contains(&mode)
        {
            let message = unknown(&format!("\"{mode}\""), &["LAX", "STRICT"]);
            return Err(wrong("input_values_validate", message));
        }
        if let Some(actions) = given.get("actions").and_then(Value::as_array)
            && !actions
                .iter()
                .all(|action| ACTIONS.iter().any(|known| action == known))
        {
            let message = unknown(&python::json(&json!(actions)), &ACTIONS);
            return Err(wrong("actions", message));
        }
        let transport = transport(given);
        if transport == "CFN_SIGNAL" {
            return Err(Refusal::invalid(
                "The sandbox does not support CFN_SIGNAL, the default signal_transport of deployments",
            ));
        }
        if transport != "NO_SIGNAL" && actions(given).any(|action| action == "DELETE") {
            return Err(Refusal::invalid(
                "The sandbox does not support deployments for DELETE",
            ));
        }
        Ok(())
    }
}

/// Checks a declaration in a template. An error has the place below the declaration.
fn check_item(item: &Value, known: &[&str], flag: &str) -> Result<(), (String, String)> {
    let Some(item) = item.as_object() else {
        return Err((
            String::new(),
            format!("\"{}\" is not a map", python::text(item)),
        ));
    };
    if let Some(key) = item.keys().find(|key| !known.contains(&key.as_str())) {
        return Err((String::new(), format!("Unknown Property {key}")));
    }
    if !item.contains_key("name") {
        return Err((String::new(), "Property name not assigned".to_owned()));
    }
    if let Some(Value::String(kind)) = item.get("type")
        && !schema::TYPES.contains(&kind.as_str())
    {
        let allowed = python::json(&json!(schema::TYPES));
        return Err((
            ".type".to_owned(),
            format!("\"{kind}\" is not an allowed value {allowed}"),
        ));
    }
    match item.get(flag) {
        None | Some(Value::Null | Value::Bool(_)) => Ok(()),
        Some(Value::String(text)) if ["true", "false"].contains(&&*text.to_ascii_lowercase()) => {
            Ok(())
        }
        Some(other) => {
            let text = python::text(other).to_ascii_lowercase();
            Err((
                format!(".{flag}"),
                format!("\"{text}\" is not a valid boolean"),
            ))
        }
    }
}

fn transport(properties: &Map<String, Value>) -> &str {
    let given = properties.get("signal_transport").and_then(Value::as_str);
    given.unwrap_or("CFN_SIGNAL")
}

/// The actions that trigger the deployment.
fn actions(properties: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let given = properties.get("actions").and_then(Value::as_array);
    let default = ["CREATE", "UPDATE"]
        .into_iter()
        .filter(move |_| given.is_none());
    default.chain(given.into_iter().flatten().filter_map(Value::as_str))
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
    let login = match &previous {
        Some(record) => record.login.clone(),
        None => super::login(),
    };
    let derivation = Derivation {
        kind,
        store,
        stack,
        resource,
        action,
        properties,
        login: &login,
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
                .add_deployment(&stack.project, server, state, login)
        }
    };
    resource.physical_id.clone_from(&record.id);
    resource.software = Some(Software::Deployment { record, waits });
    Ok(())
}

/// What a derived config is made of.
struct Derivation<'a> {
    kind: Kind,
    store: &'a Store,
    stack: &'a Stack,
    resource: &'a Resource,
    action: Action,
    properties: &'a Map<String, Value>,
    /// The id and password of the user that signals.
    login: &'a [String; 2],
}

impl Derivation<'_> {
    fn config(&self, source: Option<&Config>) -> Result<NewConfig, String> {
        let inputs = self.inputs(source);
        let text = |key: &str| {
            let given = self.properties.get(key).and_then(Value::as_str);
            given.filter(|text| !text.is_empty()).map(Value::from)
        };
        let name = source
            .map(|source| source.name.clone())
            .filter(python::is_true);
        let group = source
            .map(|source| source.group.clone())
            .filter(python::is_true);
        let config = source.map(|source| source.config.clone());
        let config = match self.kind {
            Kind::StructuredDeployment => {
                let config = self.substitute(&config.unwrap_or_default(), &inputs)?;
                Some(config)
                    .filter(python::is_true)
                    .unwrap_or_else(|| json!({}))
            }
            _ => config.filter(python::is_true).unwrap_or_else(|| "".into()),
        };
        Ok(NewConfig {
            name: text("name")
                .or(name)
                .unwrap_or_else(|| self.resource.physical_name.as_str().into()),
            group: group.unwrap_or_else(|| "Heat::Ungrouped".into()),
            config,
            inputs,
            outputs: source
                .map(|source| source.outputs.clone())
                .unwrap_or_default(),
            options: source.map_or_else(|| json!({}), |source| source.options.clone()),
        })
    }

    fn inputs(&self, source: Option<&Config>) -> Vec<Value> {
        let given = self
            .properties
            .get("input_values")
            .and_then(Value::as_object);
        let mut given = given.cloned().unwrap_or_default();
        let mut inputs: Vec<Value> = Vec::new();
        for input in source.map(|source| &source.inputs).into_iter().flatten() {
            let mut input = input.clone();
            let name = python::text(&input["name"]);
            let value = given.shift_remove(&name);
            input["value"] = value
                .or_else(|| input.get("default").cloned())
                .unwrap_or_default();
            inputs.push(input);
        }
        for (name, value) in given {
            inputs.push(json!({"name": name, "type": "String", "value": value}));
        }
        let mut add = |name: &str, value: &str, description: &str| {
            inputs.push(json!({
                "name": name, "description": description, "type": "String", "value": value,
            }));
        };
        let server = self
            .properties
            .get("server")
            .map(python::text)
            .unwrap_or_default();
        add(
            "deploy_server_id",
            &server,
            "ID of the server being deployed to",
        );
        let action = self.action.name();
        add(
            "deploy_action",
            action,
            "Name of the current action being deployed",
        );
        let stack = format!("{}/{}", self.stack.name, self.stack.id);
        add(
            "deploy_stack_id",
            &stack,
            "ID of the stack this deployment belongs to",
        );
        let name = &self.resource.name;
        add(
            "deploy_resource_name",
            name,
            "Name of this deployment resource in the stack",
        );
        let transport = transport(self.properties);
        let how = "How the server should signal to heat with the deployment output values.";
        add("deploy_signal_transport", transport, how);
        if transport == "HEAT_SIGNAL" {
            let url = self
                .store
                .software()
                .auth_url
                .get()
                .map_or("", String::as_str);
            add(
                "deploy_auth_url",
                &format!("{url}/"),
                "URL for API authentication",
            );
            let name = &self.resource.physical_name;
            add("deploy_username", name, "Username for API authentication");
            let [user, password] = self.login;
            add("deploy_user_id", user, "User ID for API authentication");
            add(
                "deploy_password",
                password,
                "Password for API authentication",
            );
            let project = &self.stack.user_project;
            add(
                "deploy_project_id",
                project,
                "ID of project for API authentication",
            );
            add(
                "deploy_region_name",
                REGION,
                "Region name for API authentication",
            );
        }
        inputs
    }

    /// Replaces `{get_input: name}` by the value of the input.
    fn substitute(&self, config: &Value, inputs: &[Value]) -> Result<Value, String> {
        match config {
            Value::Object(map) => {
                let key = self.properties.get("input_key").and_then(Value::as_str);
                let key = key.unwrap_or("get_input");
                if let (1, Some(Value::String(name))) = (map.len(), map.get(key)) {
                    let input = inputs.iter().find(|input| input["name"] == **name);
                    let strict = self.properties.get("input_values_validate");
                    if input.is_none() && strict.is_some_and(|mode| mode == "STRICT") {
                        let resource = &self.resource.name;
                        return Err(format!(
                            "UserParameterMissing: resources.{resource}: The Parameter ({name}) was not \
                             provided."
                        ));
                    }
                    return Ok(input
                        .map(|input| input["value"].clone())
                        .unwrap_or_default());
                }
                let items = map.iter();
                let items =
                    items.map(|(key, value)| Ok((key.clone(), self.substitute(value, inputs)?)));
                Ok(Value::Object(items.collect::<Result<_, String>>()?))
            }
            Value::Array(items) => items
                .iter()
                .map(|item| self.substitute(item, inputs))
                .collect::<Result<_, _>>()
                .map(Value::Array),
            other => Ok(other.clone()),
        }
    }
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
        let name = python::text(&input["name"]);
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
