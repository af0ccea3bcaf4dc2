//! From the parser's events to one tree: anchors, merge keys, collections with tags, limits.

use granit_parser::{Event, Marker, Parser, ScalarStyle, Span, Tag as WrittenTag, YamlVersion};
use indexmap::map::Entry;

use super::node::{Content, Mapping, Mark, Member, Node};
use super::resolve::{self, Tag};
use super::{Document, Duplicate, Error};

pub(super) const MAX_TEXT: usize = 64 << 20;
const MAX_NODES: usize = 1_000_000;
const MAX_DEPTH: usize = 255;
/// What aliases may repeat in any document, and beyond that for each node that is written.
const MAX_REPEATED: usize = 100_000;
const MAX_REPEATED_FOR_EACH: usize = 10;
const MAX_REPEATED_TEXT: usize = 16 << 20;
const MAX_FAULTS: usize = 100;

pub(super) fn compose(text: &str) -> Result<Document, Vec<Error>> {
    if text.len() > MAX_TEXT {
        let start = Mark::find(text, 0);
        return Err(vec![Error::new(
            start,
            "the document is longer than 64 MiB",
        )]);
    }
    refuse_control_characters(text).map_err(|error| vec![error])?;
    let options = granit_parser::options! {
        block_scalar_eof_without_line_feed: true,
        emit_comments: false,
    };
    let mut composer = Composer::default();
    for event in Parser::new_from_str_with_options(text, options) {
        let fed = match event {
            Ok((event, span)) => composer.feed(event, &span),
            Err(error) => Err(Error::new(mark(*error.marker()), error.info())),
        };
        if let Err(error) = fed {
            composer.faults.push(error);
            break;
        }
    }
    if composer.faults.is_empty() {
        Ok(Document {
            root: composer.root.unwrap_or(Node::new(Content::Null)),
            duplicates: composer.duplicates,
        })
    } else {
        Err(composer.faults)
    }
}

fn mark(marker: Marker) -> Mark {
    let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Mark {
        offset: narrow(marker.byte_offset().unwrap_or_default()),
        line: narrow(marker.line()),
        column: narrow(marker.col() + 1),
    }
}

fn refuse_control_characters(text: &str) -> Result<(), Error> {
    let refused = |c: char| match c {
        '\t' | '\n' | '\r' | '\u{85}' => false,
        c => c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}'),
    };
    let Some((offset, c)) = text.char_indices().find(|(_, c)| refused(*c)) else {
        return Ok(());
    };
    let code = u32::from(c);
    Err(Error::new(
        Mark::find(text, offset),
        format!("the character U+{code:04X} is not allowed; write it as an escape"),
    ))
}

/// A finished node, which may mean something as a key only.
#[derive(Clone, Debug)]
enum Part {
    Node(Node),
    /// `<<`
    Merge(Mark),
    /// `=`
    Equals(Mark),
}

/// How much a node takes where an alias repeats it.
#[derive(Clone, Copy, Debug, Default)]
struct Weight {
    nodes: usize,
    text: usize,
    depth: usize,
}

impl Weight {
    fn of(node: &Node) -> Self {
        let mut total = Self {
            nodes: 1,
            ..Self::default()
        };
        match &node.content {
            Content::Text(text) => total.text = text.len(),
            Content::Sequence(items) => items.iter().for_each(|item| total.add(item)),
            Content::Mapping(members) => members.iter().for_each(|(key, member)| {
                total.text = total.text.saturating_add(key.len());
                total.add(&member.value);
            }),
            _ => {}
        }
        total
    }

    fn add(&mut self, child: &Node) {
        let child = Self::of(child);
        self.nodes = self.nodes.saturating_add(child.nodes);
        self.text = self.text.saturating_add(child.text);
        self.depth = self.depth.max(child.depth + 1);
    }
}

#[derive(Debug)]
struct Anchor {
    id: usize,
    part: Part,
    weight: Weight,
}

