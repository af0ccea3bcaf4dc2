//! `orchestration resource type list` (old spelling: `resource-type-list`).

use heatclient::heat::ResourceType;
use serde_json::{Map, Value};

use crate::commands::context::Context;
use crate::commands::spelling::{Command, OldSpelling};
use crate::documents::conditions;
use crate::exit::Failure;
use crate::options::{ListFormat, key_value};
use crate::render::{Answer, List, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Filter by name (a regular expression), version or support_status (repeatable)
    #[arg(long = "filter", value_name = "KEY=VALUE", value_parser = key_value)]
    filters: Vec<(String, String)>,
    /// Include the descriptions
    #[arg(long)]
    long: bool,
    #[command(flatten)]
    format: ListFormat,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldArgs {
    /// Filter by name (a regular expression), version or support_status (repeatable)
    #[arg(short, long, value_name = "KEY=VALUE;…", value_parser = key_value)]
    filters: Vec<(String, String)>,
}

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl From<OldArgs> for Args {
    fn from(old: OldArgs) -> Self {
        Self {
            filters: old.filters,
            long: false,
            format: ListFormat::default(),
        }
    }
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(self.format.options())
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let mut list = context.heat.resource_types().list();
        for (key, value) in &conditions(&self.filters) {
            list = list.filter(key, value);
        }
        let types = list.with_description(self.long).await?;
        let mut columns = vec!["Resource Type"];
        if self.long {
            columns.push("Description");
        }
        Ok(Answer::List(List {
            layouts: Vec::new(),
            columns,
            old_columns: vec!["resource_type"],
            old_order: None,
            rows: types.into_iter().map(row).collect(),
        }))
    }
}

fn row(found: ResourceType) -> Map<String, Value> {
    Map::from_iter([
        ("resource_type".to_owned(), found.name.into()),
        ("description".to_owned(), found.description.into()),
    ])
}
