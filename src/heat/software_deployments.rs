//! Software deployments: configs that are applied to servers.

mod deploy;
mod signal;
mod temp_url;

use std::future::IntoFuture;

use serde::{Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind, Result};
use crate::heat::StatusWait;
use crate::heat::model::{
    Action, DeploymentMetadata, STATUS_CODE, STDERR, STDOUT, SoftwareDeployment, Status, objects,
};
use crate::heat::operations::{
    CREATE_SOFTWARE_DEPLOYMENT, DELETE_SOFTWARE_DEPLOYMENT, LIST_SOFTWARE_DEPLOYMENTS,
    SHOW_DEPLOYMENT_METADATA, SHOW_SOFTWARE_DEPLOYMENT, UPDATE_SOFTWARE_DEPLOYMENT,
};
use crate::service::{Item, ItemStream, List, ResponseFuture};
use crate::session::Adapter;

pub use self::deploy::{ConfigRef, Deploy};
pub use self::signal::{SignalLogin, SignalTransport};
pub use self::temp_url::TempUrl;

/// Software deployments. Made by
/// [`Client::software_deployments`](super::Client::software_deployments).
///
/// A deployment applies a [config](super::SoftwareConfigs) to a server. An agent in the server polls
/// [the server's metadata](Self::metadata), applies the configs in it and reports the results.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> heatclient::Result<()> {
/// # let sandbox = heatclient::sandbox::Sandbox::start().await?;
/// # let auth = heatclient::loading::plugin_loader("password")?.load(sandbox.options())?;
/// # let heat = heatclient::Client::new(heatclient::Session::new(auth));
/// use heatclient::heat::{ConfigInput, DeploymentUpdate, NewSoftwareConfig, SignalTransport};
///
/// let config = NewSoftwareConfig::new("greet")
///     .group("script")
///     .config("#!/bin/sh\necho \"Hello $who\"\n")
///     .input(ConfigInput::new("who").default_value("world"));
/// let config = heat.software_configs().create(config).await?;
///
/// let deployments = heat.software_deployments();
/// let server = "2b8d88d6-1901-4ee9-9246-7b505c87ee8f";
/// let deployment = deployments
///     .deploy(server, &config)
///     .input("who", "Heat")
///     .signal_transport(SignalTransport::NoSignal)
///     .await?;
/// assert!(deployment.is_in_progress());
///
/// // What an agent does:
/// let metadata = deployments.metadata(server).await?;
/// assert_eq!(metadata[0].input("who"), Some(&"Heat".into()));
/// let results = DeploymentUpdate::complete().stdout("Hello Heat\n").status_code(0);
/// deployments.update(&deployment.id, results).await?;
///
/// let deployment = deployments.get(&deployment.id).await?;
/// assert_eq!(deployment.stdout(), Some("Hello Heat\n"));
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct SoftwareDeployments {
    adapter: Adapter,
}

impl SoftwareDeployments {
    pub(super) fn new(adapter: Adapter) -> Self {
        Self { adapter }
    }

    /// Lists the deployments of the project.
    pub fn list(&self) -> SoftwareDeploymentList {
        let request = LIST_SOFTWARE_DEPLOYMENTS.request(&self.adapter);
        SoftwareDeploymentList(List::single_page(request))
    }

    /// One deployment with its results, which are complete however long they are.
    ///
    /// If the deployment is in progress and reports through a Swift TempURL or a Zaqar queue, Heat
    /// fetches the results now: without such requests it stays in progress.
    ///
    /// # Errors
    /// [`is_not_found`](Error::is_not_found) if there is no deployment with this id, and those of
    /// [every request](crate::error#errors-of-every-request).
    pub fn get(&self, id: impl Into<String>) -> ResponseFuture<SoftwareDeployment> {
        let request = SHOW_SOFTWARE_DEPLOYMENT.request(&self.adapter);
        request.path("deployment", id).fetch()
    }

    /// Waits until the server has reported the results of a deployment.
    ///
    /// A failed deployment is an error, whose [`failures`](Error::failures) has its log.
    pub fn wait(&self, id: impl Into<String>) -> StatusWait<SoftwareDeployment> {
        let (this, id) = (self.clone(), id.into());
        let name = format!("{id:?}");
        StatusWait::new(self.adapter.clone(), name, move || this.get(&*id))
    }

