//! JSON in the layout of Python's `json.dumps`, so that scripts can compare texts. Control characters are always
//! escaped, which does not change the values.

use std::io;

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};
use serde_json::{Number, Value};

use super::visible::{needs_escape, visible};

/// A document: indented by two spaces or on one line, ASCII only, with a line feed at the end.
pub(super) fn document(value: &Value, noindent: bool) -> String {
    let mut writer = Writer {
        out: String::new(),
        indent: !noindent,
        ascii: true,
        comma: ",",
    };
    writer.value(value, 0);
    writer.out.push('\n');
    writer.out
}

/// A document in the old style: non-ASCII characters unchanged, no line feed at the end.
pub(crate) fn text(value: &Value) -> String {
    let mut writer = Writer {
        out: String::new(),
        indent: true,
        ascii: false,
        comma: ",",
    };
    writer.value(value, 0);
    writer.out
}

/// A document in the old style, ASCII only, no line feed at the end.
pub(crate) fn ascii(value: &Value) -> String {
    let mut writer = Writer {
        out: String::new(),
        indent: true,
        ascii: true,
        comma: ",",
    };
    writer.value(value, 0);
    writer.out
}

/// A document for a table cell, as in the Python clients: a space after each comma even at the end of a line,
/// non-ASCII characters unchanged, no line feed at the end.
pub(crate) fn cell(value: &Value) -> String {
    let mut writer = Writer {
        out: String::new(),
        indent: true,
        ascii: false,
        comma: ", ",
    };
    writer.value(value, 0);
    writer.out
}

/// One line within other text; non-ASCII characters unchanged.
pub(super) fn line(value: &Value) -> String {
    let mut writer = Writer {
        out: String::new(),
        indent: false,
        ascii: false,
        comma: ",",
    };
    writer.value(value, 0);
    writer.out
}

/// A number as Python prints it. Both languages print the shortest digits that mean the same float, but exponents have a
/// sign and two digits in Python.
pub(super) fn number(number: &Number) -> String {
    let Some(float) = number.as_f64().filter(|_| number.is_f64()) else {
        return number.to_string();
    };
    let text = format!("{float:?}");
    match text.split_once('e') {
        Some((digits, exponent)) => match exponent.strip_prefix('-') {
            Some(negative) => format!("{digits}e-{negative:0>2}"),
            None => format!("{digits}e+{exponent:0>2}"),
        },
        None => text,
    }
}

/// Writes a value on one line, as `serde_json` does, with control characters escaped.
pub(crate) fn write(out: impl io::Write, value: &impl Serialize) -> io::Result<()> {
    let mut serializer = Serializer::with_formatter(out, Visible);
    value.serialize(&mut serializer).map_err(io::Error::from)
}

/// Escapes control characters in strings. Other parts of JSON cannot contain them.
struct Visible;

impl Formatter for Visible {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        out.write_all(visible(fragment).as_bytes())
    }

    fn write_raw_fragment<W: ?Sized + io::Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        out.write_all(visible(fragment).as_bytes())
    }
}

struct Writer {
    out: String,
    indent: bool,
    ascii: bool,
    /// The separator of lines.
    comma: &'static str,
}

impl Writer {
    fn value(&mut self, value: &Value, depth: usize) {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(items) if !items.is_empty() => {
                self.out.push('[');
                for (position, item) in items.iter().enumerate() {
                    self.separate(position, depth + 1);
                    self.value(item, depth + 1);
                }
                self.close(']', depth);
            }
            Value::Object(members) if !members.is_empty() => {
                self.out.push('{');
                for (position, (key, member)) in members.iter().enumerate() {
                    self.separate(position, depth + 1);
                    self.text(key);
                    self.out.push_str(": ");
                    self.value(member, depth + 1);
                }
                self.close('}', depth);
            }
            Value::Number(number) => self.out.push_str(&self::number(number)),
            other => self.out.push_str(&other.to_string()),
        }
    }

    fn separate(&mut self, position: usize, depth: usize) {
        match (position, self.indent) {
            (0, true) => self.line_feed(depth),
            (0, false) => {}
            (_, true) => {
                self.out.push_str(self.comma);
                self.line_feed(depth);
            }
            (_, false) => self.out.push_str(", "),
        }
    }

    fn close(&mut self, bracket: char, depth: usize) {
        if self.indent {
            self.line_feed(depth);
        }
        self.out.push(bracket);
    }

    fn line_feed(&mut self, depth: usize) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n("  ", depth));
    }

    fn text(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '\u{8}' => self.out.push_str("\\b"),
                '\u{c}' => self.out.push_str("\\f"),
                c if needs_escape(c) || (self.ascii && !c.is_ascii()) => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        self.out.push_str(&format!("\\u{unit:04x}"));
                    }
                }
                c => self.out.push(c),
            }
        }
        self.out.push('"');
    }
}
