use std::fmt;

use serde_json::Value;

use super::object::{Object as _, object};
use super::status::as_text;
use super::{Action, Status, Time};

object! {
    /// A software config: a script or manifest, with the inputs and outputs that it declares.
    ///
    /// Lists contain its id, name, group and creation time only. A config cannot be changed after its
    /// creation.
    pub struct SoftwareConfig {
        /// Its id.
        required "id" => id: String,
        /// Its name, which need not be unique.
        optional "name" => name: Option<String>,
        /// The tool that applies it, such as `script` or `ansible`.
        optional "group" => group: Option<String>,
        /// When it was created.
        optional "creation_time" => creation_time: Option<Time>,
        /// Its project; only in lists of an administrator.
        optional "project" => project: Option<String>,
        /// The script or manifest: a text, or a map for `OS::Heat::StructuredConfig`. See
        /// [`text`](Self::text).
        optional "config" => config: Option<Value>,
        /// The declared inputs.
        optional "inputs" => inputs: Vec<ConfigInput>,
        /// The declared outputs.
        optional "outputs" => outputs: Vec<ConfigOutput>,
        /// The options of the tool, usually a map.
        optional "options" => options: Option<Value>,
    }
}

impl SoftwareConfig {
    /// The script or manifest as text; `None` if it is not a text.
    pub fn text(&self) -> Option<&str> {
        self.config.as_ref()?.as_str()
    }
}

object! {
    /// An input of a software config.
    ///
    /// ```
    /// use heatclient::heat::{ConfigInput, ConfigType};
    ///
    /// let size = ConfigInput::new("size").kind(ConfigType::Number).default_value(3);
    /// assert_eq!(size.default, Some(3.into()));
    /// ```
    pub struct ConfigInput {
        /// Its name.
        required "name" => name: String,
        /// Its description.
        optional "description" => description: Option<String>,
        /// The type of its value. A config without one gets `String`.
        optional "type" => kind: Option<ConfigType>,
        /// The value for deployments that give none.
        optional "default" => default: Option<Value>,
        /// Whether Heat replaces a deployment, instead of updating it, when the value changes.
        optional "replace_on_change" => replace_on_change: bool,
        /// Its value; only in the derived config of a deployment.
        optional "value" => value: Option<Value>,
    }
}

impl ConfigInput {
    /// An input with this name, without a type: a text, but with any default value.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::empty()
        }
    }

    /// Sets the description.
    #[must_use]
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// Sets the type. Heat converts the default value to it, or refuses it (status 400).
    #[must_use]
    pub fn kind(mut self, kind: ConfigType) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Sets the value for deployments that give none.
    #[must_use]
    pub fn default_value(mut self, value: impl Into<Value>) -> Self {
        self.default = Some(value.into());
        self
    }

    /// Whether Heat replaces a deployment when the value changes.
    #[must_use]
    pub fn replace_on_change(mut self, replace: bool) -> Self {
        self.replace_on_change = replace;
        self
    }

    /// Sets the value, for a derived config.
    #[must_use]
    pub fn value(mut self, value: impl Into<Value>) -> Self {
        self.value = Some(value.into());
        self
    }
}

object! {
    /// An output of a software config.
    ///
    /// ```
    /// use heatclient::heat::ConfigOutput;
    ///
    /// let reason = ConfigOutput::new("reason").error_output(true);
    /// assert!(reason.error_output);
    /// ```
    pub struct ConfigOutput {
        /// Its name.
        required "name" => name: String,
        /// Its description.
        optional "description" => description: Option<String>,
        /// The type of its value. A config without one gets `String`.
        optional "type" => kind: Option<ConfigType>,
        /// Whether a deployment has failed if this output has a value.
        optional "error_output" => error_output: bool,
    }
}

impl ConfigOutput {
    /// An output with this name, a text.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::empty()
        }
    }

    /// Sets the description.
    #[must_use]
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// Sets the type.
    #[must_use]
    pub fn kind(mut self, kind: ConfigType) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Whether a deployment has failed if this output has a value.
    #[must_use]
    pub fn error_output(mut self, error: bool) -> Self {
        self.error_output = error;
        self
    }
}

/// The type of an input or output of a software config.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConfigType {
    /// A text.
    String,
    /// A number.
    Number,
    /// A list, or a text with commas.
    CommaDelimitedList,
    /// A map or a list, or JSON text of one.
    Json,
    /// A boolean.
    Boolean,
    /// An unknown type.
    Other(String),
}

impl ConfigType {
    /// The name in Heat's API: `CommaDelimitedList`.
    pub fn as_str(&self) -> &str {
        match self {
            Self::String => "String",
            Self::Number => "Number",
            Self::CommaDelimitedList => "CommaDelimitedList",
            Self::Json => "Json",
            Self::Boolean => "Boolean",
            Self::Other(name) => name,
        }
    }
}

impl From<&str> for ConfigType {
    fn from(name: &str) -> Self {
        match name {
            "String" => Self::String,
            "Number" => Self::Number,
            "CommaDelimitedList" => Self::CommaDelimitedList,
            "Json" => Self::Json,
            "Boolean" => Self::Boolean,
            _ => Self::Other(name.to_owned()),
        }
    }
}

