//! `stack export`.

use std::path::PathBuf;

use super::output_file::OutputFile;
use crate::commands::context::{Context, stack_not_found};
use crate::commands::spelling::Command;
use crate::exit::Failure;
use crate::options::RecordFormat;
use crate::render::{Answer, Document, Language, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
#[command(mut_arg("format", |arg| arg.default_value("json")))]
pub(crate) struct Args {
    /// Stack name or ID
    #[arg(value_name = "STACK")]
    stack: String,
    /// Write the data to this file instead of printing it
    #[arg(long, value_name = "FILE")]
    output_file: Option<PathBuf>,
    #[command(flatten)]
    format: RecordFormat,
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(self.format.options())
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let file = self.output_file.as_deref().map(OutputFile::open);
        let file = file.transpose()?;
        let data = context.heat.stacks().export(&self.stack).await;
        let data = data.map_err(stack_not_found(&self.stack))?;
        match file {
            Some(file) => file.finish(&data).map(|()| Answer::Nothing),
            None => Ok(Answer::Document(Document {
                content: data.raw(),
                old_language: Language::AsciiJson,
            })),
        }
    }
}
