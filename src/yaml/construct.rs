//! Constructs the value of a scalar from its tag and text, as PyYAML's constructor does. Numbers follow Python's `int`
//! and `float`.

use std::borrow::Cow;
use std::fmt;

use super::float;
use super::node::Content;
use super::resolve::{Tag, signed};

/// Constructs the value of a scalar.
///
/// # Errors
///
/// The text is invalid for the tag, or JSON cannot hold the number.
pub(super) fn construct(tag: Tag, text: Cow<'_, str>) -> Result<Content, String> {
    match tag {
        Tag::Binary => binary(&text),
        Tag::Bool => bool(&text).map(Content::Bool),
        Tag::Float => float(&text),
        Tag::Int => int(&text),
        Tag::Null => Ok(Content::Null),
        // The composer handles `<<` and `=`, which have a meaning only as keys.
        Tag::Str | Tag::Timestamp | Tag::Merge | Tag::Value => Ok(Content::Text(text.into_owned())),
    }
}

/// Decodes `!!binary`.
///
/// # Errors
///
/// The text is not base64, or the bytes are not UTF-8, which JSON cannot hold.
fn binary(text: &str) -> Result<Content, String> {
    let bytes = base64(text).ok_or("`!!binary` is not valid base64")?;
    let text =
        String::from_utf8(bytes).map_err(|_| "`!!binary` contains bytes that are not UTF-8")?;
    Ok(Content::Text(text))
}

/// Like Python's `base64.decodebytes`: skips characters outside the alphabet and everything after the padding.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut held, mut digits, mut padding) = (0_u32, 0, 0);
    for c in text.bytes() {
        let six = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' if digits >= 2 => {
                padding += 1;
                if digits + padding == 4 {
                    return Some(bytes);
                }
                continue;
            }
            128.. => return None,
            _ => continue,
        };
        padding = 0;
        held = held << 6 | u32::from(six);
        digits = (digits + 1) % 4;
        let [.., byte] = match digits {
            1 => continue,
            2 => held >> 4,
            3 => held >> 2,
            _ => held,
        }
        .to_be_bytes();
        bytes.push(byte);
    }
    (digits == 0).then_some(bytes)
}

fn bool(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "true" | "on" => Ok(true),
        "no" | "false" | "off" => Ok(false),
        _ => Err(format!("`{}` is not a boolean", shown(text))),
    }
}

/// Escapes and shortens a text for a message.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 40;
    let start: String = text.chars().take(LONGEST).collect();
    let more = if start.len() < text.len() { "…" } else { "" };
    format!("{}{more}", start.escape_debug())
}

/// The most digits of an integer that Python prints.
const MAX_DIGITS: usize = 4300;

fn int(text: &str) -> Result<Content, String> {
    let plain = text.replace('_', "");
    let (negative, digits) = signed(&plain);
    let number = natural(digits).ok_or_else(|| format!("`{}` is not an integer", shown(text)))?;
    let number = number.to_string();
    if number.len() > MAX_DIGITS {
        let shown = shown(text);
        return Err(format!(
            "the integer `{shown}` has more than {MAX_DIGITS} digits"
        ));
    }
    let sign = if negative && number != "0" { "-" } else { "" };
    Ok(Content::Number(format!("{sign}{number}").into()))
}

fn natural(text: &str) -> Option<Natural> {
    let prefixes = [("0b", 2), ("0x", 16), ("0o", 8), ("0O", 8)];
    let prefixed = prefixes
        .into_iter()
        .find_map(|(prefix, radix)| Some((radix, text.strip_prefix(prefix)?)));
    let plain = (if text.starts_with('0') { 8 } else { 10 }, text);
    let (radix, digits) = prefixed.unwrap_or(plain);
    let mut parts = digits.trim().split(':');
    let mut total = Natural::default();
    let first = parts.next().filter(|first| !first.is_empty())?;
    for digit in first.chars() {
        total.push(radix, digit.to_digit(radix)?.into());
    }
    for part in parts {
        let whole = radix == 10 && part.bytes().all(|c| c.is_ascii_digit());
        total.push(60, part.parse::<u32>().ok().filter(|_| whole)?.into());
    }
    Some(total.settled())
}

/// A natural number of any size: its digits in base 10^9, the lowest first.
#[derive(Debug)]
struct Natural {
    digits: Vec<u32>,
    /// Pending operations: multiply the digits by `factor`, then add `addend`.
    factor: u64,
    addend: u64,
}

impl Default for Natural {
    fn default() -> Self {
        Self {
            digits: Vec::new(),
            factor: 1,
            addend: 0,
        }
    }
}

impl Natural {
    const BASE: u64 = 1_000_000_000;

    /// Appends a digit in base `radix`. It may have up to 32 bits.
    fn push(&mut self, radix: u32, digit: u64) {
        self.factor *= u64::from(radix);
        self.addend = self.addend * u64::from(radix) + digit;
        // Apply many at once, as each pass visits all digits.
        if self.factor > 1 << 24 {
            self.settle();
        }
    }

    fn settle(&mut self) {
        let mut carry = self.addend;
        for digit in &mut self.digits {
            let value = u64::from(*digit) * self.factor + carry;
            *digit = low_digit(value);
            carry = value / Self::BASE;
        }
        // Longer numbers are rejected later, so their digits do not matter.
        while carry > 0 && self.digits.len() * 9 <= MAX_DIGITS + 9 {
            self.digits.push(low_digit(carry));
            carry /= Self::BASE;
        }
        (self.factor, self.addend) = (1, 0);
    }

    fn settled(mut self) -> Self {
        self.settle();
        self
    }
}

fn low_digit(value: u64) -> u32 {
    u32::try_from(value % Natural::BASE).unwrap_or_default()
}

impl fmt::Display for Natural {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = self.digits.iter().rev();
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
        let number = part.trim().parse::<f64>();
        total += number.map_err(|_| format!("`{}` is not a number", shown(text)))? * base;
        base *= 60.0;
    }
    let total = if negative { -total } else { total };
    if !total.is_finite() {
        return Err(unfit());
    }
    Ok(Content::Number(float::repr(total).into()))
}
