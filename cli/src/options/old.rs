//! The same options in the spelling of the old `heat` tool.

use std::path::PathBuf;

use clap::Args;

use super::inputs::Parameters;
use super::number::minutes;
use super::{ChangeArgs, InputArgs, ReadingArgs, Source, key_value};

/// Options of commands that read a template.
#[derive(Clone, Debug, Args)]
pub(crate) struct OldInputArgs {
    /// Environment file; later ones take precedence (repeatable)
    #[arg(short = 'e', long = "environment-file", value_name = "FILE")]
    environments: Vec<PathBuf>,
    /// Parameter value (repeatable; a single option may hold several parameters, separated by ;)
    #[arg(short = 'P', long, value_name = "KEY=VALUE", allow_hyphen_values = true, value_parser = key_value)]
    parameters: Vec<(String, String)>,
    /// Read a parameter value from a file; short form: -Pf (repeatable)
    #[arg(long = "parameter-file", value_name = "KEY=FILE", value_parser = key_value)]
    parameter_files: Vec<(String, String)>,
    /// Do not check sizes before sending, for clouds with higher limits
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

/// Options shared by create, preview, adopt and update.
#[derive(Clone, Debug, Args)]
pub(crate) struct OldChangeArgs {
    #[command(flatten)]
    inputs: OldInputArgs,
    /// Timeout of the operation in minutes, applied by Heat
    #[arg(short, long, value_name = "MINUTES", value_parser = minutes, allow_negative_numbers = true)]
    timeout: Option<u64>,
    /// Comma-separated list of tags
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

/// The location of a template. These options exclude each other.
#[derive(Clone, Debug, Args)]
#[group(multiple = false)]
pub(crate) struct OldTemplateArgs {
    /// Template (YAML or JSON): a file, a URL, or - for stdin
    #[arg(short = 'f', long, value_name = "FILE", value_parser = Source::file())]
    template_file: Option<Source>,
    /// Template URL
    #[arg(short = 'u', long, value_name = "URL", value_parser = url)]
    template_url: Option<String>,
    /// Template URL that needs the token, such as a Swift object
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

/// Options shared by create, preview and adopt.
#[derive(Clone, Debug, Args)]
pub(crate) struct OldMakeArgs {
    /// Stack name
    #[arg(value_name = "STACK")]
    pub(crate) name: String,
    #[command(flatten)]
    change: OldChangeArgs,
    /// Roll back if the operation fails
    #[arg(short = 'r', long)]
    pub(crate) enable_rollback: bool,
    /// Old name of --timeout
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
        _ => Err("expected a URL, such as https://HOST/PATH".to_owned()),
    }
}
