//! Software configs: scripts and manifests for servers.

use std::future::IntoFuture;

use serde::{Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::error::Result;
use crate::heat::model::{ConfigInput, ConfigOutput, SoftwareConfig, objects};
use crate::heat::operations::{
    CREATE_SOFTWARE_CONFIG, DELETE_SOFTWARE_CONFIG, LIST_SOFTWARE_CONFIGS, SHOW_SOFTWARE_CONFIG,
};
use crate::service::{Item, ItemStream, List, ResponseFuture};
use crate::session::Adapter;

/// The group of a config that names no tool.
pub(super) const UNGROUPED: &str = "Heat::Ungrouped";

/// Software configs. Made by [`Client::software_configs`](super::Client::software_configs).
///
/// A config is a script or manifest with the inputs and outputs that it declares. A
/// [deployment](super::SoftwareDeployments) applies it to a server.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> heatclient::Result<()> {
/// # let sandbox = heatclient::sandbox::Sandbox::start().await?;
/// # let auth = heatclient::loading::plugin_loader("password")?.load(sandbox.options())?;
/// # let heat = heatclient::Client::new(heatclient::Session::new(auth));
/// use heatclient::heat::{ConfigInput, ConfigOutput, NewSoftwareConfig};
///
/// let configs = heat.software_configs();
/// let config = NewSoftwareConfig::new("greet")
///     .group("script")
///     .config("#!/bin/sh\necho \"Hello $who\"\n")
///     .input(ConfigInput::new("who").default_value("world"))
///     .output(ConfigOutput::new("greeting"));
/// let config = configs.create(config).await?;
/// assert_eq!(configs.get(&config.id).await?.inputs[0].name, "who");
/// for config in configs.list().await? {
///     println!("{} {}", config.id, config.name.unwrap_or_default());
/// }
/// configs.delete(&config.id).await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct SoftwareConfigs {
    adapter: Adapter,
}

impl SoftwareConfigs {
    pub(super) fn new(adapter: Adapter) -> Self {
        Self { adapter }
    }

    /// Lists the configs of the project, newest first, without their scripts, inputs and outputs.
    ///
    /// The configs that Heat derives for deployments are included.
    pub fn list(&self) -> SoftwareConfigList {
        SoftwareConfigList(List::new(LIST_SOFTWARE_CONFIGS.request(&self.adapter)))
    }

    /// One config, with its script, inputs, outputs and options.
    ///
    /// # Errors
    /// [`is_not_found`](crate::Error::is_not_found) if there is no config with this id, and those of
    /// [every request](crate::error#errors-of-every-request).
    pub fn get(&self, id: impl Into<String>) -> ResponseFuture<SoftwareConfig> {
        let request = SHOW_SOFTWARE_CONFIG.request(&self.adapter);
        request.path("config", id).fetch()
    }

    /// Creates a config. It cannot be changed later.
    ///
    /// Heat converts the default value of an input to the input's type and adds missing types.
    ///
    /// # Errors
    /// Status 400 without an explanation if an input or output has an unknown type or field, or a
    /// default value does not fit its type; and those of
    /// [every request](crate::error#errors-of-every-request).
    pub fn create(&self, config: NewSoftwareConfig) -> ResponseFuture<SoftwareConfig> {
        let request = CREATE_SOFTWARE_CONFIG.request(&self.adapter);
        let name = config.name.as_str().into();
        request.described("name", name).json(&config).fetch()
    }

    /// Deletes a config.
    ///
    /// # Errors
    /// [`is_not_found`](crate::Error::is_not_found) if there is no config with this id; status 500 if a
    /// deployment uses it: Heat does not answer 409 here; and those of
    /// [every request](crate::error#errors-of-every-request).
    pub fn delete(&self, id: impl Into<String>) -> ResponseFuture<()> {
        let request = DELETE_SOFTWARE_CONFIG.request(&self.adapter);
        request.path("config", id).finish()
    }
}

/// A new software config, for [`SoftwareConfigs::create`].
#[derive(Debug, Clone, Serialize)]
#[must_use = "pass it to create"]
pub struct NewSoftwareConfig {
    name: String,
    group: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    config: Option<Value>,
    inputs: Vec<ConfigInput>,
    outputs: Vec<ConfigOutput>,
    options: Value,
}

