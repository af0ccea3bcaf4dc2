//! Merges several environments into one, as Heat does.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::cap::Cap;
use super::problem::{Place, Problem};
use super::role::{REGISTRY, STRATEGIES};
use super::rules::{MERGE_CONFLICT, UNDECLARED_PARAMETER, UNKNOWN_STRATEGY};
use super::strategies::{Declared, Strategies, member};
use crate::yaml::{Content, Mapping, Mark, Member, Node};

/// Several environments merged into one. Later ones have priority over earlier ones.
#[derive(Default)]
pub(super) struct Merged {
    sections: Mapping,
    strategies: Strategies,
    pub(super) problems: Vec<Problem>,
}

impl Merged {
    /// Adds the next environment.
    ///
    /// Heat ignores `parameters` that the stack's template does not declare from the second file on, or if
    /// there are values outside the environments (`has_values`). So does this, if `declared` is known.
    pub(super) fn add(
        &mut self,
        file: &Arc<str>,
        text: &str,
        root: Node,
        declared: Option<&Declared>,
        has_values: bool,
    ) {
        let Content::Mapping(sections) = root.content else {
            return;
        };
        let strategies = sections.get(STRATEGIES);
        let unknown = self
            .strategies
            .read(strategies.map(|section| &section.value));
        let (mut conflicts, mut undeclared) = (Vec::new(), Vec::new());
        for (name, section) in sections {
            let at = section.key;
            let old = self.sections.entry(name.clone()).or_insert_with(|| Member {
                key: at,
                value: Node::new(Content::Null),
            });
            match (name.as_str(), section.value.content) {
                ("parameters" | "parameter_defaults", Content::Mapping(mut new)) => {
                    let is_first = old.value.as_mapping().is_none_or(Mapping::is_empty);
                    let is_own = name == "parameters";
                    let is_later = is_own && (has_values || !is_first);
                    new.retain(|name, value| {
                        if is_later && value.value.is_null() {
                            return false;
                        }
                        let is_known = declared.is_none_or(|known| known.own.contains(name));
                        if !is_known && is_own {
                            let what = if is_later {
                                "it is left out, because Heat ignores it"
                            } else {
                                "Heat rejects it; declare it or remove it"
                            };
                            let message = format!("the template has no parameter `{name}`; {what}");
                            undeclared.push((value.key, message));
                        }
                        is_known || !is_later
                    });
                    conflicts.extend(self.strategies.merge(&mut old.value, new, declared));
                }
                ("encrypted_param_names" | "event_sinks", Content::Sequence(items)) => {
                    unite(&mut old.value, items);
                }
                (_, new) => merge_deep(&mut old.value, new),
            }
        }
        let mut cap = Cap::default();
        for (rule, faults) in [
            (&MERGE_CONFLICT, conflicts),
            (&UNKNOWN_STRATEGY, unknown),
            (&UNDECLARED_PARAMETER, undeclared),
        ] {
            for (at, message) in faults {
                if cap.admits(rule.id, rule.severity) {
                    let place = Place::at(file, text, at);
                    self.problems.push(Problem::new(rule, place, message));
                }
            }
        }
        self.problems.extend(cap.omitted(file));
    }

    /// Removes the names of parameters without values from `encrypted_param_names`. Heat fails on such a
    /// name, and on a value that looks encrypted: a list of two.
    pub(super) fn encrypt_only(&mut self, values: &Map<String, Value>) {
        let given = self
            .sections
            .get("parameters")
            .map(|section| section.value.clone());
        let Some(names) = self.sections.get_mut("encrypted_param_names") else {
            return;
        };
        if let Content::Sequence(names) = &mut names.value.content {
            names.retain(|name| {
                let name = name.as_text().unwrap_or_default();
                let value = given.as_ref().and_then(|given| given.get(name));
                let is_pair =
                    |value: &Node| value.as_sequence().is_some_and(|items| items.len() == 2);
                values.contains_key(name) || value.is_some_and(|value| !is_pair(value))
            });
        }
    }

