//! Deploys a config: derives one with input values, and creates a deployment of it.

use std::future::IntoFuture;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::heat::model::{Action, SoftwareConfig, SoftwareDeployment, Status};
use crate::heat::software_configs::UNGROUPED;
use crate::heat::software_deployments::signal::{input, text};
use crate::heat::software_deployments::{SignalTransport, insert};
use crate::heat::{NewSoftwareConfig, NewSoftwareDeployment, SoftwareConfigs, SoftwareDeployments};
use crate::secret::Secret;
use crate::service::ResponseFuture;
use crate::session::Adapter;

/// The inputs of a derived config that are about its own deployment. An agent takes the presence of
/// some of them as the way to report results.
const OF_DERIVED: [&str; 14] = [
    "deploy_server_id",
    "deploy_action",
    "deploy_signal_id",
    "deploy_signal_verb",
    "deploy_signal_transport",
    "deploy_stack_id",
    "deploy_resource_name",
    "deploy_auth_url",
    "deploy_username",
    "deploy_password",
    "deploy_project_id",
    "deploy_user_id",
    "deploy_region_name",
    "deploy_queue_id",
];

/// The config to deploy: a [`SoftwareConfig`], the id of one, or none.
#[derive(Debug, Clone)]
pub struct ConfigRef(Config);

#[derive(Debug, Clone)]
enum Config {
    Id(String),
    Whole(Box<SoftwareConfig>),
    Empty,
}

impl ConfigRef {
    /// No config: an empty script without declared inputs and outputs.
    pub fn empty() -> Self {
        Self(Config::Empty)
    }
}

impl From<&str> for ConfigRef {
    fn from(id: &str) -> Self {
        Self(Config::Id(id.to_owned()))
    }
}

impl From<String> for ConfigRef {
    fn from(id: String) -> Self {
        Self(Config::Id(id))
    }
}

impl From<&String> for ConfigRef {
    fn from(id: &String) -> Self {
        Self(Config::Id(id.clone()))
    }
}

/// A config without its script, as in lists, is fetched.
impl From<SoftwareConfig> for ConfigRef {
    fn from(config: SoftwareConfig) -> Self {
        // Heat shows the script, or null, of a single config only.
        if config.config.is_none() {
            return Self(Config::Id(config.id));
        }
        Self(Config::Whole(Box::new(config)))
    }
}

/// A config without its script, as in lists, is fetched.
impl From<&SoftwareConfig> for ConfigRef {
    fn from(config: &SoftwareConfig) -> Self {
        config.clone().into()
    }
}

/// Deploys a config to a server. Made by [`SoftwareDeployments::deploy`].
///
/// Two objects are created: a derived config, which is a copy of the config with the values of its
/// inputs and with what the agent needs to report results, and the deployment. If the deployment
/// cannot be created, the derived config is deleted again.
///
/// # Errors
/// [`is_not_found`](Error::is_not_found) if there is no such config;
/// [`ErrorKind::Config`](crate::ErrorKind::Config) if the server id is empty or a value cannot be
/// written as JSON; [`ErrorKind::Catalog`](crate::ErrorKind::Catalog) if the cloud has no Swift for a
/// [`TempUrl`](super::TempUrl); and those of [every request](crate::error#errors-of-every-request).
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct Deploy {
    adapter: Adapter,
    config: ConfigRef,
    name: Option<String>,
    values: Map<String, Value>,
    transport: SignalTransport,
    server: String,
    action: Action,
    status: Status,
    error: Option<Error>,
}

impl Deploy {
    pub(super) fn new(adapter: Adapter, server: String, config: ConfigRef) -> Self {
        Self {
            adapter,
            config,
            name: None,
            values: Map::new(),
            transport: SignalTransport::default(),
            server,
            action: Action::Update,
            status: Status::InProgress,
            error: None,
        }
    }

