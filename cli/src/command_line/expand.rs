//! Abbreviated command words and options, as the Python tools read them.
//!
//! Clap completes most abbreviations itself. This module is for the others: words that only together name one command
//! (`st cr`), and options that are abbreviations of a global option, too.

use std::ffi::OsString;

use clap::{Arg, Command};

/// A command line with full words, or the reason why there is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Expansion {
    Words(Vec<OsString>),
    /// Words that are the beginnings of several commands or options.
    Ambiguous {
        what: &'static str,
        typed: String,
        candidates: Vec<String>,
    },
    /// No command begins with these words.
    Unknown(Vec<String>),
}

/// Completes the words of a command line. `words` do not include the program.
pub(super) fn expand(definition: &mut Command, words: &[OsString]) -> Expansion {
    definition.build();
    let raw = words;
    let words: Vec<String> = raw
        .iter()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let places = positions(definition, &words);
    let typed: Vec<&str> = places
        .iter()
        .filter_map(|place| Some(words.get(*place)?.as_str()))
        .collect();
    // `help` stands before the words of a command.
    let is_help = typed.first().is_some_and(|word| *word == "help");
    let (typed, places) = match is_help {
        true => (
            typed.get(1..).unwrap_or_default(),
            places.get(1..).unwrap_or_default(),
        ),
        false => (typed.as_slice(), places.as_slice()),
    };
    let mut commands = Vec::new();
    collect(definition, &mut Vec::new(), &mut commands);
    let full = match find(&commands, typed) {
        Found::One(full) => full,
        Found::Several(count, candidates) => {
            return Expansion::Ambiguous {
                what: "command",
                typed: typed.get(..count).unwrap_or_default().join(" "),
                candidates,
            };
        }
        Found::None => {
            return Expansion::Unknown(typed.iter().map(|word| (*word).to_owned()).collect());
        }
    };
    let mut expanded = words.clone();
    for (place, word) in places.iter().zip(&full) {
        if let Some(typed) = expanded.get_mut(*place) {
            word.clone_into(typed);
        }
    }
    let command = full
        .iter()
        .try_fold(&*definition, |command, word| command.find_subcommand(word));
    let full = full.join(" ");
    if let Some(Err(ambiguous)) = command.map(|command| options(command, &full, &mut expanded)) {
        return ambiguous;
    }
    // A word that stays as it is need not be UTF-8.
    let changed = |((raw, word), expanded): ((&OsString, &String), String)| match *word == expanded
    {
        true => raw.clone(),
        false => expanded.into(),
    };
    let words = raw.iter().zip(&words).zip(expanded);
    Expansion::Words(words.map(changed).collect())
}

/// The positions of the words that may name a command: those before the first option that is not global.
fn positions(root: &Command, words: &[String]) -> Vec<usize> {
    let mut places = Vec::new();
    let mut skip = false;
    for (place, word) in words.iter().enumerate() {
        if std::mem::take(&mut skip) {
            continue;
        }
        if !word.starts_with('-') || word == "-" {
            places.push(place);
            continue;
        }
        let Some(option) = option(root, word, |_| true) else {
            // An unknown option before the command is taken for one without a value.
            if places.is_empty() {
                continue;
            }
            break;
        };
        skip = takes_next_word(option, word);
    }
    places
}

/// The option of a word, if it is unique.
fn option<'a>(command: &'a Command, word: &str, of: fn(&Arg) -> bool) -> Option<&'a Arg> {
    let Some(name) = word.strip_prefix("--") else {
        let letter = word.chars().nth(1)?;
        return command
            .get_arguments()
            .find(|arg| arg.get_short() == Some(letter));
    };
    let name = name.split('=').next().unwrap_or(name);
    match matching(command, name, of).as_slice() {
        [(option, _)] => Some(option),
        _ => None,
    }
}

/// The options with this name, or else those whose names start with it, each with its name.
fn matching<'a>(command: &'a Command, name: &str, of: fn(&Arg) -> bool) -> Vec<(&'a Arg, &'a str)> {
    let names = |arg: &'a Arg| {
        let aliases = arg.get_all_aliases().unwrap_or_default();
        arg.get_long().into_iter().chain(aliases)
    };
    let options = || command.get_arguments().filter(|arg| of(arg));
    let with = |fits: &dyn Fn(&str) -> bool| -> Vec<(&'a Arg, &'a str)> {
        let pairs = options().filter_map(|arg| Some((arg, names(arg).find(|known| fits(known))?)));
        pairs.collect()
    };
    let exact = with(&|known| known == name);
    if !exact.is_empty() {
        return exact;
    }
    let starting = with(&|known| known.starts_with(name));
    // `--wa` is `--wait`, not `--wait-timeout`.
    let is_start =
        |(_, name): &&(&Arg, &str)| starting.iter().all(|(_, other)| other.starts_with(name));
    match starting.iter().find(is_start) {
        Some(shortest) => vec![*shortest],
        None => starting,
    }
}

