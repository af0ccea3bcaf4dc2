//! Names that Heat stores and does not find again in a path.

/// Whether Heat finds something of this name by a path.
///
/// Heat 27 reads paths as Latin-1, so a name beyond ASCII is another one to it; it answers a slash in
/// the name of an output with 500; and servers in between resolve `.` and `..`. Such names are looked
/// up in what a list or the whole stack shows.
pub(super) fn is_found_by_path(name: &str) -> bool {
    name.is_ascii() && !name.contains('/') && !matches!(name, "" | "." | "..")
}
