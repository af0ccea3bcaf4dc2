//! `completion`.

use std::ffi::OsString;

use clap::Args;

/// `completion`.
#[derive(Clone, Debug, Args)]
pub(crate) struct CompletionArgs {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
    /// Complete the last of these words instead; the scripts call the tool so
    #[arg(last = true, hide = true)]
    pub(crate) words: Vec<OsString>,
}
