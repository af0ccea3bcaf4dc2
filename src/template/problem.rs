//! The problems of documents, with their places.

use std::fmt;
use std::sync::Arc;

use super::rules::{Rule, Severity};
use super::shown::{visible, without_secrets};
use crate::error::{Error, ErrorKind};
use crate::yaml::Mark;

/// A problem of a template, an environment or a file that they refer to.
///
/// `Display` is one line with the place: `web.yaml, line 3, column 5: …`, and the references that led
/// to the document. [`report`](Self::report) also shows the line.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Problem {
    /// Its severity.
    pub severity: Severity,
    /// The id of its rule in [`RULES`](super::RULES): `unreadable`, `unused-parameter`.
    pub rule: &'static str,
    /// What is wrong, and what to do: a phrase without a full stop, at most 2,000 characters.
    pub message: String,
    /// Its place.
    pub place: Place,
    /// The references that led to the document, the nearest first and at most 32 of them. Empty for a requested
    /// document.
    pub chain: Vec<Place>,
}

/// A place in a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Place {
    /// The name of the document: a short path, or a URL.
    pub document: Arc<str>,
    /// The line and the column; `None` for the document as a whole.
    pub mark: Option<Mark>,
    /// The text of the line.
    pub snippet: Option<Snippet>,
}

/// A line of a document, or the part of a long one around a place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Snippet {
    /// The text, without control characters.
    pub text: String,
    /// The number of its characters before the place.
    pub before: usize,
}

impl Problem {
    /// A problem without a chain of references.
    pub(super) fn new(rule: &'static Rule, place: Place, message: impl Into<String>) -> Self {
        Self {
            severity: rule.severity,
            rule: rule.id,
            message: shortened(visible(&message.into())),
            place,
            chain: Vec::new(),
        }
    }

    /// Limits the severity.
    pub(super) fn at_most(mut self, severity: Severity) -> Self {
        self.severity = self.severity.min(severity);
        self
    }

    /// The problem on several lines: message and place, the line with a mark below it, and the
    /// references that led to the document.
    ///
    /// ```text
    /// nested.yaml, line 4, column 22: cannot read run.sh: No such file or directory
    ///     4 |       config: {get_file: run.sh}
    ///       |                          ^
    ///   referred to in web.yaml, line 7, column 11
    /// ```
    pub fn report(&self) -> String {
        let mut lines = vec![format!("{}: {}", self.place, self.message)];
        if let (Some(mark), Some(snippet)) = (self.place.mark, &self.place.snippet) {
            let line = mark.line.to_string();
            lines.push(format!("    {line} | {}", snippet.text));
            let margin = " ".repeat(line.len());
            lines.push(format!("    {margin} | {}^", " ".repeat(snippet.before)));
        }
        for place in &self.chain {
            lines.push(format!("  referred to in {place}"));
        }
        lines.join("\n")
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)?;
        let mut separator = " (referred to in ";
        for place in &self.chain {
            write!(f, "{separator}{place}")?;
            separator = ", in ";
        }
        if !self.chain.is_empty() {
            f.write_str(")")?;
        }
        Ok(())
    }
}

/// Limits the length of a message, which may quote a document.
fn shortened(mut message: String) -> String {
    const LONGEST: usize = 2000;
    if let Some((end, _)) = message.char_indices().nth(LONGEST) {
        message.truncate(end);
        message.push('…');
    }
    message
}

/// All problems of one package, as the source of an [`Error`].
#[derive(Debug)]
pub(super) struct Problems(Vec<Problem>);

impl Problems {
    /// One error for all problems; `None` if there are none.
    pub(super) fn into_error(problems: Vec<Problem>) -> Option<Error> {
        let message = match problems.as_slice() {
            [] => return None,
            [problem] => problem.to_string(),
            [first, rest @ ..] => format!("{first} (and {} more)", rest.len()),
        };
        Some(Error::new(ErrorKind::Template, message).with_source(Self(problems)))
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self.0.iter().map(Problem::to_string).collect();
        f.write_str(&lines.join("; "))
    }
}

