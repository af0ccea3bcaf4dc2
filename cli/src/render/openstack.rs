//! Answers in the style of `openstack`: with selectable format and columns.

use std::borrow::Cow;
use std::io::{self, IsTerminal as _};

use serde_json::Value;

use super::answer::{Document, Groups, List, Record};
use super::formats::{self, ListTable, OutputOptions};
use super::{Layout, is_enabled, variable};
use crate::exit::Failure;

/// Completes the typed options from environment variables and the terminal.
pub(super) fn options(typed: OutputOptions) -> Result<OutputOptions, Failure> {
    Ok(OutputOptions {
        max_width: match typed.max_width {
            Some(width) => Some(width),
            None => number("CLIFF_MAX_TERM_WIDTH")?,
        },
        fit_width: typed.fit_width || is_enabled("CLIFF_FIT_WIDTH"),
        terminal: io::stdout().is_terminal(),
        terminal_width: terminal_width(),
        ..typed
    })
}

fn number(name: &str) -> Result<Option<usize>, Failure> {
    let Some(value) = variable(name) else {
        return Ok(None);
    };
    match value.trim().parse() {
        Ok(number) => Ok(Some(number)),
        Err(_) => Err(Failure::Usage(format!(
            "invalid value {value:?} of the variable {name}; expected a number"
        ))),
    }
}

/// The width from `COLUMNS`, else that of the terminal.
fn terminal_width() -> Option<usize> {
    let set = variable("COLUMNS").and_then(|value| value.parse().ok());
    set.or_else(|| terminal_size::terminal_size().map(|(width, _)| width.0.into()))
        .filter(|width| *width > 0)
}

pub(super) fn list(list: List) -> ListTable {
    table(&list.columns, list.rows, &list.layouts)
}

/// A table of the values that the columns name. A missing value is an empty text.
pub(super) fn table(
    columns: &[&'static str],
    rows: Vec<serde_json::Map<String, Value>>,
    layouts: &[(&str, Layout)],
) -> ListTable {
    let layout = |column: &str| {
        let layout = layouts.iter().find(|(known, _)| *known == column);
        layout.map_or(Layout::Plain, |(_, layout)| *layout)
    };
    let keys: Vec<_> = columns
        .iter()
        .map(|column| (column.to_lowercase().replace(' ', "_"), layout(column)))
        .collect();
    let row = |mut object: serde_json::Map<String, Value>| {
        let cell = |(key, layout): &(String, Layout)| {
            let value = object.get_mut(key).map_or_else(|| "".into(), Value::take);
            layout.cell(value)
        };
        keys.iter().map(cell).collect()
    };
    ListTable {
        columns: columns.iter().copied().map(Cow::Borrowed).collect(),
        rows: rows.into_iter().map(row).collect(),
    }
}

pub(super) fn record(record: Record) -> formats::Record {
    let fields = record.0.into_iter();
    let fields = fields.filter_map(|field| Some((field.name, field.layout?.cell(field.value))));
    formats::Record(fields.collect())
}

pub(super) fn document(document: Document) -> formats::Record {
    let fields = document.content.into_iter();
    formats::Record(fields.map(|(key, value)| (key, value.into())).collect())
}

pub(super) fn groups(groups: Groups) -> formats::Record {
    let fields = groups.groups.into_iter();
    let fields = fields.map(|(name, objects)| (name.to_owned(), Layout::Json.cell(objects.into())));
    formats::Record(fields.collect())
}
