//! Parses the command line with clap.

use std::borrow::Cow;
use std::error::Error as _;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue};
use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _, Parser};

use crate::commands::spelling::{Spelling, Work, definitions};
use crate::commands::{TABLE, unsupported};
use crate::exit::Failure;
use crate::options::{GlobalArgs, Malformed, global};
use crate::render::visible;

/// The tool and its global options.
#[derive(Debug, Parser)]
#[command(
    name = "heat",
    version,
    about = "Command-line client for OpenStack Heat",
    after_help = "The commands of the older tool (stack-list, event-list …) still work; see `heat help stack-list`.",
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

/// Parses the command line. Returns the global options and the command to run.
///
/// # Errors
/// Prints help, the version or a usage error, and returns the exit code.
pub(crate) fn read() -> Result<(GlobalArgs, Work), ExitCode> {
    let words = std::env::args_os().map(normalize);
    let matches = definition().try_get_matches_from(words);
    matches
        .and_then(|matches| Ok((global(&matches)?, Spelling::read(TABLE, &matches)?)))
        .map_err(|error| end(&error))
}

fn global(matches: &ArgMatches) -> Result<GlobalArgs, clap::Error> {
    Ok(Tool::from_arg_matches(matches)?.global)
}

/// The definition of all commands and options.
pub(crate) fn definition() -> clap::Command {
    Tool::command().subcommands(definitions(TABLE, ""))
}

/// Rewrites a word to a spelling that the definition has. The old tool has an option of two letters after a single
/// dash, which clap cannot define.
fn normalize(word: OsString) -> OsString {
    match word.to_str().and_then(|word| word.strip_prefix("-Pf")) {
        Some("") => "--parameter-file".into(),
        Some(value) if value.starts_with('=') => format!("--parameter-file{value}").into(),
        _ => global::normalize(word),
    }
}

/// Prints help, the version or a usage error. If an argument holds control characters, the error is printed escaped and
/// without colours.
fn end(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        let printed = error.print().and_then(|()| io::stdout().flush());
        return match printed {
            Ok(()) => ExitCode::SUCCESS,
            Err(failed) => Failure::from(failed).report(false),
        };
    }
    if let Some(malformed) = error
        .source()
        .and_then(|source| source.downcast_ref::<Malformed>())
    {
        return Failure::Message(malformed.to_string()).report(false);
    }
    if let Some(message) = unsupported_command(error) {
        return Failure::Usage(message).report(false);
    }
    let text = error.render();
    // All other errors of the tool have this prefix, as those of the Python tools do.
    let with_prefix = |shown: String| match text.to_string().starts_with("error:") {
        true => shown.replacen("error:", "ERROR:", 1),
        false => shown,
    };
    let controls = |word: OsString| matches!(visible(&word.to_string_lossy()), Cow::Owned(_));
    // A failure to write to stderr cannot be reported.
    let _ = if std::env::args_os().any(controls) {
        let plain = with_prefix(text.to_string());
        write!(io::stderr(), "{}", visible(&plain))
    } else {
        let coloured = with_prefix(text.ansi().to_string());
        write!(anstream::stderr(), "{coloured}")
    };
    Failure::Usage(String::new()).code().into()
}

/// The message if a command of the Python tools was typed that this tool does not have yet.
fn unsupported_command(error: &clap::Error) -> Option<String> {
    let ContextValue::String(unknown) = error.get(ContextKind::InvalidSubcommand)? else {
        return None;
    };
    let words = std::env::args_os().skip(1);
    let words = words.filter_map(|word| word.into_string().ok());
    let words: Vec<_> = words.filter(|word| !word.starts_with('-')).collect();
    unsupported::message(unknown, &words)
}

#[cfg(test)]
pub(crate) mod tests;
