//! `stack template show` (old spelling: `template-show`).

use crate::commands::context::{Context, stack_not_found};
use crate::commands::spelling::Command;
use crate::exit::Failure;
use crate::options::{OutputFormat, YamlFormat};
use crate::render::{Answer, Document, Language, OutputOptions};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args<F: OutputFormat = YamlFormat> {
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
