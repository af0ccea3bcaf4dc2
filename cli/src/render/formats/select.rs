//! Selects columns by name.

use super::OutputError;

/// The form in which names are compared: lower case, with `_` for spaces.
fn normalized(name: &str) -> String {
    name.trim().to_lowercase().replace(' ', "_")
}

/// Returns for each name whether it is selected. Unknown names are ignored, unless all are unknown.
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
            asked: quoted(asked),
            known: quoted(names),
        })
    }
}

/// The names in Python's notation, as in cliff's message.
fn quoted(names: &[impl AsRef<str>]) -> String {
    let names = names.iter().map(|name| format!("'{}'", name.as_ref()));
    format!("[{}]", names.collect::<Vec<_>>().join(", "))
}

pub(super) fn kept<'a, T>(items: &'a [T], keep: &'a [bool]) -> impl Iterator<Item = &'a T> {
    items
        .iter()
        .zip(keep)
        .filter_map(|(item, keep)| keep.then_some(item))
}

/// The positions of the columns. An exact match takes precedence over one that differs in case or spaces. Unknown
/// columns are ignored.
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