impl fmt::Display for ConfigType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

as_text!(ConfigType, "a type such as String", |text| text.into());

object! {
    /// A software deployment: a config that is applied to a server, with its results.
    pub struct SoftwareDeployment {
        /// Its id.
        required "id" => id: String,
        /// The server.
        optional "server_id" => server_id: String,
        /// The input values, usually a map. Agents read the inputs of the
        /// [derived config](crate::heat::SoftwareDeployments::deploy) instead.
        optional "input_values" => input_values: Option<Value>,
        /// The results that the server reported, usually a map; see [`output`](Self::output).
        optional "output_values" => output_values: Option<Value>,
        /// The action of the stack that the deployment is for.
        optional "action" => action: Option<Action>,
        /// The status; `None` if whoever created the deployment gave none.
        optional "status" => status: Option<Status>,
        /// The reason for the status. Heat writes `None` if there is none.
        optional "status_reason" => status_reason: String,
        /// The config that is applied: mostly a derived one.
        optional "config_id" => config_id: Option<String>,
        /// When it was created.
        optional "creation_time" => creation_time: Option<Time>,
        /// When it was last updated or its results were reported.
        optional "updated_time" => updated_time: Option<Time>,
    }
}

/// The standard outputs of a deployment.
pub(crate) const STDOUT: &str = "deploy_stdout";
pub(crate) const STDERR: &str = "deploy_stderr";
pub(crate) const STATUS_CODE: &str = "deploy_status_code";

impl SoftwareDeployment {
    /// Whether the server has not reported its results yet.
    pub fn is_in_progress(&self) -> bool {
        self.status == Some(Status::InProgress)
    }

    /// Whether the deployment succeeded.
    pub fn is_complete(&self) -> bool {
        self.status == Some(Status::Complete)
    }

    /// Whether the deployment failed.
    pub fn is_failed(&self) -> bool {
        self.status == Some(Status::Failed)
    }

    /// The value of an output, complete: nothing is cut off. `None` if the server did not report it,
    /// or reported `null`.
    pub fn output(&self, name: &str) -> Option<&Value> {
        let value = self.output_values.as_ref()?.get(name)?;
        Some(value).filter(|value| !value.is_null())
    }

    /// The names and values of all outputs.
    pub fn outputs(&self) -> impl Iterator<Item = (&str, &Value)> {
        let map = self.output_values.as_ref().and_then(Value::as_object);
        let entries = map.into_iter().flatten();
        entries.map(|(name, value)| (name.as_str(), value))
    }

    /// What the config's tool wrote to its standard output: `deploy_stdout`.
    pub fn stdout(&self) -> Option<&str> {
        self.output(STDOUT)?.as_str()
    }

    /// What the config's tool wrote to its standard error: `deploy_stderr`.
    pub fn stderr(&self) -> Option<&str> {
        self.output(STDERR)?.as_str()
    }

    /// The exit status of the config's tool, `deploy_status_code`: zero for success. Agents report it
    /// as a number or as text.
    pub fn status_code(&self) -> Option<i64> {
        match self.output(STATUS_CODE)? {
            Value::String(text) => text.trim().parse().ok(),
            value => value.as_i64(),
        }
    }
}

object! {
    /// A deployment as its server sees it: the config to apply, with the values of its inputs.
    ///
    /// Agents in the server, such as heat-agents, poll this metadata.
    pub struct DeploymentMetadata {
        /// The id of the config. A change of it means that the config has to be applied again.
        required "id" => id: String,
        /// The name of the config, by which the list is sorted.
        optional "name" => name: Option<String>,
        /// The tool that applies it.
        optional "group" => group: Option<String>,
        /// When the config was created.
        optional "creation_time" => creation_time: Option<Time>,
        /// The script or manifest: a text or a map.
        optional "config" => config: Option<Value>,
        /// The inputs with their values. Those that begin with `deploy_` say how to report results.
        optional "inputs" => inputs: Vec<ConfigInput>,
        /// The outputs to report.
        optional "outputs" => outputs: Vec<ConfigOutput>,
        /// The options of the tool.
        optional "options" => options: Option<Value>,
    }
}

impl DeploymentMetadata {
    /// The script or manifest as text; `None` if it is not a text.
    pub fn text(&self) -> Option<&str> {
        self.config.as_ref()?.as_str()
    }

