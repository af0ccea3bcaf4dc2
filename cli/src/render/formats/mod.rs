//! Output formats: tables for people; JSON, YAML, CSV, plain values and shell variables for programs.

mod cell;
mod csv;
mod json;
mod plain;
mod select;
mod shell;
mod state;
mod table;
mod visible;
mod wrap;

use std::borrow::Cow;
use std::io;

use clap::ValueEnum;
use heatclient::heat::SortDir;
use serde_json::{Map, Value};

pub(crate) use cell::Cell;
pub(crate) use json::{
    ascii as ascii_json, cell as json_cell, text as json_text, write as write_json,
};
pub(crate) use state::{State, painted_event, painted_progress};
pub(crate) use table::expand_tabs;
pub(crate) use visible::{visible, visible_line};
pub(crate) use wrap::{Measure, wrap};

use crate::sort::{Nulls, sort_rows};

/// The output format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A table with borders.
    #[default]
    Table,
    /// A JSON document.
    Json,
    /// A YAML document.
    Yaml,
    /// The values without names.
    Value,
    /// Comma-separated values, for lists.
    Csv,
    /// Lines of `key="value"`, for single records.
    Shell,
}

/// Which fields of a CSV line are quoted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Quote {
    /// Every field.
    All,
    /// Fields that need quotes.
    Minimal,
    /// No field; special characters are escaped with a backslash.
    None,
    /// Every field that is not a number.
    #[default]
    Nonnumeric,
}

