//! Resolves the implicit tags of YAML 1.1, as PyYAML's resolver does.

/// The tags a scalar can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    Binary,
    Bool,
    Float,
    Int,
    /// `<<`
    Merge,
    Null,
    Str,
    Timestamp,
    /// `=`
    Value,
}

/// The tag of a plain scalar without an explicit tag.
pub(super) fn implicit(text: &str) -> Tag {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Tag::Null,
        "yes" | "Yes" | "YES" | "no" | "No" | "NO" => Tag::Bool,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => Tag::Bool,
        "on" | "On" | "ON" | "off" | "Off" | "OFF" => Tag::Bool,
        "<<" => Tag::Merge,
        "=" => Tag::Value,
        _ if !text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) => Tag::Str,
        _ if is_float(text) => Tag::Float,
        _ if is_int(text) => Tag::Int,
        _ if is_timestamp(text) => Tag::Timestamp,
        _ => Tag::Str,
    }
}

/// Splits off a leading sign. Returns whether it is negative.
pub(super) fn signed(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// `[-+]?0b[0-1_]+ | [-+]?0[0-7_]+ | [-+]?(0|[1-9][0-9_]*) | [-+]?0x[0-9a-fA-F_]+
/// | [-+]?[1-9][0-9_]*(:[0-5]?[0-9])+`
fn is_int(text: &str) -> bool {
    let (_, digits) = signed(text);
    match digits.as_bytes() {
        [b'0'] => true,
        [b'0', b'b', rest @ ..] => {
            !rest.is_empty() && rest.iter().all(|c| matches!(c, b'0' | b'1' | b'_'))
        }
        [b'0', b'x', rest @ ..] => {
            !rest.is_empty() && rest.iter().all(|c| c.is_ascii_hexdigit() || *c == b'_')
        }
        [b'0', rest @ ..] => rest.iter().all(|c| matches!(c, b'0'..=b'7' | b'_')),
        [b'1'..=b'9', rest @ ..] => {
            let mut scan = Scan(rest);
            scan.run(decimal);
            while scan.sexagesimal() {}
            scan.done()
        }
        _ => false,
    }
}

/// `[-+]?[0-9][0-9_]*\.[0-9_]*([eE][-+][0-9]+)? | \.[0-9][0-9_]*([eE][-+][0-9]+)?
/// | [-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]* | [-+]?\.(inf|Inf|INF) | \.(nan|NaN|NAN)`
fn is_float(text: &str) -> bool {
    let (_, unsigned) = signed(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let mut scan = Scan(text.as_bytes());
    if scan.one(|c| c == b'.') {
        return scan.one(digit) && {
            scan.run(decimal);
            scan.done_with_exponent()
        };
    }
    let mut scan = Scan(unsigned.as_bytes());
    if !scan.one(digit) {
        return false;
    }
    scan.run(decimal);
    let mut sexagesimal = false;
    while scan.sexagesimal() {
        sexagesimal = true;
    }
    if !scan.one(|c| c == b'.') {
        return false;
    }
    scan.run(decimal);
    if sexagesimal {
        scan.done()
    } else {
        scan.done_with_exponent()
    }
}

/// `YYYY-MM-DD`, or `YYYY-M-D` with a time, whose zone and fraction are optional.
fn is_timestamp(text: &str) -> bool {
    let mut scan = Scan(text.as_bytes());
    if scan.run(digit) != 4 || !scan.one(|c| c == b'-') {
        return false;
    }
    let month = scan.run(digit);
    if !scan.one(|c| c == b'-') {
        return false;
    }
    let day = scan.run(digit);
    if scan.done() {
        return month == 2 && day == 2;
    }
    let short = |length| matches!(length, 1 | 2);
    let apart = scan.one(|c| matches!(c, b'T' | b't')) || scan.run(blank) > 0;
    let time = short(month)
        && short(day)
        && apart
        && short(scan.run(digit))
        && scan.one(|c| c == b':')
        && scan.run(digit) == 2
        && scan.one(|c| c == b':')
        && scan.run(digit) == 2;
    if !time {
        return false;
    }
    if scan.one(|c| c == b'.') {
        scan.run(digit);
    }
    if scan.done() {
        return true;
    }
    scan.run(blank);
    if scan.one(|c| c == b'Z') {
        return scan.done();
    }
    let hours = scan.one(|c| matches!(c, b'+' | b'-')) && short(scan.run(digit));
    hours && (scan.done() || (scan.one(|c| c == b':') && scan.run(digit) == 2 && scan.done()))
}

fn digit(c: u8) -> bool {
    c.is_ascii_digit()
}

fn decimal(c: u8) -> bool {
    c.is_ascii_digit() || c == b'_'
}

fn blank(c: u8) -> bool {
    matches!(c, b' ' | b'\t')
}

/// The unmatched rest of a text.
struct Scan<'a>(&'a [u8]);

impl Scan<'_> {
    fn one(&mut self, set: impl Fn(u8) -> bool) -> bool {
        match self.0 {
            [first, rest @ ..] if set(*first) => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    fn run(&mut self, set: impl Fn(u8) -> bool) -> usize {
        let mut length = 0;
        while self.one(&set) {
            length += 1;
        }
        length
    }

    /// `:[0-5]?[0-9]`. No digit may follow, so the longest match is the only one.
    fn sexagesimal(&mut self) -> bool {
        let before = self.0;
        let found = self.one(|c| c == b':') && {
            let low = self.one(|c| matches!(c, b'0'..=b'5'));
            self.one(digit) || low
        };
        if !found {
            self.0 = before;
        }
        found
    }

    /// `([eE][-+][0-9]+)?$`
    fn done_with_exponent(&mut self) -> bool {
        self.done()
            || (self.one(|c| matches!(c, b'e' | b'E'))
                && self.one(|c| matches!(c, b'+' | b'-'))
                && self.run(digit) > 0
                && self.done())
    }

    fn done(&self) -> bool {
        self.0.is_empty()
    }
}
