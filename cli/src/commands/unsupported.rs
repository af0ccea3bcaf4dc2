//! Commands of the Python tools that this tool does not have yet.

/// Their names in both spellings. Remove a name when its command is added.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "stack abandon", "stack export", "stack environment show", "stack file list", "stack failures list",
    "stack event show", "stack hook poll", "stack hook clear",
    "stack resource metadata", "stack resource signal", "stack resource mark unhealthy",
    "stack snapshot create", "stack snapshot list", "stack snapshot show", "stack snapshot restore",
    "stack snapshot delete",

    "stack-abandon", "stack-snapshot", "stack-restore",
    "snapshot-list", "snapshot-show", "snapshot-delete",
    "event-show", "hook-poll", "hook-clear",
    "resource-metadata", "resource-signal", "resource-mark-unhealthy",
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

    #[test]
    fn a_command_is_supported_or_not() {
        for supported in TABLE {
            assert!(!NAMES.contains(&supported.words()), "{supported:?}");
        }
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
