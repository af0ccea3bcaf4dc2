//! `stack output list` (old spelling: `output-list`).

use heatclient::heat::Output;
use serde_json::Map;

use crate::commands::context::{Context, stack_not_found};
use crate::commands::spelling::Command;
use crate::exit::Failure;
use crate::options::{ListFormat, OutputFormat};
use crate::render::{Answer, List, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args<F: OutputFormat = ListFormat> {
    /// Stack name or ID
    stack: String,
    #[command(flatten)]
    format: F,
}

impl<F: OutputFormat> Command for Args<F> {
    fn format(&self) -> Option<OutputOptions> {
        self.format.output()
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let outputs = context.heat.outputs().list(&self.stack).await;
        let outputs = outputs.map_err(stack_not_found(&self.stack))?;
        let row = |output: Output| {
            Map::from_iter([
                ("output_key".to_owned(), output.key.into()),
                ("description".to_owned(), output.description.into()),
            ])
        };
        let rows = outputs.into_iter().map(row).collect();
        let list = List::new(&["output_key", "description"], rows);
        Ok(Answer::List(list.old_order("output_key")))
    }
}
