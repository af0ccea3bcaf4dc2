//! `stack output show` (old spelling: `output-show`).

use clap::ValueEnum;
use clap::builder::NonEmptyStringValueParser;
use heatclient::heat::{Output, StackRef};
use serde_json::{Value, json};

use crate::commands::context::{Context, not_found, stack_not_found};
use crate::commands::spelling::{Command, OldSpelling};
use crate::exit::Failure;
use crate::options::RecordFormat;
use crate::render::{Answer, Layout, OutputOptions, Record};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    which: OutputArgs,
    #[command(flatten)]
    format: RecordFormat,
    #[arg(skip)]
    shown: Shown,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldArgs {
    #[command(flatten)]
    which: OutputArgs,
    /// Output format
    #[arg(short = 'F', long, value_name = "FORMAT", value_enum, default_value_t = OldFormat::Raw)]
    format: OldFormat,
    /// Include key and description
    #[arg(long)]
    with_detail: bool,
}

/// Selects the outputs.
#[derive(Clone, Debug, clap::Args)]
struct OutputArgs {
    /// Stack name or ID
    stack: String,
    /// Output name
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    output: Option<String>,
    /// Show all outputs
    #[arg(short, long)]
    all: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OldFormat {
    /// The value alone.
    Raw,
    /// JSON.
    Json,
}

/// How outputs are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Shown {
    /// As one record.
    #[default]
    Together,
    /// Each on its own, as the old tool does.
    Each { format: OldFormat, detail: bool },
}

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl From<OldArgs> for Args {
    fn from(old: OldArgs) -> Self {
        Self {
            which: old.which,
            format: RecordFormat::default(),
            shown: Shown::Each {
                format: old.format,
                detail: old.with_detail,
            },
        }
    }
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(OutputOptions {
            foreign: self.which.output.is_none(),
            ..self.format.options()
        })
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let stack = &StackRef::from(&self.which.stack);
        match (&self.which.output, self.which.all) {
            (None, false) => {
                let message = "Either <OUTPUT NAME> or --all must be specified.";
                return Err(Failure::Message(message.to_owned()));
            }
            (Some(_), true) => {
                let message = "Cannot specify both <OUTPUT NAME> and --all.";
                return Err(Failure::Message(message.to_owned()));
            }
            _ => {}
        }
        match (self.shown, &self.which.output) {
            (Shown::Together, Some(key)) => {
                let output = output(context, stack, key).await?;
                Ok(Answer::Record(detailed(output, Layout::Plain)))
            }
            (Shown::Together, None) => {
                let found = context.heat.stacks().get(stack).await;
                let mut record = Record::default();
                for output in found.map_err(stack_not_found(&self.which.stack))?.outputs {
                    record.push(output.key.clone(), object(output), Layout::Json);
                }
                Ok(Answer::Record(record))
            }
            (Shown::Each { format, detail }, Some(key)) => {
                let output = output(context, stack, key).await?;
                Ok(alone(output, format, detail))
            }
            (Shown::Each { format, detail }, None) => {
                let outputs = context.heat.outputs().list(stack).await;
                for listed in outputs.map_err(stack_not_found(&self.which.stack))? {
                    let output = output(context, stack, &listed.key).await?;
                    context.print(alone(output, format, detail))?;
                }
                Ok(Answer::Nothing)
            }
        }
    }
}

/// Fetches an output. One without a value is an error.
async fn output(context: &Context, stack: &StackRef, key: &str) -> Result<Output, Failure> {
    let missing = format!("Stack {stack} or output {key} not found.");
    let output = context.heat.outputs().get(stack, key).await;
    let output = output.map_err(|error| not_found(&missing, error))?;
    match &output.error {
        Some(error) => Err(Failure::Message(format!("Output error: {error}"))),
        None => Ok(output),
    }
}

/// One output as the old tool shows it.
fn alone(output: Output, format: OldFormat, detail: bool) -> Answer {
    match (detail, format) {
        (true, OldFormat::Json) => Answer::Record(detailed(output, Layout::Json)),
        (true, OldFormat::Raw) => Answer::Record(detailed(output, Layout::Plain)),
        (false, OldFormat::Json) => Answer::Json(object(output)),
        (false, OldFormat::Raw) => Answer::Value(output.value.unwrap_or_default()),
    }
}

/// An output with its keys in the server's order.
fn object(output: Output) -> Value {
    let mut object = json!({"output_key": output.key, "description": output.description});
    let parts = [
        ("output_value", output.value),
        ("output_error", output.error.map(Value::from)),
    ];
    if let Value::Object(object) = &mut object {
        let given = |(key, value): (&str, Option<Value>)| Some((key.to_owned(), value?));
        object.extend(parts.into_iter().filter_map(given));
    }
    object
}

fn detailed(output: Output, layout: Layout) -> Record {
    let mut record = Record::default();
    record.push("output_key", output.key, Layout::Plain);
    record.push("description", output.description, Layout::Plain);
    record.push("output_value", output.value.unwrap_or_default(), layout);
    record
}
