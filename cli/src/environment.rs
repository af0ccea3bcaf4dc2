//! The process's variables and terminal.

use std::io::IsTerminal as _;

/// The variables of the process. An empty one counts as none.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether there is somebody who can be asked.
pub(crate) fn is_interactive() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Whether a variable says yes: anything but a no.
pub(crate) fn says_yes(name: &str) -> bool {
    variable(name).is_some_and(|value| !is_no(&value))
}

fn is_no(value: &str) -> bool {
    matches!(
        value.trim().to_ascii_lowercase().as_str(),
        "0" | "false" | "no" | "off"
    )
}
