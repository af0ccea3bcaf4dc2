//! `software deployment show` (old spelling: `deployment-show`).

use serde_json::Value;

use crate::commands::context::{Context, not_found};
use crate::commands::spelling::{Command, OldSpelling};
use crate::exit::Failure;
use crate::options::RecordFormat;
use crate::render::{Answer, Layout, OutputOptions, Record, ascii_json};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Software deployment ID
    #[arg(value_name = "DEPLOYMENT")]
    id: String,
    /// Show the output values, too
    #[arg(long)]
    long: bool,
    #[command(flatten)]
    format: RecordFormat,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldArgs {
    /// Software deployment ID
    #[arg(value_name = "DEPLOYMENT")]
    id: String,
}

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl From<OldArgs> for Args {
    fn from(old: OldArgs) -> Self {
        Self {
            id: old.id,
            long: true,
            format: RecordFormat::default(),
        }
    }
}

const FIELDS: [&str; 9] = [
    "id",
    "server_id",
    "config_id",
    "creation_time",
    "updated_time",
    "status",
    "status_reason",
    "input_values",
    "action",
];

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(self.format.options())
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let called = if context.is_old() {
            "Deployment"
        } else {
            "Software Deployment"
        };
        let missing = format!("{called} not found: {}", self.id);
        let deployment = context.heat.software_deployments().get(self.id).await;
        let mut raw = deployment
            .map_err(|error| not_found(&missing, error))?
            .raw();
        if context.is_old() {
            return Ok(Answer::Text(ascii_json(&raw.into())));
        }
        let mut record = Record::default();
        for field in FIELDS
            .into_iter()
            .chain(self.long.then_some("output_values"))
        {
            let value = raw.get_mut(field).map_or_else(|| "".into(), Value::take);
            record.push(field, value, Layout::Plain);
        }
        Ok(Answer::Record(record))
    }
}
