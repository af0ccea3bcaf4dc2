//! `stack event …`.

use clap::{Args, Subcommand};

use super::number::whole;
use super::{EventFormat, key_value};

/// The commands under `stack event`.
#[derive(Debug, Subcommand)]
pub(crate) enum EventCommand {
    /// List the events of a stack
    List {
        #[command(flatten)]
        events: EventArgs,
        #[command(flatten)]
        format: EventFormat,
    },
}

/// Which events.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct EventArgs {
    /// Name or id of the stack
    pub(crate) stack: String,
    /// Only events of this resource
    #[arg(long, value_name = "NAME")]
    pub(crate) resource: Option<String>,
    /// Only events with this property; may be given several times
    #[arg(long = "filter", value_name = "KEY=VALUE", value_parser = key_value)]
    pub(crate) filters: Vec<(String, String)>,
    /// At most so many events
    #[arg(long, value_name = "EVENTS", value_parser = whole::<usize>, allow_negative_numbers = true)]
    pub(crate) limit: Option<usize>,
    /// Only the events after the one with this id
    #[arg(long, value_name = "ID")]
    pub(crate) marker: Option<String>,
    /// Events of nested stacks too, so many levels down
    #[arg(short, long, value_name = "LEVELS", conflicts_with = "resource", value_parser = whole::<u32>, allow_negative_numbers = true)]
    pub(crate) nested_depth: Option<u32>,
    /// Sort by these keys, comma-separated; may be given several times
    #[arg(long, value_name = "KEY[:DIRECTION]", value_delimiter = ',')]
    pub(crate) sort: Vec<String>,
    /// Go on with the events to come, until interrupted
    #[arg(long, conflicts_with = "resource")]
    pub(crate) follow: bool,
}

impl EventArgs {
    /// How many levels down, unless it is 0.
    pub(crate) fn levels(&self) -> Option<u32> {
        self.nested_depth.filter(|levels| *levels > 0)
    }

    /// The marker, unless it is empty.
    pub(crate) fn marker(&self) -> Option<&str> {
        self.marker.as_deref().filter(|id| !id.is_empty())
    }
}
