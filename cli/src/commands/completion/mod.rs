//! `completion`: shell completion scripts.
//!
//! The scripts for bash, zsh and fish call this program for the candidates (`candidates`). So a new
//! command or option needs no new script. For other shells clap_complete generates a static script.

mod candidates;
pub(super) mod complete;
#[cfg(test)]
mod tests;
pub(super) mod words;

use std::ffi::OsString;

use clap::Command;
use clap_complete::Shell;

use super::spelling::LocalCommand;
use crate::command_line::{Program, definition};
use crate::exit::Failure;
use crate::options::GlobalArgs;
use crate::render::Answer;
use candidates::{Candidate, complete};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Shell
    shell: Shell,
    /// Print candidates for the last of these words; used by the scripts
    #[arg(last = true, hide = true)]
    words: Vec<OsString>,
}

impl LocalCommand for Args {
    /// Prints the script, or the candidates for the last of the given words.
    fn run(self, _: &GlobalArgs) -> Result<Answer, Failure> {
        let mut output = Vec::new();
        let program = Program::current();
        if self.words.is_empty() {
            match script(self.shell, program.name()) {
                Some(script) => output.extend_from_slice(script.as_bytes()),
                None => {
                    let mut definition = static_definition();
                    let name = program.name();
                    clap_complete::generate(self.shell, &mut definition, name, &mut output);
                }
            }
        } else {
            let words = self
                .words
                .iter()
                .map(|word| word.to_string_lossy().into_owned());
            for line in answer(&mut definition(program), self.shell, words.collect()) {
                output.extend_from_slice(line.as_bytes());
                output.push(b'\n');
            }
        }
        Ok(Answer::Raw(output))
    }
}

/// The candidates in the format of the shell's script, one a line.
fn answer(definition: &mut Command, shell: Shell, words: Vec<String>) -> Vec<String> {
    match shell {
        Shell::Bash => {
            let (words, known) = rejoin(words);
            complete(definition, &words)
                .into_iter()
                .filter_map(|candidate| candidate.value.get(known..).map(str::to_owned))
                .collect()
        }
        Shell::Zsh => complete(definition, &words).iter().map(described).collect(),
        _ => complete(definition, &words)
            .into_iter()
            .map(|candidate| format!("{}\t{}", candidate.value, candidate.help))
            .collect(),
    }
}

/// `value:help`, as zsh's `_describe` reads it.
fn described(candidate: &Candidate) -> String {
    let value = candidate.value.replace('\\', "\\\\").replace(':', "\\:");
    format!("{value}:{}", candidate.help)
}

/// Joins the parts into which bash splits words at `=` and `:`. Bash completes the last part only, so this also returns
/// the length of the last word without that part.
fn rejoin(parts: Vec<String>) -> (Vec<String>, usize) {
    let mut words: Vec<String> = Vec::new();
    let (mut known, mut continues) = (0, false);
    for part in parts {
        let separates = !part.is_empty() && part.chars().all(|c| matches!(c, '=' | ':'));
        match words.last_mut() {
            Some(word) if separates || continues => {
                known = word.len() + if separates { part.len() } else { 0 };
                word.push_str(&part);
            }
            _ => {
                known = 0;
                words.push(part);
            }
        }
        continues = separates;
    }
    (words, known)
}

/// The script of a shell that calls this program for candidates. It completes the command `name`.
fn script(shell: Shell, name: &str) -> Option<String> {
    let path = own_path();
    let (template, path) = match shell {
        Shell::Bash => (include_str!("heat.bash"), quoted_for_sh(&path)),
        Shell::Zsh => (include_str!("heat.zsh"), quoted_for_sh(&path)),
        Shell::Fish => (include_str!("heat.fish"), quoted_for_fish(&path)),
        _ => return None,
    };
    let function: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    let script = template.replace("{PATH}", &path);
    let script = script.replace("{PROGRAM}", Program::current().name());
    Some(
        script
            .replace("{FUNCTION}", &function)
            .replace("{NAME}", name),
    )
}

/// The path of this program. The scripts use it if it exists, and the name from the search path otherwise, which may be
/// another tool. The path of the executable would lose the name of a link to it.
fn own_path() -> String {
    let link = std::env::args_os().next().map(std::path::PathBuf::from);
    let link = link.filter(|_| Program::current() == Program::OpenStack);
    let path = match link {
        Some(link) if link.components().count() > 1 => std::path::absolute(link).ok(),
        Some(_) => None,
        None => std::env::current_exe().ok(),
    };
    let path = path.as_deref().and_then(|path| path.to_str());
    path.unwrap_or_else(|| Program::current().name()).to_owned()
}

fn quoted_for_sh(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn quoted_for_fish(text: &str) -> String {
    format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'"))
}

/// The definition for static scripts. They complete global options only before the command: repeated
/// for each command, the options would be most of the script.
fn static_definition() -> Command {
    definition(Program::current()).mut_args(|option| option.global(false))
}