    /// Sets the name of the derived config. An agent applies the configs of its server in the order of
    /// their names. By default it is the name of the config.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the value of an input. An input that the config does not declare is added with type
    /// `String`. Values for the inputs that this deployment sets itself, such as `deploy_action`, are
    /// ignored.
    pub fn input(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
        insert(&mut self.values, &mut self.error, name.into(), value);
        self
    }

    /// Sets the values of several inputs.
    pub fn inputs<N: Into<String>, V: Serialize>(
        mut self,
        values: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        for (name, value) in values {
            insert(&mut self.values, &mut self.error, name.into(), value);
        }
        self
    }

    /// Sets the action that the config is told: a stack's action or any other word; `UPDATE` by
    /// default.
    pub fn action(mut self, action: impl Into<Action>) -> Self {
        self.action = action.into();
        self
    }

    /// Sets how the agent reports its results; by default through a [TempURL](super::TempUrl::new) in
    /// the Swift of the session's cloud.
    pub fn signal_transport(mut self, transport: impl Into<SignalTransport>) -> Self {
        self.transport = transport.into();
        self
    }

    /// Sets the status of the new deployment; in progress by default.
    ///
    /// Heat's own resources with `NO_SIGNAL` start as [`Status::Complete`], since nothing reports
    /// their results.
    pub fn status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }

    async fn run(self) -> Result<SoftwareDeployment> {
        let configs = SoftwareConfigs::new(self.adapter.clone());
        let deployments = SoftwareDeployments::new(self.adapter.clone());
        self.error.clone().map_or(Ok(()), Err)?;
        let new = NewSoftwareDeployment::new(&self.server, "")
            .action(self.action.clone())
            .status(self.status.clone());
        new.check()?;
        let source = match &self.config.0 {
            Config::Empty => None,
            Config::Id(id) => Some(configs.get(id).await?),
            Config::Whole(config) => Some((**config).clone()),
        };
        let name = self.name_of(source.as_ref());
        let url = match &self.transport {
            SignalTransport::TempUrl(url) => Some(url.make(self.adapter.session(), &name).await?),
            _ => None,
        };
        let derived = self.derive(source, name, url.as_ref());
        let config = configs.create(derived).await?;
        let created = deployments.create(new.of(&config.id)).await;
        if created.is_err() {
            // Fails if the deployment was created after all, which then uses the config.
            let _ = configs.delete(&config.id).await;
        }
        created
    }

    fn name_of(&self, source: Option<&SoftwareConfig>) -> String {
        let name = self.name.as_ref();
        let name = name.or_else(|| source?.name.as_ref());
        // Heat cannot sort the metadata of a server in which a config has no name.
        name.map_or_else(|| "deployment".to_owned(), String::clone)
    }

    /// The derived config.
    fn derive(
        &self,
        source: Option<SoftwareConfig>,
        name: String,
        temp_url: Option<&Secret>,
    ) -> NewSoftwareConfig {
        let mut own = vec![
            input(
                "deploy_server_id",
                &self.server,
                "ID of the server being deployed to",
            ),
            input(
                "deploy_action",
                self.action.as_str(),
                "Name of the current action being deployed",
            ),
        ];
        own.extend(self.transport.inputs(temp_url));
        let is_own = |name: &str| own.iter().any(|input| input.name == name);

        let mut given = self.values.clone();
        let (mut group, mut config, mut options) = (None, None, None);
        let (mut declared, mut outputs) = (Vec::new(), Vec::new());
        if let Some(source) = source {
            (group, config, options) = (source.group, source.config, source.options);
            (declared, outputs) = (source.inputs, source.outputs);
        }
        // The config may itself be a derived one.
        declared.retain(|input| !OF_DERIVED.contains(&input.name.as_str()));
        for input in &mut declared {
            let value = given.shift_remove(&input.name);
            // Agents expect a value of each input, if only null.
            input.value = value
                .or_else(|| input.default.clone())
                .or(Some(Value::Null));
        }
        let added = given.into_iter().filter(|(name, _)| !is_own(name));
        let added: Vec<_> = added.map(|(name, value)| text(name).value(value)).collect();
        NewSoftwareConfig::new(name)
            .group(group.unwrap_or_else(|| UNGROUPED.to_owned()))
            .config(config.unwrap_or_else(|| "".into()))
            .inputs(declared)
            .inputs(added)
            .inputs(own)
            .outputs(outputs)
            .options(options.unwrap_or_else(|| Map::new().into()))
    }
}