    /// Creates a deployment of an existing config.
    ///
    /// Use [`deploy`](Self::deploy) for a config that takes inputs: agents read the inputs of the
    /// deployed config, not [the deployment's](NewSoftwareDeployment::input).
    ///
    /// # Errors
    /// Status 404 if there is no such config; [`ErrorKind::Config`] if the server id is empty or a value cannot be written as JSON; and those
    /// of [every request](crate::error#errors-of-every-request).
    pub fn create(&self, deployment: NewSoftwareDeployment) -> ResponseFuture<SoftwareDeployment> {
        let request = CREATE_SOFTWARE_DEPLOYMENT.request(&self.adapter);
        ResponseFuture::new(async move {
            deployment.check().map_err(|error| request.named(error))?;
            request.json(&deployment).fetch().await
        })
    }

    /// Derives a config with input values from another config, and deploys it to a server.
    ///
    /// `config` is a [`SoftwareConfig`](super::SoftwareConfig), the id of one, or
    /// [`ConfigRef::empty`].
    pub fn deploy(&self, server: impl Into<String>, config: impl Into<ConfigRef>) -> Deploy {
        Deploy::new(self.adapter.clone(), server.into(), config.into())
    }

    /// Updates a deployment: reports its results, or deploys another config. What the update does not
    /// name stays.
    ///
    /// After a change of the config, Heat's answer still has the id of the previous one.
    ///
    /// # Errors
    /// [`is_not_found`](Error::is_not_found) if there is no such deployment; status 404 if there is no
    /// such config; [`ErrorKind::Config`] if a value cannot be written as JSON; and those of
    /// [every request](crate::error#errors-of-every-request).
    pub fn update(
        &self,
        id: impl Into<String>,
        update: DeploymentUpdate,
    ) -> ResponseFuture<SoftwareDeployment> {
        let request = UPDATE_SOFTWARE_DEPLOYMENT
            .request(&self.adapter)
            .path("deployment", id);
        ResponseFuture::new(async move {
            update
                .error
                .clone()
                .map_or(Ok(()), Err)
                .map_err(|error| request.named(error))?;
            request.json(&update).fetch().await
        })
    }

    /// Deletes a deployment, but not its config.
    ///
    /// # Errors
    /// [`is_not_found`](Error::is_not_found) if there is no deployment with this id, and those of
    /// [every request](crate::error#errors-of-every-request).
    pub fn delete(&self, id: impl Into<String>) -> ResponseFuture<()> {
        let request = DELETE_SOFTWARE_DEPLOYMENT.request(&self.adapter);
        request.path("deployment", id).finish()
    }

    /// The metadata of a server: the config of each of its deployments, sorted by name. It is empty
    /// for an unknown server.
    ///
    /// # Errors
    /// Those of [every request](crate::error#errors-of-every-request).
    pub fn metadata(&self, server: impl Into<String>) -> ResponseFuture<Vec<DeploymentMetadata>> {
        let request = SHOW_DEPLOYMENT_METADATA.request(&self.adapter);
        request.path("server", server).fetch()
    }
}

/// A new software deployment, for [`SoftwareDeployments::create`].
///
/// It is in progress until its results are reported.
///
/// ```
/// use heatclient::heat::{Action, NewSoftwareDeployment};
///
/// let server = "2b8d88d6-1901-4ee9-9246-7b505c87ee8f";
/// let new = NewSoftwareDeployment::new(server, "9f0242bb").action(Action::Create);
/// ```
#[derive(Debug, Clone, Serialize)]
#[must_use = "pass it to create"]
pub struct NewSoftwareDeployment {
    config_id: String,
    server_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<Action>,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_reason: Option<String>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    input_values: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stack_user_project_id: Option<String>,
    #[serde(skip)]
    error: Option<Error>,
}

impl NewSoftwareDeployment {
    /// A deployment of the config with id `config` to a server, in progress.
    pub fn new(server: impl Into<String>, config: impl Into<String>) -> Self {
        Self {
            config_id: config.into(),
            server_id: server.into(),
            action: None,
            status: Status::InProgress,
            status_reason: None,
            input_values: Map::new(),
            stack_user_project_id: None,
            error: None,
        }
    }

