//! Breaks lines as Python's `textwrap` does: after blanks, after hyphens inside words, and inside words that are longer
//! than a line. The time is linear in the length of the text.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// How the length of a text is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure {
    /// Characters (code points), as Python's `textwrap`.
    Characters,
    /// Columns of a terminal, as Python's `wcwidth`. Breaks never split a grapheme cluster.
    Columns,
}

/// The number of terminal columns of a text without control characters.
pub(super) fn columns(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    // Terminals and `wcwidth` show a soft hyphen.
    text.width() + text.matches('\u{AD}').count()
}

/// The part of a text that fits into a line.
struct Prefix {
    bytes: usize,
    length: usize,
}

impl Measure {
    /// The longest prefix that is not longer than `room`.
    fn prefix(self, text: &str, room: usize) -> Prefix {
        let mut prefix = Prefix {
            bytes: 0,
            length: 0,
        };
        let mut take = |unit: &str, length: usize| {
            let fits = prefix.length + length <= room;
            if fits {
                prefix.bytes += unit.len();
                prefix.length += length;
            }
            fits
        };
        match self {
            Self::Columns if !text.is_ascii() => {
                let mut units = text.graphemes(true);
                while units.next().is_some_and(|unit| take(unit, columns(unit))) {}
            }
            _ => {
                let mut buffer = [0; 4];
                let mut units = text.chars();
                while units
                    .next()
                    .is_some_and(|unit| take(unit.encode_utf8(&mut buffer), 1))
                {}
            }
        }
        prefix
    }

    /// The length in bytes of the first unit that must not be split.
    fn first(self, text: &str) -> usize {
        match self {
            Self::Characters => text.chars().next().map_or(0, char::len_utf8),
            Self::Columns => text.graphemes(true).next().map_or(0, str::len),
        }
    }
}

/// The lines of a text, each at most `width` long, without blanks at their ends. Only the first line keeps blanks at
/// its start. Line feeds and tabs must have been replaced.
pub(crate) fn wrap(text: &str, width: usize, measure: Measure) -> Vec<String> {
    let mut lines = Vec::new();
    let mut chunks = chunks(text).into_iter();
    let mut next = chunks.next();
    while next.is_some() {
        if !lines.is_empty() && next.is_some_and(|chunk| chunk.trim().is_empty()) {
            next = chunks.next();
        }
        let (mut line, mut room) = (String::new(), width);
        while let Some(chunk) = next {
            let fitting = measure.prefix(chunk, room);
            if fitting.bytes < chunk.len() {
                break;
            }
            line.push_str(chunk);
            room -= fitting.length;
            next = chunks.next();
        }
        // A chunk that is longer than a line is split.
        if let Some(chunk) = next
            && measure.prefix(chunk, width).bytes < chunk.len()
        {
            let fitting = measure.prefix(chunk, room);
            let head = chunk.get(..fitting.bytes).unwrap_or_default();
            let hyphen = head.rfind('-').filter(|at| {
                let before = head.get(..*at).unwrap_or_default();
                before.contains(|c| c != '-')
            });
            let end = match hyphen {
                Some(at) => at + 1,
                None if line.is_empty() && fitting.length == 0 => measure.first(chunk),
                None => fitting.bytes,
            };
            let (head, rest) = chunk.split_at_checked(end).unwrap_or((chunk, ""));
            line.push_str(head);
            next = Some(rest)
                .filter(|rest| !rest.is_empty())
                .or_else(|| chunks.next());
        }
        line.truncate(line.trim_end().len());
        if !line.is_empty() {
            lines.push(line);
        }
    }
    lines
}

/// Splits a text into runs of blanks, dashes between words, and words. A hyphen between letters ends a part of a word.
fn chunks(text: &str) -> Vec<&str> {
    let characters: Vec<(usize, char)> = text.char_indices().collect();
    let at = |place: usize| characters.get(place).map(|(_, c)| *c);
    let is = |c: Option<char>, kind: fn(char) -> bool| c.is_some_and(kind);
    let before = |place: usize, back: usize| place.checked_sub(back).and_then(at);
    // The end of a run of two or more hyphens between words that starts here.
    let dash = |place: usize| {
        let run = characters.get(place..).unwrap_or_default();
        let length = run.iter().take_while(|(_, c)| *c == '-').count();
        let between =
            is(before(place, 1), is_in_word) && is(at(place + length), is_letter_or_digit);
        (length >= 2 && between).then_some(place + length)
    };
    // Whether a word may be split after the hyphen here.
    let hyphen = |place: usize| {
        let two_letters = is(before(place, 1), is_letter) && is(before(place, 2), is_letter);
        let short_part = is(before(place, 1), is_in_word)
            && before(place, 2) == Some('-')
            && is(before(place, 3), is_letter);
        let next = match at(place + 2) {
            Some('-') => at(place + 3),
            other => other,
        };
        (two_letters || short_part) && is(at(place + 1), is_letter) && is(next, is_letter)
    };
    let mut chunks = Vec::new();
    let mut start = 0;
    while let Some(first) = at(start) {
        let mut end = start + 1;
        if first == ' ' {
            while at(end) == Some(' ') {
                end += 1;
            }
        } else if let Some(behind) = dash(start) {
            end = behind;
        } else {
            loop {
                match at(end) {
                    None | Some(' ') => break,
                    Some('-') if hyphen(end) => {
                        end += 1;
                        break;
                    }
                    Some('-') if dash(end).is_some() => break,
                    Some(_) => end += 1,
                }
            }
        }
        let byte = |place| characters.get(place).map_or(text.len(), |(byte, _)| *byte);
        chunks.extend(text.get(byte(start)..byte(end)));
        start = end;
    }
    chunks
}

fn is_letter_or_digit(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn is_letter(c: char) -> bool {
    is_letter_or_digit(c) && !c.is_numeric()
}

fn is_in_word(c: char) -> bool {
    is_letter_or_digit(c) || matches!(c, '!' | '"' | '\'' | '&' | '.' | ',' | '?')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_blanks_and_hyphens() {
        for (text, expected) in [
            ("", &[][..]),
            ("   ", &[]),
            ("one two", &["one two"]),
            ("one  two three", &["one  two", "three"]),
            ("  a bcd efg", &["  a bcd", "efg"]),
            ("well-known fact", &["well-", "known", "fact"]),
            ("a-b-cd-efgh", &["a-b-cd-", "efgh"]),
            ("abc--defgh", &["abc--", "defgh"]),
            ("abcdefghijklmnopq", &["abcdefgh", "ijklmnop", "q"]),
            ("12-34-56-78-90", &["12-34-", "56-78-90"]),
        ] {
            assert_eq!(wrap(text, 8, Measure::Characters), expected, "{text}");
            assert_eq!(wrap(text, 8, Measure::Columns), expected, "{text}");
        }
    }

    #[test]
    fn wide_characters_and_clusters_stay_whole() {
        assert_eq!(wrap("日本語版", 5, Measure::Columns), ["日本", "語版"]);
        assert_eq!(wrap("日本語版", 3, Measure::Characters), ["日本語", "版"]);
        assert_eq!(wrap("日本", 1, Measure::Columns), ["日", "本"]);
        assert_eq!(
            wrap("e\u{301}e\u{301}", 1, Measure::Columns),
            ["e\u{301}", "e\u{301}"]
        );
    }

    #[test]
    fn long_words_take_linear_time() {
        // Quadratic time would be noticed as a hang.
        let word = "ab-".repeat(300_000);
        let lines = wrap(&word, 8, Measure::Columns);
        assert_eq!(lines.concat(), word);
    }
}
