//! Prepares a text for the parser.
//!
//! The parser's grammar is that of YAML 1.2. It rejects two things that YAML 1.1 allows and templates contain: a plain
//! `-` as text before an indicator of a flow collection (`list_join: [-, [a, b]]`), and tabs at the start of lines within
//! a flow collection. A rejected text is read again with these dashes and tabs replaced.

use std::borrow::Cow;
use std::collections::HashSet;

use granit_parser::{Event, Marker, Parser, StrInput};

use super::Error;
use super::node::Mark;

/// A text in the form that the parser reads.
#[derive(Debug)]
pub(super) struct Spelling<'a> {
    text: Cow<'a, str>,
    /// The character that replaces a dash.
    dash: char,
    /// The offsets of the replaced dashes, in the text that the parser reads.
    dashes: Vec<u32>,
}

/// The place of an event in the original text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) start: Mark,
    pub(super) end: Mark,
    /// The start and the end of the tag before it.
    pub(super) tag: Option<(Mark, Mark)>,
}

impl<'a> Spelling<'a> {
    /// The text without changes.
    pub(super) fn of(text: &'a str) -> Self {
        Self {
            text: Cow::Borrowed(text),
            dash: '-',
            dashes: Vec::new(),
        }
    }

    /// The text with the dashes and tabs replaced that only YAML 1.1 allows; `None` if there are none. This also
    /// replaces tabs that YAML 1.1 does not allow.
    pub(super) fn of_yaml_1_1(text: &'a str) -> Option<Self> {
        let private = '\u{E000}'..='\u{F8FF}';
        let taken: HashSet<char> = text.chars().filter(|c| private.contains(c)).collect();
        let dash = private.into_iter().find(|c| !taken.contains(c))?;
        let mut spelled = String::with_capacity(text.len());
        let mut dashes = Vec::new();
        let (mut before, mut is_indent) = (None, true);
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let is_text = c == '-'
                && chars.peek().is_some_and(|c| ",[]{}".contains(*c))
                && before.is_none_or(|c: char| c.is_whitespace() || ",[{".contains(c));
            if is_text {
                dashes.push(narrow(spelled.len()));
            }
            spelled.push(match c {
                _ if is_text => dash,
                '\t' if is_indent => ' ',
                c => c,
            });
            is_indent = matches!(c, '\n' | '\r') || (is_indent && c == '\t');
            before = Some(c);
        }
        (spelled != text).then_some(Self {
            text: Cow::Owned(spelled),
            dash,
            dashes,
        })
    }

    /// The parser's events. They are the same as libyaml's, apart from the grammar of YAML 1.2.
    pub(super) fn events(&self) -> impl Iterator<Item = Result<(Event<'_>, Span), Error>> {
        let options = granit_parser::options! {
            block_scalar_eof_without_line_feed: true,
            emit_anchor_events: true,
            emit_comments: false,
            emit_unresolved_aliases: true,
        };
        let parser: Parser<'_, StrInput<'_>> =
            Parser::new_from_str_with_options(&self.text, options);
        parser.map(|event| match event {
            Ok((event, span)) => Ok((self.written(event), self.span(&span))),
            Err(error) => Err(Error::new(self.mark(error.marker()), error.info())),
        })
    }

    /// The event with the original dashes in its text.
    fn written<'b>(&self, event: Event<'b>) -> Event<'b> {
        match event {
            Event::Scalar(text, style, anchor, tag)
                if !self.dashes.is_empty() && text.contains(self.dash) =>
            {
                let text = text.replace(self.dash, "-");
                Event::Scalar(text.into(), style, anchor, tag)
            }
            event => event,
        }
    }

    fn span(&self, span: &granit_parser::Span) -> Span {
        let tag = span.tag_span();
        Span {
            start: self.mark(&span.start),
            end: self.mark(&span.end),
            tag: tag.map(|tag| (self.mark(&tag.start), self.mark(&tag.end))),
        }
    }

    fn mark(&self, marker: &Marker) -> Mark {
        let offset = narrow(marker.byte_offset().unwrap_or_default());
        let dashes = self.dashes.partition_point(|dash| *dash < offset);
        let longer = dashes * (self.dash.len_utf8() - 1);
        Mark {
            offset: offset.saturating_sub(narrow(longer)),
            line: narrow(marker.line()),
            column: narrow(marker.col() + 1),
        }
    }
}

pub(super) fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
