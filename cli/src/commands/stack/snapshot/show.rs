//! `stack snapshot show` (old spelling: `snapshot-show`).

use serde_json::Map;

use super::Selected;
use crate::commands::context::{Context, not_found};
use crate::commands::spelling::Command;
use crate::exit::Failure;
use crate::options::{OutputFormat, YamlFormat};
use crate::render::{Answer, Document, Language, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args<F: OutputFormat = YamlFormat> {
    #[command(flatten)]
    selected: Selected,
    #[command(flatten)]
    format: F,
}

impl<F: OutputFormat> Command for Args<F> {
    fn format(&self) -> Option<OutputOptions> {
        self.format.output()
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let Selected { stack, snapshot } = &self.selected;
        let shown = context.heat.snapshots().get(stack, snapshot).await;
        let missing = self.selected.not_found_text(context.is_old());
        let shown = shown.map_err(|error| not_found(&missing, error))?;
        Ok(Answer::Document(Document {
            content: Map::from_iter([("snapshot".to_owned(), shown.raw().into())]),
            old_language: Language::Json,
        }))
    }
}
