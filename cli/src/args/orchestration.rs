//! `orchestration …`.

use clap::Subcommand;

use super::{RecordFormat, TemplatesCommand};

/// The commands under `orchestration`.
#[derive(Debug, Subcommand)]
pub(crate) enum OrchestrationCommand {
    /// The build of Heat that answers
    #[command(subcommand)]
    Build(BuildCommand),
    /// Templates, whatever the stack
    #[command(subcommand)]
    Template(TemplatesCommand),
}

/// The commands under `orchestration build`.
#[derive(Debug, Subcommand)]
pub(crate) enum BuildCommand {
    /// Show the build of Heat that answers
    Info {
        #[command(flatten)]
        format: RecordFormat,
    },
}