/// Options of the output, and properties of its destination.
#[derive(Clone, Debug)]
pub(crate) struct OutputOptions {
    pub(crate) format: Format,
    /// The columns to show. Empty means all.
    pub(crate) columns: Vec<String>,
    pub(crate) quote: Quote,
    /// JSON on one line.
    pub(crate) noindent: bool,
    /// The maximum width of a table.
    pub(crate) max_width: Option<usize>,
    /// Fit tables to `terminal_width` even if the output is not a terminal.
    pub(crate) fit_width: bool,
    /// Print the header of a table without rows.
    pub(crate) print_empty: bool,
    /// The columns to sort a list by, the most significant first.
    pub(crate) sort_columns: Vec<String>,
    pub(crate) sort_descending: bool,
    /// The prefix of shell variables.
    pub(crate) prefix: Option<String>,
    /// The shell variables to print, without the prefix. Empty means all.
    pub(crate) variables: Vec<String>,
    /// The field names come from a server.
    pub(crate) foreign: bool,
    /// The header of a record's table.
    pub(crate) labels: [&'static str; 2],
    /// The output is a terminal: tables fit its width, and control characters are escaped in every format.
    pub(crate) terminal: bool,
    pub(crate) terminal_width: Option<usize>,
    /// Show states in tables in colour.
    pub(crate) colour: bool,
}

impl Default for OutputOptions {
    fn default() -> Self {
        Self {
            format: Format::default(),
            columns: Vec::new(),
            quote: Quote::default(),
            noindent: false,
            max_width: None,
            fit_width: false,
            print_empty: false,
            sort_columns: Vec::new(),
            sort_descending: false,
            prefix: None,
            variables: Vec::new(),
            foreign: false,
            labels: ["Field", "Value"],
            terminal: false,
            terminal_width: None,
            colour: false,
        }
    }
}

impl OutputOptions {
    /// The width limit of a table, if any.
    fn table_width(&self) -> Option<usize> {
        let asked = self.max_width.filter(|width| *width > 0);
        let fit = self.terminal || self.fit_width;
        asked.or_else(|| self.terminal_width.filter(|_| fit))
    }
}

/// Rows with common columns. Each row has one cell for each column.
#[derive(Clone, Debug)]
pub(crate) struct ListTable {
    pub(crate) columns: Vec<Cow<'static, str>>,
    pub(crate) rows: Vec<Vec<Cell>>,
}

/// One record: names and values in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record(pub(crate) Vec<(String, Cell)>);

/// Why a result could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutputError {
    #[error("No recognized column names in {asked}. Recognized columns are {known}.")]
    UnknownColumns { asked: String, known: String },
    #[error("lists cannot be written as shell variables")]
    ListAsShell,
    #[error("a single record cannot be written as csv")]
    RecordAsCsv,
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Writes a list, sorted and with the selected columns.
pub(crate) fn write_list(
    out: &mut impl io::Write,
    list: &ListTable,
    options: &OutputOptions,
) -> Result<(), OutputError> {
    let names: Vec<&str> = list.columns.iter().map(AsRef::as_ref).collect();
    let keep = select::chosen(&names, &options.columns)?;
    let direction = if options.sort_descending {
        SortDir::Desc
    } else {
        SortDir::Asc
    };
    let places = select::places(&names, &options.sort_columns);
    let keys: Vec<_> = places.map(|place| (place, direction)).collect();
    let mut rows: Vec<&Vec<Cell>> = list.rows.iter().collect();
    sort_rows(&mut rows, &keys, Nulls::Last, |row, place| {
        row.get(*place).map(|cell| &cell.machine)
    });
    let rows: Vec<Vec<&Cell>> = rows
        .into_iter()
        .map(|row| select::kept(row, &keep).collect())
        .collect();
    let names: Vec<&str> = select::kept(&names, &keep).copied().collect();
    let text = match options.format {
        Format::Table => table::list(&names, &rows, options),
        Format::Json => json::document(&objects(&names, &rows), options.noindent),
        Format::Yaml => heatclient::yaml::dump(&objects(&names, &rows)),
        Format::Value => plain::rows(&rows),
        Format::Csv => csv::list(&names, &rows, options.quote),
        Format::Shell => return Err(OutputError::ListAsShell),
    };
    write(out, &text, options)
}

/// Writes a record with the selected fields. Returns warnings about fields that cannot be written.
pub(crate) fn write_record(
    out: &mut impl io::Write,
    record: &Record,
    options: &OutputOptions,
) -> Result<Vec<String>, OutputError> {
    let names: Vec<&str> = record.0.iter().map(|(name, _)| name.as_str()).collect();
    let keep = select::chosen(&names, &options.columns)?;
    let fields: Vec<(&str, &Cell)> = select::kept(&record.0, &keep)
        .map(|(name, cell)| (name.as_str(), cell))
        .collect();
    let mut warnings = Vec::new();
    let text = match options.format {
        Format::Table => table::record(&fields, options),
        Format::Json => json::document(&object(fields.iter().copied()), options.noindent),
        // One document of one key after the other, so that the fields keep their order.
        Format::Yaml => {
            let documents = fields.iter().map(|field| object([*field].into_iter()));
            documents
                .map(|document| heatclient::yaml::dump(&document))
                .collect()
        }
        Format::Value => plain::values(&fields),
        Format::Shell => {
            let prefix = options.prefix.as_deref().unwrap_or_default();
            let fields = shell::chosen(fields, &options.variables);
            let (lines, left_out) = shell::lines(&fields, prefix, options.foreign);
            warnings = left_out;
            lines
        }
        Format::Csv => return Err(OutputError::RecordAsCsv),
    };
    write(out, &text, options)?;
    Ok(warnings)
}

/// Escapes control characters, except for values and variables that are written for programs. In tables, JSON and YAML
/// they are escaped already; those of tables that are left are colours.
fn write(out: &mut impl io::Write, text: &str, options: &OutputOptions) -> Result<(), OutputError> {
    let text = match options.format {
        Format::Value | Format::Csv | Format::Shell if options.terminal => visible(text),
        Format::Json | Format::Yaml => visible(text),
        Format::Table | Format::Value | Format::Csv | Format::Shell => Cow::Borrowed(text),
    };
    out.write_all(text.as_bytes())?;
    Ok(())
}

fn objects(names: &[&str], rows: &[Vec<&Cell>]) -> Value {
    rows.iter()
        .map(|row| object(names.iter().copied().zip(row.iter().copied())))
        .collect()
}

fn object<'a>(fields: impl Iterator<Item = (&'a str, &'a Cell)>) -> Value {
    let members: Map<String, Value> = fields
        .map(|(name, cell)| (name.to_owned(), cell.machine.clone()))
        .collect();
    Value::Object(members)
}

#[cfg(test)]
mod recorded;
#[cfg(test)]
mod tests;
