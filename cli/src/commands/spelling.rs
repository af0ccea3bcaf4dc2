//! How a command is typed: the words that name it, its options, and what is to be done with them.

use clap::ArgMatches;

use super::context::{Context, online};
use crate::args::GlobalArgs;
use crate::exit::Failure;
use crate::render::{Answer, OutputOptions, Printer, Style};

/// The arguments of a command that needs a cloud, and what it does.
pub(crate) trait Command: clap::Args + 'static {
    /// How the answer is written, if it is a table.
    fn format(&self) -> Option<OutputOptions>;

    async fn run(self, context: &Context) -> Result<Answer, Failure>;
}

/// The arguments of a command that needs no cloud, and what it does.
pub(crate) trait LocalCommand: clap::Args + 'static {
    /// How the answer is written, if it is a table.
    fn format(&self) -> Option<OutputOptions> {
        None
    }

    fn run(self, global: &GlobalArgs) -> Result<Answer, Failure>;
}

/// The arguments of a command as the old `heat` tool took them. The answer is printed as that tool did.
pub(crate) trait OldSpelling: clap::Args + Into<Self::Command> {
    type Command: Command;
}

/// What is left to do once the command line is read.
pub(crate) type Work = Box<dyn FnOnce(&GlobalArgs) -> Result<(), Failure>>;

/// A line of the table of commands.
#[derive(Debug)]
pub(crate) struct Spelling {
    words: &'static str,
    about: &'static str,
    is_old: bool,
    define: fn(clap::Command) -> clap::Command,
    read: Option<fn(&ArgMatches) -> Result<Work, clap::Error>>,
}

/// What other commands are about: these words and one more name a command.
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
                let style = Style::OpenStack(args.format());
                let answer = args.run(global)?;
                Printer::new(style)?.print(answer)
            }))
        }),
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

impl Spelling {
    /// The line of the table for what was typed, and what was typed behind its words.
    pub(crate) fn typed<'m>(
        table: &'static [Self],
        mut matches: &'m ArgMatches,
    ) -> Option<(&'static Self, &'m ArgMatches)> {
        let mut words = Vec::new();
        while let Some((word, behind)) = matches.subcommand() {
            words.push(word);
            matches = behind;
        }
        let words = words.join(" ");
        let spelling = table.iter().find(|spelling| spelling.words == words)?;
        Some((spelling, matches))
    }

    /// Reads the arguments.
    pub(crate) fn read(&self, matches: &ArgMatches) -> Result<Work, clap::Error> {
        match self.read {
            Some(read) => read(matches),
            // A noun asks for the word that is missing.
            None => Err(clap::Error::new(clap::error::ErrorKind::MissingSubcommand)),
        }
    }

    /// The definition. Its options are defined when it is the command that was typed.
    fn definition(&self, table: &[Self]) -> clap::Command {
        let word = self.words.rsplit(' ').next().unwrap_or(self.words);
        let command = clap::Command::new(word)
            .about(self.about)
            .hide(self.is_old)
            .after_help(HINT)
            .defer(self.define);
        if self.read.is_some() {
            return command;
        }
        command
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommands(definitions(table, self.words))
    }

    fn parent(&self) -> &str {
        self.words.rsplit_once(' ').map_or("", |(parent, _)| parent)
    }
}

/// The definitions of the commands that consist of these words and one more.
pub(crate) fn definitions(table: &[Spelling], parent: &str) -> Vec<clap::Command> {
    let of = |is_old| {
        let inner = table.iter();
        inner.filter(move |inner| inner.parent() == parent && inner.is_old == is_old)
    };
    let inner = of(false).chain(of(true));
    inner.map(|inner| inner.definition(table)).collect()
}

const HINT: &str = "Global options are told by `heat --help`.";

fn define<A: clap::Args>(command: clap::Command) -> clap::Command {
    let about = command.get_about().cloned().unwrap_or_default();
    without_global_help(A::augment_args(command).about(about))
}

/// The global options work after a command, too, but would drown the help of its own. They are here already when the
/// definition is completed.
fn without_global_help(command: clap::Command) -> clap::Command {
    command.mut_args(|arg| {
        let hide = arg.is_global_set() || arg.is_hide_set();
        arg.hide(hide)
    })
}