fn takes_next_word(option: &Arg, word: &str) -> bool {
    let takes = option
        .get_num_args()
        .is_some_and(|count| count.min_values() > 0);
    let is_alone = match word.strip_prefix("--") {
        Some(name) => !name.contains('='),
        None => word.chars().count() == 2,
    };
    takes && is_alone
}

/// The words of all commands below `command` that are not nouns.
fn collect(command: &Command, words: &mut Vec<String>, commands: &mut Vec<Vec<String>>) {
    for inner in command
        .get_subcommands()
        .filter(|inner| inner.get_name() != "help")
    {
        words.push(inner.get_name().to_owned());
        if inner.has_subcommands() {
            collect(inner, words, commands);
        } else {
            commands.push(words.clone());
        }
        words.pop();
    }
}

enum Found {
    One(Vec<String>),
    /// The number of words that fit, and the commands that they fit.
    Several(usize, Vec<String>),
    None,
}

/// The command that the words name: the longest name that they begin with, complete or abbreviated without doubt.
fn find(commands: &[Vec<String>], typed: &[&str]) -> Found {
    let mut several = Found::None;
    for count in (1..=typed.len()).rev() {
        let words = typed.get(..count).unwrap_or_default();
        let of_length = || commands.iter().filter(|command| command.len() == count);
        if let Some(exact) = of_length().find(|command| *command == words) {
            return Found::One(exact.clone());
        }
        let fits = |command: &&Vec<String>| {
            command
                .iter()
                .zip(words)
                .all(|(full, typed)| full.starts_with(typed))
        };
        let fitting: Vec<_> = of_length().filter(fits).collect();
        match fitting.as_slice() {
            [] => {}
            [one] => return Found::One((*one).clone()),
            // A single word that may be a noun is not taken for the start of old spellings.
            _ if count == 1 && starts_a_noun(commands, words) => {}
            more if matches!(several, Found::None) => {
                let names = more.iter().map(|words| words.join(" "));
                several = Found::Several(count, names.collect());
            }
            _ => {}
        }
    }
    several
}

fn starts_a_noun(commands: &[Vec<String>], words: &[&str]) -> bool {
    let nouns = commands.iter().filter(|command| command.len() > 1);
    let mut first = nouns.filter_map(|command| command.first());
    first.any(|noun| words.iter().any(|word| noun.starts_with(word)))
}

/// Whether the Python tools do not have this option of the command. An abbreviation means one of theirs, if one fits, so
/// that options which were added here do not break scripts.
fn is_added(command: &str, option: &str) -> bool {
    match option {
        "allow-host" | "files-root" | "no-limits" | "no-symlinks" => true,
        "poll" => matches!(
            command,
            "stack cancel" | "stack check" | "stack resume" | "stack suspend"
        ),
        "parameter-file" => matches!(
            command,
            "stack adopt" | "stack-adopt" | "orchestration template validate" | "template-validate"
        ),
        "tags" => matches!(command, "stack adopt" | "stack-adopt"),
        "files-container" => command == "stack adopt",
        _ => false,
    }
}

