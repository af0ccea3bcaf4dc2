//! Collections under construction: keys, merge keys, sets and pairs.

use indexmap::map::Entry;

use super::node::{Content, Mapping, Mark, Member, Node};
use super::{Duplicate, Error};

/// A finished node. `<<` and `=` have a meaning only as keys.
#[derive(Clone, Debug)]
pub(super) enum Part {
    Node(Node),
    /// `<<`
    Merge(Node),
    /// `=`
    Equals(Node),
}

/// The faults and duplicate keys of a document.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// Faults of single nodes. Reading continues after them.
    pub(super) faults: Vec<Error>,
    pub(super) duplicates: Vec<Duplicate>,
}

const MAX_FAULTS: usize = 100;

impl Findings {
    /// Records a fault of one node. Returns null, which replaces the node.
    ///
    /// # Errors
    /// The fault, once there are [`MAX_FAULTS`].
    pub(super) fn fault(&mut self, at: Mark, message: impl Into<String>) -> Result<Node, Error> {
        let error = Error::new(at, message);
        if self.faults.len() + 1 >= MAX_FAULTS {
            return Err(error);
        }
        self.faults.push(error);
        Ok(Node::new(Content::Null))
    }
}

/// A collection under construction.
#[derive(Debug)]
pub(super) enum Kind {
    Sequence(Vec<Node>),
    /// `!!omap` and `!!pairs`: a list of `[key, value]`.
    Pairs(Vec<Node>),
    /// `!!set`: a list of its keys. Keys are compared by their JSON text, so 1 and "1" differ.
    Set {
        members: Mapping,
        key: Option<Key>,
    },
    Mapping {
        members: Mapping,
        merged: Mapping,
        key: Option<Key>,
    },
    /// A collection with an invalid tag. Its members are dropped.
    Unknown,
}

#[derive(Debug)]
pub(super) enum Key {
    Node(Node),
    Merge,
}

impl Kind {
    pub(super) fn mapping() -> Self {
        Self::Mapping {
            members: Mapping::new(),
            merged: Mapping::new(),
            key: None,
        }
    }

    pub(super) fn set() -> Self {
        Self::Set {
            members: Mapping::new(),
            key: None,
        }
    }

    pub(super) fn is_sequence(&self) -> bool {
        matches!(self, Self::Sequence(_) | Self::Pairs(_))
    }

    /// Whether the next node is a key.
    pub(super) fn wants_key(&self) -> bool {
        matches!(
            self,
            Self::Set { key: None, .. } | Self::Mapping { key: None, .. }
        )
    }

    /// Adds the next node: an item, a key, or the value of the last key.
    pub(super) fn put(
        &mut self,
        part: Part,
        at: Mark,
        findings: &mut Findings,
    ) -> Result<(), Error> {
        match self {
            Self::Sequence(items) => items.push(value(part, at, findings)?),
            Self::Pairs(items) => match pair(value(part, at, findings)?) {
                Some(pair) => items.push(pair),
                None => {
                    findings.fault(at, "expected a mapping with one key")?;
                }
            },
            Self::Set { members, key } => match key.take() {
                None => *key = Some(as_key(part, at, findings)?),
                Some(Key::Node(value)) => {
                    members.insert(value.to_json(), Member { key: at, value });
                }
                Some(Key::Merge) => {
                    findings.fault(at, "`<<` cannot be used in a set")?;
                }
            },
            Self::Mapping {
                members,
                merged,
                key,
            } => match key.take() {
                None => *key = Some(as_key(part, at, findings)?),
                Some(Key::Node(name)) => {
                    let key = name.start;
                    let value = value(part, at, findings)?;
                    add(members, name, Member { key, value }, findings);
                }
                Some(Key::Merge) => {
                    if !merge(merged, value(part, at, findings)?) {
                        findings.fault(at, "`<<` needs a mapping or a list of mappings")?;
                    }
                }
            },
            Self::Unknown => {}
        }
        Ok(())
    }

    pub(super) fn into_content(self) -> Content {
        match self {
            Self::Unknown => Content::Null,
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

/// The part as a value. A merge key or `=` is a fault.
pub(super) fn value(part: Part, at: Mark, findings: &mut Findings) -> Result<Node, Error> {
    match part {
        Part::Node(node) => Ok(node),
        Part::Merge(_) => findings.fault(at, "`<<` is a merge key and cannot be a value"),
        Part::Equals(_) => findings.fault(at, "a plain `=` has no value; quote it"),
    }
}

fn as_key(part: Part, at: Mark, findings: &mut Findings) -> Result<Key, Error> {
    let node = match part {
        Part::Merge(_) => return Ok(Key::Merge),
        Part::Equals(node) | Part::Node(node) => node,
    };
    let message = match &node.content {
        Content::Sequence(_) => "a sequence cannot be a key",
        Content::Mapping(_) => "a mapping cannot be a key",
        _ => return Ok(Key::Node(node)),
    };
    findings.fault(at, message).map(Key::Node)
}

fn add(members: &mut Mapping, name: Node, member: Member, findings: &mut Findings) {
    match members.entry(key_text(name.content)) {
        Entry::Vacant(vacant) => {
            vacant.insert(member);
        }
        Entry::Occupied(mut first) => {
            findings.duplicates.push(Duplicate {
                key: first.key().clone(),
                first: first.get().key,
                second: member.key,
            });
            first.insert(member);
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
        // The node that an alias repeats is before the alias.
        end: value.start.offset.max(at.offset),
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

/// Adds the members of a `<<` value. The first mapping of a list has priority, and the last of several
/// `<<`. Returns false if the value is neither a mapping nor a list of mappings.
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
