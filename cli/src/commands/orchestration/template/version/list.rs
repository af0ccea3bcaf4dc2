//! `orchestration template version list` (old spelling: `template-version-list`).

use heatclient::heat::TemplateVersion;
use serde_json::{Map, Value};

use crate::commands::context::Context;
use crate::commands::spelling::{Command, OldSpelling};
use crate::exit::Failure;
use crate::options::ListFormat;
use crate::render::{Answer, List, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    format: ListFormat,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldArgs {}

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl From<OldArgs> for Args {
    fn from(_: OldArgs) -> Self {
        Self {
            format: ListFormat::default(),
        }
    }
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(self.format.options())
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let versions = context.heat.templates().versions().await?;
        let rows: Vec<_> = versions.iter().map(TemplateVersion::raw).collect();
        let mut columns = vec!["Version", "Type"];
        // Heat before Newton has no aliases.
        if rows
            .iter()
            .any(|row: &Map<String, Value>| row.contains_key("aliases"))
        {
            columns.push("Aliases");
        }
        Ok(Answer::List(List {
            layouts: Vec::new(),
            columns,
            old_columns: vec!["version", "type"],
            old_order: Some("type"),
            rows,
        }))
    }
}
