//! `stack resource show` (old spelling: `resource-show`).

use clap::builder::NonEmptyStringValueParser;

use crate::commands::context::{Context, not_found};
use crate::commands::spelling::Command;
use crate::exit::Failure;
use crate::options::{OutputFormat, RecordFormat};
use crate::render::{Answer, Layout, OutputOptions, Record};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args<F: OutputFormat = RecordFormat> {
    #[command(flatten)]
    resource: ResourceArgs,
    #[command(flatten)]
    format: F,
}

/// Selects the resource.
#[derive(Clone, Debug, clap::Args)]
struct ResourceArgs {
    /// Stack name or ID
    stack: String,
    /// Resource name
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    resource: String,
    /// Include this attribute, which is not shown by default (repeatable)
    #[arg(short = 'a', long = "with-attr", value_name = "ATTRIBUTE")]
    attributes: Vec<String>,
}

impl<F: OutputFormat> Command for Args<F> {
    fn format(&self) -> Option<OutputOptions> {
        self.format.output()
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let ResourceArgs {
            stack,
            resource,
            attributes,
        } = &self.resource;
        let mut request = context.heat.resources().get(stack, resource);
        for attribute in attributes {
            request = request.with_attr(attribute);
        }
        let missing = format!("Stack or resource not found: {stack} {resource}");
        let resource = request.await.map_err(|error| not_found(&missing, error))?;
        Ok(Answer::Record(Record::of(resource.raw(), layouts)))
    }
}

fn layouts(key: &str) -> [Layout; 2] {
    let old = match key {
        "attributes" => Layout::Json,
        "links" => Layout::Links,
        "required_by" => Layout::Lines,
        _ => Layout::Plain,
    };
    [Layout::Plain, old]
}
