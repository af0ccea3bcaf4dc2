//! Parses the command line with clap.

mod expand;
mod fallback;
mod program;

use std::borrow::Cow;
use std::error::Error as _;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{
    ArgMatches, ColorChoice, CommandFactory as _, FromArgMatches as _, Parser, ValueEnum as _,
};

use crate::commands::TABLE;
use crate::commands::spelling::{HELP_TEMPLATE, Spelling, Work, definitions};
use crate::exit::Failure;
use crate::options::{GlobalArgs, Malformed, global};
use crate::render::visible;
use expand::{Expansion, expand};
pub(crate) use program::Program;

/// The tool and its global options.
#[derive(Debug, Parser)]
#[command(
    about = "Command-line client for OpenStack Heat",
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

const OLD_SPELLINGS: &str = "The commands of the older tool (stack-list, event-list …) still work; see `heat help stack-list`.";

/// Parses the command line. Returns the global options and the command to run.
///
/// # Errors
/// Prints help, the version or a usage error, and returns the exit code.
pub(crate) fn read() -> Result<(GlobalArgs, Work), ExitCode> {
    let program = Program::current();
    let mut words: Vec<OsString> = std::env::args_os().map(normalize).collect();
    // As in the old tool, the help is then the answer, not an error.
    if words.len() == 1 {
        words.push("--help".into());
    }
    colour(&words).into_iter().for_each(use_colour);
    let matches = parse(program, words).map_err(|stop| match stop {
        Stop::Clap(error) => end(error),
        Stop::Ambiguous(message) => Failure::Usage(message).report(false),
        Stop::Foreign(words) => fallback::run(&words),
    })?;
    let read = || Ok((global(&matches)?, Spelling::read(TABLE, &matches)?));
    let (global, work) = read().map_err(end)?;
    // It may be abbreviated.
    global.color.into_iter().for_each(use_colour);
    Ok((global, work))
}

fn global(matches: &ArgMatches) -> Result<GlobalArgs, clap::Error> {
    Ok(Tool::from_arg_matches(matches)?.global)
}

/// The definition of all commands and options.
pub(crate) fn definition(program: Program) -> clap::Command {
    define(program, None)
}

/// The definition of all commands, without old spellings that none of the `typed` words begins.
fn define(program: Program, typed: Option<&[OsString]>) -> clap::Command {
    let definition = Tool::command()
        .name(program.name())
        .version(program.version())
        .help_template(HELP_TEMPLATE)
        .subcommands(definitions(TABLE, "", program, typed));
    match program {
        Program::Heat => definition.after_help(OLD_SPELLINGS),
        Program::OpenStack => definition,
    }
}

/// Why a command line has no command to run.
enum Stop {
    /// Help, the version or a usage error.
    Clap(clap::Error),
    /// An abbreviation has several meanings.
    Ambiguous(String),
    /// These words name a command of another service.
    Foreign(Vec<String>),
}

/// Parses the words, the first of which is the program.
fn parse(program: Program, mut words: Vec<OsString>) -> Result<ArgMatches, Stop> {
    let typed = words.get(1..).unwrap_or_default();
    let error = match define(program, Some(typed)).try_get_matches_from(&words) {
        Ok(matches) => return Ok(matches),
        Err(error) if !error.use_stderr() => return Err(Stop::Clap(error)),
        // A usage error may suggest any command.
        Err(_) => match definition(program).try_get_matches_from(&words) {
            Ok(matches) => return Ok(matches),
            Err(error) => error,
        },
    };
    let kind = error.kind();
    if !matches!(
        kind,
        ErrorKind::InvalidSubcommand | ErrorKind::UnknownArgument
    ) {
        return Err(Stop::Clap(error));
    }
    match expand(&mut definition(program), typed) {
        Expansion::Words(full) if full != typed => {
            words.truncate(1);
            words.extend(full);
            let matches = definition(program).try_get_matches_from(words);
            matches.map_err(Stop::Clap)
        }
        Expansion::Ambiguous {
            what,
            typed,
            candidates,
        } => Err(Stop::Ambiguous(format!(
            "ambiguous {what}: {typed} could match {}",
            candidates.join(", ")
        ))),
        Expansion::Unknown(words)
            if program == Program::OpenStack
                && fallback::is_foreign(&words)
                && (kind == ErrorKind::InvalidSubcommand || fallback::is_wanted()) =>
        {
            Err(Stop::Foreign(words))
        }
        Expansion::Words(_) | Expansion::Unknown(_) => Err(Stop::Clap(error)),
    }
}

/// The choice of `--color` for help and usage errors.
fn colour(words: &[OsString]) -> Option<ColorChoice> {
    let mut words = words.iter().filter_map(|word| word.to_str());
    let mut choice = None;
    while let Some(word) = words.next() {
        let value = match word.strip_prefix("--color") {
            Some("") => words.next(),
            Some(value) => value.strip_prefix('='),
            None if word == "--" => break,
            None => None,
        };
        let known = value.and_then(|value| ColorChoice::from_str(value, false).ok());
        choice = known.or(choice);
    }
    choice
}

fn use_colour(choice: ColorChoice) {
    let choice = match choice {
        ColorChoice::Always => anstream::ColorChoice::Always,
        ColorChoice::Never => anstream::ColorChoice::Never,
        ColorChoice::Auto => anstream::ColorChoice::Auto,
    };
    choice.write_global();
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

/// The error with the best suggestions only, of which clap has a long list in the order of their similarity.
fn improved(mut error: clap::Error) -> clap::Error {
    const MOST: usize = 3;
    let kind = ContextKind::SuggestedSubcommand;
    if let Some(ContextValue::Strings(names)) = error.get(kind)
        && names.len() > MOST
    {
        let best = names.iter().rev().take(MOST).cloned().collect();
        error.insert(kind, ContextValue::Strings(best));
    }
    // How to pass an option as a value: nobody meant that.
    error.remove(ContextKind::Suggested);
    error
}

/// The help for a noun that was typed without a command, after an error.
fn incomplete(plain: &str, shown: &str) -> Option<String> {
    let mut lines = plain.lines();
    let usage = lines.find_map(|line| line.strip_prefix("usage: "))?;
    let noun = usage.strip_suffix(" <COMMAND>")?;
    let error = format!("ERROR: '{noun}' needs one of the commands below");
    Some(format!("{error}\n\n{shown}"))
}

/// Prints help, the version or a usage error. If an argument holds control characters, the error is printed escaped and
/// without colours.
fn end(error: clap::Error) -> ExitCode {
    if !error.use_stderr() {
        let printed = error.print().and_then(|()| io::stdout().flush());
        return match printed {
            Ok(()) => ExitCode::SUCCESS,
            Err(failed) => Failure::unwritten(failed).report(false),
        };
    }
    if let Some(malformed) = error
        .source()
        .and_then(|source| source.downcast_ref::<Malformed>())
    {
        return Failure::Message(malformed.to_string()).report(false);
    }
    let kind = error.kind();
    let text = improved(error).render();
    // All other errors of the tool have this prefix, as those of the Python tools do.
    let with_prefix = |shown: String| match text.to_string() {
        plain if plain.starts_with("error:") => shown.replacen("error:", "ERROR:", 1),
        plain if kind == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            incomplete(&plain, &shown).unwrap_or(shown)
        }
        _ => shown,
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

#[cfg(test)]
pub(crate) mod tests;
