//! What was typed: the command line as clap reads it.

use std::borrow::Cow;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _, Parser};

use crate::commands::TABLE;
use crate::commands::spelling::{Spelling, Work, definitions};
use crate::exit::Failure;
use crate::options::{GlobalArgs, global};
use crate::render::visible;

/// What stands before the commands.
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
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = 120
)]
struct Tool {
    #[command(flatten)]
    global: GlobalArgs,
}

/// Reads the command line: the global options, and what is to be done.
///
/// # Errors
/// Help, the version and misuse are told here; the process is to end with the code.
pub(crate) fn read() -> Result<(GlobalArgs, Work), ExitCode> {
    let words = std::env::args_os().map(modern);
    let matches = definition().try_get_matches_from(words);
    matches
        .and_then(|matches| Ok((global(&matches)?, Spelling::read(TABLE, &matches)?)))
        .map_err(|error| end(&error))
}

fn global(matches: &ArgMatches) -> Result<GlobalArgs, clap::Error> {
    Ok(Tool::from_arg_matches(matches)?.global)
}

/// The commands and options there are.
pub(crate) fn definition() -> clap::Command {
    Tool::command().subcommands(definitions(TABLE, ""))
}

/// The word in a spelling that the definition knows. The old tool has one option of two letters after a single dash.
fn modern(word: OsString) -> OsString {
    match word.to_str().and_then(|word| word.strip_prefix("-Pf")) {
        Some("") => "--parameter-file".into(),
        Some(value) if value.starts_with('=') => format!("--parameter-file{value}").into(),
        _ => global::known(word),
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

#[cfg(test)]
pub(crate) mod tests;
