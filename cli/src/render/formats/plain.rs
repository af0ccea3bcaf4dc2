//! Values without names.

use super::Cell;

/// One line a row, its values joined by a space.
pub(super) fn rows(rows: &[Vec<&Cell>]) -> String {
    let mut out = String::new();
    for row in rows {
        for (position, cell) in row.iter().enumerate() {
            if position > 0 {
                out.push(' ');
            }
            out.push_str(&cell.machine_text());
        }
        out.push('\n');
    }
    out
}

/// One line a value.
pub(super) fn values(fields: &[(&str, &Cell)]) -> String {
    fields
        .iter()
        .map(|(_, cell)| format!("{}\n", cell.machine_text()))
        .collect()
}
