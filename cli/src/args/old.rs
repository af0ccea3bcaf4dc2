//! The commands and options of the old `heat` tool.
//!
//! They become the arguments of the newer spelling; what they print is the old tool's.

mod change;

use clap::{Args, Subcommand, ValueEnum};

use super::number::{seconds, whole};
use super::{EventArgs, OutputShowArgs, ResourceListArgs, ResourceShowArgs, key_value};

pub(crate) use change::{OldAdoptArgs, OldNewArgs, OldUpdateArgs, OldValidateArgs};

/// The commands of the old tool.
#[derive(Debug, Subcommand)]
pub(crate) enum OldCommand {
    /// List stacks
    #[command(hide = true)]
    StackList(OldListArgs),
    /// Show a stack
    #[command(hide = true)]
    StackShow {
        #[command(flatten)]
        stack: OldStack,
        /// Do not work out the outputs
        #[arg(long)]
        no_resolve_outputs: bool,
    },
    /// Create a stack
    #[command(hide = true)]
    StackCreate {
        #[command(flatten)]
        new: OldNewArgs,
        /// Wait until it is done, looking every so many seconds
        #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "5", value_parser = seconds, allow_negative_numbers = true)]
        poll: Option<f64>,
    },
    /// Show what creating a stack would make
    #[command(hide = true)]
    StackPreview(OldNewArgs),
    /// Make a stack of what another one left behind
    #[command(hide = true)]
    StackAdopt(OldAdoptArgs),
    /// Update a stack
    #[command(hide = true)]
    StackUpdate(OldUpdateArgs),
    /// Delete stacks
    #[command(hide = true)]
    StackDelete {
        /// Names or ids of the stacks
        #[arg(value_name = "STACK", required = true)]
        stacks: Vec<String>,
        /// Do not ask
        #[arg(short, long)]
        yes: bool,
    },
    /// Cancel the update that is under way
    #[command(hide = true)]
    StackCancelUpdate(OldStack),
    /// Suspend a stack
    #[command(hide = true)]
    ActionSuspend(OldStack),
    /// Resume a stack
    #[command(hide = true)]
    ActionResume(OldStack),
    /// Check the resources of a stack
    #[command(hide = true)]
    ActionCheck(OldStack),
    /// List the events of a stack
    #[command(hide = true)]
    EventList(OldEventArgs),
    /// List the resources of a stack
    #[command(hide = true)]
    ResourceList(OldResourceArgs),
    /// Show a resource of a stack
    #[command(hide = true)]
    ResourceShow(ResourceShowArgs),
    /// List the outputs of a stack
    #[command(hide = true)]
    OutputList(OldStack),
    /// Show an output of a stack
    #[command(hide = true)]
    OutputShow(OldOutputArgs),
    /// Show the template of a stack
    #[command(hide = true)]
    TemplateShow(OldStack),
    /// Check a template without making anything
    #[command(hide = true)]
    TemplateValidate(OldValidateArgs),
    /// Show the build of Heat that answers
    #[command(hide = true)]
    BuildInfo,
}

/// A stack.
#[derive(Clone, Debug, Args)]
pub(crate) struct OldStack {
    /// Name or id of the stack
    pub(crate) stack: String,
}