#[derive(Debug, Default)]
struct Composer {
    documents: usize,
    root: Option<Node>,
    open: Vec<Collection>,
    /// In the order of their ids.
    anchors: Vec<Anchor>,
    /// All nodes that were made, and of these what the aliases repeated.
    nodes: usize,
    repeated: usize,
    repeated_text: usize,
    duplicates: Vec<Duplicate>,
    /// What is wrong with single nodes; reading goes on after it.
    faults: Vec<Error>,
}

impl Composer {
    fn feed(&mut self, event: Event<'_>, span: &Span) -> Result<(), Error> {
        let start = mark(span.start);
        let end = u32::try_from(span.end.byte_offset().unwrap_or_default()).unwrap_or(u32::MAX);
        let at = span.tag_start().map_or(start, mark);
        match event {
            Event::DocumentStart(_, version) => self.start_document(version, at),
            Event::Scalar(text, style, anchor, tag) => {
                let part = match scalar(&text, style, tag.as_deref()) {
                    Ok(Scalar::Content(content)) => Part::Node(Node {
                        content,
                        start,
                        end,
                    }),
                    Ok(Scalar::Merge) => Part::Merge(at),
                    Ok(Scalar::Equals) => Part::Equals(at),
                    Err(message) => Part::Node(self.fault(at, message)?),
                };
                self.finish(part, anchor, at)
            }
            Event::SequenceStart(_, anchor, tag) => {
                let kind = match sequence_kind(tag.as_deref()) {
                    Ok(kind) => kind,
                    Err(message) => {
                        self.fault(at, message)?;
                        Kind::Sequence(Vec::new())
                    }
                };
                self.open(Collection {
                    kind,
                    anchor,
                    start,
                })
            }
            Event::MappingStart(_, anchor, tag) => {
                let kind = match mapping_kind(tag.as_deref()) {
                    Ok(kind) => kind,
                    Err(message) => {
                        self.fault(at, message)?;
                        Kind::mapping()
                    }
                };
                self.open(Collection {
                    kind,
                    anchor,
                    start,
                })
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Collection {
                    kind,
                    anchor,
                    start,
                }) => {
                    let content = kind.into_content();
                    self.finish(
                        Part::Node(Node {
                            content,
                            start,
                            end,
                        }),
                        anchor,
                        start,
                    )
                }
                None => Err(Error::new(at, "a collection ends that was not begun")),
            },
            Event::Alias(id) => self.repeat(id, at),
            _ => Ok(()),
        }
    }

    /// Notes what is wrong with one node, and gives what stands in its place.
    fn fault(&mut self, at: Mark, message: impl Into<String>) -> Result<Node, Error> {
        let error = Error::new(at, message);
        if self.faults.len() + 1 >= MAX_FAULTS {
            return Err(error);
        }
        self.faults.push(error);
        Ok(Node::new(Content::Null))
    }

    fn start_document(&mut self, version: Option<YamlVersion>, at: Mark) -> Result<(), Error> {
        self.documents += 1;
        if self.documents > 1 {
            return Err(Error::new(
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
                Err(Error::new(at, format!("YAML {major}.{minor} is not known")))
            }
        }
    }

    fn open(&mut self, collection: Collection) -> Result<(), Error> {
        let at = collection.start;
        self.open.push(collection);
        check_depth(self.open.len(), at)
    }

    /// Puts a node in its place.
    fn finish(&mut self, part: Part, anchor: usize, at: Mark) -> Result<(), Error> {
        self.charge(1, at)?;
        if anchor != 0 {
            let weight = match &part {
                Part::Node(node) => Weight::of(node),
                Part::Merge(_) | Part::Equals(_) => Weight::default(),
            };
            self.charge(weight.nodes, at)?;
            let place = self.anchors.partition_point(|other| other.id < anchor);
            let part = part.clone();
            self.anchors.insert(
                place,
                Anchor {
                    id: anchor,
                    part,
                    weight,
                },
            );
        }
        self.place(part, at)
    }

    fn repeat(&mut self, id: usize, at: Mark) -> Result<(), Error> {
        let found = self
            .anchors
            .binary_search_by_key(&id, |anchor| anchor.id)
            .ok();
        let Some(anchor) = found.and_then(|place| self.anchors.get(place)) else {
            return Err(Error::new(
                at,
                "the alias stands inside the node that it repeats",
            ));
        };
        let weight = anchor.weight;
        check_depth(self.open.len() + weight.depth, at)?;
        self.repeated = self.repeated.saturating_add(weight.nodes);
        self.repeated_text = self.repeated_text.saturating_add(weight.text);
        let written = self.nodes.saturating_sub(self.repeated);
        if self.repeated > MAX_REPEATED + MAX_REPEATED_FOR_EACH * written {
            let repeated = self.repeated;
            return Err(Error::new(
                at,
                format!(
                    "the aliases up to here repeat {repeated} nodes, more than any document needs"
                ),
            ));
        }
        if self.repeated_text > MAX_REPEATED_TEXT {
            return Err(Error::new(
                at,
                "the aliases repeat more than 16 MiB of text",
            ));
        }
        let part = anchor.part.clone();
        self.charge(weight.nodes, at)?;
        self.place(part, at)
    }

    fn place(&mut self, part: Part, at: Mark) -> Result<(), Error> {
        let Some(mut collection) = self.open.pop() else {
            self.root = Some(self.value(part)?);
            return Ok(());
        };
        self.put(&mut collection.kind, part, at)?;
        self.open.push(collection);
        Ok(())
    }

    /// The part as a value, not a key.
    fn value(&mut self, part: Part) -> Result<Node, Error> {
        match part {
            Part::Node(node) => Ok(node),
            Part::Merge(at) => self.fault(at, "`<<` is a merge key and cannot be a value"),
            Part::Equals(at) => self.fault(at, "a plain `=` has no value; quote it"),
        }
    }

    fn put(&mut self, kind: &mut Kind, part: Part, at: Mark) -> Result<(), Error> {
        match kind {
            Kind::Sequence(items) => items.push(self.value(part)?),
            Kind::Pairs(items) => match pair(self.value(part)?) {
                Some(pair) => items.push(pair),
                None => {
                    self.fault(at, "a mapping with one key is expected here")?;
                }
            },
            Kind::Set { members, key } => match key.take() {
                None => *key = Some(self.key(part, at)?),
                Some(Key::Node(member)) => {
                    members.insert(
                        member.to_json(),
                        Member {
                            key: at,
                            value: member,
                        },
                    );
                }
                Some(Key::Merge) => {
                    self.fault(at, "a set cannot be merged into")?;
                }
            },
            Kind::Mapping {
                members,
                merged,
                key,
            } => match key.take() {
                None => *key = Some(self.key(part, at)?),
                Some(Key::Node(name)) => {
                    let value = self.value(part)?;
                    let member = Member {
                        key: name.start,
                        value,
                    };
                    match members.entry(key_text(name.content)) {
                        Entry::Vacant(vacant) => {
                            vacant.insert(member);
                        }
                        Entry::Occupied(mut first) => {
                            self.duplicates.push(Duplicate {
                                key: first.key().clone(),
                                first: first.get().key,
                                second: member.key,
                            });
                            first.insert(member);
                        }
                    }
                }
                Some(Key::Merge) => {
                    let source = self.value(part)?;
                    if !merge(merged, source) {
                        self.fault(at, "`<<` needs a mapping or a list of mappings")?;
                    }
                }
            },
        }
        Ok(())
    }

    fn key(&mut self, part: Part, at: Mark) -> Result<Key, Error> {
        let node = match part {
            Part::Merge(_) => return Ok(Key::Merge),
            Part::Equals(start) => Node {
                content: Content::Text("=".to_owned()),
                start,
                end: start.offset + 1,
            },
            Part::Node(node) => node,
        };
        let message = match &node.content {
            Content::Sequence(_) => "a sequence cannot be a key",
            Content::Mapping(_) => "a mapping cannot be a key",
            _ => return Ok(Key::Node(node)),
        };
        self.fault(at, message).map(Key::Node)
    }

    fn charge(&mut self, nodes: usize, at: Mark) -> Result<(), Error> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > MAX_NODES {
            return Err(Error::new(
                at,
                "the document has more than a million nodes, aliases expanded",
            ));
        }
        Ok(())
    }
}

