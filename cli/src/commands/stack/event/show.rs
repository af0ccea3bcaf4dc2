//! `stack event show` (old spellings: `event-show`, `event`).

use clap::builder::NonEmptyStringValueParser;

use crate::commands::context::Context;
use crate::commands::spelling::Command;
use crate::exit::Failure;
use crate::options::{OutputFormat, RecordFormat};
use crate::render::{Answer, Layout, OutputOptions, Record};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args<F: OutputFormat = RecordFormat> {
    #[command(flatten)]
    event: EventArgs,
    #[command(flatten)]
    format: F,
}

/// Selects the event.
#[derive(Clone, Debug, clap::Args)]
struct EventArgs {
    /// Stack name or ID
    stack: String,
    /// Resource name; for an event of the stack itself, the name of the stack
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    resource: String,
    /// Event ID
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    event: String,
}

impl<F: OutputFormat> Command for Args<F> {
    fn format(&self) -> Option<OutputOptions> {
        self.format.output()
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let EventArgs {
            stack,
            resource,
            event,
        } = &self.event;
        let event = context.heat.events().get(stack, resource, event).await?;
        Ok(Answer::Record(Record::of(event.raw(), |key| match key {
            "links" => [Layout::Links; 2],
            "resource_properties" => [Layout::Json; 2],
            _ => [Layout::Plain; 2],
        })))
    }
}
