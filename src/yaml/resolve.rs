//! What a scalar means: the implicit tags of YAML 1.1, as PyYAML's resolver has them, and the values behind tags.

use std::fmt;

use super::float;
use super::node::Content;

/// The tags a plain scalar can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
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

/// The tag of a plain scalar that carries none.
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

/// What a scalar holds under a tag.
///
/// # Errors
///
/// A text that the tag does not allow, or a number that JSON cannot hold.
pub(super) fn construct(tag: Tag, text: &str) -> Result<Content, String> {
    match tag {
        Tag::Bool => bool(text).map(Content::Bool),
        Tag::Float => float(text),
        Tag::Int => int(text),
        Tag::Null => Ok(Content::Null),
        // `<<` and `=` mean something as keys only, which the composer sees to.
        Tag::Str | Tag::Timestamp | Tag::Merge | Tag::Value => Ok(Content::Text(text.to_owned())),
    }
}

/// The text behind `!!binary`.
///
/// # Errors
///
/// A text that is not base64, or bytes that are not UTF-8: JSON has no place for them.
pub(super) fn binary(text: &str) -> Result<Content, String> {
    let bytes = base64(text).ok_or("`!!binary` is not valid base64")?;
    let text = String::from_utf8(bytes).map_err(|_| "`!!binary` holds bytes that are not UTF-8")?;
    Ok(Content::Text(text))
}

/// Like Python's `base64.decodebytes`, characters outside the alphabet are skipped.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held, mut padding) = (0_u32, 0_u32, 0_u32);
    for c in text.bytes() {
        let six = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => {
                padding += 1;
                continue;
            }
            128.. => return None,
            _ => continue,
        };
        if padding > 0 {
            return None;
        }
        bits = (bits << 6 | u32::from(six)) & 0xFFFF;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.extend(u8::try_from(bits >> held & 0xFF));
        }
    }
    let needed = match held {
        0 => 0,
        2 => 1,
        4 => 2,
        _ => return None,
    };
    (padding >= needed).then_some(bytes)
}

fn bool(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "true" | "on" => Ok(true),
        "no" | "false" | "off" => Ok(false),
        _ => Err(format!("`{}` is not a boolean", shown(text))),
    }
}

/// A text as it stands in a message: on one line, and not too long.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 40;
    let start: String = text.chars().take(LONGEST).collect();
    let more = if start.len() < text.len() { "…" } else { "" };
    format!("{}{more}", start.escape_debug())
}

/// Takes a leading sign off.
fn signed(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn int(text: &str) -> Result<Content, String> {
    let wrong = || format!("`{}` is not an integer", shown(text));
    let plain = text.replace('_', "");
    let (negative, digits) = signed(&plain);
    let (radix, digits) = match digits.as_bytes() {
        [b'0'] => (10, digits),
        [b'0', b'b', ..] => (2, digits.get(2..).unwrap_or_default()),
        [b'0', b'x', ..] => (16, digits.get(2..).unwrap_or_default()),
        [b'0', ..] => (8, digits),
        _ => (10, digits),
    };
    let mut total = Natural::default();
    for part in digits.split(':') {
        let is_whole = !part.is_empty() && part.chars().all(|c| c.is_digit(radix));
        if !is_whole || (radix != 10 && part.len() != digits.len()) {
            return Err(wrong());
        }
        if part.len() > MAX_DIGITS {
            return Err(format!(
                "the integer `{}` has more than {MAX_DIGITS} digits",
                shown(text)
            ));
        }
        let mut value = Natural::default();
        part.chars()
            .filter_map(|c| c.to_digit(radix))
            .for_each(|digit| value.shift(radix, digit));
        if total.is_zero() {
            total = value;
        } else {
            // Parts after the first have two digits.
            total.shift(60, value.low());
        }
    }
    let sign = if negative && !total.is_zero() {
        "-"
    } else {
        ""
    };
    Ok(Content::Number(format!("{sign}{total}").into()))
}

/// As many digits as Python prints of an integer.
const MAX_DIGITS: usize = 4300;

/// A natural number of any size: its digits to base 10^9, the lowest first.
#[derive(Debug, Default)]
struct Natural(Vec<u32>);

impl Natural {
    const BASE: u64 = 1_000_000_000;

    /// Multiplies by `factor` and adds `addend`.
    fn shift(&mut self, factor: u32, addend: u32) {
        let mut carry = u64::from(addend);
        for digit in &mut self.0 {
            let value = u64::from(*digit) * u64::from(factor) + carry;
            *digit = low_digit(value);
            carry = value / Self::BASE;
        }
        if carry > 0 {
            self.0.push(low_digit(carry));
        }
    }

    fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    fn low(&self) -> u32 {
        self.0.first().copied().unwrap_or_default()
    }
}

fn low_digit(value: u64) -> u32 {
    u32::try_from(value % Natural::BASE).unwrap_or_default()
}

impl fmt::Display for Natural {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = self.0.iter().rev();
        write!(f, "{}", digits.next().copied().unwrap_or_default())?;
        digits.try_for_each(|digit| write!(f, "{digit:09}"))
    }
}

fn float(text: &str) -> Result<Content, String> {
    let plain = text.replace('_', "").to_ascii_lowercase();
    let (negative, digits) = signed(&plain);
    let unfit = || {
        format!(
            "JSON cannot hold the number `{}`; quote it to send it as text",
            shown(text)
        )
    };
    if matches!(digits, ".inf" | ".nan") {
        return Err(unfit());
    }
    let mut total = 0.0;
    let mut base = 1.0;
    for part in digits.rsplit(':') {
        let number = part
            .parse::<f64>()
            .ok()
            .filter(|_| !part.starts_with(['+', '-']));
        total += number.ok_or_else(|| format!("`{}` is not a number", shown(text)))? * base;
        base *= 60.0;
    }
    let total = if negative { -total } else { total };
    if !total.is_finite() {
        return Err(unfit());
    }
    Ok(Content::Number(float::repr(total).into()))
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

/// `YYYY-MM-DD`, or `YYYY-M-D` with a time, of which zone and fraction may be absent.
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

/// What is left of a text that is matched from left to right.
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

    /// `:[0-5]?[0-9]`; what may follow it is no digit, so the longest match is the only one.
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
