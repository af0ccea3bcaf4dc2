//! Values of files with their places, and how they are merged.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::config::source::Source;
use crate::error::{Error, ErrorKind};
use crate::secret::Secret;
use crate::yaml::{Content, Node};

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: Arc<Path>,
    pub(super) line: u32,
}

impl Place {
    /// An error about this place.
    pub(super) fn error(&self, message: impl fmt::Display) -> Error {
        Error::new(ErrorKind::Config, format!("{self}: {message}"))
    }

    pub(super) fn source(&self) -> Source {
        Source::File {
            path: self.file.to_path_buf(),
            line: self.line,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}

/// A value of a file. A member of a mapping has the line of its key.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) value: Value,
    pub(super) at: Place,
}

/// Any text may be a secret, so that none is shown in `Debug`.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Null,
    Bool(bool),
    /// As Python writes it.
    Number(Box<str>),
    Text(Secret),
    List(Vec<Item>),
    Map(Map),
}

/// The members of a mapping, in the order of the file.
pub(super) type Map = IndexMap<String, Item>;

impl Item {
    /// Converts a node of a document.
    pub(super) fn new(node: &Node, line: u32, file: &Arc<Path>) -> Self {
        let value = match &node.content {
            Content::Null => Value::Null,
            Content::Bool(value) => Value::Bool(*value),
            Content::Number(number) => Value::Number(number.clone()),
            Content::Text(text) => Value::Text(Secret::from(text.as_str())),
            Content::Sequence(items) => {
                let items = items.iter();
                Value::List(
                    items
                        .map(|item| Self::new(item, item.start.line, file))
                        .collect(),
                )
            }
            Content::Mapping(members) => {
                let members = members.iter().map(|(key, member)| {
                    let item = Self::new(&member.value, member.key.line, file);
                    (key.clone(), item)
                });
                Value::Map(members.collect())
            }
        };
        let file = Arc::clone(file);
        Self {
            value,
            at: Place { file, line },
        }
    }

    pub(super) fn as_map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(members) => Some(members),
            _ => None,
        }
    }

    /// The members. Null is an empty mapping.
    ///
    /// # Errors
    /// It is something else. `what` says what it is: `the cloud "a"`.
    pub(super) fn mapping(&self, what: impl fmt::Display) -> Result<Map, Error> {
        match &self.value {
            Value::Map(members) => Ok(members.clone()),
            Value::Null => Ok(Map::new()),
            other => {
                let kind = other.kind();
                Err(self
                    .at
                    .error(format_args!("{what} must be a mapping, not {kind}")))
            }
        }
    }

    /// The text, if it is a string or a number.
    pub(super) fn scalar(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text.expose()),
            Value::Number(number) => Some(number),
            _ => None,
        }
    }
}

impl Value {
    /// A description of the type for messages. It has no text of the file, which may be a secret.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(true) => "the boolean true",
            Self::Bool(false) => "the boolean false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }

    /// The value as JSON. As in the Python tools, numbers outside of lists are strings, and dashes in
    /// keys outside of lists are underscores.
    pub(super) fn to_json(&self, in_list: bool) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(value) => (*value).into(),
            Self::Number(number) if in_list => {
                serde_json::from_str(number).unwrap_or_else(|_| (&**number).into())
            }
            Self::Number(number) => (&**number).into(),
            Self::Text(text) => text.expose().into(),
            Self::List(items) => items.iter().map(|item| item.value.to_json(true)).collect(),
            Self::Map(members) => members
                .iter()
                .map(|(key, item)| match in_list {
                    true => (key.clone(), item.value.to_json(true)),
                    false => (key.replace('-', "_"), item.value.to_json(false)),
                })
                .collect(),
        }
    }
}

/// Merges mappings at all depths, as secure.yaml is merged over clouds.yaml: lists and scalars of
/// `new` replace those of `old`.
pub(super) fn merge(old: &mut Map, new: Map) {
    for (key, item) in new {
        match (old.get_mut(&key), item.value) {
            (Some(known), Value::Map(members)) => match &mut known.value {
                Value::Map(below) => merge(below, members),
                value => *value = Value::Map(members),
            },
            (Some(known), value) => {
                known.value = value;
                known.at = item.at;
            }
            (None, value) => {
                old.insert(key, Item { value, at: item.at });
            }
        }
    }
}

/// Merges a layer of a cloud: the profile, the cloud, the region. Only `auth` is merged key by key.
pub(super) fn overlay(old: &mut Map, new: Map) {
    for (key, item) in new {
        match (old.get_mut(&key), item.value) {
            (Some(known), Value::Map(auth)) if key == "auth" => match &mut known.value {
                Value::Map(below) => below.extend(auth),
                value => *value = Value::Map(auth),
            },
            (_, value) => {
                old.insert(key, Item { value, at: item.at });
            }
        }
    }
}

/// The members with underscores in place of dashes in their names, also in `auth`. Of two spellings
/// the later one counts.
pub(super) fn normalized(members: Map) -> Map {
    let mut found = Map::new();
    for (key, mut item) in members {
        let key = key.replace('-', "_");
        if let ("auth", Value::Map(auth)) = (key.as_str(), &mut item.value) {
            *auth = normalized(std::mem::take(auth));
        }
        found.insert(key, item);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::Document;

    fn read(text: &str, name: &str) -> Map {
        let document = Document::parse(text).unwrap();
        let file = Arc::from(Path::new(name));
        Item::new(&document.root, 1, &file).mapping("it").unwrap()
    }

    fn json(members: &Map) -> String {
        Value::Map(members.clone()).to_json(false).to_string()
    }

    #[test]
    fn mappings_are_merged_at_all_depths() {
        let mut old = read(
            "a: {b: {c: 1, d: [1, 2]}, e: x}\nf: [1]\ng: 1\nh: {i: 1}\n",
            "old",
        );
        merge(
            &mut old,
            read("\n\na: {b: {d: [3], z: yes}}\ng: {y: 2}\nh: ~\n", "new"),
        );
        assert_eq!(
            json(&old),
            r#"{"a":{"b":{"c":"1","d":[3],"z":true},"e":"x"},"f":[1],"g":{"y":"2"},"h":null}"#
        );
        // Each value keeps its own place.
        let inner = |key: &str| &old["a"].as_map().unwrap()["b"].as_map().unwrap()[key].at;
        assert_eq!(inner("c").to_string(), "old:1");
        assert_eq!(inner("d").to_string(), "new:3");
        assert_eq!(old["h"].at.to_string(), "new:5");
    }

    #[test]
    fn layers_of_a_cloud_are_merged_in_auth_only() {
        let mut old = read("auth: {user-name: a, password: b}\nlist: {x: 1}\n", "old");
        old = normalized(old);
        let new = read(
            "auth: {user_name: c}\nlist: {y: 1}\nregion-name: R\n",
            "new",
        );
        overlay(&mut old, normalized(new));
        assert_eq!(
            json(&old),
            r#"{"auth":{"user_name":"c","password":"b"},"list":{"y":"1"},"region_name":"R"}"#
        );
    }

    #[test]
    fn no_text_is_in_debug_and_in_errors() {
        let members = read("password: swordfish\n", "file");
        let error = members["password"].mapping("the cloud \"a\"").unwrap_err();
        assert_eq!(
            error.to_string(),
            "file:1: the cloud \"a\" must be a mapping, not a string"
        );
        assert!(!format!("{members:?} {error:?}").contains("swordfish"));
    }
}