    /// Adds a hook to a resource. The names in its path are separated by `/`.
    pub(super) fn hook(&mut self, path: &str, hook: &str) {
        let names: Vec<_> = path.split('/').filter(|name| !name.is_empty()).collect();
        let registry = self
            .sections
            .entry(REGISTRY.to_owned())
            .or_insert_with(|| Member {
                key: Mark::default(),
                value: Node::new(Content::Null),
            });
        add_hook(&mut registry.value, &names, hook);
    }

    /// Whether a parameter has a value.
    pub(super) fn has(&self, parameter: &str) -> bool {
        ["parameters", "parameter_defaults"].iter().any(|section| {
            let section = self.sections.get(*section);
            let value = section.and_then(|section| section.value.get(parameter));
            value.is_some_and(|value| !value.is_null())
        })
    }

    /// The environment as JSON; `None` if it is empty.
    pub(super) fn into_json(self) -> Option<String> {
        let is_empty = self.sections.is_empty();
        (!is_empty).then(|| Node::new(Content::Mapping(self.sections)).to_json())
    }
}

/// Merges mappings and replaces everything else. Replaced entries move to the end: Heat applies the entries
/// of a registry in their order, and `OS::*: null` removes earlier ones. Null does not replace a mapping.
fn merge_deep(old: &mut Node, new: Content) {
    match (&mut old.content, new) {
        (Content::Mapping(_), Content::Null) => {}
        (Content::Mapping(old), Content::Mapping(new)) => {
            let mut replaced = HashSet::new();
            let mut last = Mapping::with_capacity(new.len());
            for (name, mut new) in new {
                if let Some(before) = old.get_mut(&name) {
                    let before = std::mem::replace(&mut before.value, Node::new(Content::Null));
                    let after = std::mem::replace(&mut new.value, before);
                    merge_deep(&mut new.value, after.content);
                    replaced.insert(name.clone());
                }
                last.insert(name, new);
            }
            // All at once, because each removal moves all later entries.
            if !replaced.is_empty() {
                old.retain(|name, _| !replaced.contains(name));
            }
            old.extend(last);
        }
        (old, new) => *old = new,
    }
}

/// Merges two lists; each item is kept once.
fn unite(old: &mut Node, new: Vec<Node>) {
    match &mut old.content {
        Content::Sequence(items) => {
            // Compared as JSON, which does not contain places.
            let mut known: BTreeSet<_> = items.iter().map(Node::to_json).collect();
            items.extend(new.into_iter().filter(|item| known.insert(item.to_json())));
        }
        other => *other = Content::Sequence(new),
    }
}

/// Adds a hook below `resources` of a registry. The resource may have no hook yet, one, or a list.
fn add_hook(registry: &mut Node, resource: &[&str], hook: &str) {
    let path: Vec<_> = ["resources"]
        .iter()
        .chain(resource)
        .chain(&["hooks"])
        .copied()
        .collect();
    change(registry, &path, |hooks| {
        let hook = Node::new(Content::Text(hook.to_owned()));
        match std::mem::replace(&mut hooks.content, Content::Null) {
            Content::Null => hooks.content = hook.content,
            Content::Sequence(items) => {
                hooks.content = Content::Sequence(items);
                unite(hooks, vec![hook]);
            }
            first => {
                unite(hooks, vec![Node::new(first)]);
                unite(hooks, vec![hook]);
            }
        }
    });
}

/// Changes the node at a path through mappings. Missing mappings are created.
fn change(node: &mut Node, path: &[&str], what: impl FnOnce(&mut Node)) {
    let Some((first, rest)) = path.split_first() else {
        return what(node);
    };
    let mut members = match std::mem::replace(&mut node.content, Content::Null) {
        Content::Mapping(members) => members,
        _ => Mapping::new(),
    };
    change(member(&mut members, first), rest, what);
    node.content = Content::Mapping(members);
}
