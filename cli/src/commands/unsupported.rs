//! Commands of the Python tools that this tool does not have yet.

/// Their names in both spellings. Remove a name when its command is added.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "stack abandon", "stack export", "stack environment show", "stack file list", "stack failures list",
    "stack event show", "stack hook poll", "stack hook clear",
    "stack resource metadata", "stack resource signal", "stack resource mark unhealthy",
    "stack snapshot create", "stack snapshot list", "stack snapshot show", "stack snapshot restore",
    "stack snapshot delete",
    "orchestration service list", "orchestration template version list", "orchestration template function list",
    "orchestration resource type list", "orchestration resource type show",
    "software config create", "software config list", "software config show", "software config delete",
    "software deployment create", "software deployment list", "software deployment show",
    "software deployment metadata show", "software deployment output show", "software deployment delete",

    "stack-abandon", "stack-snapshot", "stack-restore",
    "snapshot-list", "snapshot-show", "snapshot-delete",
    "event", "event-show", "hook-poll", "hook-clear",
    "resource-metadata", "resource-signal", "resource-mark-unhealthy",
    "resource-type-list", "resource-type-show", "resource-type-template", "resource-template",
    "service-list", "template-version-list", "template-function-list",
    "config-create", "config-list", "config-show", "config-delete",
    "deployment-create", "deployment-list", "deployment-show", "deployment-metadata-show",
    "deployment-output-show", "deployment-delete",
];

/// The message if `unknown`, a word that clap does not know, belongs to such a command. `words` are the typed words,
/// without options.
pub(crate) fn message(unknown: &str, words: &[String]) -> Option<String> {
    NAMES.iter().find_map(|name| {
        let mut typed = words.iter();
        let mut known = String::new();
        for word in name.split(' ') {
            // Values of options may stand between the words of the name.
            typed.find(|typed| *typed == word)?;
            if word == unknown {
                return Some(format!(
                    "'{known}{word}' is not supported yet; see `heat {known}--help` for the supported commands"
                ));
            }
            known = format!("{known}{word} ");
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::TABLE;

    /// All commands of the Python tools.
    const PYTHON: &str = include_str!("../../tests/formats/commands.txt");

    #[test]
    fn each_command_of_the_python_tools_is_supported_or_not() {
        let python: Vec<&str> = PYTHON.lines().collect();
        let is_ours = |name: &str| {
            let mut commands = TABLE.iter().filter(|entry| !entry.is_noun());
            commands.any(|entry| entry.words() == name)
        };
        let missing: Vec<&str> = python
            .iter()
            .copied()
            .filter(|name| !is_ours(name))
            .collect();
        for name in &missing {
            assert!(NAMES.contains(name), "{name}");
        }
        for name in NAMES {
            assert!(
                missing.contains(name),
                "{name} is supported, or no command of the Python tools"
            );
        }
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
    fn only_typed_commands_are_named() {
        for (unknown, line, expected) in [
            (
                "failures",
                "stack failures list web",
                Some(
                    "'stack failures' is not supported yet; see `heat stack --help` for the supported commands",
                ),
            ),
            (
                "failures",
                "RegionOne stack demo failures",
                Some(
                    "'stack failures' is not supported yet; see `heat stack --help` for the supported commands",
                ),
            ),
            (
                "software",
                "software config list",
                Some(
                    "'software' is not supported yet; see `heat --help` for the supported commands",
                ),
            ),
            (
                "snapshot-list",
                "snapshot-list web",
                Some(
                    "'snapshot-list' is not supported yet; see `heat --help` for the supported commands",
                ),
            ),
            ("failures", "failures stack", None),
            ("show", "stack show show", None),
            ("nope", "stack nope failures list", None),
        ] {
            let words: Vec<_> = line.split(' ').map(str::to_owned).collect();
            assert_eq!(message(unknown, &words).as_deref(), expected, "{line}");
        }
    }
}
