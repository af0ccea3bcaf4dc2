//! `completion`: the scripts that make a shell complete command lines of the tool.
//!
//! The scripts for bash, zsh and fish ask this program for the candidates (`candidates`), so one
//! piece of code that reads the definition of the command line serves all three, and a new
//! command or option needs no new script. For the other shells clap_complete writes a static one.

mod candidates;
#[cfg(test)]
mod tests;

use std::ffi::OsString;

use clap::Command;
use clap_complete::Shell;

use super::spelling::LocalCommand;
use crate::command_line::definition;
use crate::exit::Failure;
use crate::options::GlobalArgs;
use crate::render::Answer;
use candidates::{Candidate, complete};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// The shell
    shell: Shell,
    /// Complete the last of these words instead; the scripts call the tool so
    #[arg(last = true, hide = true)]
    words: Vec<OsString>,
}

impl LocalCommand for Args {
    /// The script, or what the last of the given words may become.
    fn run(self, _: &GlobalArgs) -> Result<Answer, Failure> {
        let mut output = Vec::new();
        if self.words.is_empty() {
            match script(self.shell, &own_path()) {
                Some(script) => output.extend_from_slice(script.as_bytes()),
                None => {
                    let mut definition = static_definition();
                    clap_complete::generate(self.shell, &mut definition, "heat", &mut output);
                }
            }
        } else {
            let words = self
                .words
                .iter()
                .map(|word| word.to_string_lossy().into_owned());
            for line in answer(&mut definition(), self.shell, words.collect()) {
                output.extend_from_slice(line.as_bytes());
                output.push(b'\n');
            }
        }
        Ok(Answer::Raw(output))
    }
}

/// The candidates in the form that the script of the shell reads, one a line.
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

/// Bash splits words at `=` and `:` and completes the last part only. Puts the parts together
/// again, and tells how many bytes of the last word are not part of what bash completes.
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

/// The script of a shell that asks this program.
fn script(shell: Shell, path: &str) -> Option<String> {
    let (template, path) = match shell {
        Shell::Bash => (include_str!("heat.bash"), quoted_for_sh(path)),
        Shell::Zsh => (include_str!("heat.zsh"), quoted_for_sh(path)),
        Shell::Fish => (include_str!("heat.fish"), quoted_for_fish(path)),
        _ => return None,
    };
    Some(template.replace("{HEAT}", &path))
}

/// The path of this program. The scripts use it as long as it exists, and `heat` from the search
/// path otherwise, which may be another tool of that name.
fn own_path() -> String {
    let path = std::env::current_exe().ok();
    let path = path.as_deref().and_then(|path| path.to_str());
    path.unwrap_or("heat").to_owned()
}

fn quoted_for_sh(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn quoted_for_fish(text: &str) -> String {
    format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'"))
}

/// The definition for static scripts. They complete global options before the command only: behind
/// each command as well, these would make up nearly all of the script.
fn static_definition() -> Command {
    definition().mut_args(|option| option.global(false))
}
