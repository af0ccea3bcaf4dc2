//! `software config create` (old spelling: `config-create`).

use std::path::{Path, PathBuf};

use heatclient::Session;
use heatclient::heat::{Limits, NewSoftwareConfig, Validation};
use heatclient::template::Policy;
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::commands::context::Context;
use crate::commands::spelling::{Command, OldSpelling};
use crate::documents::{Stdin, read_data, read_text};
use crate::exit::Failure;
use crate::options::RecordFormat;
use crate::options::number::path_or_none;
use crate::render::{Answer, Document, Language, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
#[command(mut_arg("format", |arg| arg.default_value("json")))]
pub(crate) struct Args {
    /// Name of the software config
    #[arg(value_name = "NAME")]
    name: String,
    /// Script or other data: a file, a URL, or - for stdin
    #[arg(long, value_name = "FILE", value_parser = path_or_none())]
    config_file: Option<PathBuf>,
    /// Inputs, outputs and options (YAML or JSON): a file, a URL, or - for stdin
    #[arg(long, value_name = "FILE", value_parser = path_or_none())]
    definition_file: Option<PathBuf>,
    /// Tool that applies the config, such as script
    #[arg(long, value_name = "GROUP", default_value = UNGROUPED)]
    group: String,
    #[command(flatten)]
    format: RecordFormat,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldArgs {
    /// Name of the software config
    #[arg(value_name = "NAME")]
    name: String,
    /// Script or other data: a file, a URL, or - for stdin
    #[arg(short, long, value_name = "FILE", value_parser = path_or_none())]
    config_file: Option<PathBuf>,
    /// Inputs, outputs and options (YAML or JSON): a file, a URL, or - for stdin
    #[arg(short = 'f', long, value_name = "FILE", value_parser = path_or_none())]
    definition_file: Option<PathBuf>,
    /// Tool that applies the config, such as script
    #[arg(short, long, value_name = "GROUP", default_value = UNGROUPED)]
    group: String,
}

/// The group of a config that names no tool.
const UNGROUPED: &str = "Heat::Ungrouped";

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl From<OldArgs> for Args {
    fn from(old: OldArgs) -> Self {
        Self {
            name: old.name,
            config_file: old.config_file,
            definition_file: old.definition_file,
            group: old.group,
            format: RecordFormat::default(),
        }
    }
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(self.format.options())
    }

    /// Heat checks a config only as a resource of a template. So such a template is validated first.
    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let session = context.heat.adapter().session();
        let mut stdin = Stdin::default();
        let definition = match given(self.definition_file.as_ref()) {
            Some(path) => Definition::read(path, &mut stdin, session).await?,
            None => Definition::default(),
        };
        let config = match given(self.config_file.as_ref()) {
            Some(path) => {
                let source = stdin.source(path, "the config file").await?;
                read_text("config file", path, &source, Policy::default(), session).await?
            }
            None => String::new(),
        };
        let has_definition = given(self.definition_file.as_ref()).is_some();
        let Definition {
            inputs,
            outputs,
            options,
        } = definition;
        let properties = json!({
            "group": self.group, "config": config,
            "inputs": inputs, "outputs": outputs, "options": options,
        });
        let resource = json!({"type": "OS::Heat::SoftwareConfig", "properties": properties});
        let resources = Map::from_iter([(self.name.clone(), resource)]);
        let template = json!({"heat_template_version": "2013-05-23", "resources": resources});
        let validation = Validation::new(template).limits(Limits::none());
        context.heat.templates().validate(validation).await?;

        context.changes.expect_other(
            "the software config may have been created",
            ["software config list", "config-list"],
            &[],
        );
        let new = NewSoftwareConfig::new(self.name)
            .group(self.group)
            .config(config)
            .inputs(inputs)
            .outputs(outputs)
            .options(options);
        let created = context.heat.software_configs().create(new).await;
        let created = created.map_err(|error| refused(context, error, has_definition))?;
        Ok(Answer::Document(Document {
            content: created.raw(),
            old_language: Language::AsciiJson,
        }))
    }
}

/// Heat refuses an invalid input or output of a config without an explanation.
fn refused(context: &Context, error: heatclient::Error, has_definition: bool) -> Failure {
    match error.status() {
        Some(StatusCode::BAD_REQUEST) if has_definition => Failure::Message(format!(
            "{error}; check the types, the default values and the other fields of the inputs and outputs"
        )),
        _ => context.changes.failed(error),
    }
}

