//! The operations of the API.

use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::{Config, Deployment, NewConfig, State, Store, schema, set};
use crate::sandbox::call::{self, Answer};
use crate::sandbox::heat::error::{Refusal, Result};
use crate::sandbox::heat::python;
use crate::sandbox::heat::request::{Request, ok};

impl Request<'_> {
    /// The answer to a request below `/software_configs`.
    pub(in crate::sandbox::heat) fn software_config(&self, id: Option<&str>) -> Result<Answer> {
        match (&self.call.method, id) {
            (&Method::POST, _) => self.create_config(),
            (_, None) => self.list_configs(),
            (&Method::DELETE, Some(id)) => {
                self.allow("software_configs:delete")?;
                self.software().config(id, self.own_project())?;
                self.software().delete_config(id)?;
                Ok(call::empty(StatusCode::NO_CONTENT))
            }
            (_, Some(id)) => {
                let config = self.software().config(id, self.own_project())?;
                Ok(ok(&json!({"software_config": config.shown()})))
            }
        }
    }

    /// The answer to a request below `/software_deployments`.
    pub(in crate::sandbox::heat) fn software_deployment(&self, route: &[&str]) -> Result<Answer> {
        match (&self.call.method, route) {
            (_, ["metadata", server]) => self.server_metadata(server),
            (&Method::POST, _) => self.create_deployment(),
            (&Method::PUT, [id]) => self.update_deployment(id),
            (&Method::DELETE, [id]) => {
                self.allow("software_deployments:delete")?;
                self.software().deployment(id, self.own_project())?;
                self.software().delete_deployment(id);
                Ok(call::empty(StatusCode::NO_CONTENT))
            }
            (_, [id]) => {
                let deployment = self.software().deployment(id, self.own_project())?;
                deployment.fetch_results()?;
                Ok(answer(&deployment))
            }
            _ => Ok(self.list_deployments()),
        }
    }

    fn software(&self) -> &Store {
        self.heat.store.software()
    }

    /// The project whose records the caller sees; `None` for all.
    fn own_project(&self) -> Option<&str> {
        (!self.caller.admin).then_some(self.project)
    }

    /// The body, which must not be empty.
    fn filled(&self) -> Result<Map<String, Value>> {
        if self.call.body.is_empty() {
            return Err(Refusal::malformed());
        }
        self.body()
    }

    fn create_config(&self) -> Result<Answer> {
        self.allow("software_configs:create")?;
        let mut body = self.filled()?;
        let inputs = schema::inputs(body.get("inputs"))?;
        let outputs = schema::outputs(body.get("outputs"))?;
        let mut take = |key| body.remove(key).unwrap_or_default();
        let (name, group, config) = (take("name"), take("group"), take("config"));
        let options = Some(take("options")).filter(python::is_true);
        if [&name, &group]
            .into_iter()
            .any(|text| text.is_object() || text.is_array())
        {
            return Err(Refusal::unexpected("RemoteError"));
        }
        let new = NewConfig {
            name: name.clone(),
            group: group.clone(),
            config,
            inputs,
            outputs,
            options: options.unwrap_or_else(|| json!({})),
        };
        let mut shown = self.software().add_config(self.project, new).shown();
        // Later answers have texts.
        set(&mut shown, "name", name);
        set(&mut shown, "group", group);
        Ok(ok(&json!({"software_config": shown})))
    }

    fn list_configs(&self) -> Result<Answer> {
        let query = self.query();
        if query.flag("global_tenant")? == Some(true) {
            return Err(Refusal::policy("software_configs:global_index"));
        }
        let limit = query.number("limit")?;
        let limit = limit.and_then(|limit| usize::try_from(limit).ok());
        let records = self.software().records();
        let own = |config: &&Arc<Config>| {
            let own = self.own_project();
            own.is_none_or(|project| config.project == project)
        };
        let newest: Vec<_> = records.configs.iter().rev().collect();
        let marker = query.get("marker");
        let marker = marker.and_then(|id| newest.iter().position(|config| config.id == id));
        let after = newest
            .into_iter()
            .skip(marker.map_or(0, |position| position + 1));
        let page = after.filter(own).take(limit.unwrap_or(usize::MAX));
        let page: Vec<_> = page
            .map(|config| config.summary(self.caller.admin))
            .collect();
        Ok(ok(&json!({"software_configs": page})))
    }

    fn create_deployment(&self) -> Result<Answer> {
        self.allow("software_deployments:create")?;
        let mut body = self.filled()?;
        let mut take = |key| body.remove(key).unwrap_or_default();
        let project = take("stack_user_project_id");
        if python::text(&project).chars().count() > 64 {
            let message = "Data supplied was not valid: \"stack_user_project_id\" should be no more \
                           than 64 characters";
            return Err(Refusal::bad("Invalid", message));
        }
        let id = take("config_id");
        let config = self.software().config(&or_none(&id), self.own_project())?;
        let server = take("server_id");
        if server.is_null() {
            return Err(Refusal::unexpected("RemoteError"));
        }
        let inputs = Some(take("input_values")).filter(python::is_true);
        let state = State {
            config,
            inputs: inputs.unwrap_or_else(|| json!({})),
            outputs: Value::Null,
            action: take("action"),
            status: take("status"),
            reason: or_none(&take("status_reason")),
            updated: None,
        };
        let deployment = self
            .software()
            .add_deployment(self.project, server, state, None);
        Ok(answer(&deployment))
    }

    fn update_deployment(&self, id: &str) -> Result<Answer> {
        self.allow("software_deployments:update")?;
        let mut body = self.filled()?;
        let mut take = |key| body.remove(key).filter(python::is_true);
        let deployment = self.software().deployment(id, self.own_project())?;
        let config = take("config_id")
            .map(|id| {
                self.software()
                    .config(&python::text(&id), self.own_project())
            })
            .transpose()?;
        let previous = deployment.lock().config.id.clone();
        deployment.change(|state| {
            state.config = config.unwrap_or_else(|| Arc::clone(&state.config));
            for (key, field) in [
                ("input_values", &mut state.inputs),
                ("output_values", &mut state.outputs),
                ("action", &mut state.action),
                ("status", &mut state.status),
            ] {
                *field = take(key).unwrap_or_else(|| field.take());
            }
            if let Some(reason) = take("status_reason") {
                state.reason = or_none(&reason);
            }
        });
        let mut shown = deployment.shown();
        // Heat answers with the config that it read before the change.
        set(&mut shown, "config_id", previous.into());
        Ok(ok(&json!({"software_deployment": shown})))
    }

    fn list_deployments(&self) -> Answer {
        let query = self.query();
        let server = query.get("server_id").filter(|server| !server.is_empty());
        let deployments = self.deployments(server);
        let shown: Vec<_> = deployments
            .iter()
            .map(|deployment| deployment.shown())
            .collect();
        ok(&json!({"software_deployments": shown}))
    }

    fn deployments(&self, server: Option<&str>) -> Vec<Arc<Deployment>> {
        let records = self.software().records();
        let seen = records.deployments.iter().filter(|deployment| {
            let own = self.own_project();
            own.is_none_or(|project| deployment.project == project)
                && server.is_none_or(|server| deployment.server == server)
        });
        seen.map(Arc::clone).collect()
    }

    fn server_metadata(&self, server: &str) -> Result<Answer> {
        let deployments = self.deployments(Some(server));
        let mut configs: Vec<_> = deployments
            .iter()
            .map(|deployment| Arc::clone(&deployment.lock().config))
            .collect();
        if configs.len() > 1 && configs.iter().any(|config| config.name.is_null()) {
            // Python cannot compare None.
            return Err(Refusal::malformed());
        }
        configs.sort_by(|one, other| one.name.as_str().cmp(&other.name.as_str()));
        let shown: Vec<_> = configs.iter().map(|config| config.shown()).collect();
        Ok(ok(&json!({"metadata": shown})))
    }
}

impl Deployment {
    /// Heat fetches results from Swift and Zaqar. The sandbox has none of them.
    fn fetch_results(&self) -> Result<()> {
        let state = self.lock();
        if state.status != super::IN_PROGRESS {
            return Ok(());
        }
        let transport = state.config.input("deploy_signal_transport");
        match transport.and_then(Value::as_str) {
            Some("TEMP_URL_SIGNAL") => Err(Refusal::unexpected("RemoteError")),
            Some("ZAQAR_SIGNAL") => Err(Refusal::hidden("AttributeError")),
            _ => Ok(()),
        }
    }
}

fn answer(deployment: &Deployment) -> Answer {
    ok(&json!({"software_deployment": deployment.shown()}))
}

/// `str(value)`.
fn or_none(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        value => python::text(value),
    }
}
