//! From the parser's events to one value: anchors, merge keys, collections with tags, limits.

use granit_parser::{Event, Marker, Parser, ScalarStyle, Tag as WrittenTag, YamlVersion};
use serde_json::{Map, Value};

use super::Error;
use super::float;
use super::resolve::{self, Tag};

const MAX_TEXT: usize = 64 << 20;
const MAX_NODES: usize = 1_000_000;
const MAX_DEPTH: usize = 255;

pub(super) fn compose(text: &str) -> Result<Value, Error> {
    if text.len() > MAX_TEXT {
        return Err(Error::new(1, 1, "the document is longer than 64 MiB"));
    }
    refuse_control_characters(text)?;
    let options = granit_parser::options! {
        block_scalar_eof_without_line_feed: true,
        emit_comments: false,
    };
    let mut composer = Composer::default();
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.map_err(|error| fault(*error.marker(), error.info()))?;
        composer.feed(event, span.tag_start().unwrap_or(span.start))?;
    }
    Ok(composer.root.unwrap_or(Value::Null))
}

fn fault(at: Marker, message: impl Into<String>) -> Error {
    Error::new(at.line(), at.col() + 1, message)
}

fn refuse_control_characters(text: &str) -> Result<(), Error> {
    let refused = |c: char| match c {
        '\t' | '\n' | '\r' | '\u{85}' => false,
        c => c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}'),
    };
    let Some((before, rest)) = text.find(refused).and_then(|at| text.split_at_checked(at)) else {
        return Ok(());
    };
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    let code = rest.chars().next().map(u32::from).unwrap_or_default();
    Err(Error::new(
        line,
        column,
        format!("the character U+{code:04X} is not allowed; write it as an escape"),
    ))
}

/// A finished node, which may mean something as a key only.
#[derive(Clone, Debug)]
enum Node {
    Value(Value),
    /// `<<`
    Merge,
    /// `=`
    Equals,
}

impl Node {
    fn into_value(self, at: Marker) -> Result<Value, Error> {
        let tag = match self {
            Self::Value(value) => return Ok(value),
            Self::Merge => Tag::Merge,
            Self::Equals => Tag::Value,
        };
        resolve::construct(tag, "").map_err(|message| fault(at, message))
    }
}

/// How much a node takes where an alias repeats it.
#[derive(Clone, Copy, Debug, Default)]
struct Weight {
    nodes: usize,
    text: usize,
    depth: usize,
}

impl Weight {
    fn of(value: &Value) -> Self {
        let mut total = Self {
            nodes: 1,
            ..Self::default()
        };
        match value {
            Value::String(text) => total.text = text.len(),
            Value::Array(items) => items.iter().for_each(|item| total.add(item)),
            Value::Object(members) => members.iter().for_each(|(key, member)| {
                total.text = total.text.saturating_add(key.len());
                total.add(member);
            }),
            _ => {}
        }
        total
    }

    fn add(&mut self, child: &Value) {
        let child = Self::of(child);
        self.nodes = self.nodes.saturating_add(child.nodes);
        self.text = self.text.saturating_add(child.text);
        self.depth = self.depth.max(child.depth + 1);
    }
}

#[derive(Debug)]
struct Anchor {
    id: usize,
    node: Node,
    weight: Weight,
}

#[derive(Debug, Default)]
struct Composer {
    documents: usize,
    root: Option<Value>,
    open: Vec<Collection>,
    /// In the order of their ids.
    anchors: Vec<Anchor>,
    nodes: usize,
    copied: usize,
}

