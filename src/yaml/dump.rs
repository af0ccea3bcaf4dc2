//! The emitter of [`dump`](super::dump): the layout of PyYAML's `safe_dump`, with its defaults (keys sorted, ASCII only, lines
//! of 80 characters).

use serde_json::{Map, Value};

use super::float;
use super::resolve::{Tag, implicit};

/// Lines are folded at the first blank behind this column.
const WIDTH: usize = 80;
/// Keys of this length and more are written with `?`. PyYAML also counts the tag, `!!str`.
const MAX_SIMPLE_KEY: usize = 128 - 5;
const INDENT: usize = 2;

pub(super) fn dump(value: &Value) -> String {
    let mut emitter = Emitter::default();
    emitter.node(value, Place::Root, None);
    emitter.indentation(0);
    if emitter.open {
        emitter.out.push_str("...\n");
    }
    emitter.out
}

/// Where a node stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    Item,
    Key,
    Value,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Plain,
    Single,
    Double,
}

/// The state of PyYAML's emitter that decides about blanks and line feeds.
struct Emitter {
    out: String,
    column: usize,
    /// The last character was a blank.
    whitespace: bool,
    /// The line has only blanks and indicators so far.
    indention: bool,
    /// The document is a plain scalar, which must be ended.
    open: bool,
}

impl Default for Emitter {
    fn default() -> Self {
        Self {
            out: String::new(),
            column: 0,
            whitespace: true,
            indention: true,
            open: false,
        }
    }
}

impl Emitter {
    fn write(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.chars().count();
        self.whitespace = false;
        self.indention = false;
    }

    fn line_feed(&mut self) {
        self.out.push('\n');
        self.column = 0;
        self.whitespace = true;
        self.indention = true;
    }

    /// Starts a line unless this is its indentation.
    fn indentation(&mut self, indent: usize) {
        let is_there = self.column < indent || (self.column == indent && self.whitespace);
        if !self.indention || !is_there {
            self.line_feed();
        }
        if self.column < indent {
            self.out
                .extend(std::iter::repeat_n(' ', indent - self.column));
            self.column = indent;
            self.whitespace = true;
        }
    }

    fn indicator(&mut self, text: &str, indention: bool) {
        let indention = self.indention && indention;
        if !self.whitespace {
            self.write(" ");
        }
        self.write(text);
        self.indention = indention;
    }

    /// Writes a node. `indent` is the indentation of the collection that contains it.
    fn node(&mut self, value: &Value, place: Place, indent: Option<usize>) {
        let inner = indent.map_or(0, |indent| indent + INDENT);
        match value {
            Value::Array(items) if !items.is_empty() => {
                // The items of a key's value are not indented.
                let flush = place == Place::Value && !self.indention;
                self.sequence(
                    items,
                    if flush {
                        indent.unwrap_or_default()
                    } else {
                        inner
                    },
                );
            }
            Value::Object(members) if !members.is_empty() => self.mapping(members, inner),
            other => self.scalar(
                other,
                place,
                indent.map_or(INDENT, |indent| indent + INDENT),
            ),
        }
    }

    fn sequence(&mut self, items: &[Value], indent: usize) {
        for item in items {
            self.indentation(indent);
            self.indicator("-", true);
            self.node(item, Place::Item, Some(indent));
        }
    }

    fn mapping(&mut self, members: &Map<String, Value>, indent: usize) {
        let mut members: Vec<_> = members.iter().collect();
        members.sort_by_key(|(key, _)| *key);
        for (key, value) in members {
            self.indentation(indent);
            let is_simple =
                !key.is_empty() && key.chars().count() < MAX_SIMPLE_KEY && !key.contains(is_break);
            if is_simple {
                self.text(key, Place::Key, indent + INDENT);
                self.write(":");
            } else {
                self.indicator("?", true);
                self.text(key, Place::Value, indent + INDENT);
                self.indentation(indent);
                self.indicator(":", true);
            }
            self.node(value, Place::Value, Some(indent));
        }
    }

