//! `stack snapshot show` (old spelling: `snapshot-show`).

use serde_json::Map;

use super::Selected;
use crate::commands::context::{Context, not_found};
use crate::commands::spelling::{Command, OldSpelling};
use crate::exit::Failure;
use crate::options::RecordFormat;
use crate::render::{Answer, Document, Language, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
#[command(mut_arg("format", |arg| arg.default_value("yaml")))]
pub(crate) struct Args {
    #[command(flatten)]
    selected: Selected,
    #[command(flatten)]
    format: RecordFormat,
    #[arg(skip)]
    is_old: bool,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldArgs {
    #[command(flatten)]
    selected: Selected,
}

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl From<OldArgs> for Args {
    fn from(old: OldArgs) -> Self {
        Self {
            selected: old.selected,
            format: RecordFormat::default(),
            is_old: true,
        }
    }
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(self.format.options())
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let Selected { stack, snapshot } = &self.selected;
        let shown = context.heat.snapshots().get(stack, snapshot).await;
        let missing = self.selected.not_found_text(self.is_old);
        let shown = shown.map_err(|error| not_found(&missing, error))?;
        Ok(Answer::Document(Document {
            content: Map::from_iter([("snapshot".to_owned(), shown.raw().into())]),
            old_language: Language::Json,
        }))
    }
}
