//! Names that Heat accepts but cannot find by a path.

/// Whether Heat finds an item of this name by its path.
///
/// Heat 27 reads paths as Latin-1, so it does not find names beyond ASCII. It answers 500 to a
/// slash in the name of an output. Intermediaries resolve `.` and `..`. Such names are looked up in
/// a list or in the whole stack instead.
pub(super) fn is_found_by_path(name: &str) -> bool {
    name.is_ascii() && !name.contains('/') && !matches!(name, "" | "." | "..")
}
