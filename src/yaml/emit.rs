//! The emitter: block style with two spaces, in the layout of PyYAML's `safe_dump`.

use serde_json::{Map, Number, Value};

use super::float;
use super::resolve::{Tag, implicit};

/// Keys longer than this, in characters, are written with `?`: parsers limit the search for the `:`.
const MAX_SIMPLE_KEY: usize = 128;

pub(super) fn emit(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Array(items) if !items.is_empty() => sequence(&mut out, items, 0),
        Value::Object(members) if !members.is_empty() => mapping(&mut out, members, 0),
        other => {
            scalar(&mut out, other, 0);
            out.push('\n');
        }
    }
    out
}

fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n("  ", depth));
}

/// The items, the first at the cursor, the others indented.
fn sequence(out: &mut String, items: &[Value], depth: usize) {
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            indent(out, depth);
        }
        out.push_str("- ");
        match item {
            Value::Array(items) if !items.is_empty() => sequence(out, items, depth + 1),
            Value::Object(members) if !members.is_empty() => mapping(out, members, depth + 1),
            other => {
                scalar(out, other, depth + 1);
                out.push('\n');
            }
        }
    }
}

/// The members, the first at the cursor, the others indented.
fn mapping(out: &mut String, members: &Map<String, Value>, depth: usize) {
    for (position, (key, member)) in members.iter().enumerate() {
        if position > 0 {
            indent(out, depth);
        }
        let key = on_one_line(key);
        if key.chars().count() > MAX_SIMPLE_KEY {
            out.push_str("? ");
            out.push_str(&key);
            out.push('\n');
            indent(out, depth);
        } else {
            out.push_str(&key);
        }
        out.push(':');
        match member {
            Value::Array(items) if !items.is_empty() => {
                out.push('\n');
                indent(out, depth);
                sequence(out, items, depth);
            }
            Value::Object(members) if !members.is_empty() => {
                out.push('\n');
                indent(out, depth + 1);
                mapping(out, members, depth + 1);
            }
            other => {
                out.push(' ');
                scalar(out, other, depth + 1);
                out.push('\n');
            }
        }
    }
}

/// A scalar or an empty collection, without its line feed.
fn scalar(out: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&number_text(number)),
        Value::String(text) if fits_block(text) => literal(out, text, depth.max(1)),
        Value::String(text) => out.push_str(&on_one_line(text)),
        Value::Array(_) => out.push_str("[]"),
        Value::Object(_) => out.push_str("{}"),
    }
}

/// A float always has a dot: YAML 1.1 reads `1e+20` as text.
fn number_text(number: &Number) -> String {
    match number.as_f64().filter(|_| number.is_f64()) {
        None => number.to_string(),
        Some(value) => {
            let text = float::repr(value);
            if text.contains('.') {
                text
            } else {
                text.replacen('e', ".0e", 1)
            }
        }
    }
}

/// Text in the first style that preserves it: plain, single-quoted, or double-quoted.
fn on_one_line(text: &str) -> String {
    if text.chars().any(needs_escape) {
        double_quoted(text)
    } else if is_plain(text) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

fn is_plain(text: &str) -> bool {
    let indicator = match text.as_bytes() {
        [] => true,
        [b'-' | b'?' | b':'] | [b'-' | b'?' | b':', b' ', ..] => true,
        [first, ..] => b"#,[]{}&*!|>'\"%@`".contains(first),
    };
    !indicator
        && implicit(text) == Tag::Str
        // Numbers in YAML 1.2, but not in 1.1.
        && !looks_numeric(text)
        && !text.starts_with("---")
        && !text.starts_with("...")
        && !text.starts_with(' ')
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
}

fn looks_numeric(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    digits.starts_with("0o")
        || (digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
            && digits.parse::<f64>().is_ok())
}

fn needs_escape(c: char) -> bool {
    match c {
        // Line breaks and blanks that parsers treat differently.
        '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}' => true,
        // Characters that change the direction of displayed text.
        '\u{61C}' | '\u{200E}' | '\u{200F}' => true,
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => true,
        c => c.is_control(),
    }
}

fn double_quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\0' => out.push_str("\\0"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\u{1b}' => out.push_str("\\e"),
            c if needs_escape(c) && u32::from(c) <= 0xFF => {
                out.push_str(&format!("\\x{:02X}", u32::from(c)))
            }
            c if needs_escape(c) => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Whether multi-line text can be written as a literal block. Text with blanks before a line feed or at the end is
/// quoted instead, because editors tend to strip them.
fn fits_block(text: &str) -> bool {
    text.contains('\n')
        && !text.ends_with(' ')
        && !text.contains(" \n")
        && !text.chars().any(|c| c != '\n' && needs_escape(c))
}

fn literal(out: &mut String, text: &str, depth: usize) {
    out.push('|');
    if text.starts_with([' ', '\n']) {
        out.push('2');
    }
    let (body, chomp) = match text.strip_suffix('\n') {
        None => (text, "-"),
        Some(body) if body.is_empty() || body.ends_with('\n') => (body, "+"),
        Some(body) => (body, ""),
    };
    out.push_str(chomp);
    for line in body.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            indent(out, depth);
            out.push_str(line);
        }
    }
}
