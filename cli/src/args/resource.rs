//! `stack resource …` and `stack output …`.

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};

use super::number::whole;
use super::{ListFormat, RecordFormat, key_value};

/// The commands under `stack resource`.
#[derive(Debug, Subcommand)]
pub(crate) enum ResourceCommand {
    /// List the resources of a stack
    List {
        #[command(flatten)]
        resources: ResourceListArgs,
        #[command(flatten)]
        format: ListFormat,
    },
    /// Show a resource of a stack
    Show {
        #[command(flatten)]
        resource: ResourceShowArgs,
        #[command(flatten)]
        format: RecordFormat,
    },
}

/// Which resources.
#[derive(Clone, Debug, Args)]
pub(crate) struct ResourceListArgs {
    /// Name or id of the stack
    pub(crate) stack: String,
    /// The name of each resource's stack, too
    #[arg(long)]
    pub(crate) long: bool,
    /// Resources of nested stacks too, so many levels down
    #[arg(short, long, value_name = "LEVELS", value_parser = whole::<u32>, allow_negative_numbers = true)]
    pub(crate) nested_depth: Option<u32>,
    /// Only resources with this property; may be given several times
    #[arg(long = "filter", value_name = "KEY=VALUE", value_parser = key_value)]
    pub(crate) filters: Vec<(String, String)>,
}

/// Which resource.
#[derive(Clone, Debug, Args)]
pub(crate) struct ResourceShowArgs {
    /// Name or id of the stack
    pub(crate) stack: String,
    /// Name of the resource
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    pub(crate) resource: String,
    /// An attribute that is shown only when asked for; may be given several times
    #[arg(short = 'a', long = "with-attr", value_name = "ATTRIBUTE")]
    pub(crate) attributes: Vec<String>,
}

/// The commands under `stack output`.
#[derive(Debug, Subcommand)]
pub(crate) enum OutputCommand {
    /// List the outputs of a stack
    List {
        /// Name or id of the stack
        stack: String,
        #[command(flatten)]
        format: ListFormat,
    },
    /// Show an output of a stack
    Show {
        #[command(flatten)]
        output: OutputShowArgs,
        #[command(flatten)]
        format: RecordFormat,
    },
}

/// Which output.
#[derive(Clone, Debug, Args)]
pub(crate) struct OutputShowArgs {
    /// Name or id of the stack
    pub(crate) stack: String,
    /// Name of the output
    #[arg(required_unless_present = "all", conflicts_with = "all", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) output: Option<String>,
    /// All outputs
    #[arg(short, long)]
    pub(crate) all: bool,
}
