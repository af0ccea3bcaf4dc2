//! Command lines for the user to run next.

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
        let typed = std::env::args_os().next().unwrap_or_default();
        let name = std::path::Path::new(&typed).file_stem();
        let name = match name.is_some_and(|name| name == "openstack") {
            true => "openstack",
            false => "heat",
        };
        let mut words = vec![name.to_owned()];
        words.extend(global.cloud_words().iter().map(|word| quoted(word)));
        Self {
            start: words.join(" "),
            is_old,
        }
    }

    /// A command line with these words, which need no quotes.
    pub(crate) fn command(&self, words: &str) -> String {
        format!("{} {words}", self.start)
    }

    /// A command line with this command, whose name is given in both spellings, and these arguments.
    fn line(&self, command: [&str; 2], arguments: &[impl AsRef<str>]) -> String {
        let command = command[usize::from(self.is_old)];
        let mut line = self.command(command);
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
