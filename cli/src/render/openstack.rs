//! Answers in the style of `openstack`: with selectable format and columns.

use std::borrow::Cow;
use std::io::{self, IsTerminal as _};

use serde_json::Value;

use super::answer::{Document, Groups, List, Record};
use super::formats::{self, Cell, ListTable, OutputOptions};
use super::{Layout, is_no, variable};
use crate::exit::Failure;
use crate::options::width;

/// Completes the typed options from environment variables and the terminal.
pub(super) fn options(typed: OutputOptions) -> Result<OutputOptions, Failure> {
    Ok(OutputOptions {
        terminal: io::stdout().is_terminal(),
        terminal_width: terminal_width(),
        colour: super::is_coloured(),
        ..with_variables(typed, variable)?
    })
}

/// Completes the typed options from environment variables.
pub(super) fn with_variables(
    typed: OutputOptions,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<OutputOptions, Failure> {
    let max_width = match typed.max_width {
        Some(width) => Some(width),
        None => number(MAX_WIDTH, variable(MAX_WIDTH))?,
    };
    let fit = variable("CLIFF_FIT_WIDTH").is_some_and(|value| !is_no(&value));
    Ok(OutputOptions {
        max_width,
        fit_width: typed.fit_width || fit,
        ..typed
    })
}

const MAX_WIDTH: &str = "CLIFF_MAX_TERM_WIDTH";

fn number(name: &str, value: Option<String>) -> Result<Option<usize>, Failure> {
    let Some(value) = value else {
        return Ok(None);
    };
    match width(&value) {
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

/// A table of the values that the columns name. A missing value is an empty text, and the items of a
/// list are separated by commas.
pub(super) fn table(
    columns: &[&'static str],
    rows: Vec<serde_json::Map<String, Value>>,
    layouts: &[(&str, Layout)],
) -> ListTable {
    let layout = |column: &str| {
        let layout = layouts.iter().find(|(known, _)| *known == column);
        layout.map(|(_, layout)| *layout)
    };
    let keys: Vec<_> = columns
        .iter()
        .map(|column| (column.to_lowercase().replace(' ', "_"), layout(column)))
        .collect();
    let cell = |value: Value| match value {
        Value::Array(_) => Layout::Commas.cell(value),
        value => Cell::from(value),
    };
    let row = |mut object: serde_json::Map<String, Value>| {
        let value = |(key, layout): &(String, Option<Layout>)| {
            let value = object.get_mut(key).map_or_else(|| "".into(), Value::take);
            match layout {
                Some(layout) => layout.cell(value),
                None => cell(value),
            }
        };
        keys.iter().map(value).collect()
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
