//! The config that is derived for a deployment.

use serde_json::{Map, Value, json};

use super::kind::transport;
use super::{Config, Kind, NewConfig, name_of, set};
use crate::sandbox::heat::python;
use crate::sandbox::heat::signals::signed_url;
use crate::sandbox::heat::stack::{Action, Resource, Stack, Store};
use crate::sandbox::stack_users::StackUser;

/// What a derived config is made of.
pub(super) struct Derivation<'a> {
    pub(super) kind: Kind,
    pub(super) store: &'a Store,
    pub(super) stack: &'a Stack,
    pub(super) resource: &'a Resource,
    pub(super) action: Action,
    pub(super) properties: &'a Map<String, Value>,
    /// The user that reports results.
    pub(super) user: Option<&'a StackUser>,
}

impl Derivation<'_> {
    pub(super) fn config(&self, source: Option<&Config>) -> Result<NewConfig, String> {
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
            let name = name_of(&input);
            let value = given.shift_remove(&name);
            let value = value.or_else(|| input.get("default").cloned());
            set(&mut input, "value", value.unwrap_or_default());
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
        let Some(user) = self.user else {
            return inputs;
        };
        let users = &self.store.users;
        if transport == "CFN_SIGNAL" {
            let url = signed_url(users, user, self.stack, name, "/signal", "POST");
            let of = "ID of signal to use for signaling output values";
            add("deploy_signal_id", &url, of);
            let of = "HTTP verb to use for signaling output values";
            add("deploy_signal_verb", "POST", of);
            return inputs;
        }
        let login = users.credentials(user);
        for (key, what) in [
            ("auth_url", "URL for API authentication"),
            ("username", "Username for API authentication"),
            ("user_id", "User ID for API authentication"),
            ("password", "Password for API authentication"),
            ("project_id", "ID of project for API authentication"),
            ("region_name", "Region name for API authentication"),
        ] {
            let value = login.get(key).map(python::text).unwrap_or_default();
            add(&format!("deploy_{key}"), &value, what);
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