impl NewSoftwareConfig {
    /// A config with this name, without a script. Names need not be unique.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            group: UNGROUPED.to_owned(),
            config: None,
            inputs: Vec::new(),
            outputs: Vec::new(),
            options: Map::new().into(),
        }
    }

    /// Sets the tool that applies the config, such as `script`; `Heat::Ungrouped` by default.
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.group = group.into();
        self
    }

    /// Sets the script or manifest: a text, or a map for a structured config.
    pub fn config(mut self, config: impl Into<Value>) -> Self {
        self.config = Some(config.into());
        self
    }

    /// Adds an input.
    pub fn input(mut self, input: ConfigInput) -> Self {
        self.inputs.push(input);
        self
    }

    /// Adds inputs.
    pub fn inputs(mut self, inputs: impl IntoIterator<Item = ConfigInput>) -> Self {
        self.inputs.extend(inputs);
        self
    }

    /// Adds an output.
    pub fn output(mut self, output: ConfigOutput) -> Self {
        self.outputs.push(output);
        self
    }

    /// Adds outputs.
    pub fn outputs(mut self, outputs: impl IntoIterator<Item = ConfigOutput>) -> Self {
        self.outputs.extend(outputs);
        self
    }

    /// Sets the options of the tool, usually a map.
    pub fn options(mut self, options: impl Into<Value>) -> Self {
        self.options = options.into();
        self
    }
}

impl Item for SoftwareConfig {
    fn marker(&self) -> &str {
        &self.id
    }

    fn decode_list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Self>, D::Error> {
        objects(deserializer)
    }
}

/// A list of software configs. Made by [`SoftwareConfigs::list`].
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before the list is awaited or its stream is polled"]
pub struct SoftwareConfigList(List<SoftwareConfig>);

impl SoftwareConfigList {
    /// The maximum number of configs in all.
    pub fn limit(self, configs: usize) -> Self {
        Self(self.0.limit(configs))
    }

    /// The number of configs per request. By default Heat sends all at once.
    pub fn page_size(self, configs: usize) -> Self {
        Self(self.0.page_size(configs))
    }

    /// Only the configs after the one with this id. Heat ignores an unknown id.
    pub fn marker(self, id: impl Into<String>) -> Self {
        Self(self.0.marker(id))
    }

    /// Whether to list the configs of all projects. Heat's default policy allows this to nobody; the
    /// ordinary list of an administrator contains those of all projects.
    pub fn global_tenant(self, global: bool) -> Self {
        if global {
            Self(self.0.query("global_tenant", "True"))
        } else {
            self
        }
    }

    /// The configs as a stream. It requests the next page when the previous one is used up, and ends
    /// after its first error.
    pub fn stream(self) -> ItemStream<SoftwareConfig> {
        self.0.stream()
    }
}

impl IntoFuture for SoftwareConfigList {
    type Output = Result<Vec<SoftwareConfig>>;
    type IntoFuture = ResponseFuture<Vec<SoftwareConfig>>;

    fn into_future(self) -> Self::IntoFuture {
        self.0.into_future()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_new_config_says_what_is_set() {
        let plain = serde_json::to_value(NewSoftwareConfig::new("a")).unwrap();
        let expected = json!({"name": "a", "group": "Heat::Ungrouped", "inputs": [], "outputs": [], "options": {}});
        assert_eq!(plain, expected);
        let full = NewSoftwareConfig::new("a")
            .group("script")
            .config("#!/bin/sh")
            .input(ConfigInput::new("i"))
            .inputs([ConfigInput::new("j").default_value(1)])
            .output(ConfigOutput::new("o"))
            .outputs([ConfigOutput::new("p").error_output(true)])
            .options(json!({"x": 1}));
        let expected = json!({
            "name": "a", "group": "script", "config": "#!/bin/sh", "options": {"x": 1},
            "inputs": [{"name": "i"}, {"name": "j", "default": 1}],
            "outputs": [
                {"name": "o"},
                {"name": "p", "error_output": true},
            ],
        });
        assert_eq!(serde_json::to_value(full).unwrap(), expected);
    }
}
