//! Places that the parser's spans do not give.

use super::node::Mark;
use super::spelling::{Span, narrow};

const BLANK: [char; 2] = [' ', '\t'];

fn before(text: &str, at: Mark) -> &str {
    text.get(..at.offset as usize).unwrap_or_default()
}

/// The range of a block scalar, from its `|` or `>` to its last visible character. Its span covers only the text.
/// `reached` is the end of the previous event.
pub(super) fn block_scalar(text: &str, reached: Mark, span: Span) -> (Mark, u32) {
    let end = span.end.offset as usize;
    let from = span.tag.map_or(reached, |(_, end)| end).offset as usize;
    let before = text.get(from..end).unwrap_or_default();
    let mut in_comment = false;
    let header = before.find(|c| {
        in_comment = c == '#' || (in_comment && !matches!(c, '\n' | '\r'));
        !in_comment && matches!(c, '|' | '>')
    });
    let start = reached.seek(text, from + header.unwrap_or_default());
    let written = text.get(start.offset as usize..end).unwrap_or_default();
    (start, start.offset + narrow(written.trim_end().len()))
}

/// Whether each line of a block scalar begins with a space, except the first line, its header.
pub(super) fn is_indented(text: &str, start: Mark, end: u32) -> bool {
    let written = text.get(start.offset as usize..end as usize);
    let mut lines = written.unwrap_or_default().split(['\n', '\r']).skip(1);
    lines.all(|line| line.is_empty() || line.starts_with(' '))
}

/// The first `-` of a sequence in a mapping. If the sequence is not indented, its span starts after the `-`.
pub(super) fn first_dash(text: &str, start: Mark) -> Mark {
    let before = before(text, start);
    let line_start = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let line = before.get(line_start..).unwrap_or_default();
    let indent = line.len() - line.trim_start_matches(' ').len();
    let behind = line.trim_start_matches(' ').strip_prefix('-');
    match behind.map(|rest| rest.trim_start_matches(BLANK)) {
        Some("") => {}
        Some(rest) if rest.starts_with('#') => {}
        _ => return start,
    }
    Mark {
        offset: narrow(line_start + indent),
        column: narrow(indent + 1),
        ..start
    }
}

/// Whether a tab is used for indentation. YAML 1.1 allows only spaces, also after `-` and `?`.
pub(super) fn tab_indents(text: &str, at: Mark) -> bool {
    let before = before(text, at);
    let line = before.trim_end_matches(BLANK);
    let blanks = before.get(line.len()..).unwrap_or_default();
    let begins = |line: &str| line.is_empty() || line.ends_with([' ', '\t', '\n', '\r']);
    blanks.contains('\t') && begins(line.strip_suffix(['-', '?']).unwrap_or(line))
}
