//! Commands of the Python tools that this tool does not have yet.

/// Their names in both spellings. Remove a name when its command is added.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "orchestration service list", "orchestration template version list", "orchestration template function list",
    "orchestration resource type list", "orchestration resource type show",
    "software config create", "software config list", "software config show", "software config delete",
    "software deployment create", "software deployment list", "software deployment show",
    "software deployment metadata show", "software deployment output show", "software deployment delete",

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
                "service",
                "RegionOne orchestration demo service list",
                Some(
                    "'orchestration service' is not supported yet; see `heat orchestration --help` for the supported commands",
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
                "config-list",
                "config-list",
                Some(
                    "'config-list' is not supported yet; see `heat --help` for the supported commands",
                ),
            ),
            ("service", "service orchestration", None),
            ("show", "stack show show", None),
            ("nope", "orchestration nope service list", None),
        ] {
            let words: Vec<_> = line.split(' ').map(str::to_owned).collect();
            assert_eq!(message(unknown, &words).as_deref(), expected, "{line}");
        }
    }
}
