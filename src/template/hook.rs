//! Hooks: the points at which Heat stops.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// A point at which Heat stops a resource and waits until the hook is cleared.
///
/// ```
/// use heatclient::template::Hook;
///
/// assert_eq!(Hook::from("pre-update"), Hook::PreUpdate);
/// assert_eq!(Hook::PreUpdate.as_str(), "pre-update");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Hook {
    /// Before a resource is created.
    PreCreate,
    /// Before a resource is updated. Heat stops at each resource of a stack, changed or not.
    PreUpdate,
    /// Before a resource is deleted with its stack.
    PreDelete,
    /// After a resource was created.
    PostCreate,
    /// After a resource was updated in place.
    PostUpdate,
    /// After a resource was deleted with its stack. Heat 27 cannot clear this hook: it refuses signals for
    /// deleted resources. Deleting the stack again continues.
    PostDelete,
    /// An unknown hook.
    Other(String),
}

impl Hook {
    /// Its name in Heat: `pre-create`.
    pub fn as_str(&self) -> &str {
        match self {
            Self::PreCreate => "pre-create",
            Self::PreUpdate => "pre-update",
            Self::PreDelete => "pre-delete",
            Self::PostCreate => "post-create",
            Self::PostUpdate => "post-update",
            Self::PostDelete => "post-delete",
            Self::Other(name) => name,
        }
    }
}

impl From<&str> for Hook {
    fn from(name: &str) -> Self {
        match name {
            "pre-create" => Self::PreCreate,
            "pre-update" => Self::PreUpdate,
            "pre-delete" => Self::PreDelete,
            "post-create" => Self::PostCreate,
            "post-update" => Self::PostUpdate,
            "post-delete" => Self::PostDelete,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl FromStr for Hook {
    type Err = Infallible;

    fn from_str(name: &str) -> Result<Self, Infallible> {
        Ok(Self::from(name))
    }
}

impl fmt::Display for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_comes_back() {
        for name in [
            "pre-create",
            "pre-update",
            "pre-delete",
            "post-create",
            "post-update",
            "post-delete",
            "post-check",
        ] {
            assert_eq!(Hook::from(name).to_string(), name);
        }
        assert_eq!(Hook::from("PRE-CREATE"), Hook::Other("PRE-CREATE".into()));
    }
}
