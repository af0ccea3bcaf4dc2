//! Entries of the command table: the words of a command, its arguments, and its implementation.

use std::ffi::OsString;

use clap::ArgMatches;
use clap::error::ErrorKind;

use super::context::{Context, online};
use crate::command_line::Program;
use crate::exit::Failure;
use crate::options::GlobalArgs;
use crate::render::{Answer, OutputOptions, Printer, Style};

/// The arguments and the implementation of a command that needs a cloud.
pub(crate) trait Command: clap::Args + 'static {
    /// The output options, if the answer is a table.
    fn format(&self) -> Option<OutputOptions> {
        None
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure>;
}

/// The arguments and the implementation of a command that needs no cloud.
pub(crate) trait LocalCommand: clap::Args + 'static {
    /// The output options, if the answer is a table.
    fn format(&self) -> Option<OutputOptions> {
        None
    }

    fn run(self, global: &GlobalArgs) -> Result<Answer, Failure>;
}

/// The arguments of a command in the spelling of the old `heat` tool. The answer is printed in the old style.
pub(crate) trait OldSpelling: clap::Args + Into<Self::Command> {
    type Command: Command;
}

/// Many commands have the same arguments in both spellings, but for output options.
impl<C: Command> OldSpelling for C {
    type Command = C;
}

/// The command to run after parsing.
pub(crate) type Work = Box<dyn FnOnce(&GlobalArgs) -> Result<(), Failure>>;

/// Parses the arguments of one command.
type Reader = fn(&ArgMatches) -> Result<Work, clap::Error>;

/// An entry of the command table.
#[derive(Debug)]
pub(crate) struct Spelling {
    words: &'static str,
    about: &'static str,
    is_old: bool,
    define: fn(clap::Command) -> clap::Command,
    /// None for a noun.
    read: Option<Reader>,
}

/// A group of commands: these words and one more name a command.
pub(super) const fn noun(words: &'static str, about: &'static str) -> Spelling {
    Spelling {
        words,
        about,
        is_old: false,
        define: without_global_help,
        read: None,
    }
}

/// A command that needs a cloud.
pub(super) const fn command<C: Command>(words: &'static str, about: &'static str) -> Spelling {
    Spelling {
        words,
        about,
        is_old: false,
        define: define::<C>,
        read: Some(|matches| {
            let args = C::from_arg_matches(matches)?;
            let style = Style::OpenStack(args.format());
            Ok(work(args, style))
        }),
    }
}

/// A command that needs no cloud.
pub(super) const fn local<C: LocalCommand>(words: &'static str, about: &'static str) -> Spelling {
    Spelling {
        words,
        about,
        is_old: false,
        define: define::<C>,
        read: Some(|matches| {
            let args = C::from_arg_matches(matches)?;
            Ok(Box::new(|global| {
                let printer = Printer::new(Style::OpenStack(args.format()))?;
                printer.print(args.run(global)?)
            }))
        }),
    }
}

/// A command of the old tool that needs no cloud.
pub(super) const fn old_local<C: LocalCommand>(
    words: &'static str,
    about: &'static str,
) -> Spelling {
    Spelling {
        is_old: true,
        ..local::<C>(words, about)
    }
}

/// An old spelling of a command.
pub(super) const fn old<S: OldSpelling>(words: &'static str, about: &'static str) -> Spelling {
    Spelling {
        words,
        about,
        is_old: true,
        define: define::<S>,
        read: Some(|matches| {
            let args: S::Command = S::from_arg_matches(matches)?.into();
            Ok(work(args, Style::Old))
        }),
    }
}

fn work<C: Command>(args: C, style: Style) -> Work {
    Box::new(|global| {
        online(
            global,
            style,
            Box::new(|context| Box::pin(args.run(context))),
        )
    })
}

/// Help begins with the usage, as that of the Python tools does.
pub(crate) const HELP_TEMPLATE: &str =
    "usage: {usage}\n\n{about-with-newline}\n{all-args}{after-help}";

impl Spelling {
    /// Parses the arguments of the command that was typed.
    pub(crate) fn read(table: &[Self], matches: &ArgMatches) -> Result<Work, clap::Error> {
        let (words, arguments) = typed(matches);
        let spelling = table.iter().find(|spelling| spelling.words == words);
        match spelling.and_then(|spelling| spelling.read) {
            Some(read) => read(arguments),
            // Not reached: clap reports a missing subcommand.
            None => Err(clap::Error::new(ErrorKind::MissingSubcommand)),
        }
    }

