//! Completion candidates, computed from the definition of the command line.

use clap::builder::StyledStr;
use clap::{Arg, Command};

/// A candidate for the last word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) value: String,
    /// One line.
    pub(super) help: String,
    /// Offered only if no visible candidate matches: old spellings, and global options after a command.
    hidden: bool,
}

impl Candidate {
    fn new(value: impl Into<String>, help: Option<&StyledStr>, hidden: bool) -> Self {
        let help = help.map(ToString::to_string).unwrap_or_default();
        Self {
            value: value.into(),
            help: help.lines().next().unwrap_or_default().to_owned(),
            hidden,
        }
    }
}

/// The candidates for the last word. The words do not include the program's name. There are no candidates for free
/// text, such as a stack name or a file.
pub(super) fn complete(definition: &mut Command, words: &[String]) -> Vec<Candidate> {
    let Some((current, before)) = words.split_last() else {
        return Vec::new();
    };
    definition.build();
    let mut place = Place {
        command: definition,
        positional: 0,
        value_of: None,
        only_positionals: false,
    };
    for word in before {
        place.pass(word);
    }
    let mut candidates = place.candidates(current);
    candidates.retain(|candidate| candidate.value.starts_with(current.as_str()));
    if candidates.iter().any(|candidate| !candidate.hidden) {
        candidates.retain(|candidate| !candidate.hidden);
    }
    candidates
}

/// A position in a command line: the state of the parser before it.
struct Place<'a> {
    command: &'a Command,
    /// How many positional arguments of the command were read.
    positional: usize,
    /// The last option, if its value may come next.
    value_of: Option<&'a Arg>,
    /// Whether `--` was read.
    only_positionals: bool,
}

impl<'a> Place<'a> {
    /// Consumes a word as clap does.
    fn pass(&mut self, word: &str) {
        if let Some(option) = self.value_of.take()
            && (needs_value(option) || !word.starts_with('-'))
        {
            return;
        }
        if self.only_positionals {
            self.positional += 1;
        } else if word == "--" {
            self.only_positionals = true;
        } else if let Some(name) = word.strip_prefix("--") {
            self.value_of = self.long(name).filter(|option| takes_next_word(option));
        } else if word.len() > 1 && word.starts_with('-') {
            self.value_of = self
                .last_short(word)
                .filter(|option| takes_next_word(option));
        } else if let Some(command) = subcommand(self.command, word) {
            self.command = command;
            self.positional = 0;
        } else {
            self.positional += 1;
        }
    }

    fn candidates(&self, current: &str) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        if let Some(option) = self.value_of {
            candidates.extend(values(option, "", current));
            if needs_value(option) {
                return candidates;
            }
        }
        if self.only_positionals || !current.starts_with('-') {
            if !self.only_positionals {
                candidates.extend(subcommands(self.command));
            }
            candidates.extend(
                self.argument()
                    .into_iter()
                    .flat_map(|argument| values(argument, "", current)),
            );
        } else if let Some((option, value)) = current.split_once('=') {
            let known = option.strip_prefix("--").and_then(|name| self.long(name));
            let prefix = format!("{option}=");
            candidates.extend(
                known
                    .into_iter()
                    .flat_map(|known| values(known, &prefix, value)),
            );
        } else {
            candidates.extend(self.command.get_arguments().flat_map(spellings));
        }
        candidates
    }

    /// The option with this name, or the only one whose name starts with it.
    fn long(&self, name: &str) -> Option<&'a Arg> {
        let names = |arg: &Arg| -> Vec<String> {
            let aliases = arg.get_all_aliases().unwrap_or_default();
            let names = arg.get_long().into_iter().chain(aliases);
            names.map(str::to_owned).collect()
        };
        let arguments = || self.command.get_arguments();
        if let Some(exact) = arguments().find(|arg| names(arg).iter().any(|known| known == name)) {
            return Some(exact);
        }
        let mut matching =
            arguments().filter(|arg| names(arg).iter().any(|known| known.starts_with(name)));
        matching.next().filter(|_| matching.next().is_none())
    }

    /// The option of the last letter of `-abc`, unless the rest is the value of an earlier letter.
    fn last_short(&self, word: &str) -> Option<&'a Arg> {
        let mut letters = word.chars().skip(1);
        while let Some(letter) = letters.next() {
            let is_meant = |arg: &&Arg| {
                let aliases = arg.get_all_short_aliases().unwrap_or_default();
                arg.get_short() == Some(letter) || aliases.contains(&letter)
            };
            let option = self.command.get_arguments().find(is_meant)?;
            if takes_value(option) {
                return letters.next().is_none().then_some(option);
            }
        }
        None
    }

    /// The positional argument that comes next.
    fn argument(&self) -> Option<&'a Arg> {
        let last = self.command.get_positionals().last();
        let next = self.command.get_positionals().nth(self.positional);
        next.or_else(|| last.filter(|arg| arg.get_num_args().is_some_and(|n| n.max_values() > 1)))
    }
}

