//! `stack resource metadata` (old spelling: `resource-metadata`).

use serde_json::Value;

use super::{Selected, not_found_text};
use crate::commands::context::{Context, not_found};
use crate::commands::spelling::{Command, OldSpelling};
use crate::exit::Failure;
use crate::options::RecordFormat;
use crate::render::{Answer, Document, Language, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
#[command(mut_arg("format", |arg| arg.default_value("json")))]
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
        Some(OutputOptions {
            foreign: true,
            ..self.format.options()
        })
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let Selected { stack, resource } = &self.selected;
        let metadata = context.heat.resources().metadata(stack, resource).await;
        let missing = not_found_text(&self.selected, self.is_old);
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
