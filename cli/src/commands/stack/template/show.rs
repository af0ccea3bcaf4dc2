//! `stack template show` (old spelling: `template-show`).

use crate::commands::context::{Context, stack_not_found};
use crate::commands::spelling::{Command, OldSpelling};
use crate::exit::Failure;
use crate::options::RecordFormat;
use crate::render::{Answer, Document, Language, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
#[command(mut_arg("format", |arg| arg.default_value("yaml")))]
pub(crate) struct Args {
    /// Stack name or ID
    stack: String,
    #[command(flatten)]
    format: RecordFormat,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldArgs {
    /// Stack name or ID
    stack: String,
}

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl From<OldArgs> for Args {
    fn from(old: OldArgs) -> Self {
        Self {
            stack: old.stack,
            format: RecordFormat::default(),
        }
    }
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(self.format.options())
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let template = context.heat.stacks().template(&self.stack).await;
        let content = template.map_err(stack_not_found(&self.stack))?;
        Ok(Answer::Document(Document {
            old_language: if content.contains_key("heat_template_version") {
                Language::Yaml
            } else {
                Language::Json
            },
            content,
        }))
    }
}
