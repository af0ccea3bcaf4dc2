//! Prints answers on stdout, in the style of `openstack` or of the old `heat`.

mod answer;
mod formats;
mod layout;
mod old;
mod openstack;
mod tail;

use std::io::{self, IsTerminal as _, Write as _};

pub(crate) use answer::{Answer, Document, Field, Findings, Groups, Language, List, Record};
pub(crate) use formats::{
    Format, OutputError, OutputOptions, Quote, ascii_json, painted_event, painted_progress,
    visible, visible_line, write_json,
};
pub(crate) use layout::Layout;
use serde_json::Value;
pub(crate) use tail::tail;

use self::formats::Cell;
use crate::environment::{is_no, variable};
use crate::exit::Failure;
use crate::remark::say;

/// The maximum number of warnings for one answer.
const MAX_WARNINGS: usize = 10;

/// The style of the output.
#[derive(Debug)]
pub(crate) enum Style {
    /// The style of `openstack`, with the output options if the answer is a table.
    OpenStack(Option<OutputOptions>),
    /// The style of the old `heat`.
    Old,
}

/// Prints answers in one style.
#[derive(Debug)]
pub(crate) struct Printer {
    is_old: bool,
    options: OutputOptions,
}

impl Printer {
    /// Completes the options of the style from environment variables and the terminal.
    pub(crate) fn new(style: Style) -> Result<Self, Failure> {
        Ok(match style {
            Style::OpenStack(options) => Self {
                is_old: false,
                options: match options {
                    Some(options) => openstack::options(options)?,
                    None => OutputOptions {
                        colour: is_coloured(),
                        ..OutputOptions::default()
                    },
                },
            },
            Style::Old => Self {
                is_old: true,
                options: old::options(),
            },
        })
    }

    /// Whether the style is that of the old `heat`.
    pub(crate) fn is_old(&self) -> bool {
        self.is_old
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
                plain => value_line(&plain_text(&plain)),
            },
            Answer::Json(value) => line(&formats::json_cell(&value)),
            Answer::Text(text) => line(&text),
            Answer::Log(text) if self.options.colour => {
                let lines: Vec<_> = text.lines().map(painted_event).collect();
                write(|out| Ok(writeln!(out, "{}", lines.join("\n"))?))
            }
            Answer::Log(text) => line(&text),
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
        write(|out| formats::write_list(out, list, &self.options))
    }

    fn record(&self, record: &formats::Record) -> Result<(), Failure> {
        let mut warnings = Vec::new();
        write(|out| {
            warnings = formats::write_record(out, record, &self.options)?;
            Ok(())
        })?;
        for remark in capped(warnings) {
            say(&format!("WARNING: {remark}"));
        }
        Ok(())
    }
}

/// Whether states are shown in colour: `--color`, `NO_COLOR`, `CLICOLOR_FORCE` and `CLICOLOR` decide, or else whether
/// stdout is a terminal.
fn is_coloured() -> bool {
    anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
}

/// Whether states on stderr are shown in colour, by the same rules.
pub(crate) fn is_stderr_coloured() -> bool {
    anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never
}

/// The first warnings, and the number of the others.
fn capped(mut warnings: Vec<String>) -> Vec<String> {
    let more = warnings.len().saturating_sub(MAX_WARNINGS);
    if more > 0 {
        warnings.truncate(MAX_WARNINGS);
        warnings.push(format!("{more} more warnings are not shown"));
    }
    warnings
}

/// A value as tables print it: nested data as JSON on one line.
pub(crate) fn plain_text(value: &Value) -> String {
    Cell::from(value.clone()).human_text().into_owned()
}

/// Writes a text and a line feed.
pub(crate) fn line(text: &str) -> Result<(), Failure> {
    write(|out| Ok(writeln!(out, "{}", visible(text))?))
}

/// Writes a value and a line feed. Control characters are escaped only on a terminal: scripts need the exact value.
fn value_line(text: &str) -> Result<(), Failure> {
    if io::stdout().is_terminal() {
        return line(text);
    }
    write(|out| Ok(writeln!(out, "{text}")?))
}

fn write(
    f: impl FnOnce(&mut io::BufWriter<io::StdoutLock<'_>>) -> Result<(), OutputError>,
) -> Result<(), Failure> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    f(&mut out)?;
    out.flush().map_err(Failure::unwritten)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_are_capped() {
        let warnings = |count| (0..count).map(|_| "x".to_owned()).collect::<Vec<_>>();
        assert_eq!(capped(warnings(MAX_WARNINGS)), warnings(MAX_WARNINGS));
        let many = capped(warnings(MAX_WARNINGS + 7));
        assert_eq!(many.len(), MAX_WARNINGS + 1);
        assert_eq!(many.last().unwrap(), "7 more warnings are not shown");
    }
}