impl IntoFuture for Deploy {
    type Output = Result<SoftwareDeployment>;
    type IntoFuture = ResponseFuture<SoftwareDeployment>;

    fn into_future(self) -> Self::IntoFuture {
        ResponseFuture::new(self.run())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::heat::TempUrl;
    use crate::heat::testing::fake;

    fn deploy(config: ConfigRef) -> Deploy {
        let heat = fake(|_| unreachable!("nothing is sent"));
        Deploy::new(heat.adapter().clone(), "s".to_owned(), config)
    }

    fn derive(deploy: &Deploy, source: Option<SoftwareConfig>, url: Option<&str>) -> Value {
        let name = deploy.name_of(source.as_ref());
        let derived = deploy.derive(source, name, url.map(Secret::from).as_ref());
        serde_json::to_value(derived).unwrap()
    }

    /// Arguments and results of python-heatclient's `build_derived_config_params`.
    #[test]
    fn derived_configs_are_those_of_python_heatclient() {
        let table = include_str!("deploy/derived.jsonl");
        let rows: Vec<Value> = table
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        for pair in rows.chunks(2) {
            let [arguments, expected] = pair else {
                panic!("odd number of lines")
            };
            let [source, name, values, action, transport] = &arguments.as_array().unwrap()[..]
            else {
                panic!("{arguments}")
            };
            let source: Option<SoftwareConfig> = serde_json::from_value(source.clone()).unwrap();
            let transport = match transport.as_str().unwrap() {
                "NO_SIGNAL" => SignalTransport::NoSignal,
                _ => TempUrl::given("http://swift/x").into(),
            };
            let deploy = deploy(ConfigRef::empty())
                .name(name.as_str().unwrap())
                .inputs(values.as_object().unwrap())
                .action(action.as_str().unwrap())
                .signal_transport(transport);
            assert_eq!(&derive(&deploy, source, Some("http://swift/x")), expected);
        }
    }

    #[test]
    fn a_derived_config_is_derived_again() {
        let source = json!({
            "id": "c", "name": "greet", "config": {"a": 1},
            "inputs": [
                {"name": "who", "type": "String", "value": "old"},
                {"name": "deploy_server_id", "type": "String", "value": "old"},
                {"name": "deploy_signal_id", "type": "String", "value": "old"},
            ],
        });
        let source: SoftwareConfig = serde_json::from_value(source).unwrap();
        let deploy = deploy(ConfigRef::empty())
            .signal_transport(SignalTransport::NoSignal)
            .input("deploy_action", "ignored");
        let derived = derive(&deploy, Some(source), None);
        assert_eq!(derived["name"], "greet");
        assert_eq!(derived["config"], json!({"a": 1}));
        let inputs = derived["inputs"].as_array().unwrap();
        let inputs: Vec<_> = inputs.iter().map(|i| (&i["name"], &i["value"])).collect();
        let expected = [
            ("who", json!(null)),
            ("deploy_server_id", json!("s")),
            ("deploy_action", json!("UPDATE")),
            ("deploy_signal_transport", json!("NO_SIGNAL")),
        ];
        assert_eq!(inputs.len(), expected.len());
        for ((name, value), (expected_name, expected_value)) in inputs.iter().zip(&expected) {
            assert_eq!((*name, *value), (&json!(expected_name), expected_value));
        }
    }
}