    /// A scalar or an empty collection.
    fn scalar(&mut self, value: &Value, place: Place, indent: usize) {
        let text = match value {
            Value::String(text) => return self.text(text, place, indent),
            Value::Array(_) => return self.indicator("[]", false),
            Value::Object(_) => return self.indicator("{}", false),
            Value::Null => "null".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
                None => number.to_string(),
                Some(value) => {
                    let text = float::repr(value);
                    match text.contains('.') {
                        true => text,
                        false => text.replacen('e', ".0e", 1),
                    }
                }
            },
        };
        self.open |= place == Place::Root;
        self.indicator(&text, false);
    }

    fn text(&mut self, text: &str, place: Place, indent: usize) {
        let characters: Vec<char> = text.chars().collect();
        let split = place != Place::Key;
        match style(text, &characters) {
            Style::Plain => {
                self.open |= place == Place::Root;
                self.plain(&characters, split, indent);
            }
            Style::Single => self.single_quoted(&characters, split, indent),
            Style::Double => self.double_quoted(&characters, split, indent),
        }
    }

    /// Text without line feeds.
    fn plain(&mut self, text: &[char], split: bool, indent: usize) {
        if !self.whitespace {
            self.write(" ");
        }
        for part in parts(text) {
            let is_blank = part.first() == Some(&' ');
            if is_blank && part.len() == 1 && self.column > WIDTH && split {
                self.indentation(indent);
                self.whitespace = false;
                self.indention = false;
            } else {
                self.write(&part.iter().collect::<String>());
            }
        }
    }

    fn single_quoted(&mut self, text: &[char], split: bool, indent: usize) {
        self.indicator("'", false);
        let parts: Vec<&[char]> = parts(text).collect();
        let last = parts.len().saturating_sub(1);
        for (place, part) in parts.into_iter().enumerate() {
            match part {
                ['\n', ..] => {
                    // A single line feed would be read as a blank.
                    self.line_feed();
                    for _ in part {
                        self.line_feed();
                    }
                    self.indentation(indent);
                }
                [' '] if self.column > WIDTH && split && place != 0 && place != last => {
                    self.indentation(indent);
                }
                part => {
                    let part: String = part.iter().collect();
                    self.write(&part.replace('\'', "''"));
                }
            }
        }
        self.write("'");
    }

    fn double_quoted(&mut self, text: &[char], split: bool, indent: usize) {
        self.indicator("\"", false);
        let slice = |from: usize, to: usize| -> String {
            text.get(from..to).unwrap_or_default().iter().collect()
        };
        // The first character that is not written yet.
        let mut start = 0;
        for (place, c) in text.iter().enumerate() {
            if let Some(escape) = escaped(*c) {
                self.write(&slice(start, place));
                self.write(&escape);
                start = place + 1;
            }
            let may_fold = place > 0 && place + 1 < text.len() && (*c == ' ' || start >= place);
            // The last character may be written already.
            let is_long = self.column + place > WIDTH + start;
            if may_fold && is_long && split {
                self.write(&slice(start, place));
                self.write("\\");
                start = start.max(place);
                self.indentation(indent);
                self.whitespace = false;
                self.indention = false;
                if text.get(start) == Some(&' ') {
                    self.write("\\");
                }
            }
        }
        self.write(&slice(start, text.len()));
        self.write("\"");
    }
}

/// Runs of blanks, runs of line feeds, and what is between them.
fn parts(text: &[char]) -> impl Iterator<Item = &[char]> {
    let kind = |c: &char| match c {
        ' ' => 0,
        '\n' => 1,
        _ => 2,
    };
    text.chunk_by(move |a, b| kind(a) == kind(b))
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// The style of a text: plain if it would be read as this text, else quoted. Only double quotes allow escapes.
fn style(text: &str, characters: &[char]) -> Style {
    let is_special = |c: &char| *c != '\n' && !(' '..='~').contains(c);
    let starts = |c: char| text.starts_with(c);
    let before = |a: char, b: char| characters.windows(2).any(|pair| *pair == [a, b]);
    if characters.iter().any(is_special) || before(' ', '\n') || before('\n', ' ') {
        return Style::Double;
    }
    let ends_with_blank = |c: char| text.ends_with(c);
    let is_plain = implicit(text) == Tag::Str
        && !matches!(text, "!" | "&" | "*")
        && !text.contains('\n')
        && !starts(' ')
        && !ends_with_blank(' ')
        && !has_indicators(text, characters);
    if is_plain {
        Style::Plain
    } else {
        Style::Single
    }
}

/// Whether a text outside of flow collections would be read as syntax.
fn has_indicators(text: &str, characters: &[char]) -> bool {
    let is_blank = |place: usize| {
        characters
            .get(place)
            .is_none_or(|c| matches!(c, ' ' | '\n'))
    };
    let at_start = match characters.first() {
        Some('?' | ':' | '-') => is_blank(1),
        Some(first) => "#,[]{}&*!|>'\"%@`".contains(*first),
        None => false,
    };
    let inside = characters
        .iter()
        .enumerate()
        .skip(1)
        .any(|(place, c)| match c {
            ':' => is_blank(place + 1),
            '#' => is_blank(place - 1),
            _ => false,
        });
    at_start || inside || text.starts_with("---") || text.starts_with("...")
}

/// The escape sequence of a character that is not written as it is within double quotes.
fn escaped(c: char) -> Option<String> {
    let letter = match c {
        '"' | '\\' => c,
        ' '..='~' => return None,
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\u{1b}' => 'e',
        '\u{85}' => 'N',
        '\u{a0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        c => {
            let code = u32::from(c);
            return Some(match code {
                0..=0xFF => format!("\\x{code:02X}"),
                0x100..=0xFFFF => format!("\\u{code:04X}"),
                _ => format!("\\U{code:08X}"),
            });
        }
    };
    Some(format!("\\{letter}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_those_of_pyyaml() {
        let mut differing = Vec::new();
        let cases = include_str!("../../tests/yaml/dumps.jsonl");
        for case in cases.lines() {
            let case: Value = serde_json::from_str(case).unwrap();
            let (value, expected) = (&case["value"], case["yaml"].as_str().unwrap());
            let found = dump(value);
            if found != expected {
                differing.push(format!("{value}\nexpected:\n{expected}found:\n{found}"));
            }
            assert_eq!(&super::super::parse(expected).unwrap(), value);
        }
        assert!(cases.lines().count() > 500);
        let number = differing.len();
        differing.truncate(10);
        assert_eq!(number, 0, "{}", differing.join("\n"));
    }
}
