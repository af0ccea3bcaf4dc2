//! `stack …`.

use clap::{Args, Subcommand, ValueEnum};

use super::number::{seconds, whole};
use super::{
    AdoptionArgs, EventCommand, ListFormat, NewArgs, OutputCommand, RecordFormat, ResourceCommand,
    UpdateArgs, key_value,
};

/// The commands under `stack`.
#[derive(Debug, Subcommand)]
pub(crate) enum StackCommand {
    /// List stacks
    List(ListArgs),
    /// Show a stack
    Show(ShowArgs),
    /// Create a stack
    Create(CreateArgs),
    /// Make a stack of what another one left behind
    Adopt(AdoptArgs),
    /// Update a stack
    Update(UpdateCommandArgs),
    /// Delete stacks
    Delete(DeleteArgs),
    /// Suspend stacks
    Suspend(ActionArgs),
    /// Resume stacks
    Resume(ActionArgs),
    /// Check the resources of stacks
    Check(ActionArgs),
    /// Cancel the action that is under way
    Cancel {
        #[command(flatten)]
        action: ActionArgs,
        /// Leave everything as it is then
        #[arg(long)]
        no_rollback: bool,
    },
    /// Events of stacks
    #[command(subcommand)]
    Event(EventCommand),
    /// Resources of stacks
    #[command(subcommand)]
    Resource(ResourceCommand),
    /// Outputs of stacks
    #[command(subcommand)]
    Output(OutputCommand),
    /// Templates of stacks
    #[command(subcommand)]
    Template(StackTemplateCommand),
}

/// The commands under `stack template`.
#[derive(Debug, Subcommand)]
pub(crate) enum StackTemplateCommand {
    /// Show the template of a stack
    #[command(mut_arg("format", |arg| arg.default_value("yaml")))]
    Show {
        /// Name or id of the stack
        stack: String,
        #[command(flatten)]
        format: RecordFormat,
    },
}

/// Which stacks carrying the tags are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TagMode {
    /// Stacks with any of the tags.
    Any,
    /// Stacks without all of the tags.
    Not,
    /// Stacks without any of the tags.
    NotAny,
}

/// `stack list`.
#[derive(Clone, Debug, Args)]
pub(crate) struct ListArgs {
    /// Deleted stacks too
    #[arg(long)]
    pub(crate) deleted: bool,
    /// Nested stacks too
    #[arg(long)]
    pub(crate) nested: bool,
    /// Hidden stacks too
    #[arg(long)]
    pub(crate) hidden: bool,
    /// Only stacks with this property; may be given several times
    #[arg(long = "property", value_name = "KEY=VALUE", value_parser = key_value)]
    pub(crate) properties: Vec<(String, String)>,
    /// Only stacks with all of these tags, comma-separated
    #[arg(long, value_name = "TAG,TAG…")]
    pub(crate) tags: Option<String>,
    /// What --tags means
    #[arg(long, value_enum, value_name = "MODE", requires = "tags")]
    pub(crate) tag_mode: Option<TagMode>,
    /// At most so many stacks
    #[arg(long, value_name = "STACKS", value_parser = whole::<usize>, allow_negative_numbers = true)]
    pub(crate) limit: Option<usize>,
    /// Only the stacks after the one with this id
    #[arg(long, value_name = "ID")]
    pub(crate) marker: Option<String>,
    /// Sort by these columns, comma-separated; may be given several times
    #[arg(long, value_name = "KEY[:DIRECTION]", value_delimiter = ',')]
    pub(crate) sort: Vec<String>,
    /// Stacks of all projects (for administrators)
    #[arg(long)]
    pub(crate) all_projects: bool,
    /// Only stacks of this project: an id or a name
    #[arg(long, value_name = "PROJECT")]
    pub(crate) project: Option<String>,
    /// Domain of the project, if its name is not unique: an id or a name
    #[arg(long, value_name = "DOMAIN")]
    pub(crate) project_domain: Option<String>,
    /// Fewer columns
    #[arg(long)]
    pub(crate) short: bool,
    /// The owners, too
    #[arg(long)]
    pub(crate) long: bool,
    #[command(flatten)]
    pub(crate) format: ListFormat,
}

/// `stack show`.
#[derive(Clone, Debug, Args)]
pub(crate) struct ShowArgs {
    /// Name or id of the stack
    pub(crate) stack: String,
    /// Do not work out the outputs
    #[arg(long)]
    pub(crate) no_resolve_outputs: bool,
    #[command(flatten)]
    pub(crate) format: RecordFormat,
}

/// Whether, how often and how long to look until it is done.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Waiting {
    /// Wait until it is done
    #[arg(long)]
    pub(crate) wait: bool,
    /// Seconds between two looks
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) poll: Option<f64>,
    /// Wait no longer than this
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true, requires = "wait")]
    pub(crate) wait_timeout: Option<f64>,
}

/// `stack create`.
#[derive(Clone, Debug, Args)]
pub(crate) struct CreateArgs {
    #[command(flatten)]
    pub(crate) new: NewArgs,
    /// Show what would be made, and make nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) waiting: Waiting,
    #[command(flatten)]
    pub(crate) format: RecordFormat,
}

/// `stack adopt`.
#[derive(Clone, Debug, Args)]
pub(crate) struct AdoptArgs {
    #[command(flatten)]
    pub(crate) adoption: AdoptionArgs,
    #[command(flatten)]
    pub(crate) waiting: Waiting,
    #[command(flatten)]
    pub(crate) format: RecordFormat,
}

/// `stack update`.
#[derive(Clone, Debug, Args)]
pub(crate) struct UpdateCommandArgs {
    #[command(flatten)]
    pub(crate) update: UpdateArgs,
    /// Show what would change, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// With --dry-run: resources of nested stacks too
    #[arg(long)]
    pub(crate) show_nested: bool,
    #[command(flatten)]
    pub(crate) waiting: Waiting,
    #[command(flatten)]
    pub(crate) format: RecordFormat,
}

/// `stack delete`.
#[derive(Clone, Debug, Args)]
pub(crate) struct DeleteArgs {
    /// Names or ids of the stacks
    #[arg(value_name = "STACK", required = true)]
    pub(crate) stacks: Vec<String>,
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) waiting: Waiting,
}

/// `stack suspend`, `stack resume`, `stack check` and `stack cancel`.
#[derive(Clone, Debug, Args)]
pub(crate) struct ActionArgs {
    /// Names or ids of the stacks
    #[arg(value_name = "STACK", required = true)]
    pub(crate) stacks: Vec<String>,
    #[command(flatten)]
    pub(crate) waiting: Waiting,
    #[command(flatten)]
    pub(crate) format: ListFormat,
}
