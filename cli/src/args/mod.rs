//! What was typed: the command line as data. What it means is found out in `resolve`.

mod auth;
mod change;
mod completion;
mod event;
mod format;
mod global;
mod number;
mod old;
mod orchestration;
mod resource;
mod sandbox;
mod stack;
mod template;

use std::borrow::Cow;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

pub(crate) use auth::AuthArgs;
pub(crate) use change::{
    AdoptionArgs, ChangeArgs, InputArgs, NewArgs, Parameters, ReadingArgs, Rollback, UpdateArgs,
};
pub(crate) use completion::CompletionArgs;
pub(crate) use event::{EventArgs, EventCommand};
pub(crate) use format::{EventFormat, ListFormat, RecordFormat};
pub(crate) use global::GlobalArgs;
pub(crate) use old::{
    OldCommand, OldEventFormat, OldListArgs, OldOutputArgs, OldOutputFormat, OldUpdateArgs,
};
pub(crate) use orchestration::{BuildCommand, OrchestrationCommand};
pub(crate) use resource::{
    OutputCommand, OutputShowArgs, ResourceCommand, ResourceListArgs, ResourceShowArgs,
};
pub(crate) use sandbox::SandboxArgs;
pub(crate) use stack::{
    ActionArgs, AdoptArgs, CreateArgs, DeleteArgs, ListArgs, ShowArgs, StackCommand,
    StackTemplateCommand, TagMode, UpdateCommandArgs, Waiting,
};
pub(crate) use template::{
    FailOn, LintArgs, LintFormat, PackArgs, Source, TemplateCommand, TemplatesCommand,
    ValidationArgs,
};

use crate::exit::Failure;
use crate::output::visible;

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "heat",
    version,
    about = "OpenStack Heat on the command line",
    after_help = "The older spellings (stack-list, event-list …) work as they did; `heat help stack-list` tells.",
    infer_subcommands = true,
    infer_long_args = true,
    propagate_version = false,
    args_override_self = true,
    max_term_width = 120
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Stacks, and all that is in them
    #[command(subcommand)]
    Stack(StackCommand),
    /// The service itself
    #[command(subcommand)]
    Orchestration(OrchestrationCommand),
    /// Templates and environments, without a cloud
    #[command(subcommand)]
    Template(TemplateCommand),
    /// Start a Keystone and a Heat in memory, and print the variables for them
    Sandbox(SandboxArgs),
    /// Print a completion script for a shell
    Completion(CompletionArgs),
    #[command(flatten)]
    Old(OldCommand),
}

impl Cli {
    /// Reads the command line.
    ///
    /// # Errors
    /// Help, the version and misuse are told here; the process is to end with the code.
    pub(crate) fn read() -> Result<Self, ExitCode> {
        let words = std::env::args_os().map(modern);
        let matches = Self::definition().try_get_matches_from(words);
        matches
            .and_then(|matches| Self::from_arg_matches(&matches))
            .map_err(|error| end(&error))
    }

    /// The commands and options there are.
    pub(crate) fn definition() -> clap::Command {
        Self::command().mut_subcommands(|command| command.defer(without_global_help))
    }
}

/// Tells help, the version or misuse. What was typed may be text from elsewhere; with control characters in it, it is
/// shown without colours and escaped.
fn end(error: &clap::Error) -> ExitCode {
    let controls = |word: OsString| matches!(visible(&word.to_string_lossy()), Cow::Owned(_));
    if !error.use_stderr() {
        let printed = error.print().and_then(|()| io::stdout().flush());
        return match printed {
            Ok(()) => ExitCode::SUCCESS,
            Err(failed) => Failure::from(failed).report(false),
        };
    }
    // If nobody can read it, there is nobody to tell.
    let _ = if std::env::args_os().any(controls) {
        write!(io::stderr(), "{}", visible(&error.to_string()))
    } else {
        error.print()
    };
    Failure::Usage(String::new()).code().into()
}

/// The global options work after a command, too, but would drown the help of its own.
fn without_global_help(command: clap::Command) -> clap::Command {
    const HINT: &str = "Global options are told by `heat --help`.";
    // They are here already: a deferred change comes after them.
    command
        .mut_args(|arg| {
            let hide = arg.is_global_set() || arg.is_hide_set();
            arg.hide(hide)
        })
        .after_help(HINT)
        .mut_subcommands(|command| {
            command
                .after_help(HINT)
                .mut_subcommands(|command| command.after_help(HINT))
        })
}

/// The word in a spelling that the definition knows. The old tool has one option of two letters after a single dash.
fn modern(word: OsString) -> OsString {
    match word.to_str().and_then(|word| word.strip_prefix("-Pf")) {
        Some("") => "--parameter-file".into(),
        Some(value) if value.starts_with('=') => format!("--parameter-file{value}").into(),
        _ => global::known(word),
    }
}

/// Reads `key=value`.
pub(crate) fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("expected key=value".to_owned()),
    }
}

#[cfg(test)]
mod tests;