fn takes_value(arg: &Arg) -> bool {
    arg.get_num_args().is_some_and(|count| count.takes_values())
}

fn takes_next_word(arg: &Arg) -> bool {
    takes_value(arg) && !arg.is_require_equals_set()
}

fn needs_value(arg: &Arg) -> bool {
    arg.get_num_args()
        .is_some_and(|count| count.min_values() > 0)
}

/// The subcommand with this name, or the only one whose name starts with it.
fn subcommand<'a>(command: &'a Command, name: &str) -> Option<&'a Command> {
    if let Some(exact) = command.find_subcommand(name) {
        return Some(exact);
    }
    let begins = |command: &&Command| {
        let mut names = command.get_name_and_visible_aliases().into_iter();
        names.any(|known| known.starts_with(name))
    };
    let mut matching = command.get_subcommands().filter(begins);
    matching.next().filter(|_| matching.next().is_none())
}

fn subcommands(command: &Command) -> impl Iterator<Item = Candidate> {
    command.get_subcommands().flat_map(|command| {
        let names = command.get_name_and_visible_aliases().into_iter();
        names.map(|name| Candidate::new(name, command.get_about(), command.is_hide_set()))
    })
}

/// All spellings of an option.
fn spellings(arg: &Arg) -> Vec<Candidate> {
    let candidate = |value: String, hidden| Candidate::new(value, arg.get_help(), hidden);
    let hidden = arg.is_hide_set();
    let longs = arg.get_long_and_visible_aliases().unwrap_or_default();
    let old = arg.get_aliases().unwrap_or_default();
    let shorts = arg.get_short_and_visible_aliases().unwrap_or_default();
    let longs = longs
        .into_iter()
        .map(|long| candidate(format!("--{long}"), hidden));
    let old = old
        .into_iter()
        .map(|long| candidate(format!("--{long}"), true));
    let shorts = shorts
        .into_iter()
        .map(|short| candidate(format!("-{short}"), hidden));
    longs.chain(old).chain(shorts).collect()
}

/// The possible values of an argument, each after `prefix` and the values that are already given in the same word.
fn values(arg: &Arg, prefix: &str, current: &str) -> Vec<Candidate> {
    if !takes_value(arg) {
        return Vec::new();
    }
    let delimiter = arg.get_value_delimiter();
    let given = delimiter.and_then(|delimiter| current.rsplit_once(delimiter));
    let given = match (given, delimiter) {
        (Some((given, _)), Some(delimiter)) => format!("{given}{delimiter}"),
        _ => String::new(),
    };
    let possible = arg.get_value_parser().possible_values();
    let candidate = |value: clap::builder::PossibleValue| {
        let name = format!("{prefix}{given}{}", value.get_name());
        Candidate::new(name, value.get_help(), value.is_hide_set())
    };
    possible.into_iter().flatten().map(candidate).collect()
}
