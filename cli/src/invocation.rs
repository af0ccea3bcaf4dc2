//! Command lines for the user to run next.

use std::ffi::OsStr;
use std::path::Path;

use crate::options::GlobalArgs;

/// How the tool was called: what a command line for the same cloud begins with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Invocation {
    /// Quoted, with the name of the tool.
    start: String,
    is_old: bool,
}

impl Invocation {
    /// `is_old`: the command was typed in the spelling of the old tool.
    pub(crate) fn new(global: &GlobalArgs, is_old: bool) -> Self {
        let mut words = vec![tool()];
        words.extend(global.cloud_words());
        let words: Vec<_> = words.iter().map(|word| quoted(word)).collect();
        Self {
            start: words.join(" "),
            is_old,
        }
    }

    /// A command line with this command, whose name is given in both spellings, and these arguments.
    pub(crate) fn line(&self, [new, old]: [&str; 2], arguments: &[impl AsRef<str>]) -> String {
        let command = if self.is_old { old } else { new };
        let mut line = format!("{} {command}", self.start);
        for argument in arguments {
            line.push(' ');
            line.push_str(&quoted(argument.as_ref()));
        }
        line
    }

    /// Shows stacks: one, or the list.
    pub(crate) fn check(&self, stacks: &[impl AsRef<str>]) -> String {
        match stacks {
            [_] => self.line(["stack show", "stack-show"], stacks),
            _ => self.line(["stack list", "stack-list"], &[] as &[&str]),
        }
    }

    /// Shows a software deployment.
    pub(crate) fn deployment(&self, id: &str) -> String {
        self.line(["software deployment show", "deployment-show"], &[id])
    }

    /// Waits for an action that was requested before, or for the one that is in progress.
    pub(crate) fn wait(&self, action: Option<&str>, stacks: &[impl AsRef<str>]) -> String {
        let mut arguments = Vec::new();
        if let Some(action) = action {
            arguments.extend(["--action", action]);
        }
        arguments.extend(stacks.iter().map(AsRef::as_ref));
        // The old tool has no such command.
        self.line(["stack wait"; 2], &arguments)
    }
}

/// The name that the tool was called by.
pub(crate) fn tool() -> String {
    name(&std::env::args_os().next().unwrap_or_default())
}

/// The name of the tool by the first word of the command line. A link of another name has all commands of `heat`.
fn name(typed: &OsStr) -> String {
    let name = Path::new(typed).file_name().and_then(OsStr::to_str);
    let name = name.unwrap_or("heat");
    name.strip_suffix(std::env::consts::EXE_SUFFIX)
        .unwrap_or(name)
        .to_owned()
}

/// Quotes a word for a shell.
pub(crate) fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/:._-".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_the_shell() {
        for (value, word) in [
            ("http://127.0.0.1:5000/v3", "http://127.0.0.1:5000/v3"),
            ("", "''"),
            ("a b", "'a b'"),
            ("$it's", r"'$it'\''s'"),
        ] {
            assert_eq!(quoted(value), word);
        }
    }

    #[test]
    fn the_tool_is_named_as_it_was_called() {
        for (typed, called) in [
            ("/usr/bin/heat", "heat"),
            ("openstack", "openstack"),
            ("./heat-rs", "heat-rs"),
            ("heat-1.2", "heat-1.2"),
            ("", "heat"),
        ] {
            assert_eq!(name(OsStr::new(typed)), called);
        }
    }

    #[test]
    fn each_spelling_has_its_commands() {
        let new = Invocation {
            start: "heat".to_owned(),
            is_old: false,
        };
        let old = Invocation {
            is_old: true,
            ..new.clone()
        };
        assert_eq!(new.check(&["a b"]), "heat stack show 'a b'");
        assert_eq!(old.check(&["web"]), "heat stack-show web");
        assert_eq!(old.check(&["a", "b"]), "heat stack-list");
        assert_eq!(old.deployment("1"), "heat deployment-show 1");
        let wait = "heat stack wait --action create a b";
        assert_eq!(new.wait(Some("create"), &["a", "b"]), wait);
    }
}
