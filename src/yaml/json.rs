//! Reads JSON (RFC 8259) into a tree of nodes with their places.

use super::compose::{MAX_DEPTH, MAX_NODES, MAX_TEXT};
use super::construct::shown;
use super::node::{Content, Mapping, Mark, Member, Node};
use super::{Document, Duplicate, Error};

pub(super) fn compose(text: &str) -> Result<Document, Error> {
    let mut reader = Reader {
        text,
        at: 0,
        reached: Mark::START,
        nodes: 0,
        duplicates: Vec::new(),
    };
    if text.len() > MAX_TEXT {
        return Err(reader.wrong("the document is longer than 64 MiB"));
    }
    let root = reader.value(0)?;
    reader.skip_blanks();
    if reader.peek().is_some() {
        return Err(reader.wrong("unexpected text after the end of the document"));
    }
    Ok(Document {
        root,
        duplicates: reader.duplicates,
    })
}

struct Reader<'a> {
    text: &'a str,
    /// The offset of the next byte.
    at: usize,
    /// The place up to which lines and columns are counted.
    reached: Mark,
    nodes: usize,
    duplicates: Vec<Duplicate>,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Result<Node, Error> {
        self.skip_blanks();
        let start = self.mark();
        self.nodes += 1;
        if depth > MAX_DEPTH {
            return Err(self.wrong(format!(
                "the document is nested deeper than {MAX_DEPTH} levels"
            )));
        }
        if self.nodes > MAX_NODES {
            return Err(self.wrong("the document has more than a million nodes"));
        }
        let content = match self.peek() {
            Some(b'{') => Content::Mapping(self.object(depth)?),
            Some(b'[') => Content::Sequence(self.array(depth)?),
            Some(b'"') => Content::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ if self.eat("true") => Content::Bool(true),
            _ if self.eat("false") => Content::Bool(false),
            _ if self.eat("null") => Content::Null,
            _ => return Err(self.expected("a value")),
        };
        Ok(Node {
            content,
            start,
            end: u32::try_from(self.at).unwrap_or(u32::MAX),
        })
    }

    fn array(&mut self, depth: usize) -> Result<Vec<Node>, Error> {
        let mut items = Vec::new();
        self.at += 1;
        if self.eat_sign("]") {
            return Ok(items);
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.eat_sign("]") {
                return Ok(items);
            }
            if !self.eat_sign(",") {
                return Err(self.expected("`,` or `]`"));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Mapping, Error> {
        let mut members = Mapping::new();
        self.at += 1;
        if self.eat_sign("}") {
            return Ok(members);
        }
        loop {
            self.skip_blanks();
            if self.peek() != Some(b'"') {
                return Err(self.expected("a key in double quotes"));
            }
            let key = self.mark();
            let name = self.string()?;
            if !self.eat_sign(":") {
                return Err(self.expected("`:`"));
            }
            let value = self.value(depth + 1)?;
            if let Some(first) = members.get(&name) {
                self.duplicates.push(Duplicate {
                    key: name.clone(),
                    first: first.key,
                    second: key,
                });
            }
            members.insert(name, Member { key, value });
            if self.eat_sign("}") {
                return Ok(members);
            }
            if !self.eat_sign(",") {
                return Err(self.expected("`,` or `}`"));
            }
        }
    }

    fn string(&mut self) -> Result<String, Error> {
        let start = self.at;
        let mut out = String::new();
        self.at += 1;
        loop {
            let plain = self.rest();
            let length = plain
                .bytes()
                .position(|c| matches!(c, b'"' | b'\\' | ..b' '))
                .unwrap_or(plain.len());
            out.push_str(plain.get(..length).unwrap_or_default());
            self.at += length;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => out.push(self.escape()?),
                Some(c) => {
                    return Err(self.wrong(format!(
                        "the character U+{c:04X} must be written as an escape"
                    )));
                }
                None => {
                    self.at = start;
                    return Err(self.wrong("the string is not closed"));
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, Error> {
        let c = match self.rest().as_bytes().get(1) {
            Some(c @ (b'"' | b'\\' | b'/')) => char::from(*c),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.code_point(),
            _ => return Err(self.wrong("invalid escape sequence")),
        };
        self.at += 2;
        Ok(c)
    }

    /// `\uXXXX`, or two of them for a character beyond the first 65536.
    fn code_point(&mut self) -> Result<char, Error> {
        let unit = |at: usize| {
            let digits = self.text.get(at..at + 6)?.strip_prefix("\\u")?;
            let hex = digits.bytes().all(|c| c.is_ascii_hexdigit());
            u16::from_str_radix(digits, 16).ok().filter(|_| hex)
        };
        let Some(first) = unit(self.at) else {
            return Err(self.wrong("expected four hexadecimal digits after `\\u`"));
        };
        let second = unit(self.at + 6).unwrap_or_default();
        let Some(Ok(c)) = char::decode_utf16([first, second]).next() else {
            return Err(self.wrong("incomplete surrogate pair; expected two `\\uXXXX` escapes"));
        };
        self.at += 6 * c.len_utf16();
        Ok(c)
    }

    /// `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?`
    fn number(&mut self) -> Result<Content, Error> {
        let start = self.at;
        self.eat("-");
        let mut valid = self.eat("0") || self.eat_digits();
        if self.eat(".") {
            valid &= self.eat_digits();
        }
        if self.eat("e") || self.eat("E") {
            let _sign = self.eat("-") || self.eat("+");
            valid &= self.eat_digits();
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        let follows = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'+' | b'-');
        let is_float = text.contains(['.', 'e', 'E']);
        let message = if !valid || self.peek().is_some_and(follows) {
            "invalid number".to_owned()
        } else if is_float && !text.parse().is_ok_and(f64::is_finite) {
            format!("the number `{}` is too large", shown(text))
        } else {
            return Ok(Content::Number(text.into()));
        };
        self.at = start;
        Err(self.wrong(message))
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn eat(&mut self, word: &str) -> bool {
        let found = self.rest().starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    /// Consumes a sign and the blanks before it.
    fn eat_sign(&mut self, sign: &str) -> bool {
        self.skip_blanks();
        self.eat(sign)
    }

    fn eat_digits(&mut self) -> bool {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        self.at > start
    }

    /// The place of the next byte.
    fn mark(&mut self) -> Mark {
        self.reached = self.reached.seek(self.text, self.at);
        self.reached
    }

    fn wrong(&self, message: impl Into<String>) -> Error {
        Error::new(Mark::find(self.text, self.at), message)
    }

    fn expected(&self, what: &str) -> Error {
        let end = if self.rest().is_empty() {
            ", but the document ends"
        } else {
            ""
        };
        self.wrong(format!("expected {what}{end}"))
    }
}
