//! JSON as a tree of nodes that know their places.

use std::fmt;

use serde::de::{Deserializer as _, MapAccess, SeqAccess, Visitor};
use serde_json::Deserializer;
use serde_json::value::RawValue;

use super::compose::MAX_TEXT;
use super::node::{Content, Mapping, Mark, Member, Node};
use super::{Document, Duplicate, Error};

/// Reading a part again for each level around it costs time that no honest document takes.
const MAX_DEPTH: usize = 100;

pub(super) fn compose(text: &str) -> Result<Document, Error> {
    if text.len() > MAX_TEXT {
        let start = Mark::find(text, 0);
        return Err(Error::new(start, "the document is longer than 64 MiB"));
    }
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    let whole: &RawValue =
        serde_json::from_str(bare).map_err(|error| fault(text, text.len() - bare.len(), &error))?;
    let mut composer = Composer {
        text,
        reached: Mark {
            offset: 0,
            line: 1,
            column: 1,
        },
        duplicates: Vec::new(),
    };
    let root = composer.node(whole, 0)?;
    Ok(Document {
        root,
        duplicates: composer.duplicates,
    })
}

/// The parser's error in a part of the text that starts at `offset`.
fn fault(text: &str, offset: usize, error: &serde_json::Error) -> Error {
    // Its line and column count bytes from the start of the part.
    let part = text.get(offset..).unwrap_or_default();
    let line = part.split('\n').take(error.line().saturating_sub(1));
    let before: usize = line.map(|line| line.len() + 1).sum();
    let mut at = offset + before + error.column().saturating_sub(1);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let message = error.to_string();
    let message = message
        .rsplit_once(" at line ")
        .map_or(message.as_str(), |(message, _)| message);
    Error::new(Mark::find(text, at), message)
}

struct Composer<'a> {
    text: &'a str,
    /// The place up to which lines and columns are counted.
    reached: Mark,
    duplicates: Vec<Duplicate>,
}

impl<'a> Composer<'a> {
    fn node(&mut self, raw: &'a RawValue, depth: usize) -> Result<Node, Error> {
        let json = raw.get();
        let start = self.mark(json);
        let text = self.text;
        let error = |error: serde_json::Error| fault(text, start.offset as usize, &error);
        if depth > MAX_DEPTH {
            return Err(Error::new(
                start,
                format!("the document is nested deeper than {MAX_DEPTH} levels"),
            ));
        }
        let content = match json.as_bytes().first() {
            Some(b'{') => {
                let members = Deserializer::from_str(json).deserialize_map(Members);
                self.mapping(members.map_err(error)?, depth)?
            }
            Some(b'[') => {
                let items = Deserializer::from_str(json).deserialize_seq(Items);
                let items = items.map_err(error)?.into_iter();
                let items: Result<_, _> = items.map(|item| self.node(item, depth + 1)).collect();
                Content::Sequence(items?)
            }
            Some(b'"') => Content::Text(serde_json::from_str(json).map_err(error)?),
            Some(b't') => Content::Bool(true),
            Some(b'f') => Content::Bool(false),
            Some(b'n') => Content::Null,
            _ => {
                let is_float = json.contains(['.', 'e', 'E']);
                if is_float && json.parse().is_ok_and(f64::is_infinite) {
                    return Err(Error::new(start, "the number is too large"));
                }
                Content::Number(json.into())
            }
        };
        let length = u32::try_from(json.len()).unwrap_or(u32::MAX);
        Ok(Node {
            content,
            start,
            end: start.offset.saturating_add(length),
        })
    }

    fn mapping(
        &mut self,
        raw: Vec<(&'a RawValue, &'a RawValue)>,
        depth: usize,
    ) -> Result<Content, Error> {
        let mut members = Mapping::with_capacity(raw.len());
        for (key, value) in raw {
            let at = self.mark(key.get());
            let name: String = serde_json::from_str(key.get())
                .map_err(|error| fault(self.text, at.offset as usize, &error))?;
            let value = self.node(value, depth + 1)?;
            let member = Member { key: at, value };
            if let Some(first) = members.insert(name.clone(), member) {
                self.duplicates.push(Duplicate {
                    key: name,
                    first: first.key,
                    second: at,
                });
            }
        }
        Ok(Content::Mapping(members))
    }

    /// Where a part of the text starts. Parts are asked for in the order of the text.
    fn mark(&mut self, part: &str) -> Mark {
        let offset = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let between = self.text.get(self.reached.offset as usize..offset);
        for c in between.unwrap_or_default().chars() {
            if c == '\n' {
                self.reached.line += 1;
                self.reached.column = 1;
            } else {
                self.reached.column += 1;
            }
        }
        self.reached.offset = u32::try_from(offset).unwrap_or(u32::MAX);
        self.reached
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(&'de RawValue, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

struct Items;

impl<'de> Visitor<'de> for Items {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element()? {
            all.push(item);
        }
        Ok(all)
    }
}