fn check_depth(depth: usize, at: Mark) -> Result<(), Error> {
    if depth > MAX_DEPTH {
        return Err(Error::new(
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
    start: Mark,
}

/// A collection that is being filled.
#[derive(Debug)]
enum Kind {
    Sequence(Vec<Node>),
    /// `!!omap` and `!!pairs`: a list of `[key, value]`.
    Pairs(Vec<Node>),
    /// `!!set`: the list of its keys. Members are told apart by their JSON text, so that 1 and "1" are two.
    Set {
        members: Mapping,
        key: Option<Key>,
    },
    Mapping {
        members: Mapping,
        merged: Mapping,
        key: Option<Key>,
    },
}

#[derive(Debug)]
enum Key {
    Node(Node),
    Merge,
}

impl Kind {
    fn mapping() -> Self {
        Self::Mapping {
            members: Mapping::new(),
            merged: Mapping::new(),
            key: None,
        }
    }

    fn into_content(self) -> Content {
        match self {
            Self::Sequence(items) | Self::Pairs(items) => Content::Sequence(items),
            Self::Set { members, .. } => {
                Content::Sequence(members.into_values().map(|member| member.value).collect())
            }
            Self::Mapping {
                members, merged, ..
            } if merged.is_empty() => Content::Mapping(members),
            Self::Mapping {
                members,
                mut merged,
                ..
            } => {
                merged.extend(members);
                Content::Mapping(merged)
            }
        }
    }
}

fn pair(node: Node) -> Option<Node> {
    let Node {
        content: Content::Mapping(members),
        start,
        end,
    } = node
    else {
        return None;
    };
    let mut members = members.into_iter();
    let ((key, Member { key: at, value }), None) = (members.next()?, members.next()) else {
        return None;
    };
    let key = Node {
        content: Content::Text(key),
        start: at,
        end: value.start.offset,
    };
    Some(Node {
        content: Content::Sequence(vec![key, value]),
        start,
        end,
    })
}

/// A key as Python's `json.dumps` writes it.
fn key_text(key: Content) -> String {
    match key {
        Content::Text(text) => text,
        Content::Number(number) => number.into(),
        other => Node::new(other).to_json(),
    }
}

/// Adds what `<<` brings. Of several mappings in one list the first wins; of several `<<` the last.
/// False if it is neither a mapping nor a list of mappings.
fn merge(merged: &mut Mapping, source: Node) -> bool {
    match source.content {
        Content::Mapping(members) => merged.extend(members),
        Content::Sequence(items) => {
            for item in items.into_iter().rev() {
                let Content::Mapping(members) = item.content else {
                    return false;
                };
                merged.extend(members);
            }
        }
        _ => return false,
    }
    true
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

enum Scalar {
    Content(Content),
    Merge,
    Equals,
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&WrittenTag>) -> Result<Scalar, String> {
    let tag = match written(tag)? {
        Written::Nothing if style != ScalarStyle::Plain => Tag::Str,
        // The bare `!` lets even quoted text be resolved; so does PyYAML.
        Written::Nothing | Written::Bang => resolve::implicit(text),
        Written::Name(name) => match name.as_str() {
            "binary" => return resolve::binary(text).map(Scalar::Content),
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
        Tag::Merge => Ok(Scalar::Merge),
        Tag::Value => Ok(Scalar::Equals),
        tag => resolve::construct(tag, text).map(Scalar::Content),
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
            members: Mapping::new(),
            key: None,
        }),
        Written::Name(name) if name != "map" => Err(misplaced(&name, "mapping")),
        _ => Ok(Kind::mapping()),
    }
}