impl Composer {
    fn feed(&mut self, event: Event<'_>, at: Marker) -> Result<(), Error> {
        match event {
            Event::DocumentStart(_, version) => self.start_document(version, at),
            Event::Scalar(text, style, anchor, tag) => {
                let node =
                    scalar(&text, style, tag.as_deref()).map_err(|message| fault(at, message))?;
                self.finish(node, anchor, at)
            }
            Event::SequenceStart(_, anchor, tag) => {
                let kind = sequence_kind(tag.as_deref()).map_err(|message| fault(at, message))?;
                self.open(Collection::new(kind, anchor, at))
            }
            Event::MappingStart(_, anchor, tag) => {
                let kind = mapping_kind(tag.as_deref()).map_err(|message| fault(at, message))?;
                self.open(Collection::new(kind, anchor, at))
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Collection { kind, anchor, at }) => {
                    self.finish(Node::Value(kind.into_value()), anchor, at)
                }
                None => Err(fault(at, "a collection ends that was not begun")),
            },
            Event::Alias(id) => self.repeat(id, at),
            _ => Ok(()),
        }
    }

    fn start_document(&mut self, version: Option<YamlVersion>, at: Marker) -> Result<(), Error> {
        self.documents += 1;
        if self.documents > 1 {
            return Err(fault(
                at,
                "a second document starts here, but one is expected",
            ));
        }
        match version {
            None
            | Some(YamlVersion {
                major: 1,
                minor: 1 | 2,
            }) => Ok(()),
            Some(YamlVersion { major, minor }) => {
                Err(fault(at, format!("YAML {major}.{minor} is not known")))
            }
        }
    }

    fn open(&mut self, collection: Collection) -> Result<(), Error> {
        let at = collection.at;
        self.open.push(collection);
        check_depth(self.open.len(), at)
    }

    /// Puts a node in its place.
    fn finish(&mut self, node: Node, anchor: usize, at: Marker) -> Result<(), Error> {
        self.charge(1, 0, at)?;
        if anchor != 0 {
            let weight = match &node {
                Node::Value(value) => Weight::of(value),
                Node::Merge | Node::Equals => Weight::default(),
            };
            self.charge(weight.nodes, weight.text, at)?;
            let place = self.anchors.partition_point(|other| other.id < anchor);
            let node = node.clone();
            self.anchors.insert(
                place,
                Anchor {
                    id: anchor,
                    node,
                    weight,
                },
            );
        }
        self.place(node, at)
    }

    fn repeat(&mut self, id: usize, at: Marker) -> Result<(), Error> {
        let found = self
            .anchors
            .binary_search_by_key(&id, |anchor| anchor.id)
            .ok();
        let Some(anchor) = found.and_then(|place| self.anchors.get(place)) else {
            return Err(fault(
                at,
                "the alias stands inside the node that it repeats",
            ));
        };
        let (node, weight) = (anchor.node.clone(), anchor.weight);
        check_depth(self.open.len() + weight.depth, at)?;
        self.charge(weight.nodes, weight.text, at)?;
        self.place(node, at)
    }

    fn place(&mut self, node: Node, at: Marker) -> Result<(), Error> {
        match self.open.last_mut() {
            Some(collection) => collection.kind.put(node, at),
            None => {
                self.root = Some(node.into_value(at)?);
                Ok(())
            }
        }
    }

    fn charge(&mut self, nodes: usize, copied: usize, at: Marker) -> Result<(), Error> {
        self.nodes = self.nodes.saturating_add(nodes);
        self.copied = self.copied.saturating_add(copied);
        if self.nodes > MAX_NODES {
            return Err(fault(
                at,
                "the document has more than a million nodes, aliases expanded",
            ));
        }
        if self.copied > MAX_TEXT {
            return Err(fault(at, "the aliases repeat more than 64 MiB of text"));
        }
        Ok(())
    }
}

fn check_depth(depth: usize, at: Marker) -> Result<(), Error> {
    if depth > MAX_DEPTH {
        return Err(fault(
            at,
            format!("the document is nested deeper than {MAX_DEPTH} levels"),
        ));
    }
    Ok(())
}

#[derive(Debug)]
struct Collection {
    kind: Kind,
    anchor: usize,
    at: Marker,
}

impl Collection {
    fn new(kind: Kind, anchor: usize, at: Marker) -> Self {
        Self { kind, anchor, at }
    }
}

/// A collection that is being filled.
#[derive(Debug)]
enum Kind {
    Sequence(Vec<Value>),
    /// `!!omap` and `!!pairs`: a list of `[key, value]`.
    Pairs(Vec<Value>),
    /// `!!set`: the list of its keys. Members are told apart by their JSON text, so that 1 and "1" are two.
    Set {
        members: Map<String, Value>,
        key: Option<Key>,
    },
    Mapping {
        members: Map<String, Value>,
        merged: Map<String, Value>,
        key: Option<Key>,
    },
}

#[derive(Debug)]
enum Key {
    Value(Value),
    Merge,
}

impl Kind {
    fn put(&mut self, node: Node, at: Marker) -> Result<(), Error> {
        match self {
            Self::Sequence(items) => items.push(node.into_value(at)?),
            Self::Pairs(items) => {
                let value = node.into_value(at)?;
                items.push(
                    pair(value)
                        .ok_or_else(|| fault(at, "a mapping with one key is expected here"))?,
                );
            }
            Self::Set { members, key } => match key.take() {
                None => *key = Some(as_key(node, at)?),
                Some(Key::Value(member)) => {
                    members.insert(member.to_string(), member);
                }
                Some(Key::Merge) => return Err(fault(at, "a set cannot be merged into")),
            },
            Self::Mapping {
                members,
                merged,
                key,
            } => match key.take() {
                None => *key = Some(as_key(node, at)?),
                Some(Key::Value(name)) => {
                    members.insert(key_text(name), node.into_value(at)?);
                }
                Some(Key::Merge) => merge(merged, node.into_value(at)?, at)?,
            },
        }
        Ok(())
    }