/// Completes the options of the command named `path`. An option of the command wins over a global option.
fn options(command: &Command, path: &str, words: &mut [String]) -> Result<(), Expansion> {
    let own: fn(&Arg) -> bool = |arg| !arg.is_global_set();
    let mut skip = false;
    for word in words.iter_mut() {
        if std::mem::take(&mut skip) {
            continue;
        }
        if word == "--" {
            break;
        }
        let Some(typed) = word.strip_prefix("--") else {
            if word.starts_with('-') {
                skip =
                    option(command, word, |_| true).is_some_and(|arg| takes_next_word(arg, word));
            }
            continue;
        };
        let (name, value) = match typed.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (typed, None),
        };
        let mut found = matching(command, name, own);
        if found.is_empty() {
            found = matching(command, name, |_| true);
        }
        if found.len() > 1 && found.iter().any(|(_, full)| !is_added(path, full)) {
            found.retain(|(_, full)| !is_added(path, full));
        }
        match found.as_slice() {
            [] => {}
            [(arg, full)] => {
                let full = match value {
                    Some(value) => format!("--{full}={value}"),
                    None => format!("--{full}"),
                };
                skip = takes_next_word(arg, &full);
                *word = full;
            }
            several => {
                return Err(Expansion::Ambiguous {
                    what: "option",
                    typed: format!("--{name}"),
                    candidates: several
                        .iter()
                        .map(|(_, full)| format!("--{full}"))
                        .collect(),
                });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Program, definition};
    use super::*;

    fn expanded(line: &str) -> String {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        match expand(&mut definition(Program::Heat), &words) {
            Expansion::Words(words) => words.join(&OsString::from(" ")).into_string().unwrap(),
            Expansion::Ambiguous {
                what,
                typed,
                candidates,
            } => {
                format!("{what} {typed}: {}", candidates.join(", "))
            }
            Expansion::Unknown(words) => format!("unknown {}", words.join(" ")),
        }
    }

    #[test]
    fn abbreviations_of_options_of_the_python_tools_keep_their_meaning() {
        for (line, full) in [
            (
                "template-validate --parameter a=1",
                "template-validate --parameters a=1",
            ),
            (
                "stack-adopt web --param a=1 --t 5",
                "stack-adopt web --parameters a=1 --timeout 5",
            ),
            (
                "orchestration template validate --param a=1",
                "orchestration template validate --parameter a=1",
            ),
            (
                "stack create web --wai --no",
                "stack create web --wait --noindent",
            ),
            (
                "stack update web --files x",
                "stack update web --files-container x",
            ),
            ("stack check web --p", "stack check web --print-empty"),
            (
                "stack create web --wait-t 5",
                "stack create web --wait-timeout 5",
            ),
            (
                "stack-create web --param a=1",
                "option --param: --parameters, --parameter-file",
            ),
        ] {
            assert_eq!(expanded(line), full, "{line}");
        }
    }

    #[test]
    fn words_together_name_a_command() {
        for (line, full) in [
            ("st li", "stack list"),
            ("st cr web -t t", "stack create web -t t"),
            ("--os-cloud st st sh web", "--os-cloud st stack show web"),
            ("--os-cl x st --debug li", "--os-cloud x stack --debug list"),
            ("o t v -t t", "orchestration template validate -t t"),
            ("stack-li --limit 1", "stack-list --limit 1"),
            ("help st cr", "help stack create"),
            ("stack list", "stack list"),
        ] {
            assert_eq!(expanded(line), full, "{line}");
        }
        for line in ["server list", "stack lst", "stak list", "st"] {
            assert_eq!(expanded(line), format!("unknown {line}"));
        }
        assert_eq!(expanded("--new x server list"), "unknown x server list");
        assert!(expanded("st s").starts_with("command st s: stack show, "));
    }

    #[cfg(unix)]
    #[test]
    fn words_that_are_not_utf_8_stay_as_they_are() {
        use std::os::unix::ffi::OsStringExt as _;

        let file = OsString::from_vec(b"\xff.yaml".to_vec());
        let words = ["st", "cr", "web", "-t"].map(OsString::from);
        let words: Vec<_> = words.into_iter().chain([file.clone()]).collect();
        let Expansion::Words(words) = expand(&mut definition(Program::Heat), &words) else {
            panic!("no command");
        };
        assert_eq!(words[..2], ["stack", "create"]);
        assert_eq!(words.last(), Some(&file));
    }

    #[test]
    fn options_of_the_command_come_first() {
        for (line, full) in [
            ("stack list --de", "stack list --deleted"),
            ("st li --lim 3 --col id", "stack list --limit 3 --column id"),
            ("stack list --lim=3", "stack list --limit=3"),
            ("stack create --wa web", "stack create --wait web"),
            ("stack create --wait-t 5", "stack create --wait-timeout 5"),
            ("stack list --marker --lim", "stack list --marker --lim"),
            ("stack list -- --lim", "stack list -- --lim"),
            ("stack list --os-cl x", "stack list --os-cloud x"),
            ("stack list --nope", "stack list --nope"),
            (
                "stack show web --no",
                "option --no: --no-resolve-outputs, --noindent",
            ),
        ] {
            assert_eq!(expanded(line), full, "{line}");
        }
    }
}