    /// The definition for clap. Its options are added only if the command was typed.
    fn definition(
        &self,
        table: &[Self],
        program: Program,
        typed: Option<&[OsString]>,
    ) -> clap::Command {
        let word = self.words.rsplit(' ').next().unwrap_or(self.words);
        let command = clap::Command::new(word)
            .about(self.about)
            .hide(self.is_old)
            .help_template(HELP_TEMPLATE)
            .after_help(match program {
                Program::Heat => "See `heat --help` for global options.",
                Program::OpenStack => "See `openstack --help` for global options.",
            })
            .defer(self.define);
        if self.read.is_some() {
            return command;
        }
        command
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommands(definitions(table, self.words, program, typed))
    }

    fn parent(&self) -> &str {
        self.words.rsplit_once(' ').map_or("", |(parent, _)| parent)
    }
}

/// The words of the command, and the matches of its arguments.
pub(crate) fn typed(mut matches: &ArgMatches) -> (String, &ArgMatches) {
    let mut words = Vec::new();
    while let Some((word, behind)) = matches.subcommand() {
        words.push(word);
        matches = behind;
    }
    (words.join(" "), matches)
}

/// The definitions of the commands whose names are `parent` and one more word.
///
/// With `typed`, old spellings that none of these words begins are left out. Clap copies all global options into each
/// command, which for all of them takes longer than the rest of the start.
pub(crate) fn definitions(
    table: &[Spelling],
    parent: &str,
    program: Program,
    typed: Option<&[OsString]>,
) -> Vec<clap::Command> {
    let begins = |word: &OsString, name: &str| {
        let word = word.as_encoded_bytes();
        !word.is_empty() && name.as_bytes().starts_with(word)
    };
    // The exact name of another command is no abbreviation.
    let is_name = |word: &OsString| {
        let mut others = table.iter().filter(|other| !other.is_old);
        others.any(|other| word == other.words)
    };
    let may_be = |old: &&Spelling| {
        typed.is_none_or(|typed| {
            let mut words = typed.iter().filter(|word| !is_name(word));
            words.any(|word| begins(word, old.words))
        })
    };
    let of = |is_old| {
        let inner = table.iter();
        inner.filter(move |inner| inner.parent() == parent && inner.is_old == is_old)
    };
    let old = program.has_old_spellings().then(|| of(true).filter(may_be));
    let inner = of(false).chain(old.into_iter().flatten());
    inner
        .map(|inner| inner.definition(table, program, typed))
        .collect()
}

fn define<A: clap::Args>(command: clap::Command) -> clap::Command {
    // A flattened group of options overwrites the description of the command.
    let about = command.get_about().cloned().unwrap_or_default();
    without_global_help(A::augment_args(command).about(about))
}

/// Hides the global options in the help of a command. They are accepted there, but there are too many of them. They are
/// present only when clap completes the definition; in the subcommands of a noun they are hidden already.
fn without_global_help(command: clap::Command) -> clap::Command {
    let is_shown = |arg: &clap::Arg| arg.is_global_set() && !arg.is_hide_set();
    if !command.get_arguments().any(is_shown) {
        return command;
    }
    command.mut_args(|arg| {
        let hide = arg.is_global_set() || arg.is_hide_set();
        arg.hide(hide)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::TABLE;

    /// All commands of the Python tools.
    const PYTHON: &str = include_str!("../../tests/formats/commands.txt");

    #[test]
    fn each_command_of_the_python_tools_exists() {
        let has = |name: &str| {
            let mut commands = TABLE.iter().filter(|entry| entry.read.is_some());
            commands.any(|entry| entry.words == name && entry.is_old != name.contains(' '))
        };
        let missing: Vec<&str> = PYTHON.lines().filter(|name| !has(name)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn both_tools_have_49_commands() {
        let (new, old): (Vec<&str>, Vec<&str>) =
            PYTHON.lines().partition(|name| name.contains(' '));
        let for_shells = ["bash-completion", "bash_completion"];
        assert!(for_shells.iter().all(|name| old.contains(name)));
        assert_eq!((new.len(), old.len() - for_shells.len()), (49, 49));
    }

    #[test]
    fn each_command_has_one_line_under_a_noun() {
        for line in TABLE {
            let same = TABLE.iter().filter(|other| other.words == line.words);
            assert_eq!(same.count(), 1, "{}", line.words);
            let is_parent = |noun: &&Spelling| noun.words == line.parent() && noun.read.is_none();
            let is_below = !line.parent().is_empty();
            assert_eq!(
                TABLE.iter().find(is_parent).is_some(),
                is_below,
                "{}",
                line.words
            );
        }
    }
}
