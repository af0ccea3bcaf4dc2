//! Environment variables and the terminal.

use std::io::IsTerminal as _;

/// The value of a variable. An empty one counts as unset.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether the user can be prompted: stdin and stderr are terminals.
pub(crate) fn is_interactive() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Whether a variable is set to anything but `0`, `false`, `no` or `off`.
pub(crate) fn is_enabled(name: &str) -> bool {
    variable(name).is_some_and(|value| !is_no(&value))
}

/// Whether a value means no: `0`, `false`, `no` or `off`.
pub(crate) fn is_no(value: &str) -> bool {
    matches!(
        value.trim().to_ascii_lowercase().as_str(),
        "0" | "false" | "no" | "off"
    )
}
