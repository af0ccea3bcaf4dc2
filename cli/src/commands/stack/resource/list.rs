//! `stack resource list` (old spelling: `resource-list`).

use heatclient::heat::Resource;

use super::dot;
use crate::commands::context::{Context, stack_not_found};
use crate::commands::spelling::{Command, OldSpelling};
use crate::commands::stack::event::list::with_stack_name;
use crate::documents::conditions;
use crate::exit::Failure;
use crate::options::number::whole;
use crate::options::{ResourceFormat, key_value};
use crate::render::{Answer, List, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Stack name or ID
    stack: String,
    /// Include the stack names
    #[arg(long)]
    long: bool,
    /// Include the resources of nested stacks, down to this depth
    #[arg(short, long, value_name = "LEVELS", value_parser = whole::<u32>, allow_negative_numbers = true)]
    nested_depth: Option<u32>,
    /// Filter by a property (repeatable)
    #[arg(long = "filter", value_name = "KEY=VALUE", value_parser = key_value)]
    filters: Vec<(String, String)>,
    #[command(flatten)]
    format: ResourceFormat,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldArgs {
    /// Stack name or ID
    stack: String,
    /// Include the resources of nested stacks, down to this depth
    #[arg(short, long, value_name = "LEVELS", value_parser = whole::<u32>, allow_negative_numbers = true)]
    nested_depth: Option<u32>,
    /// Include the stack names
    #[arg(long)]
    with_detail: bool,
    /// Filter by properties
    #[arg(short = 'f', long = "filter", value_name = "KEY=VALUE;…", value_parser = key_value)]
    filters: Vec<(String, String)>,
}

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl From<OldArgs> for Args {
    fn from(old: OldArgs) -> Self {
        Self {
            stack: old.stack,
            long: old.with_detail,
            nested_depth: old.nested_depth,
            filters: old.filters,
            format: ResourceFormat::default(),
        }
    }
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        self.format.options()
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let mut request = context.heat.resources().list(&self.stack);
        let levels = self.nested_depth.filter(|levels| *levels > 0);
        if let Some(levels) = levels {
            request = request.nested_depth(levels);
        }
        for (key, value) in &conditions(&self.filters) {
            request = request.filter(key, value);
        }
        let resources = request.await.map_err(stack_not_found(&self.stack))?;
        if self.format.options().is_none() {
            return Ok(Answer::Text(dot::graph(&resources)));
        }
        let mut columns = vec![
            "resource_name",
            "physical_resource_id",
            "resource_type",
            "resource_status",
            "updated_time",
        ];
        if levels.is_some() || self.long {
            columns.push("stack_name");
        }
        let row = |resource: &Resource| with_stack_name(resource.raw(), resource.stack());
        let rows = resources.iter().map(row).collect();
        Ok(Answer::List(
            List::new(&columns, rows).old_order("updated_time"),
        ))
    }
}
