//! Merges the values of one parameter in several environments, as Heat does.

use std::collections::{BTreeMap, BTreeSet};

use crate::yaml::{Content, Document, Mapping, Mark, Member, Node};

/// The declared parameters.
#[derive(Debug)]
pub(super) struct Declared {
    /// The names that the stack's template declares.
    pub(super) own: BTreeSet<String>,
    /// The types that any template declares; those of the stack's template have priority.
    pub(super) types: BTreeMap<String, String>,
}

/// How the values of one parameter in several files are merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strategy {
    Overwrite,
    Merge,
    DeepMerge,
}

const STRATEGIES: [(&str, Strategy); 3] = [
    ("overwrite", Strategy::Overwrite),
    ("merge", Strategy::Merge),
    ("deep_merge", Strategy::DeepMerge),
];

/// The names of all strategies.
pub(super) fn strategy_names() -> [&'static str; 3] {
    STRATEGIES.map(|(name, _)| name)
}

impl Strategy {
    fn name(self) -> &'static str {
        let found = STRATEGIES.iter().find(|(_, strategy)| *strategy == self);
        found.map_or("overwrite", |(name, _)| name)
    }
}

/// The strategies of the current file, and those that earlier files have settled.
#[derive(Debug, Default)]
pub(super) struct Strategies {
    own: BTreeMap<String, Strategy>,
    settled: BTreeMap<String, Strategy>,
}

/// A place and the message for it.
pub(super) type Fault = (Mark, String);

impl Strategies {
    /// Reads the strategies of the next file.
    ///
    /// Returns faults for unknown strategies, in place of which Heat uses the default.
    pub(super) fn read(&mut self, section: Option<&Node>) -> Vec<Fault> {
        let mut faults = Vec::new();
        self.own.clear();
        let members = section.and_then(Node::as_mapping);
        for (name, Member { value, .. }) in members.into_iter().flatten() {
            let known = STRATEGIES
                .iter()
                .find(|(known, _)| value.as_text() == Some(known));
            match known {
                Some((_, strategy)) => {
                    self.own.insert(name.clone(), *strategy);
                }
                None => faults.push((
                    value.start,
                    format!(
                        "unknown merge strategy {} of `{name}`, so Heat uses the default; expected one of {}",
                        value.to_json(),
                        strategy_names().join(", ")
                    ),
                )),
            }
        }
        faults
    }

    fn of(&self, name: &str) -> Strategy {
        let found = self.own.get(name).or_else(|| self.settled.get(name));
        let found = found.or_else(|| self.own.get("default"));
        found.copied().unwrap_or(Strategy::Overwrite)
    }

    /// Merges the values of the next file into those of the earlier files.
    pub(super) fn merge(
        &mut self,
        old: &mut Node,
        new: Mapping,
        declared: Option<&Declared>,
    ) -> Vec<Fault> {
        let types = declared.map(|declared| &declared.types);
        let mut faults = Vec::new();
        for (name, Member { key, value }) in &new {
            if value.is_null() || types.is_some_and(|types| !types.contains_key(name)) {
                continue;
            }
            let strategy = self.of(name);
            match self.settled.get(name) {
                Some(settled) if *settled != strategy => faults.push((
                    *key,
                    format!(
                        "`{name}` has the merge strategy {} here and {} in an earlier file; use one strategy",
                        strategy.name(),
                        settled.name()
                    ),
                )),
                _ => {
                    self.settled.insert(name.clone(), strategy);
                }
            }
        }
        let old = match &mut old.content {
            Content::Mapping(old) if !old.is_empty() => old,
            empty => {
                *empty = Content::Mapping(new);
                return faults;
            }
        };
        for (name, Member { key, value }) in new {
            let strategy = self.settled.get(&name).copied();
            let strategy = strategy.unwrap_or(Strategy::Overwrite);
            if value.is_null() {
                continue;
            }
            let Some(before) = old.get_mut(&name) else {
                old.insert(name, Member { key, value });
                continue;
            };
            if strategy == Strategy::Overwrite || before.value.is_null() {
                before.value = value;
                continue;
            }
            let kind = types.and_then(|types| types.get(&name)).map(String::as_str);
            let kind = kind.or_else(|| kind_of([&before.value, &value]));
            let first = std::mem::replace(&mut before.value.content, Content::Null);
            match typed(first, value.content, kind, strategy == Strategy::DeepMerge) {
                Ok(content) => before.value.content = content,
                Err(why) => faults.push((key, format!("`{name}` cannot be merged: {why}"))),
            }
        }
        faults
    }
}

