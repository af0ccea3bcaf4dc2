//! The context of a document: the stack's template, and the values of its parameters.

use std::collections::HashMap;

use crate::yaml::{Mapping, Node};

/// The stack that a document belongs to, as far as it is known.
#[derive(Debug, Default)]
pub(in crate::template) struct Stack<'a> {
    pub(super) template: Option<&'a Node>,
    pub(super) values: Values<'a>,
}

/// The values of the stack's parameters, without their defaults.
#[derive(Debug, Default)]
pub(super) struct Values<'a> {
    /// `None` if there is a value, but it is not known.
    by_name: HashMap<&'a str, Option<&'a Node>>,
    /// The section whose undeclared parameters Heat rejects. In other sections Heat ignores them.
    strict: Option<&'a Mapping>,
    /// Whether parameters may have other values that are not known.
    has_unknown: bool,
}

/// The value of a parameter.
#[derive(Clone, Copy, Debug)]
pub(super) enum Given<'a> {
    Nothing,
    Value(&'a Node),
    Something,
}

impl<'a> Stack<'a> {
    /// A stack with a template, environments, and the names of parameters that are set elsewhere.
    pub(in crate::template) fn new(
        template: Option<&'a Node>,
        environments: impl Iterator<Item = &'a Node>,
        set: impl Iterator<Item = &'a str>,
    ) -> Self {
        let mut values = Values::default();
        let environments: Vec<_> = environments.collect();
        let is_merged = |root: &&Node| root.get("parameter_merge_strategies").is_some();
        let is_merged = environments.iter().any(is_merged);
        for section in ["parameter_defaults", "parameters"] {
            let mut own = HashMap::new();
            let sections = environments.iter().filter_map(|root| root.get(section));
            for members in sections.filter_map(Node::as_mapping) {
                if section == "parameters" && !members.is_empty() {
                    values.strict.get_or_insert(members);
                }
                for (name, member) in members.iter().filter(|(_, member)| !member.value.is_null()) {
                    let value = Some(&member.value);
                    let merged = value.filter(|_| !is_merged);
                    let known = own.entry(name.as_str());
                    known.and_modify(|known| *known = merged).or_insert(value);
                }
            }
            values.by_name.extend(own);
        }
        for name in set {
            values.by_name.insert(name, None);
            values.strict = None;
        }
        Self { template, values }
    }

    /// A stack whose environments are not read.
    pub(in crate::template) fn unknown() -> Self {
        Self {
            template: None,
            values: Values::unknown(),
        }
    }
}

impl<'a> Values<'a> {
    /// Unknown values, as in a nested stack.
    pub(super) fn unknown() -> Self {
        Self {
            has_unknown: true,
            ..Self::default()
        }
    }

    pub(super) fn get(&self, name: &str) -> Given<'a> {
        match self.by_name.get(name) {
            Some(Some(node)) => Given::Value(node),
            Some(None) => Given::Something,
            None if self.has_unknown => Given::Something,
            None => Given::Nothing,
        }
    }

    /// Whether a parameter gets exactly this node.
    pub(super) fn has(&self, name: &str, node: &Node) -> bool {
        matches!(self.get(name), Given::Value(value) if std::ptr::eq(value, node))
    }

    /// Whether Heat rejects undeclared names in this section.
    pub(super) fn is_strict(&self, section: &Mapping) -> bool {
        self.strict
            .is_some_and(|strict| std::ptr::eq(strict, section))
    }
}
