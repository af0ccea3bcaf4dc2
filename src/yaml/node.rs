//! The nodes of a document, with their places.

use indexmap::IndexMap;
use serde_json::{Number, Value};

use super::{Error, construct};

/// A place in a text. Line and column are counted from 1. The column counts characters, the offset
/// bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Mark {
    /// The number of bytes before it.
    pub offset: u32,
    /// Its line.
    pub line: u32,
    /// Its column.
    pub column: u32,
}

impl Mark {
    /// Where every text starts.
    pub(crate) const START: Self = Self {
        offset: 0,
        line: 1,
        column: 1,
    };

    /// The place of a byte in a text.
    pub(crate) fn find(text: &str, offset: usize) -> Self {
        Self::START.seek(text, offset)
    }

    /// The place of a later byte of the same text.
    pub(super) fn seek(self, text: &str, offset: usize) -> Self {
        let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let between = text.get(self.offset as usize..offset).unwrap_or_default();
        let mut place = Self {
            offset: narrow(offset),
            ..self
        };
        let mut chars = between.chars().peekable();
        while let Some(c) = chars.next() {
            if c == '\n' || (c == '\r' && chars.peek().is_none_or(|next| *next != '\n')) {
                place.line += 1;
                place.column = 1;
            } else {
                place.column += 1;
            }
        }
        place
    }
}

/// One node of a document.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its content.
    pub content: Content,
    /// Where it starts, after its tag and anchor. A node that an alias repeats keeps its own place.
    pub start: Mark,
    /// The offset of its end in the text.
    pub end: u32,
}

/// The content of a node.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// `~`
    Null,
    /// `yes`
    Bool(bool),
    /// A number in JSON syntax. All digits are kept.
    Number(Box<str>),
    /// A string.
    Text(String),
    /// `[a, b]`
    Sequence(Vec<Node>),
    /// `{a: b}`, in the order of the text.
    Mapping(Mapping),
}

/// The members of a mapping by their keys. Keys that are not strings are converted.
pub type Mapping = IndexMap<String, Member>;

/// One member of a mapping.
#[derive(Clone, Debug)]
pub struct Member {
    /// The place of the key.
    pub key: Mark,
    /// The value.
    pub value: Node,
}

impl Node {
    /// A node without a place in a text.
    pub fn new(content: Content) -> Self {
        Self {
            content,
            start: Mark::default(),
            end: 0,
        }
    }

    /// The text, if it is a string.
    pub fn as_text(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The members, if it is a mapping.
    pub fn as_mapping(&self) -> Option<&Mapping> {
        match &self.content {
            Content::Mapping(members) => Some(members),
            _ => None,
        }
    }

    /// The items, if it is a sequence.
    pub fn as_sequence(&self) -> Option<&[Self]> {
        match &self.content {
            Content::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        self.content == Content::Null
    }

    /// The member of this key, if it is a mapping that has one.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_mapping()?.get(key).map(|member| &member.value)
    }

    /// A description of its type for messages: `a mapping`, `the number 5`.
    pub fn kind(&self) -> String {
        match &self.content {
            Content::Null => "null".to_owned(),
            Content::Bool(value) => value.to_string(),
            Content::Number(number) => format!("the number {number}"),
            Content::Text(_) => "a string".to_owned(),
            Content::Sequence(_) => "a list".to_owned(),
            Content::Mapping(_) => "a mapping".to_owned(),
        }
    }

    /// The node as compact JSON.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        self.write_json(&mut out);
        out
    }

    /// The node as a value.
    ///
    /// # Errors
    /// An integer does not fit into 64 bits.
    pub fn to_value(&self) -> Result<Value, Error> {
        Ok(match &self.content {
            Content::Null => Value::Null,
            Content::Bool(value) => Value::Bool(*value),
            Content::Number(number) => self.number(number)?,
            Content::Text(text) => Value::from(text.as_str()),
            Content::Sequence(items) => {
                let items: Result<_, _> = items.iter().map(Self::to_value).collect();
                Value::Array(items?)
            }
            Content::Mapping(members) => {
                let members = members.iter();
                let members: Result<_, _> = members
                    .map(|(key, member)| Ok((key.clone(), member.value.to_value()?)))
                    .collect();
                Value::Object(members?)
            }
        })
    }

    fn number(&self, text: &str) -> Result<Value, Error> {
        let shown = construct::shown(text);
        if text.contains(['.', 'e', 'E']) {
            let number = text.parse().ok().and_then(Number::from_f64);
            let wrong = || Error::new(self.start, format!("JSON cannot hold the number `{shown}`"));
            return number.map(Value::Number).ok_or_else(wrong);
        }
        let signed = text.parse::<i64>().map(Value::from).ok();
        let number = signed.or_else(|| text.parse::<u64>().map(Value::from).ok());
        number.ok_or_else(|| {
            let message = format!(
                "the integer `{shown}` does not fit into 64 bits; quote it to send it as text"
            );
            Error::new(self.start, message)
        })
    }

    fn write_json(&self, out: &mut String) {
        match &self.content {
            Content::Null => out.push_str("null"),
            Content::Bool(true) => out.push_str("true"),
            Content::Bool(false) => out.push_str("false"),
            Content::Number(number) => out.push_str(number),
            Content::Text(text) => write_text(out, text),
            Content::Sequence(items) => {
                out.push('[');
                for (position, item) in items.iter().enumerate() {
                    if position > 0 {
                        out.push(',');
                    }
                    item.write_json(out);
                }
                out.push(']');
            }
            Content::Mapping(members) => {
                out.push('{');
                for (position, (key, member)) in members.iter().enumerate() {
                    if position > 0 {
                        out.push(',');
                    }
                    write_text(out, key);
                    out.push(':');
                    member.value.write_json(out);
                }
                out.push('}');
            }
        }
    }
}

/// Two nodes are equal if their contents are equal. Places are ignored.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.content == other.content
    }
}

/// Two members are equal if their values are equal. Places are ignored.
impl PartialEq for Member {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

/// A JSON string (RFC 8259, section 7).
fn write_text(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    while let Some((plain, special)) = rest
        .find(|c: char| c < ' ' || c == '"' || c == '\\')
        .and_then(|at| rest.split_at_checked(at))
    {
        out.push_str(plain);
        let mut chars = special.chars();
        match chars.next() {
            Some('"') => out.push_str("\\\""),
            Some('\\') => out.push_str("\\\\"),
            Some('\u{8}') => out.push_str("\\b"),
            Some('\u{c}') => out.push_str("\\f"),
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            Some(other) => out.push_str(&format!("\\u{:04x}", u32::from(other))),
            None => {}
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    out.push('"');
}
