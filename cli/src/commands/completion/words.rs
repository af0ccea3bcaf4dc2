//! `bash-completion`: all commands and options of the old tool as words, for its completion script.

use std::collections::BTreeSet;

use clap::Arg;

use super::super::spelling::LocalCommand;
use crate::command_line::{Program, definition};
use crate::exit::Failure;
use crate::options::GlobalArgs;
use crate::render::Answer;

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {}

impl LocalCommand for Args {
    fn run(self, _: &GlobalArgs) -> Result<Answer, Failure> {
        Ok(Answer::Text(words()))
    }
}

/// The old spellings and all their options, sorted.
fn words() -> String {
    let mut definition = definition(Program::Heat);
    definition.build();
    let mut words = BTreeSet::from(["help".to_owned()]);
    // The old spellings are those that the help does not list.
    let old = definition
        .get_subcommands()
        .filter(|command| command.is_hide_set());
    for command in old.filter(|command| !is_this(command)) {
        words.insert(command.get_name().to_owned());
        words.extend(leaf_options(command));
    }
    let words: Vec<String> = words.into_iter().collect();
    words.join(" ")
}

fn is_this(command: &clap::Command) -> bool {
    matches!(command.get_name(), "bash-completion" | "bash_completion")
}

/// The options of a command without the global ones, those of the help first.
pub(super) fn leaf_options(command: &clap::Command) -> Vec<String> {
    let is_help = |arg: &&Arg| arg.get_long() == Some("help");
    let own = |arg: &&Arg| !arg.is_global_set() && !arg.is_positional();
    let arguments = || command.get_arguments().filter(own);
    let help = arguments().filter(is_help);
    let options = help.chain(arguments().filter(|arg| !is_help(arg) && !arg.is_hide_set()));
    let names = options.flat_map(|arg| {
        let short = arg.get_short().map(|letter| format!("-{letter}"));
        let long = arg.get_long().map(|name| format!("--{name}"));
        short.into_iter().chain(long)
    });
    names.collect()
}

/// The commands that the help lists.
pub(super) fn visible(command: &clap::Command) -> impl Iterator<Item = &clap::Command> {
    let is_top = command.get_name() == Program::OpenStack.name();
    command
        .get_subcommands()
        .filter(move |inner| !inner.is_hide_set() && (is_top || inner.get_name() != "help"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_old_tool() {
        let words = words();
        let words: Vec<_> = words.split(' ').collect();
        assert!(words.is_sorted());
        for word in ["stack-list", "help", "--template-file", "-f", "--help"] {
            assert!(words.contains(&word), "{word}");
        }
        for word in [
            "stack",
            "bash-completion",
            "bash_completion",
            "--os-cloud",
            "--sort-column",
        ] {
            assert!(!words.contains(&word), "{word}");
        }
    }
}
