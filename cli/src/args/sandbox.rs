//! `sandbox`.

use clap::Args;

use super::number::{seconds, seconds_or_none};

/// Settings of the sandbox.
#[derive(Clone, Debug, Args)]
pub(crate) struct SandboxArgs {
    /// Leave it running and return: for `eval "$(heat sandbox --background)"`
    #[arg(long)]
    pub(crate) background: bool,
    /// Port of the identity service; a free one by default
    #[arg(
        long,
        default_value_t = 0,
        value_name = "PORT",
        hide_default_value = true
    )]
    pub(crate) port: u16,
    /// Port of the orchestration service; a free one by default
    #[arg(
        long,
        default_value_t = 0,
        value_name = "PORT",
        hide_default_value = true
    )]
    pub(crate) orchestration_port: u16,
    /// How long a token is valid
    #[arg(long, default_value = "3600", value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) token_lifetime: f64,
    /// How long an action on a stack takes
    #[arg(long, default_value = "1", value_name = "SECONDS", value_parser = seconds_or_none, allow_negative_numbers = true)]
    pub(crate) stack_delay: f64,
}
