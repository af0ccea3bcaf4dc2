//! Values without names, and lines that a shell can evaluate.

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

/// Lines of `key="value"`. What would end the quotes or make the shell expand something is escaped: the values
/// come from a server and are evaluated here.
pub(super) fn shell(fields: &[(&str, &Cell)], prefix: &str) -> String {
    let mut out = String::new();
    for (name, cell) in fields {
        out.push_str(prefix);
        out.extend(
            name.to_lowercase()
                .chars()
                .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }),
        );
        out.push_str("=\"");
        for c in cell.machine_text().chars() {
            if matches!(c, '"' | '$' | '`' | '\\') {
                out.push('\\');
            }
            out.push(c);
        }
        out.push_str("\"\n");
    }
    out
}
