//! Where a template is, and `orchestration template …`.

use std::path::PathBuf;

use clap::builder::{PathBufValueParser, TypedValueParser};
use clap::{Args, Subcommand};

use super::{InputArgs, RecordFormat};

/// Where a template is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// In a file, or behind a URL that says so.
    File(PathBuf),
    /// Behind a URL that anybody may read.
    Url(String),
    /// Behind a URL that wants our token, such as one of Swift.
    Object(String),
}

impl Source {
    pub(crate) fn file() -> impl TypedValueParser<Value = Self> {
        PathBufValueParser::new().map(Self::File)
    }
}

/// The commands under `orchestration template`.
#[derive(Debug, Subcommand)]
pub(crate) enum TemplatesCommand {
    /// Check a template without making anything
    #[command(mut_arg("format", |arg| arg.default_value("yaml")))]
    Validate {
        #[command(flatten)]
        validation: ValidationArgs,
        #[command(flatten)]
        format: RecordFormat,
    },
}

/// What is to be checked.
#[derive(Clone, Debug, Args)]
pub(crate) struct ValidationArgs {
    /// Template file, YAML or JSON
    #[arg(short, long, value_name = "FILE", value_parser = Source::file(), required = true)]
    pub(crate) template: Option<Source>,

    #[command(flatten)]
    pub(crate) inputs: InputArgs,

    /// The parameters of nested stacks, too
    #[arg(long)]
    pub(crate) show_nested: bool,

    /// Codes of errors that do not count, comma-separated
    #[arg(long, value_name = "CODE,CODE…", value_delimiter = ',')]
    pub(crate) ignore_errors: Vec<String>,
}
