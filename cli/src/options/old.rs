//! The same in the spelling of the old `heat` tool.

use std::path::PathBuf;

use clap::Args;

use super::inputs::Parameters;
use super::number::minutes;
use super::{ChangeArgs, InputArgs, ReadingArgs, Source, key_value};

/// What a template is read with.
#[derive(Clone, Debug, Args)]
pub(crate) struct OldInputArgs {
    /// Environment file; of several the later win
    #[arg(short = 'e', long = "environment-file", value_name = "FILE")]
    environments: Vec<PathBuf>,
    /// Value of a parameter; may be given several times, or once with ; between parameters
    #[arg(short = 'P', long, value_name = "KEY=VALUE", allow_hyphen_values = true, value_parser = key_value)]
    parameters: Vec<(String, String)>,
    /// File that holds the value of a parameter, also -Pf; may be given several times
    #[arg(long = "parameter-file", value_name = "KEY=FILE", value_parser = key_value)]
    parameter_files: Vec<(String, String)>,
    /// Leave it to Heat to refuse what is too large, for clouds with limits of their own
    #[arg(long)]
    no_limits: bool,
}

impl From<OldInputArgs> for InputArgs {
    fn from(old: OldInputArgs) -> Self {
        Self {
            environments: old.environments,
            values: Parameters {
                parameters: old.parameters,
                parameter_files: old.parameter_files,
            },
            files_container: None,
            reading: ReadingArgs::default(),
            no_limits: old.no_limits,
        }
    }
}

/// What creating, previewing, adopting and updating have in common.
#[derive(Clone, Debug, Args)]
pub(crate) struct OldChangeArgs {
    #[command(flatten)]
    inputs: OldInputArgs,
    /// How long Heat tries before it gives up
    #[arg(short, long, value_name = "MINUTES", value_parser = minutes, allow_negative_numbers = true)]
    timeout: Option<u64>,
    /// Tags, comma-separated
    #[arg(long, value_name = "TAG,TAG…")]
    tags: Option<String>,
}

impl From<OldChangeArgs> for ChangeArgs {
    fn from(old: OldChangeArgs) -> Self {
        Self {
            inputs: old.inputs.into(),
            timeout: old.timeout,
            tags: old.tags,
        }
    }
}

/// Where a template is: in one place at most.
#[derive(Clone, Debug, Args)]
#[group(multiple = false)]
pub(crate) struct OldTemplateArgs {
    /// Template, YAML or JSON: a file, a URL, or - for the standard input
    #[arg(short = 'f', long, value_name = "FILE", value_parser = Source::file())]
    template_file: Option<Source>,
    /// URL of the template
    #[arg(short = 'u', long, value_name = "URL", value_parser = url)]
    template_url: Option<String>,
    /// URL of the template, which is asked for with the token, such as one of Swift
    #[arg(short = 'o', long, value_name = "URL", value_parser = url)]
    template_object: Option<String>,
}

impl From<OldTemplateArgs> for Option<Source> {
    fn from(old: OldTemplateArgs) -> Self {
        old.template_file
            .or_else(|| old.template_url.map(Source::Url))
            .or_else(|| old.template_object.map(Source::Object))
    }
}

/// What creating, previewing and adopting have in common.
#[derive(Clone, Debug, Args)]
pub(crate) struct OldMakeArgs {
    /// Name of the stack
    #[arg(value_name = "STACK")]
    pub(crate) name: String,
    #[command(flatten)]
    change: OldChangeArgs,
    /// Undo everything if it fails
    #[arg(short = 'r', long)]
    pub(crate) enable_rollback: bool,
    /// The older name of --timeout
    #[arg(short = 'c', long, value_name = "MINUTES", hide = true, value_parser = minutes, allow_negative_numbers = true)]
    create_timeout: Option<u64>,
}

impl OldMakeArgs {
    pub(crate) fn change(&self) -> ChangeArgs {
        let change = ChangeArgs::from(self.change.clone());
        ChangeArgs {
            timeout: change.timeout.or(self.create_timeout),
            ..change
        }
    }
}

fn url(text: &str) -> Result<String, String> {
    match text.split_once("://") {
        Some((scheme, _)) if !scheme.is_empty() => Ok(text.to_owned()),
        _ => Err("expected a URL".to_owned()),
    }
}