/// `stack-list`.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct OldListArgs {
    /// Deleted stacks too
    #[arg(short = 's', long)]
    pub(crate) show_deleted: bool,
    /// Nested stacks too
    #[arg(short = 'n', long)]
    pub(crate) show_nested: bool,
    /// Hidden stacks too
    #[arg(short = 'a', long)]
    pub(crate) show_hidden: bool,
    /// Only stacks with these properties
    #[arg(short, long, value_name = "KEY=VALUE;…", value_delimiter = ';', value_parser = key_value)]
    pub(crate) filters: Vec<(String, String)>,
    /// Only stacks with all of these tags
    #[arg(short, long, value_name = "TAG,TAG…")]
    pub(crate) tags: Option<String>,
    /// Only stacks with any of these tags
    #[arg(long, value_name = "TAG,TAG…")]
    pub(crate) tags_any: Option<String>,
    /// Only stacks without all of these tags
    #[arg(long, value_name = "TAG,TAG…")]
    pub(crate) not_tags: Option<String>,
    /// Only stacks without any of these tags
    #[arg(long, value_name = "TAG,TAG…")]
    pub(crate) not_tags_any: Option<String>,
    /// At most so many stacks
    #[arg(short, long, value_name = "STACKS", value_parser = whole::<usize>, allow_negative_numbers = true)]
    pub(crate) limit: Option<usize>,
    /// Only the stacks after the one with this id
    #[arg(short, long, value_name = "ID")]
    pub(crate) marker: Option<String>,
    /// Sort by these keys
    #[arg(short = 'k', long, value_name = "KEY;…", value_delimiter = ';',
          value_parser = ["stack_name", "stack_status", "creation_time", "updated_time"])]
    pub(crate) sort_keys: Vec<String>,
    /// Direction to sort in
    #[arg(short = 'd', long, value_name = "DIRECTION", value_parser = ["asc", "desc"])]
    pub(crate) sort_dir: Option<String>,
    /// Stacks of all projects
    #[arg(short, long)]
    pub(crate) global_tenant: bool,
    /// The owners, too
    #[arg(short = 'o', long)]
    pub(crate) show_owner: bool,
}

/// `event-list`.
#[derive(Clone, Debug, Args)]
pub(crate) struct OldEventArgs {
    /// Name or id of the stack
    stack: String,
    /// Only events of this resource
    #[arg(short, long, value_name = "NAME")]
    resource: Option<String>,
    /// Only events with these properties
    #[arg(short, long, value_name = "KEY=VALUE;…", value_delimiter = ';', value_parser = key_value)]
    filters: Vec<(String, String)>,
    /// At most so many events
    #[arg(short, long, value_name = "EVENTS", value_parser = whole::<usize>, allow_negative_numbers = true)]
    limit: Option<usize>,
    /// Only the events after the one with this id
    #[arg(short, long, value_name = "ID")]
    marker: Option<String>,
    /// Events of nested stacks too, so many levels down
    #[arg(short, long, value_name = "LEVELS", conflicts_with = "resource", value_parser = whole::<u32>, allow_negative_numbers = true)]
    nested_depth: Option<u32>,
    /// Format
    #[arg(short = 'F', long, value_name = "FORMAT", value_enum, default_value_t = OldEventFormat::Table)]
    pub(crate) format: OldEventFormat,
}

/// How `event-list` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OldEventFormat {
    /// A table.
    Table,
    /// Lines of a log.
    Log,
}

impl From<OldEventArgs> for EventArgs {
    fn from(old: OldEventArgs) -> Self {
        Self {
            stack: old.stack,
            resource: old.resource,
            filters: old.filters,
            limit: old.limit,
            marker: old.marker,
            nested_depth: old.nested_depth,
            sort: Vec::new(),
            follow: false,
        }
    }
}

/// `resource-list`.
#[derive(Clone, Debug, Args)]
pub(crate) struct OldResourceArgs {
    /// Name or id of the stack
    stack: String,
    /// Resources of nested stacks too, so many levels down
    #[arg(short, long, value_name = "LEVELS", value_parser = whole::<u32>, allow_negative_numbers = true)]
    nested_depth: Option<u32>,
    /// The name of each resource's stack, too
    #[arg(long)]
    with_detail: bool,
    /// Only resources with these properties
    #[arg(short = 'f', long = "filter", value_name = "KEY=VALUE;…", value_delimiter = ';', value_parser = key_value)]
    filters: Vec<(String, String)>,
}

impl From<OldResourceArgs> for ResourceListArgs {
    fn from(old: OldResourceArgs) -> Self {
        Self {
            stack: old.stack,
            long: old.with_detail,
            nested_depth: old.nested_depth,
            filters: old.filters,
        }
    }
}

/// `output-show`.
#[derive(Clone, Debug, Args)]
pub(crate) struct OldOutputArgs {
    #[command(flatten)]
    pub(crate) output: OutputShowArgs,
    /// Format
    #[arg(short = 'F', long, value_name = "FORMAT", value_enum, default_value_t = OldOutputFormat::Raw)]
    pub(crate) format: OldOutputFormat,
    /// Key and description, too
    #[arg(long)]
    pub(crate) with_detail: bool,
}

/// How `output-show` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OldOutputFormat {
    /// The value alone.
    Raw,
    /// JSON.
    Json,
}
