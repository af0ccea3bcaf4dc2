//! Comma-separated values as Python's `csv` writes them for cliff: a backslash escapes itself, quotes are doubled.

use serde_json::Value;

use super::{Cell, Quote};

pub(super) fn list(names: &[&str], rows: &[Vec<&Cell>], quote: Quote) -> String {
    let mut out = String::new();
    line(&mut out, names.iter().map(|name| field(name, false, quote)));
    for row in rows {
        line(&mut out, row.iter().map(|cell| value(cell, quote)));
    }
    out
}

fn line(out: &mut String, fields: impl ExactSizeIterator<Item = String>) {
    let alone = fields.len() == 1;
    for (position, field) in fields.enumerate() {
        if position > 0 {
            out.push(',');
        }
        // An empty line would not be a record.
        out.push_str(if alone && field.is_empty() {
            "\"\""
        } else {
            &field
        });
    }
    out.push('\n');
}

fn value(cell: &Cell, quote: Quote) -> String {
    match &cell.machine {
        // As in cliff, a value with a layout of its own is written as text.
        Value::Null if cell.human.is_some() => field("None", false, quote),
        Value::Null => field("", false, quote),
        _ if cell.human.is_some() => field(&cell.machine_text(), false, quote),
        Value::Bool(_) | Value::Number(_) => field(&cell.machine_text(), true, quote),
        _ => field(&cell.machine_text(), false, quote),
    }
}

fn field(text: &str, numeric: bool, quote: Quote) -> String {
    if quote == Quote::None {
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            if matches!(c, ',' | '"' | '\\' | '\n' | '\r') {
                out.push('\\');
            }
            out.push(c);
        }
        return out;
    }
    let quoted = match quote {
        Quote::All => true,
        Quote::Nonnumeric => !numeric,
        Quote::Minimal | Quote::None => text.contains([',', '"', '\n', '\r']),
    };
    let text = text.replace('\\', "\\\\").replace('"', "\"\"");
    if quoted { format!("\"{text}\"") } else { text }
}
