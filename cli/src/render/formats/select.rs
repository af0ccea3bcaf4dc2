//! Which columns are meant.

use super::OutputError;

/// Case does not count, and `_` stands for a space.
fn normalized(name: &str) -> String {
    name.trim().to_lowercase().replace(' ', "_")
}

/// For each name whether it was asked for. Names that do not exist are passed over, unless none exists.
pub(super) fn chosen(names: &[&str], asked: &[String]) -> Result<Vec<bool>, OutputError> {
    if asked.is_empty() {
        return Ok(vec![true; names.len()]);
    }
    let wanted: Vec<String> = asked.iter().map(|name| normalized(name)).collect();
    let keep: Vec<bool> = names
        .iter()
        .map(|name| wanted.contains(&normalized(name)))
        .collect();
    if keep.contains(&true) {
        Ok(keep)
    } else {
        Err(OutputError::UnknownColumns {
            asked: asked.join(", "),
            known: names.join(", "),
        })
    }
}

pub(super) fn kept<'a, T>(items: &'a [T], keep: &'a [bool]) -> impl Iterator<Item = &'a T> {
    items
        .iter()
        .zip(keep)
        .filter_map(|(item, keep)| keep.then_some(item))
}

/// Where the columns are that were asked for; of names that differ in case and spaces only, the exact one. Columns that
/// do not exist are passed over.
pub(super) fn places(names: &[&str], columns: &[String]) -> impl Iterator<Item = usize> {
    columns.iter().filter_map(|column| {
        let exact = names.iter().position(|name| name == column);
        exact.or_else(|| {
            names
                .iter()
                .position(|name| normalized(name) == normalized(column))
        })
    })
}
