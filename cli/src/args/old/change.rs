//! What stacks are made from or changed to, in the old tool's spelling.

use std::path::PathBuf;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use crate::args::number::minutes;
use crate::args::{
    AdoptionArgs, ChangeArgs, InputArgs, NewArgs, Parameters, ReadingArgs, Rollback, Source,
    UpdateArgs, ValidationArgs, key_value,
};

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
    name: String,
    #[command(flatten)]
    change: OldChangeArgs,
    /// Undo everything if it fails
    #[arg(short = 'r', long)]
    enable_rollback: bool,
    /// The older name of --timeout
    #[arg(short = 'c', long, value_name = "MINUTES", hide = true, value_parser = minutes, allow_negative_numbers = true)]
    create_timeout: Option<u64>,
}

impl OldMakeArgs {
    fn change(&self) -> ChangeArgs {
        let change = ChangeArgs::from(self.change.clone());
        ChangeArgs {
            timeout: change.timeout.or(self.create_timeout),
            ..change
        }
    }
}
/// `stack-create` and `stack-preview`.
#[derive(Clone, Debug, Args)]
pub(crate) struct OldNewArgs {
    #[command(flatten)]
    make: OldMakeArgs,
    #[command(flatten)]
    template: OldTemplateArgs,
    /// Pause before this resource is made until the hook is cleared; may be given several times
    #[arg(long, value_name = "RESOURCE", value_parser = NonEmptyStringValueParser::new())]
    pre_create: Vec<String>,
}

impl From<OldNewArgs> for NewArgs {
    fn from(old: OldNewArgs) -> Self {
        Self {
            change: old.make.change(),
            name: old.make.name,
            template: old.template.into(),
            pre_create: old.pre_create,
            enable_rollback: old.make.enable_rollback,
        }
    }
}

/// `stack-adopt`.
#[derive(Clone, Debug, Args)]
pub(crate) struct OldAdoptArgs {
    #[command(flatten)]
    make: OldMakeArgs,
    /// File with what abandoning or exporting a stack gave
    #[arg(short, long, value_name = "FILE")]
    adopt_file: PathBuf,
}

impl From<OldAdoptArgs> for AdoptionArgs {
    fn from(old: OldAdoptArgs) -> Self {
        Self {
            change: old.make.change(),
            name: old.make.name,
            adopt_file: old.adopt_file,
            enable_rollback: old.make.enable_rollback,
        }
    }
}

/// `template-validate`.
#[derive(Clone, Debug, Args)]
pub(crate) struct OldValidateArgs {
    #[command(flatten)]
    template: OldTemplateArgs,
    #[command(flatten)]
    inputs: OldInputArgs,
    /// The parameters of nested stacks, too
    #[arg(short = 'n', long)]
    show_nested: bool,
    /// Codes of errors that do not count, comma-separated
    #[arg(short = 'I', long, value_name = "CODE,CODE…", value_delimiter = ',')]
    ignore_errors: Vec<String>,
}

impl From<OldValidateArgs> for ValidationArgs {
    fn from(old: OldValidateArgs) -> Self {
        Self {
            template: old.template.into(),
            inputs: old.inputs.into(),
            show_nested: old.show_nested,
            ignore_errors: old.ignore_errors,
        }
    }
}

/// `stack-update`.
#[derive(Clone, Debug, Args)]
pub(crate) struct OldUpdateArgs {
    /// Name or id of the stack
    #[arg(value_name = "STACK")]
    stack: String,
    #[command(flatten)]
    template: OldTemplateArgs,
    /// Pause before this resource is updated until the hook is cleared; may be given several times
    #[arg(long, value_name = "RESOURCE", value_parser = NonEmptyStringValueParser::new())]
    pre_update: Vec<String>,
    #[command(flatten)]
    change: OldChangeArgs,
    /// Whether a failed update is undone
    #[arg(long, value_name = "BOOLEAN", value_parser = boolean)]
    rollback: Option<bool>,
    /// Keep template, environment and parameters of the stack, apart from those given
    #[arg(short = 'x', long)]
    existing: bool,
    /// With --existing: set this parameter back to its default; may be given several times
    #[arg(short = 'c', long = "clear-parameter", value_name = "KEY", value_parser = NonEmptyStringValueParser::new())]
    clear_parameters: Vec<String>,
    /// Show what would change, and change nothing
    #[arg(short = 'y', long)]
    pub(crate) dry_run: bool,
    /// With --dry-run: resources of nested stacks too
    #[arg(short = 'n', long)]
    pub(crate) show_nested: bool,
}

impl From<OldUpdateArgs> for UpdateArgs {
    fn from(old: OldUpdateArgs) -> Self {
        Self {
            stack: old.stack,
            template: old.template.into(),
            pre_update: old.pre_update,
            change: old.change.into(),
            rollback: match old.rollback {
                Some(true) => Rollback::Enabled,
                Some(false) => Rollback::Disabled,
                None => Rollback::Keep,
            },
            existing: old.existing,
            clear_parameters: old.clear_parameters,
            converge: false,
        }
    }
}

fn url(text: &str) -> Result<String, String> {
    match text.split_once("://") {
        Some((scheme, _)) if !scheme.is_empty() => Ok(text.to_owned()),
        _ => Err("expected a URL".to_owned()),
    }
}

fn boolean(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "t" | "true" | "on" | "y" | "yes" => Ok(true),
        "0" | "f" | "false" | "off" | "n" | "no" => Ok(false),
        _ => Err("expected true or false".to_owned()),
    }
}
