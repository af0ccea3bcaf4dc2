//! `orchestration build info` (old spelling: `build-info`).

use crate::commands::context::Context;
use crate::commands::spelling::{Command, OldSpelling};
use crate::exit::Failure;
use crate::options::RecordFormat;
use crate::render::{Answer, Layout, OutputOptions, Record};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    format: RecordFormat,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldArgs {}

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl From<OldArgs> for Args {
    fn from(_: OldArgs) -> Self {
        Self {
            format: RecordFormat::default(),
        }
    }
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(self.format.options())
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let info = context.heat.build_info().await?;
        let mut record = Record::default();
        record.push("api", info.api, Layout::Json);
        record.push("engine", info.engine, Layout::Json);
        Ok(Answer::Record(record))
    }
}
