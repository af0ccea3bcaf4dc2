//! Snapshots of stacks.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod restore;
pub(crate) mod show;

use clap::builder::NonEmptyStringValueParser;

/// Selects a snapshot.
#[derive(Clone, Debug, clap::Args)]
struct Selected {
    /// Stack name or ID
    stack: String,
    /// Snapshot ID
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    snapshot: String,
}

impl Selected {
    /// The message of the Python tools if the stack or the snapshot does not exist. The old tool's has no names.
    fn not_found_text(&self, is_old: bool) -> String {
        let Self { stack, snapshot } = self;
        match is_old {
            true => "Stack or snapshot not found".to_owned(),
            false => format!("Snapshot ID <{snapshot}> not found for stack <{stack}>"),
        }
    }
}
