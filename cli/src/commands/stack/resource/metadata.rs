//! `stack resource metadata` (old spelling: `resource-metadata`).

use serde_json::Value;

use super::{Selected, not_found_text};
use crate::commands::context::{Context, not_found};
use crate::commands::spelling::Command;
use crate::exit::Failure;
use crate::options::{JsonFormat, OutputFormat};
use crate::render::{Answer, Document, Language, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args<F: OutputFormat = JsonFormat> {
    #[command(flatten)]
    selected: Selected,
    #[command(flatten)]
    format: F,
}

impl<F: OutputFormat> Command for Args<F> {
    fn format(&self) -> Option<OutputOptions> {
        let options = self.format.output()?;
        Some(OutputOptions {
            foreign: true,
            ..options
        })
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let Selected { stack, resource } = &self.selected;
        let metadata = context.heat.resources().metadata(stack, resource).await;
        let missing = not_found_text(&self.selected, context.is_old());
        match metadata.map_err(|error| not_found(&missing, error))? {
            Value::Object(content) => Ok(Answer::Document(Document {
                content,
                old_language: Language::AsciiJson,
            })),
            // Heat sends objects.
            other => Ok(Answer::Json(other)),
        }
    }
}