/// The path, unless it is empty.
fn given(path: Option<&PathBuf>) -> Option<&Path> {
    path.map(PathBuf::as_path)
        .filter(|path| !path.as_os_str().is_empty())
}

/// What a definition file defines.
#[derive(Debug)]
struct Definition {
    inputs: Vec<heatclient::heat::ConfigInput>,
    outputs: Vec<heatclient::heat::ConfigOutput>,
    options: Value,
}

impl Default for Definition {
    fn default() -> Self {
        Self {
            inputs: Vec::new(),
            outputs: Vec::new(),
            options: Map::new().into(),
        }
    }
}

impl Definition {
    async fn read(path: &Path, stdin: &mut Stdin, session: &Session) -> Result<Self, Failure> {
        let what = "definition file";
        let source = stdin.source(path, "the definition file").await?;
        let data = read_data(what, path, &source, Policy::default(), session).await?;
        Self::of(data).map_err(|why| Failure::Message(format!("{what} {}: {why}", path.display())))
    }

    fn of(data: Value) -> Result<Self, String> {
        let mut map = match data {
            Value::Null => Map::new(),
            Value::Object(map) => map,
            _ => return Err("expected a map with inputs, outputs and options".to_owned()),
        };
        let mut take = |key: &str| map.get_mut(key).map(Value::take).unwrap_or_default();
        Ok(Self {
            inputs: declarations("inputs", take("inputs"))?,
            outputs: declarations("outputs", take("outputs"))?,
            options: match take("options") {
                Value::Null => Map::new().into(),
                options => options,
            },
        })
    }
}

/// The inputs or outputs: a list of maps, each with a name. Heat checks the rest.
fn declarations<T: DeserializeOwned>(key: &str, data: Value) -> Result<Vec<T>, String> {
    let items = match data {
        Value::Null => Vec::new(),
        Value::Array(items) => items,
        _ => return Err(format!("{key}: expected a list")),
    };
    let declaration = |(position, item): (usize, Value)| {
        if item.get("name").and_then(Value::as_str).is_none() {
            return Err(format!(
                "{key}: item {}: expected a map with a name",
                position + 1
            ));
        }
        serde_json::from_value(item)
            .map_err(|error| format!("{key}: item {}: {error}", position + 1))
    };
    items.into_iter().enumerate().map(declaration).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command_line::tests::read;

    #[test]
    fn both_spellings_mean_the_same() {
        for line in [
            "software config create c --config-file s --definition-file d --group script",
            "config-create c -c s -f d -g script",
            "config-create --config-file s --definition-file d --group script c",
        ] {
            let read = read(line).unwrap();
            let args: Args = if line.starts_with("config") {
                read.arguments::<OldArgs>().into()
            } else {
                read.arguments()
            };
            assert_eq!((&*args.name, &*args.group), ("c", "script"), "{line}");
            assert_eq!(
                given(args.config_file.as_ref()),
                Some(Path::new("s")),
                "{line}"
            );
            assert_eq!(
                given(args.definition_file.as_ref()),
                Some(Path::new("d")),
                "{line}"
            );
        }
        let empty = read("software config create c --config-file=").unwrap();
        assert_eq!(given(empty.arguments::<Args>().config_file.as_ref()), None);
    }

    #[test]
    fn definitions_keep_what_heat_has_to_check() {
        let data = json!({
            "inputs": [{"name": "a", "default": [1], "new": true}],
            "outputs": null,
            "options": {"x": 1},
            "ignored": 1,
        });
        let definition = Definition::of(data).unwrap();
        let expected = json!([{"name": "a", "default": [1], "new": true}]);
        assert_eq!(json!(definition.inputs), expected);
        assert_eq!(definition.outputs, []);
        assert_eq!(definition.options, json!({"x": 1}));
        assert_eq!(Definition::of(Value::Null).unwrap().options, json!({}));
    }

    #[test]
    fn definitions_of_another_shape_are_refused() {
        for (data, message) in [
            (json!([]), "expected a map with inputs, outputs and options"),
            (json!({"inputs": {"a": {}}}), "inputs: expected a list"),
            (
                json!({"inputs": [{"name": "a"}, "b"]}),
                "inputs: item 2: expected a map with a name",
            ),
            (
                json!({"outputs": [{"type": "String"}]}),
                "outputs: item 1: expected a map with a name",
            ),
            (
                json!({"outputs": [{"name": "a", "error_output": {}}]}),
                "outputs: item 1: invalid type: map, expected a boolean",
            ),
        ] {
            assert_eq!(Definition::of(data).unwrap_err(), message);
        }
    }
}
