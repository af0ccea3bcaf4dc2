//! `stack file list`.

use crate::commands::context::{Context, stack_not_found};
use crate::commands::spelling::Command;
use crate::exit::Failure;
use crate::options::RecordFormat;
use crate::render::{Answer, Layout, OutputOptions, Record};

#[derive(Clone, Debug, clap::Args)]
#[command(mut_arg("format", |arg| arg.default_value("yaml")))]
pub(crate) struct Args {
    /// Stack name or ID
    #[arg(value_name = "STACK")]
    stack: String,
    #[command(flatten)]
    format: RecordFormat,
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(self.format.options())
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let files = context.heat.stacks().files(&self.stack).await;
        let files = files.map_err(stack_not_found(&self.stack))?;
        let mut record = Record::default();
        record.push("files", files, Layout::Plain);
        Ok(Answer::Record(record))
    }
}
