//! `software deployment output show` (old spelling: `deployment-output-show`).

use std::fmt::Write as _;

use clap::ValueEnum;
use serde_json::Value;

use crate::commands::context::{Context, not_found};
use crate::commands::spelling::{Command, OldSpelling};
use crate::exit::Failure;
use crate::render::{Answer, plain_text, tail};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Software deployment ID
    #[arg(value_name = "DEPLOYMENT")]
    id: String,
    /// Output name
    #[arg(value_name = "OUTPUT")]
    output: Option<String>,
    /// Show all outputs
    #[arg(long)]
    all: bool,
    /// Show logs whole, not only their last lines
    #[arg(long)]
    long: bool,
    /// The format of the old tool.
    #[arg(skip)]
    old_format: Option<OldFormat>,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldArgs {
    /// Software deployment ID
    #[arg(value_name = "DEPLOYMENT")]
    id: String,
    /// Output name
    #[arg(value_name = "OUTPUT")]
    output: Option<String>,
    /// Show all outputs
    #[arg(short, long)]
    all: bool,
    /// Output format
    #[arg(short = 'F', long, value_name = "FORMAT", value_enum, default_value_t = OldFormat::Raw)]
    format: OldFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OldFormat {
    /// The value alone.
    Raw,
    /// JSON.
    Json,
}

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl From<OldArgs> for Args {
    fn from(old: OldArgs) -> Self {
        Self {
            id: old.id,
            output: old.output,
            all: old.all,
            long: true,
            old_format: Some(old.format),
        }
    }
}

impl Command for Args {
    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        if self.all == self.output.is_some() {
            let message = "either <output-name> or --all argument is needed.";
            return Err(Failure::Message(message.to_owned()));
        }
        let missing = format!("Deployment not found: {}", self.id);
        let deployment = context.heat.software_deployments().get(&self.id).await;
        let deployment = deployment.map_err(|error| not_found(&missing, error))?;
        let outputs = deployment.output_values.unwrap_or_default();
        match (self.old_format, self.output) {
            (Some(_), None) => Ok(Answer::Json(outputs)),
            // The old tool prints nothing for an unknown output.
            (Some(format), Some(name)) => Ok(match (outputs.get(&name), format) {
                (None, _) => Answer::Nothing,
                (Some(value), OldFormat::Json) => Answer::Json(value.clone()),
                (Some(value), OldFormat::Raw) => Answer::Value(value.clone()),
            }),
            (None, name) => shown(&outputs, name.as_deref(), &self.id, self.long),
        }
    }
}

/// One output or all, as text that resembles YAML.
fn shown(
    outputs: &Value,
    name: Option<&str>,
    deployment: &str,
    long: bool,
) -> Result<Answer, Failure> {
    let Some(outputs) = outputs.as_object().filter(|outputs| !outputs.is_empty()) else {
        return Ok(Answer::Nothing);
    };
    let mut text = String::new();
    match name {
        Some(name) => {
            let value = outputs.get(name).ok_or_else(|| {
                Failure::Message(format!(
                    "Output {name} does not exist in deployment {deployment}"
                ))
            })?;
            text.push_str("output_value:\n");
            add(&mut text, name, value, long);
        }
        None => {
            text.push_str("output_values:\n");
            for (name, value) in outputs {
                add(&mut text, name, value, long);
            }
        }
    }
    Ok(Answer::Text(text))
}

/// Adds a line feed, and the output without one at its end.
fn add(text: &mut String, name: &str, value: &Value, long: bool) {
    let value_text = plain_text(value);
    // Writing to a string does not fail.
    let _ = if ["deploy_stdout", "deploy_stderr"].contains(&name) {
        write!(text, "\n  {name}: |\n{}", log(value, &value_text, long))
    } else {
        write!(text, "\n  {name}: {value_text}")
    };
}

/// A log, indented; without `long` its last lines only.
fn log(value: &Value, text: &str, long: bool) -> String {
    if value.is_null() {
        return text.to_owned();
    }
    tail(text, long, "...", Some("(truncated, view all with --long)"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn logs_are_cut_unless_they_are_asked_for_whole() {
        let text: Vec<String> = (1..=11).map(|line| line.to_string()).collect();
        let value = json!(text.join("\n"));
        let cut = log(&value, value.as_str().unwrap(), false);
        assert!(cut.starts_with("    ...\n    2\n"), "{cut}");
        assert!(
            cut.ends_with("\n    11\n    (truncated, view all with --long)"),
            "{cut}"
        );
        let whole = log(&value, value.as_str().unwrap(), true);
        assert!(
            whole.starts_with("    1\n    2\n") && whole.ends_with("\n    11"),
            "{whole}"
        );
        assert_eq!(log(&Value::Null, "None", false), "None");
    }
}
