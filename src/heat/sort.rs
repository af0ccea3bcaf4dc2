//! How the server sorts lists.

/// The direction in which a list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortDir {
    /// Smallest or oldest first.
    Asc,
    /// Largest or newest first.
    Desc,
}

impl SortDir {
    /// The name as Heat writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asc => "asc",
            Self::Desc => "desc",
        }
    }
}

/// A key by which Heat sorts lists of stacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StackSortKey {
    /// `stack_name`.
    Name,
    /// `stack_status`, without the action: `COMPLETE`, `FAILED`, `IN_PROGRESS`.
    Status,
    /// `creation_time`.
    CreationTime,
    /// `updated_time`.
    UpdatedTime,
}

impl AsRef<str> for StackSortKey {
    fn as_ref(&self) -> &str {
        match self {
            Self::Name => "stack_name",
            Self::Status => "stack_status",
            Self::CreationTime => "creation_time",
            Self::UpdatedTime => "updated_time",
        }
    }
}

/// A key by which Heat sorts lists of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventSortKey {
    /// `event_time`.
    Time,
    /// `resource_type`.
    ResourceType,
}

impl AsRef<str> for EventSortKey {
    fn as_ref(&self) -> &str {
        match self {
            Self::Time => "event_time",
            Self::ResourceType => "resource_type",
        }
    }
}
