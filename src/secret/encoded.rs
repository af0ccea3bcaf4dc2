//! Decoding of texts with escapes, with a map of positions back to the original text.

use std::ops::Range;

/// The levels of decoding, such as two for JSON in JSON or a URL in HTML.
const DEPTH: usize = 2;

/// A text, either unchanged or with the escapes of one notation decoded.
pub(super) struct Reading {
    bytes: Vec<u8>,
    /// The position of each byte in the original text; the last entry is the length of the original.
    starts: Vec<usize>,
}

/// A decoded escape.
struct Decoded {
    length: usize,
    bytes: [u8; 4],
    count: usize,
}

/// A notation: the first byte of an escape, and the function that decodes an escape.
type Notation = (u8, fn(&[u8]) -> Option<Decoded>);

const NOTATIONS: [Notation; 4] = [
    (b'%', percent),
    (b'\\', backslash),
    (b'&', entity),
    (b'+', plus),
];

impl Reading {
    /// Calls `visitor` with the text itself, and with each way to decode it that changes something.
    pub(super) fn each(text: &str, visitor: &mut dyn FnMut(&Self)) {
        let plain = Self {
            bytes: text.as_bytes().to_vec(),
            starts: (0..=text.len()).collect(),
        };
        plain.visit(DEPTH, visitor);
    }

    fn visit(&self, depth: usize, visitor: &mut dyn FnMut(&Self)) {
        visitor(self);
        if let Some(depth) = depth.checked_sub(1) {
            for notation in NOTATIONS {
                if let Some(decoded) = self.decoded(notation) {
                    decoded.visit(depth, visitor);
                }
            }
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The range in the original text for a range of the bytes.
    pub(super) fn original(&self, range: Range<usize>) -> Range<usize> {
        let at = |index| self.starts.get(index).copied().unwrap_or_default();
        at(range.start)..at(range.end)
    }

    /// Decodes the text once; `None` if there is nothing to decode.
    fn decoded(&self, (mark, decode): Notation) -> Option<Self> {
        let mut next = memchr::memchr(mark, &self.bytes)?;
        let mut bytes = Vec::with_capacity(self.bytes.len());
        let mut starts = Vec::with_capacity(self.starts.len());
        let mut done = 0;
        let mut changed = false;
        loop {
            bytes.extend_from_slice(self.bytes.get(done..next)?);
            starts.extend_from_slice(self.starts.get(done..next)?);
            done = next;
            let rest = self.bytes.get(done..)?;
            if rest.is_empty() {
                break;
            }
            let mut search = done + 1;
            if let Some(escape) = decode(rest) {
                bytes.extend_from_slice(escape.bytes.get(..escape.count)?);
                let start = *self.starts.get(done)?;
                starts.extend(std::iter::repeat_n(start, escape.count));
                done += escape.length;
                search = done;
                changed = true;
            }
            let further = self.bytes.get(search..)?;
            next = search + memchr::memchr(mark, further).unwrap_or(further.len());
        }
        starts.push(*self.starts.last()?);
        changed.then_some(Self { bytes, starts })
    }
}

impl Decoded {
    fn byte(length: usize, byte: u8) -> Self {
        Self {
            length,
            bytes: [byte, 0, 0, 0],
            count: 1,
        }
    }

    fn char(length: usize, char: char) -> Self {
        let mut bytes = [0; 4];
        let count = char.encode_utf8(&mut bytes).len();
        Self {
            length,
            bytes,
            count,
        }
    }
}

/// `%2F` (RFC 3986, 2.1).
fn percent(text: &[u8]) -> Option<Decoded> {
    let byte = u8::try_from(hex(text, 1, 2)?).ok()?;
    Some(Decoded::byte(3, byte))
}

/// A space in a form (`application/x-www-form-urlencoded`).
fn plus(_: &[u8]) -> Option<Decoded> {
    Some(Decoded::byte(1, b' '))
}

/// The escapes of JSON (RFC 8259, 7) and of Python strings.
fn backslash(text: &[u8]) -> Option<Decoded> {
    let byte = match text.get(1)? {
        quoted @ (b'"' | b'\'' | b'\\' | b'/') => *quoted,
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'x' => return Some(Decoded::char(4, char::from_u32(hex(text, 2, 2)?)?)),
        b'U' => return Some(Decoded::char(10, char::from_u32(hex(text, 2, 8)?)?)),
        b'u' => {
            let first = hex(text, 2, 4)?;
            if let Some(char) = char::from_u32(first) {
                return Some(Decoded::char(6, char));
            }
            let second = text.get(6..).filter(|rest| rest.starts_with(b"\\u"))?;
            let second = u16::try_from(hex(second, 2, 4)?).ok()?;
            let pair = [u16::try_from(first).ok()?, second];
            let char = char::decode_utf16(pair).next()?.ok()?;
            return Some(Decoded::char(12, char));
        }
        _ => return None,
    };
    Some(Decoded::byte(2, byte))
}

/// `&amp;`, `&#38;` and `&#x26;`, as Python's `html.escape` and similar functions write them.
fn entity(text: &[u8]) -> Option<Decoded> {
    let end = text.iter().take(12).position(|byte| *byte == b';')?;
    let name = std::str::from_utf8(text.get(1..end)?).ok()?;
    let char = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let number = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(number)?
        }
    };
    Some(Decoded::char(end + 1, char))
}

fn hex(text: &[u8], start: usize, digits: usize) -> Option<u32> {
    let digits = text.get(start..start + digits)?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}
