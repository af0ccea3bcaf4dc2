//! What a stack is made from or changed to.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ValueEnum};

use super::number::minutes;
use super::{Source, key_value};

/// The values of the template's parameters.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Parameters {
    /// Value of a parameter, @FILE or @- for the content of a file or the standard input, @@ for a value
    /// that begins with @; may be given several times, or once with ; between parameters
    #[arg(long = "parameter", value_name = "KEY=VALUE", allow_hyphen_values = true, value_parser = key_value)]
    pub(crate) parameters: Vec<(String, String)>,

    /// File that holds the value of a parameter, - for the standard input; may be given several times
    #[arg(long = "parameter-file", value_name = "KEY=FILE", value_parser = key_value)]
    pub(crate) parameter_files: Vec<(String, String)>,
}

/// What a template is read with.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct InputArgs {
    /// Environment: a file, a URL, or - for the standard input; of several the later win
    #[arg(short, long = "environment", value_name = "FILE")]
    pub(crate) environments: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) values: Parameters,

    /// Swift container in which Heat itself finds the environments and the files that are referred to
    #[arg(short = 's', long, value_name = "NAME")]
    pub(crate) files_container: Option<String>,

    #[command(flatten)]
    pub(crate) reading: ReadingArgs,

    /// Leave it to Heat to refuse what is too large, for clouds with limits of their own
    #[arg(long)]
    pub(crate) no_limits: bool,
}

/// What templates and environments may refer to.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ReadingArgs {
    /// Documents refer to files below this directory only
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) files_root: Option<PathBuf>,

    /// No reference leads through a symbolic link
    #[arg(long)]
    pub(crate) no_symlinks: bool,

    /// A document from a server may refer to this other host, too, and be redirected there; may be
    /// given several times
    #[arg(long = "allow-host", value_name = "HOST[:PORT]", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) allow_hosts: Vec<String>,
}

/// What creating, previewing, adopting and updating have in common.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ChangeArgs {
    #[command(flatten)]
    pub(crate) inputs: InputArgs,

    /// How long Heat tries before it gives up
    #[arg(long, value_name = "MINUTES", value_parser = minutes, allow_negative_numbers = true)]
    pub(crate) timeout: Option<u64>,

    /// Tags, comma-separated
    #[arg(long, value_name = "TAG,TAG…")]
    pub(crate) tags: Option<String>,
}

/// What a stack is made from.
#[derive(Clone, Debug, Args)]
pub(crate) struct NewArgs {
    /// Name of the stack
    #[arg(value_name = "STACK")]
    pub(crate) name: String,

    /// Template, YAML or JSON: a file, a URL, or - for the standard input
    #[arg(short, long, value_name = "FILE", value_parser = Source::file(), required = true)]
    pub(crate) template: Option<Source>,

    /// Pause before this resource is made until the hook is cleared: a name, with slashes a way into
    /// nested stacks, with wildcards several; may be given several times
    #[arg(long, value_name = "RESOURCE", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) pre_create: Vec<String>,

    #[command(flatten)]
    pub(crate) change: ChangeArgs,

    /// Undo everything if it fails
    #[arg(long)]
    pub(crate) enable_rollback: bool,
}

/// What a stack is adopted from.
#[derive(Clone, Debug, Args)]
pub(crate) struct AdoptionArgs {
    /// Name of the stack
    #[arg(value_name = "STACK")]
    pub(crate) name: String,

    /// File with what abandoning or exporting a stack gave
    #[arg(long, value_name = "FILE")]
    pub(crate) adopt_file: PathBuf,

    #[command(flatten)]
    pub(crate) change: ChangeArgs,

    /// Give everything up if it fails
    #[arg(long)]
    pub(crate) enable_rollback: bool,
}

/// What becomes of a failed update.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Rollback {
    /// It is undone.
    Enabled,
    /// It is left as it is.
    Disabled,
    /// As the stack was made to do.
    Keep,
}

/// What a stack is changed to.
#[derive(Clone, Debug, Args)]
pub(crate) struct UpdateArgs {
    /// Name or id of the stack
    #[arg(value_name = "STACK")]
    pub(crate) stack: String,

    /// Template, YAML or JSON: a file, a URL, or - for the standard input
    #[arg(short, long, value_name = "FILE", value_parser = Source::file())]
    pub(crate) template: Option<Source>,

    /// Pause before this resource is updated until the hook is cleared: a name, with slashes a way into
    /// nested stacks, with wildcards several; may be given several times
    #[arg(long, value_name = "RESOURCE", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) pre_update: Vec<String>,

    #[command(flatten)]
    pub(crate) change: ChangeArgs,

    /// What becomes of a failed update
    #[arg(long, value_enum, default_value_t = Rollback::Keep, value_name = "WHAT")]
    pub(crate) rollback: Rollback,

    /// Keep template, environment and parameters of the stack, apart from those given
    #[arg(long)]
    pub(crate) existing: bool,

    /// With --existing: set this parameter back to its default; may be given several times
    #[arg(long = "clear-parameter", value_name = "KEY", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) clear_parameters: Vec<String>,

    /// Look at the real state of each resource rather than at what Heat remembers
    #[arg(long)]
    pub(crate) converge: bool,
}