impl std::error::Error for Problems {}

impl Error {
    /// All problems of templates, environments and the files that they refer to
    /// ([`ErrorKind::Template`]); empty for other errors.
    pub fn problems(&self) -> &[Problem] {
        let problems = std::error::Error::source(self).and_then(|source| source.downcast_ref());
        problems.map_or(&[], |Problems(problems)| problems)
    }
}

impl Place {
    /// A place in a text. A mark without a line means the document as a whole.
    pub(crate) fn at(document: &Arc<str>, text: &str, mark: Mark) -> Self {
        let mark = Some(mark).filter(|mark| mark.line > 0);
        let split = mark.and_then(|mark| text.split_at_checked(mark.offset as usize));
        Self {
            document: Arc::clone(document),
            mark,
            snippet: split.map(Snippet::new),
        }
    }

    /// A document as a whole.
    pub(crate) fn whole(document: &Arc<str>) -> Self {
        Self {
            document: Arc::clone(document),
            mark: None,
            snippet: None,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.document)?;
        match self.mark {
            Some(mark) => write!(f, ", line {}, column {}", mark.line, mark.column),
            None => Ok(()),
        }
    }
}

impl Snippet {
    /// The line around the place between two parts of a text.
    fn new((before, after): (&str, &str)) -> Self {
        const BEFORE: usize = 80;
        const LONGEST: usize = 140;
        /// How many characters before and after the place are searched for secrets, which bounds the cost of a long line.
        const NEAR: usize = 2048;
        let in_line = |c: &char| !matches!(c, '\n' | '\r');
        let start: Vec<char> = before
            .chars()
            .rev()
            .take_while(in_line)
            .take(NEAR)
            .collect();
        let start: String = start.into_iter().rev().collect();
        let rest = after.chars().take_while(in_line).take(NEAR);
        let line = visible(&without_secrets(
            &(start.clone() + &String::from_iter(rest)),
        ));
        let before = without_secrets(&start).chars().count();
        let cut = before.saturating_sub(BEFORE);
        Self {
            before: before - cut,
            text: line.chars().skip(cut).take(LONGEST).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::SYNTAX;
    use super::*;

    fn place(document: &str, text: &str, offset: usize) -> Place {
        Place::at(&document.into(), text, Mark::find(text, offset))
    }

    #[test]
    fn a_problem_is_told_in_one_line_and_in_several() {
        let mut problem = Problem::new(&SYNTAX, place("b.yaml", "a\nb: c\n", 5), "wrong\n");
        assert_eq!(problem.to_string(), "b.yaml, line 2, column 4: wrong ");
        problem.chain = vec![place("a.yaml", "x", 0), Place::whole(&"web.yaml".into())];
        assert_eq!(
            problem.to_string(),
            "b.yaml, line 2, column 4: wrong  (referred to in a.yaml, line 1, column 1, in web.yaml)"
        );
        assert_eq!(
            problem.report(),
            "b.yaml, line 2, column 4: wrong \n    2 | b: c\n      |    ^\n  referred to in a.yaml, line 1, column 1\n  referred to in web.yaml"
        );
    }

    #[test]
    fn snippets_are_one_short_line_without_secrets() {
        let long = format!("{}x{}", "a".repeat(5000), "b".repeat(5000));
        for (text, at, shown, before) in [
            ("", 0, "", 0),
            ("a\rb\nc", 2, "b", 0),
            ("a\tb\u{1b}c", 4, "a b c", 4),
            ("üü: x", 6, "üü: x", 4),
            ("a: https://u:p@h/?q b", 20, "a: https://…@h/?… b", 18),
            ("a: https://u:p@h/?q b", 12, "a: https://…@h/?… b", 12),
            (
                &long,
                5000,
                &format!("{}x{}", "a".repeat(80), "b".repeat(59)),
                80,
            ),
        ] {
            let snippet = Snippet::new(text.split_at(at));
            assert_eq!(
                (snippet.text.as_str(), snippet.before),
                (shown, before),
                "{text}"
            );
        }
    }
}
