//! Where a template is, `template …` and `orchestration template …`.

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
        validation: Box<ValidationArgs>,
        #[command(flatten)]
        format: RecordFormat,
    },
}

/// What is to be checked.
#[derive(Clone, Debug, Args)]
pub(crate) struct ValidationArgs {
    /// Template, YAML or JSON: a file, a URL, or - for the standard input
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

/// The commands under `template`, which need no cloud.
#[derive(Debug, Subcommand)]
pub(crate) enum TemplateCommand {
    /// Print what a request would send of a template and its environments
    Pack(PackArgs),
}

/// `template pack`.
#[derive(Clone, Debug, Args)]
pub(crate) struct PackArgs {
    /// Template, YAML or JSON: a file, a URL, or - for the standard input
    #[arg(short, long, value_name = "FILE", value_parser = Source::file(), required_unless_present = "environments")]
    pub(crate) template: Option<Source>,

    #[command(flatten)]
    pub(crate) inputs: InputArgs,

    /// Write the parts to files in this new directory instead
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) output: Option<PathBuf>,
}
