//! `orchestration template function list` (old spelling: `template-function-list`).

use heatclient::heat::TemplateFunction;

use crate::commands::context::{Context, not_found};
use crate::commands::spelling::{Command, OldSpelling};
use crate::exit::Failure;
use crate::options::ListFormat;
use crate::render::{Answer, List, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Template version, such as heat_template_version.2021-04-16
    #[arg(value_name = "VERSION")]
    version: String,
    /// Include the functions that only conditions can use
    #[arg(long, alias = "with_conditions")]
    with_conditions: bool,
    #[command(flatten)]
    format: ListFormat,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldArgs {
    /// Template version, such as heat_template_version.2021-04-16
    #[arg(value_name = "VERSION")]
    version: String,
}

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl From<OldArgs> for Args {
    fn from(old: OldArgs) -> Self {
        Self {
            version: old.version,
            with_conditions: false,
            format: ListFormat::default(),
        }
    }
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(self.format.options())
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let missing = format!("Template version not found: {}", self.version);
        let functions = context.heat.templates().functions(self.version);
        let functions = functions.with_conditions(self.with_conditions).await;
        let functions = functions.map_err(|error| not_found(&missing, error))?;
        Ok(Answer::List(List {
            layouts: Vec::new(),
            columns: vec!["Functions", "Description"],
            old_columns: vec!["functions", "description"],
            old_order: Some("functions"),
            rows: functions.iter().map(TemplateFunction::raw).collect(),
        }))
    }
}