/// Merges two values of a parameter by its type.
fn typed(old: Content, new: Content, kind: Option<&str>, deep: bool) -> Result<Content, String> {
    match kind {
        Some("json") => {
            let mut old = object(old)?;
            merge_map(&mut old, object(new)?, deep);
            Ok(Content::Mapping(old))
        }
        Some("comma_delimited_list" | "commadelimitedlist") => list(old, new),
        Some("string") => match (old, new) {
            (Content::Text(old), Content::Text(new)) => Ok(Content::Text(old + &new)),
            _ => Err(
                "its type is string, but not all of its values are strings; quote them".to_owned(),
            ),
        },
        Some(other) => Err(format!(
            "values of the type {other} can only be overwritten"
        )),
        None => Err("its type is not known; name the template as well".to_owned()),
    }
}

/// The type of a parameter without its template, if its values have only one.
fn kind_of(values: [&Node; 2]) -> Option<&'static str> {
    values.iter().find_map(|value| match value.content {
        Content::Mapping(_) => Some("json"),
        Content::Sequence(_) => Some("comma_delimited_list"),
        _ => None,
    })
}

fn object(content: Content) -> Result<Mapping, String> {
    match content {
        Content::Mapping(members) => Ok(members),
        Content::Text(text) if text.is_empty() => Ok(Mapping::new()),
        Content::Text(text) => match Document::parse_json(&text).map(|json| json.root.content) {
            Ok(Content::Mapping(members)) => Ok(members),
            _ => Err("its type is json, but one of its values is not a JSON object".to_owned()),
        },
        _ => Err("its type is json, but one of its values is not a mapping".to_owned()),
    }
}

fn list(old: Content, new: Content) -> Result<Content, String> {
    let items = |content| match content {
        Content::Sequence(items) => Ok(items),
        Content::Text(text) => {
            let items = text.split(',').filter(|item| !item.is_empty());
            let items = items.map(|item| Node::new(Content::Text(item.trim().to_owned())));
            Ok(items.collect())
        }
        _ => Err(
            "its type is a list, but one of its values is neither a list nor a string".to_owned(),
        ),
    };
    match (old, new) {
        (Content::Text(old), Content::Text(new)) if old.is_empty() => Ok(Content::Text(new)),
        (Content::Text(old), Content::Text(new)) => Ok(Content::Text(format!("{old},{new}"))),
        (old, new) => {
            let mut all: Vec<_> = items(old)?;
            all.extend(items(new)?);
            Ok(Content::Sequence(all))
        }
    }
}

/// Adds members; later ones have priority. If `deep`, mappings are merged, and lists and strings concatenated.
fn merge_map(old: &mut Mapping, new: Mapping, deep: bool) {
    for (name, Member { value, .. }) in new {
        if value.is_null() {
            continue;
        }
        match (&mut member(old, &name).content, value.content) {
            (Content::Mapping(old), Content::Mapping(new)) if deep => merge_map(old, new, deep),
            (Content::Sequence(old), Content::Sequence(new)) if deep => old.extend(new),
            (Content::Text(old), Content::Text(new)) if deep => old.push_str(&new),
            (old, new) => *old = new,
        }
    }
}

/// The member of a mapping, created if it is missing.
pub(super) fn member<'a>(members: &'a mut Mapping, name: &str) -> &'a mut Node {
    let member = members.entry(name.to_owned()).or_insert_with(|| Member {
        key: Mark::default(),
        value: Node::new(Content::Null),
    });
    &mut member.value
}
