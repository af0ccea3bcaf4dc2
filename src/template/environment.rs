//! Environments: their sections, the files that their registries refer to, and how several become one.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::cap::Cap;
use super::document::{Need, Role, Source};
use super::location::Base;
use super::merge::{self, Declared, Strategies};
use super::problem::{Place, Problem};
use super::rules::{
    INVALID_REGISTRY, MERGE_CONFLICT, NOT_AN_ENVIRONMENT, UNDECLARED_PARAMETER, UNKNOWN_SECTION,
    UNKNOWN_STRATEGY, WRONG_SHAPE,
};
use crate::yaml::{Content, Mapping, Mark, Member, Node};

pub(super) const REGISTRY: &str = "resource_registry";
const STRATEGIES: &str = "parameter_merge_strategies";

/// The sections that there are.
pub(super) const SECTIONS: [&str; 6] = [
    "parameters",
    "parameter_defaults",
    REGISTRY,
    "encrypted_param_names",
    "event_sinks",
    STRATEGIES,
];

/// Entries of a registry that are no types.
const NO_TYPES: [&str; 3] = ["hooks", "restricted_actions", "base_url"];

/// Checks the sections, and resolves what the registry refers to. Empty sections go.
pub(super) fn check(source: &mut Source<'_>, root: &mut Node) {
    if root.is_null() {
        root.content = Content::Mapping(Mapping::new());
    }
    let (kind, start) = (root.kind(), root.start);
    let Content::Mapping(sections) = &mut root.content else {
        let message = format!("not an environment but {kind}; expected a mapping");
        return source.add(&NOT_AN_ENVIRONMENT, start, message);
    };
    // A section of which all lines are comments is as good as none; Heat would refuse it.
    sections.retain(|name, section| !section.value.is_null() || !SECTIONS.contains(&name.as_str()));
    for (name, section) in sections.iter_mut() {
        let value = &mut section.value;
        let is_list = matches!(name.as_str(), "encrypted_param_names" | "event_sinks");
        let shape = match &value.content {
            Content::Mapping(_) => !is_list,
            Content::Sequence(_) => is_list,
            _ => false,
        };
        if !SECTIONS.contains(&name.as_str()) {
            let expected = SECTIONS.join(", ");
            let message = format!("wrong section {name:?}; expected {expected}");
            source.add(&UNKNOWN_SECTION, section.key, message);
        } else if !shape {
            let expected = if is_list { "a list" } else { "a mapping" };
            let message = format!("{name} is {}; expected {expected}", value.kind());
            source.add(&WRONG_SHAPE, value.start, message);
        } else if name == REGISTRY {
            registry(source, value, &source.base(), true);
        }
    }
}

/// Types are mapped to other types, which have a `::`, or to files. Below `resources`, that is so for
/// single resources and those in nested stacks, at any depth.
fn registry(source: &mut Source<'_>, node: &mut Node, base: &Base, is_top: bool) {
    let Content::Mapping(entries) = &mut node.content else {
        return;
    };
    let given = entries.get("base_url").map(|member| member.value.clone());
    let own = given.and_then(|given| base_url(source, base, &given));
    let base = own.as_ref().unwrap_or(base);
    if is_top {
        entries.retain(|name, entry| name != "resources" || !entry.value.is_null());
    }
    for (name, member) in entries.iter_mut() {
        let value = &mut member.value;
        match &value.content {
            _ if NO_TYPES.contains(&name.as_str()) => {}
            Content::Mapping(_) if is_top && name != "resources" => {}
            other if is_top && name == "resources" && !matches!(other, Content::Mapping(_)) => {
                let message = format!("resources is {}; expected a mapping", value.kind());
                source.add(&INVALID_REGISTRY, value.start, message);
            }
            Content::Mapping(_) => registry(source, value, base, false),
            // Null takes a mapping away.
            Content::Null => {}
            Content::Text(target) if is_type(target) => {}
            Content::Text(target) => {
                let to = base.join(target);
                let target = target.clone();
                if let Some(url) =
                    source.refer(to, &target, value.start, Role::Nested, Need::Document)
                {
                    value.replace(url);
                }
            }
            _ => {
                let message = format!("{name} is {}; expected a type or a file", value.kind());
                source.add(&INVALID_REGISTRY, value.start, message);
            }
        }
    }
}

fn is_type(target: &str) -> bool {
    target.contains("::") && !target.contains("://")
}

fn base_url(source: &mut Source<'_>, base: &Base, given: &Node) -> Option<Base> {
    let Some(text) = given.as_text() else {
        let message = format!(
            "base_url is {}; expected a URL or a directory",
            given.kind()
        );
        source.add(&INVALID_REGISTRY, given.start, message);
        return None;
    };
    let joined = base.join(text);
    match joined {
        Ok(directory) => Some(Base::Directory(directory.directory())),
        Err(why) => {
            source.add(
                &INVALID_REGISTRY,
                given.start,
                format!("base_url cannot be used: {why}"),
            );
            None
        }
    }
}

/// What several environments make together: later ones win over earlier ones.
#[derive(Default)]
pub(super) struct Merged {
    sections: Mapping,
    strategies: Strategies,
    pub(super) problems: Vec<Problem>,
}

impl Merged {
    /// Adds the next environment.
    ///
    /// Heat ignores `parameters` that the stack's template does not declare from the second file on, or
    /// if values are given besides (`has_values`); so does this, if it is known what is `declared`.
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
                                "it is left out, as Heat does"
                            } else {
                                "Heat refuses it"
                            };
                            let message = format!("the template has no parameter {name:?}; {what}");
                            undeclared.push((value.key, message));
                        }
                        is_known || !is_later
                    });
                    conflicts.extend(self.strategies.merge(&mut old.value, new, declared));
                }
                ("encrypted_param_names" | "event_sinks", Content::Sequence(items)) => {
                    merge::unite(&mut old.value, items);
                }
                (_, new) => merge::deeply(&mut old.value, new),
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
        self.problems.extend(cap.rest(file));
    }

    /// Takes the names of parameters without values out of those that are to be encrypted. Heat fails
    /// at such a name, and at a value that looks encrypted already: a list of two.
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

    /// Adds a hook to a resource, in whose path names are separated by `/`.
    pub(super) fn hook(&mut self, path: &str, hook: &str) {
        let names: Vec<_> = path.split('/').filter(|name| !name.is_empty()).collect();
        let registry = self
            .sections
            .entry(REGISTRY.to_owned())
            .or_insert_with(|| Member {
                key: Mark::default(),
                value: Node::new(Content::Null),
            });
        merge::add_hook(&mut registry.value, &names, hook);
    }

    /// Whether a parameter has a value.
    pub(super) fn has(&self, parameter: &str) -> bool {
        ["parameters", "parameter_defaults"].iter().any(|section| {
            let section = self.sections.get(*section);
            let value = section.and_then(|section| section.value.get(parameter));
            value.is_some_and(|value| !value.is_null())
        })
    }

    /// The environment as JSON; `None` if there is nothing in it.
    pub(super) fn into_json(self) -> Option<String> {
        let is_empty = self.sections.is_empty();
        (!is_empty).then(|| Node::new(Content::Mapping(self.sections)).to_json())
    }
}