    /// Sets the action of the stack that the deployment is for.
    pub fn action(mut self, action: impl Into<Action>) -> Self {
        self.action = Some(action.into());
        self
    }

    /// Sets the status. Heat fetches results only of a deployment that is in progress.
    pub fn status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }

    /// Sets the reason for the status.
    pub fn status_reason(mut self, reason: impl Into<String>) -> Self {
        self.status_reason = Some(reason.into());
        self
    }

    /// Sets an input value. Heat keeps it, but agents do not read it.
    pub fn input(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
        insert(&mut self.input_values, &mut self.error, name.into(), value);
        self
    }

    /// Sets the project of the users that report results, at most 64 characters.
    pub fn stack_user_project_id(mut self, id: impl Into<String>) -> Self {
        self.stack_user_project_id = Some(id.into());
        self
    }

    /// Sets the config.
    fn of(mut self, config: &str) -> Self {
        config.clone_into(&mut self.config_id);
        self
    }

    fn check(&self) -> Result<()> {
        if self.server_id.is_empty() {
            // Heat would create a deployment that no server sees, and answer 500.
            return Err(Error::new(ErrorKind::Config, "the server id is empty"));
        }
        self.error.clone().map_or(Ok(()), Err)
    }
}

/// Adds a value, or keeps the first error.
fn insert(
    values: &mut Map<String, Value>,
    error: &mut Option<Error>,
    name: String,
    value: impl Serialize,
) {
    match serde_json::to_value(value) {
        Ok(value) => {
            values.insert(name, value);
        }
        Err(e) => {
            let message = format!("the value of {name:?} cannot be written as JSON");
            error.get_or_insert(Error::new(ErrorKind::Config, message).with_source(e));
        }
    }
}

/// An update of a deployment, for [`SoftwareDeployments::update`].
///
/// ```
/// use heatclient::heat::DeploymentUpdate;
///
/// let results = DeploymentUpdate::complete()
///     .stdout("Hello\n")
///     .stderr("")
///     .status_code(0)
///     .output("greeting", "Hello");
/// let failed = DeploymentUpdate::failed("the script exited with 3").status_code(3);
/// ```
#[derive(Debug, Clone, Default, Serialize)]
#[must_use = "pass it to update"]
pub struct DeploymentUpdate {
    #[serde(skip_serializing_if = "Option::is_none")]
    config_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<Action>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_reason: Option<String>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    input_values: Map<String, Value>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    output_values: Map<String, Value>,
    #[serde(skip)]
    error: Option<Error>,
}

impl DeploymentUpdate {
    /// An update that changes nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reports success, with Heat's own reason for it.
    pub fn complete() -> Self {
        Self::new()
            .status(Status::Complete)
            .status_reason("Outputs received")
    }

    /// Reports a failure.
    pub fn failed(reason: impl Into<String>) -> Self {
        Self::new().status(Status::Failed).status_reason(reason)
    }

    /// Sets the status.
    pub fn status(mut self, status: Status) -> Self {
        self.status = Some(status);
        self
    }

    /// Sets the reason for the status.
    pub fn status_reason(mut self, reason: impl Into<String>) -> Self {
        self.status_reason = Some(reason.into());
        self
    }

    /// Sets an output. The outputs of an update replace all earlier ones; an update without outputs
    /// keeps them.
    pub fn output(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
        insert(&mut self.output_values, &mut self.error, name.into(), value);
        self
    }

    /// Sets the output `deploy_stdout`.
    pub fn stdout(self, text: impl Into<String>) -> Self {
        self.output(STDOUT, text.into())
    }

    /// Sets the output `deploy_stderr`.
    pub fn stderr(self, text: impl Into<String>) -> Self {
        self.output(STDERR, text.into())
    }

    /// Sets the output `deploy_status_code`, the exit status of the config's tool. In an update it
    /// does not change the status of the deployment; in a signal, any but zero means a failure.
    pub fn status_code(self, code: i64) -> Self {
        self.output(STATUS_CODE, code)
    }

    /// Sets an input value. The input values of an update replace all earlier ones.
    pub fn input(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
        insert(&mut self.input_values, &mut self.error, name.into(), value);
        self
    }

