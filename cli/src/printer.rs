//! Results on their way to standard output, in the style of either tool.

use std::io::{self, IsTerminal as _, Write as _};

use crate::exit::Failure;
use crate::output::{self, Cell, ListTable, OutputOptions, Record};
use crate::remark::say;
use crate::resolve::{says_yes, variable};

/// How many remarks on one result are printed.
const MOST_REMARKS: usize = 10;

/// Writes results to standard output.
#[derive(Debug)]
pub(crate) struct Printer {
    options: OutputOptions,
}

impl Printer {
    /// Writes as the options say, with the rest from the variables and the terminal.
    pub(crate) fn new(options: OutputOptions) -> Result<Self, Failure> {
        let terminal = io::stdout().is_terminal();
        Ok(Self {
            options: OutputOptions {
                max_width: match options.max_width {
                    Some(width) => Some(width),
                    None => number("CLIFF_MAX_TERM_WIDTH")?,
                },
                fit_width: options.fit_width || says_yes("CLIFF_FIT_WIDTH"),
                terminal,
                terminal_width: terminal_width(),
                ..options
            },
        })
    }

    /// Writes tables as the old tool does.
    pub(crate) fn old() -> Self {
        Self {
            options: OutputOptions {
                labels: ["Property", "Value"],
                print_empty: true,
                terminal: io::stdout().is_terminal(),
                ..OutputOptions::default()
            },
        }
    }

    pub(crate) fn list(&self, list: &ListTable) -> Result<(), Failure> {
        write(|out| Ok(output::write_list(out, list, &self.options)?))
    }

    pub(crate) fn record(&self, record: &Record) -> Result<(), Failure> {
        let mut remarks = Vec::new();
        write(|out| {
            remarks = output::write_record(out, record, &self.options)?;
            Ok(())
        })?;
        for remark in capped(remarks) {
            say(&format!("WARNING: {remark}"));
        }
        Ok(())
    }
}

/// The first remarks, and how many more there are.
fn capped(mut remarks: Vec<String>) -> Vec<String> {
    let more = remarks.len().saturating_sub(MOST_REMARKS);
    if more > 0 {
        remarks.truncate(MOST_REMARKS);
        remarks.push(format!("and {more} more like these"));
    }
    remarks
}

/// Sorts a list as the old tool does: by one column, then by all of them, as text.
pub(crate) fn old_order(mut list: ListTable, column: Option<usize>) -> ListTable {
    for cell in list.rows.iter_mut().flatten() {
        *cell = Cell::from(cell.human_text().into_owned());
    }
    let text = |cell: Option<&Cell>| cell.map(|cell| cell.human_text().into_owned());
    if let Some(column) = column {
        list.rows.sort_by_cached_key(|row| {
            let all: Vec<_> = row.iter().map(|cell| text(Some(cell))).collect();
            (text(row.get(column)), all)
        });
    }
    list
}

/// Sorts a record as the old tool does, by name.
pub(crate) fn old_record(mut record: Record) -> Record {
    for (_, cell) in &mut record.0 {
        *cell = Cell::from(cell.human_text().into_owned());
    }
    record.0.sort_by(|(a, _), (b, _)| a.cmp(b));
    record
}

/// Writes a text and a line feed.
pub(crate) fn line(text: &str) -> Result<(), Failure> {
    write(|out| Ok(writeln!(out, "{}", output::visible(text))?))
}

/// Writes a value that a script may want, and a line feed: as it is, unless it goes to a terminal.
pub(crate) fn value_line(text: &str) -> Result<(), Failure> {
    if io::stdout().is_terminal() {
        return line(text);
    }
    write(|out| Ok(writeln!(out, "{text}")?))
}

fn write(
    f: impl FnOnce(&mut io::BufWriter<io::StdoutLock<'_>>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    f(&mut out)?;
    Ok(out.flush()?)
}

fn number(name: &str) -> Result<Option<usize>, Failure> {
    let Some(value) = variable(name) else {
        return Ok(None);
    };
    match value.trim().parse() {
        Ok(number) => Ok(Some(number)),
        Err(_) => Err(Failure::Usage(format!(
            "{name} is {value:?}; expected a number"
        ))),
    }
}

/// The width that the user sets, else the terminal's own.
fn terminal_width() -> Option<usize> {
    let set = variable("COLUMNS").and_then(|value| value.parse().ok());
    set.or_else(|| terminal_size::terminal_size().map(|(width, _)| width.0.into()))
        .filter(|width| *width > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remarks_are_capped() {
        let remarks = |count| (0..count).map(|_| "x".to_owned()).collect::<Vec<_>>();
        assert_eq!(capped(remarks(MOST_REMARKS)), remarks(MOST_REMARKS));
        let many = capped(remarks(MOST_REMARKS + 7));
        assert_eq!(many.len(), MOST_REMARKS + 1);
        assert_eq!(many.last().unwrap(), "and 7 more like these");
    }
}
