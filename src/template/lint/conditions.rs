//! Evaluates conditions, as far as their values are known.

use std::collections::HashMap;

use super::defaults;
use super::language::{Context, Kind, Language};
use super::shape;
use super::values::{Given, Values};
use crate::yaml::{Content, Mapping, Node};

/// The most levels of nested conditions that are evaluated.
const DEEPEST: usize = 100;

/// The conditions of a template.
#[derive(Debug)]
pub(super) struct Conditions<'a> {
    pub(super) language: Language,
    pub(super) definitions: &'a Mapping,
    pub(super) parameters: &'a Mapping,
    pub(super) values: &'a Values<'a>,
    known: HashMap<&'a str, Option<bool>>,
}

/// A value that can be compared with others.
#[derive(Debug, PartialEq)]
enum Plain {
    Null,
    Number(f64),
    Text(String),
    List(Vec<Self>),
    /// A mapping or a list with unknown content.
    Collection,
}

impl<'a> Conditions<'a> {
    pub(super) fn new(
        language: Language,
        definitions: &'a Mapping,
        parameters: &'a Mapping,
        values: &'a Values<'a>,
    ) -> Self {
        Self {
            language,
            definitions,
            parameters,
            values,
            known: HashMap::new(),
        }
    }

    /// The value of a boolean, the name of a condition or a function; `None` if the value is not known, or
    /// if Heat rejects it.
    pub(super) fn truth(&mut self, node: &Node) -> Option<bool> {
        self.decide(node, DEEPEST)
    }

    fn decide(&mut self, node: &Node, depth: usize) -> Option<bool> {
        match &node.content {
            Content::Bool(value) => Some(*value),
            Content::Text(name) => self.named(name, depth),
            _ => self.call(node, depth),
        }
    }

    fn named(&mut self, name: &str, depth: usize) -> Option<bool> {
        let (name, member) = self.definitions.get_key_value(name)?;
        if let Some(known) = self.known.get(name.as_str()) {
            return *known;
        }
        // A cycle has no known value.
        self.known.insert(name, None);
        let node = &member.value;
        let found = match node.content {
            Content::Text(_) => None,
            _ => self.decide(node, depth.checked_sub(1)?),
        };
        self.known.insert(name, found);
        found
    }

    fn call(&mut self, node: &Node, depth: usize) -> Option<bool> {
        let (name, value) = shape::call(self.language, Context::Condition, node)?;
        let mut items = value.as_sequence().unwrap_or_default().iter();
        match name {
            "not" => Some(!self.decide(value, depth)?),
            "Fn::Not" => Some(!self.decide(items.next()?, depth)?),
            "and" | "Fn::And" => self.any(items, false, depth).map(|any| !any),
            "or" | "Fn::Or" => self.any(items, true, depth),
            "equals" | "Fn::Equals" => {
                let one = self.plain(items.next()?, depth)?;
                let other = self.plain(items.next()?, depth)?;
                match (&one, &other) {
                    (Plain::Collection, Plain::Collection | Plain::List(_))
                    | (Plain::List(_), Plain::Collection) => None,
                    _ => Some(one == other),
                }
            }
            "get_param" | "Ref" => match self.parameter(value)? {
                (Kind::Boolean, node) => defaults::boolean(node),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether any of the items has the value `wanted`.
    fn any<'n>(
        &mut self,
        items: impl Iterator<Item = &'n Node>,
        wanted: bool,
        depth: usize,
    ) -> Option<bool> {
        let found: Vec<_> = items.map(|item| self.decide(item, depth)).collect();
        match found.contains(&Some(wanted)) {
            false if found.contains(&None) => None,
            any => Some(any),
        }
    }

    fn plain(&mut self, node: &Node, depth: usize) -> Option<Plain> {
        match &node.content {
            Content::Null => Some(Plain::Null),
            Content::Text(text) => Some(Plain::text(text)),
            Content::Bool(_) | Content::Number(_) => exact(node),
            Content::Sequence(items) => {
                let items = items.iter().map(|item| self.plain(item, depth));
                Some(Plain::list(items))
            }
            Content::Mapping(_) => {
                let Some((name, value)) = shape::call(self.language, Context::Condition, node)
                else {
                    return Some(Plain::Collection);
                };
                if !matches!(name, "get_param" | "Ref") {
                    return self.call(node, depth).map(Plain::from);
                }
                match self.parameter(value)? {
                    (_, node) if is_long(node) => None,
                    (Kind::Boolean, node) => defaults::boolean(node).map(Plain::from),
                    (Kind::Number, node) => exact(node),
                    (Kind::List, node) => Some(match &node.content {
                        Content::Text(text) if text.is_empty() => Plain::List(Vec::new()),
                        Content::Text(text) => {
                            Plain::list(text.split(',').map(|item| Some(Plain::text(item))))
                        }
                        Content::Sequence(items) => {
                            Plain::list(items.iter().map(|item| item.as_text().map(Plain::text)))
                        }
                        _ => Plain::Collection,
                    }),
                    // Python may format a number differently.
                    (Kind::String, node) if !matches!(node.content, Content::Number(_)) => {
                        defaults::text(node).map(Plain::Text)
                    }
                    _ => None,
                }
            }
        }
    }

    /// The type of a parameter and its value. The argument is its name, or a list with the name alone.
    fn parameter(&self, named: &Node) -> Option<(Kind, &'a Node)> {
        let name = match named.as_sequence() {
            Some([name]) => name.as_text()?,
            _ => named.as_text()?,
        };
        let declaration = &self.parameters.get(name)?.value;
        let words = self.language.words();
        let kind = words.kind(declaration.get(words.type_)?.as_text()?)?;
        let node = match self.values.get(name) {
            Given::Value(node) => node,
            Given::Nothing => declaration.get(words.default)?,
            Given::Something => return None,
        };
        (!node.is_null()).then_some((kind, node))
    }
}

impl Plain {
    fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// A list, if all of its items are known.
    fn list(items: impl Iterator<Item = Option<Self>>) -> Self {
        let known = items.map(|item| item.filter(|item| *item != Self::Collection));
        let known: Option<Vec<_>> = known.collect();
        known.map_or(Self::Collection, Self::List)
    }
}

impl From<bool> for Plain {
    /// Python's booleans are numbers.
    fn from(value: bool) -> Self {
        Self::Number(f64::from(u8::from(value)))
    }
}

/// Whether a value is too long to be compared, because each use of the parameter copies it.
fn is_long(node: &Node) -> bool {
    const LONGEST: usize = 1000;
    match &node.content {
        Content::Text(text) => text.len() > LONGEST,
        Content::Sequence(items) => {
            items.len() > LONGEST
                || items
                    .iter()
                    .filter_map(Node::as_text)
                    .map(str::len)
                    .sum::<usize>()
                    > LONGEST
        }
        _ => false,
    }
}

/// A number, unless it has too many digits to be compared exactly.
fn exact(node: &Node) -> Option<Plain> {
    const DIGITS: i32 = 15;
    let number = defaults::number(node)?;
    (number.abs() < 10_f64.powi(DIGITS)).then_some(Plain::Number(number))
}
