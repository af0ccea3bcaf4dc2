//! `orchestration build info` (old spelling: `build-info`).

use crate::commands::context::Context;
use crate::commands::spelling::Command;
use crate::exit::Failure;
use crate::options::{OutputFormat, RecordFormat};
use crate::render::{Answer, Layout, OutputOptions, Record};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args<F: OutputFormat = RecordFormat> {
    #[command(flatten)]
    format: F,
}

impl<F: OutputFormat> Command for Args<F> {
    fn format(&self) -> Option<OutputOptions> {
        self.format.output()
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let info = context.heat.build_info().await?;
        let mut record = Record::default();
        record.push("api", info.api, Layout::Json);
        record.push("engine", info.engine, Layout::Json);
        Ok(Answer::Record(record))
    }
}
