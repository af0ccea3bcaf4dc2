//! `orchestration template version list` (old spelling: `template-version-list`).

use heatclient::heat::TemplateVersion;
use serde_json::{Map, Value};

use crate::commands::context::Context;
use crate::commands::spelling::Command;
use crate::exit::Failure;
use crate::options::{ListFormat, OutputFormat};
use crate::render::{Answer, List, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args<F: OutputFormat = ListFormat> {
    #[command(flatten)]
    format: F,
}

impl<F: OutputFormat> Command for Args<F> {
    fn format(&self) -> Option<OutputOptions> {
        self.format.output()
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
