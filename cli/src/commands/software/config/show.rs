//! `software config show` (old spelling: `config-show`).

use serde_json::{Map, Value};

use crate::commands::context::{Context, not_found};
use crate::commands::spelling::{Command, OldSpelling};
use crate::exit::Failure;
use crate::options::RecordFormat;
use crate::render::{Answer, Document, Language, OutputOptions, ascii_json};

#[derive(Clone, Debug, clap::Args)]
#[command(mut_arg("format", |arg| arg.default_value("yaml")))]
pub(crate) struct Args {
    /// Software config ID
    #[arg(value_name = "CONFIG")]
    id: String,
    /// Print only the script or data
    #[arg(long)]
    config_only: bool,
    #[command(flatten)]
    format: RecordFormat,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldArgs {
    /// Software config ID
    #[arg(value_name = "CONFIG")]
    id: String,
    /// Print only the script or data
    #[arg(short, long)]
    config_only: bool,
}

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl From<OldArgs> for Args {
    fn from(old: OldArgs) -> Self {
        Self {
            id: old.id,
            config_only: old.config_only,
            format: RecordFormat::default(),
        }
    }
}

const FIELDS: [&str; 8] = [
    "id",
    "name",
    "group",
    "config",
    "inputs",
    "outputs",
    "options",
    "creation_time",
];

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(self.format.options())
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let missing = format!("Configuration not found: {}", self.id);
        let config = context.heat.software_configs().get(self.id).await;
        let config = config.map_err(|error| not_found(&missing, error))?;
        if self.config_only {
            return Ok(Answer::Value(config.config.unwrap_or_default()));
        }
        let mut raw = config.raw();
        if context.is_old() {
            return Ok(Answer::Text(ascii_json(&raw.into())));
        }
        let field = |name: &str| {
            let value = raw.get_mut(name).map_or_else(|| "".into(), Value::take);
            (name.to_owned(), value)
        };
        let content: Map<String, Value> = FIELDS.into_iter().map(field).collect();
        Ok(Answer::Document(Document {
            content,
            old_language: Language::AsciiJson,
        }))
    }
}