    /// The value of an input, such as `deploy_action`.
    pub fn input(&self, name: &str) -> Option<&Value> {
        let input = self.inputs.iter().find(|input| input.name == name)?;
        input.value.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read<T: for<'de> serde::Deserialize<'de>>(text: &str) -> T {
        serde_json::from_str(text).unwrap()
    }

    /// Bodies of Heat 27.
    const CONFIG: &str = r#"{"id":"9f02","name":"cc","group":null,"creation_time":"2026-11-26T03:43:04Z","config":{"a":[1,null]},"inputs":[{"name":"a","description":"d","type":"String","replace_on_change":true,"value":{"b":1}},{"name":"n","type":"Number","default":5},{"name":"v","description":"","type":"String","value":null}],"outputs":[{"name":"o","type":"String","error_output":false},{"name":"e","description":"d","type":"String","error_output":true}],"options":{}}"#;
    const DEPLOYMENT: &str = r#"{"id":"5c6f","server_id":"2b8d","input_values":{"a":1},"output_values":{"deploy_stdout":"x","deploy_stderr":null,"deploy_status_code":"0","o":[1]},"action":"CREATE","status":"COMPLETE","status_reason":"Outputs received","config_id":"9f02","creation_time":"2026-11-26T03:43:04Z","updated_time":"2026-11-26T03:43:04Z"}"#;

    #[test]
    fn a_config_is_written_as_it_came() {
        for text in [
            CONFIG,
            r#"{"id":"1","name":"5","group":"7","creation_time":"2026-11-26T03:43:03Z"}"#,
            r#"{"id":"1","name":null,"group":"","creation_time":null,"project":"p","config":null,"inputs":null,"outputs":[],"options":"x","new":[]}"#,
            r#"{"id":"1","config":"","inputs":[{"name":"","type":"Set","default":null,"value":0,"new":1},{"name":"b","type":null,"replace_on_change":null}],"outputs":[{"name":"o","new":{}},{"name":"p","error_output":null}]}"#,
        ] {
            let config: SoftwareConfig = read(text);
            assert_eq!(serde_json::to_string(&config).unwrap(), text);
            let metadata: DeploymentMetadata = read(text);
            // The project is not a field of metadata: it comes last.
            assert_eq!(metadata.raw(), read::<serde_json::Map<_, _>>(text));
        }
        let config: SoftwareConfig = read(CONFIG);
        assert_eq!(config.text(), None);
        assert_eq!(config.inputs[1].kind, Some(ConfigType::Number));
        assert!(config.inputs[0].replace_on_change && !config.inputs[1].replace_on_change);
        assert!(config.outputs[1].error_output && !config.outputs[0].error_output);
        let metadata: DeploymentMetadata = read(CONFIG);
        assert_eq!(metadata.input("a"), Some(&json!({"b": 1})));
        assert_eq!((metadata.input("n"), metadata.input("x")), (None, None));
    }

    #[test]
    fn a_deployment_is_written_as_it_came() {
        for text in [
            DEPLOYMENT,
            r#"{"id":"1","server_id":"s","input_values":"x","output_values":null,"action":null,"status":null,"status_reason":"None","config_id":"c","creation_time":"2026-11-26T03:43:04Z"}"#,
            r#"{"id":"1","server_id":null,"input_values":{},"output_values":"text","action":"create","status":"odd","status_reason":null,"config_id":"","updated_time":"","new":1}"#,
            r#"{"id":"1","action":"","status":""}"#,
        ] {
            let deployment: SoftwareDeployment = read(text);
            assert_eq!(serde_json::to_string(&deployment).unwrap(), text);
        }
    }

    #[test]
    fn results_are_read() {
        let deployment: SoftwareDeployment = read(DEPLOYMENT);
        assert!(
            deployment.is_complete() && !deployment.is_failed() && !deployment.is_in_progress()
        );
        assert_eq!(deployment.action, Some(Action::Create));
        assert_eq!(deployment.stdout(), Some("x"));
        assert_eq!(deployment.stderr(), None);
        assert_eq!(deployment.status_code(), Some(0));
        assert_eq!(deployment.output("o"), Some(&json!([1])));
        assert_eq!(deployment.outputs().count(), 4);
        for (code, expected) in [
            (json!(3), Some(3)),
            (json!(" 4\n"), Some(4)),
            (json!("no"), None),
            (json!(null), None),
            (json!(1.5), None),
        ] {
            let deployment = json!({"id": "1", "output_values": {"deploy_status_code": code}});
            let deployment: SoftwareDeployment = serde_json::from_value(deployment).unwrap();
            assert_eq!(deployment.status_code(), expected, "{deployment:?}");
        }
        let text: SoftwareDeployment = read(r#"{"id":"1","output_values":"text"}"#);
        assert_eq!((text.stdout(), text.outputs().count()), (None, 0));
    }

    #[test]
    fn inputs_and_outputs_are_built() {
        let input = ConfigInput::new("a")
            .description("d")
            .kind(ConfigType::Json)
            .default_value(json!({"b": 1}))
            .replace_on_change(true);
        assert_eq!(
            serde_json::to_value(input).unwrap(),
            json!({"name": "a", "description": "d", "type": "Json", "default": {"b": 1}, "replace_on_change": true})
        );
        let input = ConfigInput::new("a").value(Value::Null);
        let expected = json!({"name": "a", "value": null});
        assert_eq!(serde_json::to_value(input).unwrap(), expected);
        let output = ConfigOutput::new("o").description("d").error_output(true);
        let expected = json!({"name": "o", "description": "d", "error_output": true});
        assert_eq!(serde_json::to_value(output).unwrap(), expected);
    }
}
