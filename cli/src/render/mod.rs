//! Where answers become text on standard output, in the style of `openstack` or of the old `heat`.

mod answer;
mod formats;
mod layout;
mod old;
mod openstack;

use std::io::{self, IsTerminal as _, Write as _};

pub(crate) use answer::{Answer, Document, Field, Findings, Groups, Language, List, Record};
pub(crate) use formats::{
    Format, OutputError, OutputOptions, Quote, visible, visible_line, write_json,
};
pub(crate) use layout::Layout;

use crate::environment::{says_yes, variable};
use crate::exit::Failure;
use crate::remark::say;

/// How many remarks on one result are printed.
const MOST_REMARKS: usize = 10;

/// How answers are printed.
#[derive(Debug)]
pub(crate) enum Style {
    /// As the `openstack` tool does, with its options for tables; none for what is no table.
    OpenStack(Option<OutputOptions>),
    /// As the old `heat` tool does.
    Old,
}

/// Prints answers in one style.
#[derive(Debug)]
pub(crate) struct Printer {
    is_old: bool,
    options: OutputOptions,
}

impl Printer {
    /// The options of the style, with the rest from the variables and the terminal.
    pub(crate) fn new(style: Style) -> Result<Self, Failure> {
        Ok(match style {
            Style::OpenStack(options) => Self {
                is_old: false,
                options: match options {
                    Some(options) => openstack::options(options)?,
                    None => OutputOptions::default(),
                },
            },
            Style::Old => Self {
                is_old: true,
                options: old::options(),
            },
        })
    }

    /// Prints an answer.
    pub(crate) fn print(&self, answer: Answer) -> Result<(), Failure> {
        match answer {
            Answer::Nothing => Ok(()),
            Answer::List(list) if self.is_old => self.list(&old::list(list)),
            Answer::List(list) => self.list(&openstack::list(list)),
            Answer::Record(record) if self.is_old => self.record(&old::record(record)),
            Answer::Record(record) => self.record(&openstack::record(record)),
            Answer::Document(document) if self.is_old => line(&old::document(document)),
            Answer::Document(document) => self.record(&openstack::document(document)),
            Answer::Groups(groups) if self.is_old => self.list(&old::groups(groups)),
            Answer::Groups(groups) => self.record(&openstack::groups(groups)),
            Answer::Value(value) => match value {
                nested if nested.is_array() || nested.is_object() => {
                    line(&formats::json_cell(&nested))
                }
                plain => value_line(&formats::Cell::from(plain).human_text()),
            },
            Answer::Json(value) => line(&formats::json_cell(&value)),
            Answer::Text(text) => line(&text),
            Answer::Raw(bytes) => write(|out| Ok(out.write_all(&bytes)?)),
            Answer::Findings(findings) => {
                self.print(*findings.report)?;
                findings.remark.as_deref().into_iter().for_each(say);
                if findings.failed {
                    return Err(Failure::Found);
                }
                Ok(())
            }
        }
    }

    fn list(&self, list: &formats::ListTable) -> Result<(), Failure> {
        write(|out| Ok(formats::write_list(out, list, &self.options)?))
    }

    fn record(&self, record: &formats::Record) -> Result<(), Failure> {
        let mut remarks = Vec::new();
        write(|out| {
            remarks = formats::write_record(out, record, &self.options)?;
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

/// Writes a text and a line feed.
pub(crate) fn line(text: &str) -> Result<(), Failure> {
    write(|out| Ok(writeln!(out, "{}", visible(text))?))
}

/// Writes a value that a script may want, and a line feed: as it is, unless it goes to a terminal.
fn value_line(text: &str) -> Result<(), Failure> {
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
