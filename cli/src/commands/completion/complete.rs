//! `complete`: the completion command of cliff, on which `openstack` is built.

use clap::ValueEnum;
use clap_complete::Shell;

use super::super::spelling::LocalCommand;
use super::script;
use super::words::{leaf_options, visible};
use crate::command_line::{Program, definition};
use crate::exit::Failure;
use crate::options::GlobalArgs;
use crate::render::Answer;

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Command to complete; by default the name of this program
    #[arg(long, value_name = "COMMAND")]
    name: Option<String>,
    /// Shell; `none` prints the commands and options as data only
    #[arg(long, value_enum, default_value_t = Syntax::Bash, value_name = "SHELL")]
    shell: Syntax,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Syntax {
    /// A script for bash.
    Bash,
    /// Lines of `cmds_WORD_WORD='…'`.
    None,
}

impl LocalCommand for Args {
    fn run(self, _: &GlobalArgs) -> Result<Answer, Failure> {
        let program = Program::current();
        let name = self.name.as_deref().unwrap_or_else(|| program.name());
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.+".contains(c);
        if name.is_empty() || name.starts_with('-') || !name.chars().all(is_plain) {
            let message =
                format!("invalid command name {name:?}; expected letters, digits, and - _ . +");
            return Err(Failure::Usage(message));
        }
        let text = match self.shell {
            Syntax::Bash => script(Shell::Bash, name).unwrap_or_default(),
            Syntax::None => data(),
        };
        Ok(Answer::Raw(text.into_bytes()))
    }
}

/// One line for each command word: the words that may follow it, or the options of the command.
fn data() -> String {
    let mut definition = definition(Program::OpenStack);
    definition.build();
    let mut lines = vec![(String::new(), following(&definition))];
    collect(&definition, "", &mut lines);
    lines.sort();
    let lines = lines
        .iter()
        .map(|(words, next)| format!("  cmds{words}='{next}'\n"));
    lines.collect()
}

fn collect(command: &clap::Command, before: &str, lines: &mut Vec<(String, String)>) {
    for inner in visible(command) {
        let words = format!("{before}_{}", inner.get_name().replace('-', "_"));
        if inner.has_subcommands() {
            lines.push((words.clone(), following(inner)));
            collect(inner, &words, lines);
        } else {
            lines.push((words, leaf_options(inner).join(" ")));
        }
    }
}

/// The words that may follow, in their order.
fn following(command: &clap::Command) -> String {
    let mut names: Vec<&str> = visible(command).map(clap::Command::get_name).collect();
    names.sort_unstable();
    names.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_has_a_line_for_each_word() {
        let data = data();
        let line = |start: &str| data.lines().find(|line| line.starts_with(start)).unwrap();
        assert!(line("  cmds='").contains(" orchestration "), "{data}");
        assert!(line("  cmds_stack='").contains(" list "), "{data}");
        assert!(
            line("  cmds_stack_list='").contains(" --all-projects "),
            "{data}"
        );
        assert!(
            line("  cmds_stack_show='").starts_with(
                "  cmds_stack_show='-h --help --no-resolve-outputs -f --format -c --column"
            ),
            "{data}"
        );
        assert!(
            !data.contains("stack-list") && !data.contains("--os-"),
            "{data}"
        );
    }
}
