//! The name by which the program was called: `heat`, or `openstack` through a link of that name.

use std::ffi::OsStr;
use std::path::Path;

/// The tool that the program behaves as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    /// Both spellings of the commands.
    Heat,
    /// The spellings of `openstack` only.
    OpenStack,
}

impl Program {
    /// The tool by the first word of the command line.
    pub(crate) fn current() -> Self {
        std::env::args_os()
            .next()
            .map_or(Self::Heat, |word| Self::of(&word))
    }

    fn of(word: &OsStr) -> Self {
        match Path::new(word).file_stem() {
            Some(name) if name == "openstack" => Self::OpenStack,
            _ => Self::Heat,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Heat => "heat",
            Self::OpenStack => "openstack",
        }
    }

    /// The text after the name that `--version` prints.
    pub(super) fn version(self) -> &'static str {
        match self {
            Self::Heat => env!("CARGO_PKG_VERSION"),
            Self::OpenStack => concat!(env!("CARGO_PKG_VERSION"), " (heatclient)"),
        }
    }

    pub(crate) fn has_old_spellings(self) -> bool {
        self == Self::Heat
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_name_decides() {
        for (word, program) in [
            ("openstack", Program::OpenStack),
            ("/usr/bin/openstack", Program::OpenStack),
            ("openstack.exe", Program::OpenStack),
            ("heat", Program::Heat),
            ("/opt/openstack/heat", Program::Heat),
            ("openstack-heat", Program::Heat),
            ("", Program::Heat),
        ] {
            assert_eq!(Program::of(OsStr::new(word)), program, "{word}");
        }
    }
}