    /// Sets the action of the stack that the deployment is for.
    pub fn action(mut self, action: impl Into<Action>) -> Self {
        self.action = Some(action.into());
        self
    }

    /// Deploys the config with this id instead.
    pub fn config(mut self, id: impl Into<String>) -> Self {
        self.config_id = Some(id.into());
        self
    }

    /// The outputs. As the data of a [signal](super::Resources::signal), or sent to a
    /// [signed URL](super::SignalUrl::send), they report the results of a deployment that is a resource
    /// of a stack. Heat then finds the status from the outputs.
    pub fn output_values(&self) -> &Map<String, Value> {
        &self.output_values
    }
}

impl Item for SoftwareDeployment {
    fn marker(&self) -> &str {
        &self.id
    }

    fn decode_list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Self>, D::Error> {
        objects(deserializer)
    }
}

/// A list of software deployments. Made by [`SoftwareDeployments::list`].
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct SoftwareDeploymentList(List<SoftwareDeployment>);

impl SoftwareDeploymentList {
    /// Only the deployments to this server.
    pub fn server(self, id: impl AsRef<str>) -> Self {
        let id = id.as_ref();
        if id.is_empty() {
            return Self(
                self.0
                    .refuse("the id of the server is empty; leave it out to list all deployments"),
            );
        }
        Self(self.0.query("server_id", id))
    }

    /// The deployments as a stream. Heat sends them all at once.
    pub fn stream(self) -> ItemStream<SoftwareDeployment> {
        self.0.stream()
    }
}

impl IntoFuture for SoftwareDeploymentList {
    type Output = Result<Vec<SoftwareDeployment>>;
    type IntoFuture = ResponseFuture<Vec<SoftwareDeployment>>;

    fn into_future(self) -> Self::IntoFuture {
        self.0.into_future()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bodies_say_what_is_set() {
        let new = NewSoftwareDeployment::new("s", "c");
        let expected = json!({"config_id": "c", "server_id": "s", "status": "IN_PROGRESS"});
        assert_eq!(serde_json::to_value(new).unwrap(), expected);
        let new = NewSoftwareDeployment::new("s", "c")
            .action("deploy")
            .status(Status::Complete)
            .status_reason("r")
            .input("a", [1])
            .stack_user_project_id("p");
        let expected = json!({
            "config_id": "c", "server_id": "s", "status": "COMPLETE", "status_reason": "r",
            "action": "deploy", "input_values": {"a": [1]}, "stack_user_project_id": "p",
        });
        assert_eq!(serde_json::to_value(new).unwrap(), expected);

        assert_eq!(
            serde_json::to_value(DeploymentUpdate::new()).unwrap(),
            json!({})
        );
        let update = DeploymentUpdate::complete()
            .stdout("o")
            .stderr("e")
            .status_code(0)
            .output("x", json!({"y": 1}))
            .input("i", 1)
            .action(Action::Create)
            .config("c");
        let outputs = json!({
            "deploy_stdout": "o", "deploy_stderr": "e", "deploy_status_code": 0, "x": {"y": 1},
        });
        assert_eq!(json!(update.output_values()), outputs);
        let expected = json!({
            "status": "COMPLETE", "status_reason": "Outputs received", "output_values": outputs,
            "input_values": {"i": 1}, "action": "CREATE", "config_id": "c",
        });
        assert_eq!(serde_json::to_value(update).unwrap(), expected);
        let expected = json!({"status": "FAILED", "status_reason": "r"});
        assert_eq!(
            serde_json::to_value(DeploymentUpdate::failed("r")).unwrap(),
            expected
        );
    }

    #[test]
    fn a_value_that_is_no_json_is_an_error() {
        let odd = std::collections::BTreeMap::from([([1_u8], 1)]);
        let update = DeploymentUpdate::new().output("a", &odd).output("b", 1);
        let message = "the value of \"a\" cannot be written as JSON";
        assert!(update.error.unwrap().to_string().starts_with(message));
        let new = NewSoftwareDeployment::new("s", "c").input("a", &odd);
        assert!(new.check().unwrap_err().to_string().starts_with(message));
        let error = NewSoftwareDeployment::new("", "c").check().unwrap_err();
        assert_eq!(error.to_string(), "the server id is empty");
    }
}