    fn into_value(self) -> Value {
        match self {
            Self::Sequence(items) | Self::Pairs(items) => Value::Array(items),
            Self::Set { members, .. } => members.into_iter().map(|(_, member)| member).collect(),
            Self::Mapping {
                members, merged, ..
            } if merged.is_empty() => Value::Object(members),
            Self::Mapping {
                members,
                mut merged,
                ..
            } => {
                merged.extend(members);
                Value::Object(merged)
            }
        }
    }
}

fn pair(value: Value) -> Option<Value> {
    match value {
        Value::Object(members) if members.len() == 1 => members
            .into_iter()
            .next()
            .map(|(key, value)| Value::Array(vec![Value::String(key), value])),
        _ => None,
    }
}

fn as_key(node: Node, at: Marker) -> Result<Key, Error> {
    match node {
        Node::Merge => Ok(Key::Merge),
        Node::Equals => Ok(Key::Value(Value::from("="))),
        Node::Value(Value::Array(_)) => Err(fault(at, "a sequence cannot be a key")),
        Node::Value(Value::Object(_)) => Err(fault(at, "a mapping cannot be a key")),
        Node::Value(value) => Ok(Key::Value(value)),
    }
}

/// A key as Python's `json.dumps` writes it.
fn key_text(key: Value) -> String {
    match key {
        Value::String(text) => text,
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(value) => float::repr(value),
            None => number.to_string(),
        },
        other => other.to_string(),
    }
}

/// Adds what `<<` brings. Of several mappings in one list the first wins; of several `<<` the last.
fn merge(merged: &mut Map<String, Value>, source: Value, at: Marker) -> Result<(), Error> {
    const WRONG: &str = "`<<` needs a mapping or a list of mappings";
    match source {
        Value::Object(members) => merged.extend(members),
        Value::Array(items) => {
            for item in items.into_iter().rev() {
                let Value::Object(members) = item else {
                    return Err(fault(at, WRONG));
                };
                merged.extend(members);
            }
        }
        _ => return Err(fault(at, WRONG)),
    }
    Ok(())
}

/// The tag written before a node: none, the bare `!`, or a name of YAML's own.
#[derive(Debug)]
enum Written {
    Nothing,
    Bang,
    Name(String),
}

fn written(tag: Option<&WrittenTag>) -> Result<Written, String> {
    let Some(tag) = tag else {
        return Ok(Written::Nothing);
    };
    let full = tag.to_string();
    match full.strip_prefix("tag:yaml.org,2002:") {
        Some(name) => Ok(Written::Name(name.to_owned())),
        None if full == "!" => Ok(Written::Bang),
        None => Err(format!("unknown tag `{}`", tag.original())),
    }
}

/// Why a tag cannot stand before a node.
fn misplaced(name: &str, node: &str) -> String {
    const NAMES: [&str; 14] = [
        "binary",
        "bool",
        "float",
        "int",
        "map",
        "merge",
        "null",
        "omap",
        "pairs",
        "seq",
        "set",
        "str",
        "timestamp",
        "value",
    ];
    if NAMES.contains(&name) {
        format!("`!!{name}` cannot stand before a {node}")
    } else {
        format!("unknown tag `!!{name}`")
    }
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&WrittenTag>) -> Result<Node, String> {
    let tag = match written(tag)? {
        Written::Nothing if style != ScalarStyle::Plain => Tag::Str,
        // The bare `!` lets even quoted text be resolved; so does PyYAML.
        Written::Nothing | Written::Bang => resolve::implicit(text),
        Written::Name(name) => match name.as_str() {
            "binary" => return resolve::binary(text).map(Node::Value),
            "bool" => Tag::Bool,
            "float" => Tag::Float,
            "int" => Tag::Int,
            "merge" => Tag::Merge,
            "null" => Tag::Null,
            "str" => Tag::Str,
            "timestamp" => Tag::Timestamp,
            "value" => Tag::Value,
            name => return Err(misplaced(name, "scalar")),
        },
    };
    match tag {
        Tag::Merge => Ok(Node::Merge),
        Tag::Value => Ok(Node::Equals),
        tag => resolve::construct(tag, text).map(Node::Value),
    }
}

fn sequence_kind(tag: Option<&WrittenTag>) -> Result<Kind, String> {
    match written(tag)? {
        Written::Name(name) if matches!(name.as_str(), "omap" | "pairs") => {
            Ok(Kind::Pairs(Vec::new()))
        }
        Written::Name(name) if name != "seq" => Err(misplaced(&name, "sequence")),
        _ => Ok(Kind::Sequence(Vec::new())),
    }
}

fn mapping_kind(tag: Option<&WrittenTag>) -> Result<Kind, String> {
    match written(tag)? {
        Written::Name(name) if name == "set" => Ok(Kind::Set {
            members: Map::new(),
            key: None,
        }),
        Written::Name(name) if name != "map" => Err(misplaced(&name, "mapping")),
        _ => Ok(Kind::Mapping {
            members: Map::new(),
            merged: Map::new(),
            key: None,
        }),
    }
}
