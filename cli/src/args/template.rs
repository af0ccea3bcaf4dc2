//! Where a template is, `template …` and `orchestration template …`.

use std::path::PathBuf;

use clap::builder::{PathBufValueParser, TypedValueParser};
use clap::{Args, Subcommand, ValueEnum};

use super::{InputArgs, ReadingArgs, RecordFormat};

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
    Pack(Box<PackArgs>),
    /// Look for mistakes in templates, environments and what they refer to
    Lint(LintArgs),
}

/// `template pack`.
#[derive(Clone, Debug, Args)]
pub(crate) struct PackArgs {
    /// Template, YAML or JSON: a file, a URL, or - for the standard input
    #[arg(short, long, value_name = "FILE", value_parser = Source::file())]
    pub(crate) template: Option<Source>,

    #[command(flatten)]
    pub(crate) inputs: InputArgs,

    /// Write the parts to files in this new directory instead
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) output: Option<PathBuf>,
}

/// What is to be looked at, and how to tell of it.
#[derive(Clone, Debug, Args)]
pub(crate) struct LintArgs {
    /// Template file, YAML or JSON
    #[arg(value_name = "TEMPLATE")]
    pub(crate) templates: Vec<PathBuf>,

    /// Template file, as other commands take it
    #[arg(short, long, value_name = "FILE")]
    pub(crate) template: Option<PathBuf>,

    /// Environment file, held against the parameters of the template if that is just one; may be given
    /// several times
    #[arg(short, long = "environment", value_name = "FILE")]
    pub(crate) environments: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) reading: ReadingArgs,

    /// Format
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: LintFormat,

    /// End with 1 if there is anything as bad as this
    #[arg(long, value_enum, default_value_t, value_name = "SEVERITY")]
    pub(crate) fail_on: FailOn,
}

/// How to tell of what was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LintFormat {
    /// For people, with the lines in question.
    #[default]
    Text,
    /// A list of objects.
    Json,
    /// SARIF 2.1.0, which code hosts and editors show in place.
    Sarif,
}

/// How bad it has to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// What Heat refuses.
    #[default]
    Error,
    /// What may not mean what it says, too.
    Warning,
    /// Anything at all.
    Note,
}
