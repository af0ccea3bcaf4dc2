//! `template …`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Parameters;

/// The commands under `template`.
#[derive(Debug, Subcommand)]
pub(crate) enum TemplateFileCommand {
    /// Look for mistakes in templates and environments
    Lint(LintArgs),
}

/// What is to be looked at, and how to tell of it.
#[derive(Clone, Debug, Args)]
pub(crate) struct LintArgs {
    /// Template file, YAML or JSON
    #[arg(value_name = "TEMPLATE", required_unless_present_any = ["template", "environments"])]
    pub(crate) templates: Vec<PathBuf>,

    /// Template file, as other commands take it
    #[arg(short, long, value_name = "FILE")]
    pub(crate) template: Option<PathBuf>,

    /// Environment file; may be given several times
    #[arg(short, long = "environment", value_name = "FILE")]
    pub(crate) environments: Vec<PathBuf>,

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

/// What is to be gathered, and where to put it.
#[derive(Clone, Debug, Args)]
pub(crate) struct PackArgs {
    /// Template file, YAML or JSON
    #[arg(short, long, value_name = "FILE")]
    pub(crate) template: PathBuf,

    /// Environment file; of several the later win
    #[arg(short, long = "environment", value_name = "FILE")]
    pub(crate) environments: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) values: Parameters,

    /// Directory to write to; without it the result is printed
    #[arg(long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
}
