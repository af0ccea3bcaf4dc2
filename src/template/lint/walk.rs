//! The functions in a template, and what they refer to.

use std::collections::HashMap;

use super::arguments::{self, Fault};
use super::conditions::Conditions;
use super::findings::Findings;
use super::functions::Arguments;
use super::language::{Foreign, Ground, Language};
use super::reference::{Reach, Reference, Scope, Target};
use super::shape;
use crate::suggest::distance;
use crate::template::rules::{
    DEPRECATED, INVALID_ARGUMENTS, INVALID_CONDITION, MISPLACED_FUNCTION, REMOVED_FUNCTION, Rule,
    Severity, UNKNOWN_FUNCTION,
};
use crate::yaml::{Content, Mark, Node};

/// Goes through a template and collects what it refers to.
#[derive(Debug)]
pub(super) struct Walker<'a, 'f> {
    pub(super) language: Language,
    pub(super) findings: &'f mut Findings,
    pub(super) references: Vec<Reference<'a>>,
    /// A parameter is named by a function, so that nobody can tell which.
    pub(super) any_parameter: bool,
    pub(super) conditions: Conditions<'a>,
    /// Whether the resources are there that have a condition.
    pub(super) presence: HashMap<&'a str, Option<bool>>,
    scope: Scope<'a>,
    reach: Reach,
    /// Whether Heat goes so far only if a condition holds of which that is not known.
    is_doubtful: bool,
}

impl<'a, 'f> Walker<'a, 'f> {
    pub(super) fn new(conditions: Conditions<'a>, findings: &'f mut Findings) -> Self {
        Self {
            language: conditions.language,
            findings,
            references: Vec::new(),
            any_parameter: false,
            conditions,
            presence: HashMap::new(),
            scope: Scope::Policy,
            reach: Reach::Resolved,
            is_doubtful: false,
        }
    }

    /// Goes through a value.
    pub(super) fn value(&mut self, node: &'a Node, scope: Scope<'a>, reach: Reach) {
        (self.scope, self.reach) = (scope, reach);
        self.visit(node, Ground::Value);
    }

    /// Goes through what decides whether something is there: the name of a condition, a boolean or
    /// a function.
    pub(super) fn condition(&mut self, node: &'a Node, scope: Scope<'a>) {
        (self.scope, self.reach) = (scope, Reach::Resolved);
        self.named_condition(node);
    }

    /// Goes through the definition of a condition.
    pub(super) fn definition(&mut self, node: &'a Node, name: &'a str, reach: Reach) {
        (self.scope, self.reach) = (Scope::Condition(name), reach);
        if matches!(node.content, Content::Bool(_)) || self.is_call(node) {
            self.visit(node, Ground::Condition);
        } else {
            let functions = self.language.functions(Ground::Condition);
            let names: Vec<_> = functions.map(|function| function.name).collect();
            let needed = format!("a boolean or one of {} is needed", names.join(", "));
            self.no_condition(
                &format!("the condition `{name}`"),
                node,
                &needed,
                Reach::Parsed,
            );
        }
    }

    /// Adds a reference that no function makes.
    pub(super) fn refer(&mut self, target: Target, node: &'a Node, scope: Scope<'a>, reach: Reach) {
        (self.scope, self.reach) = (scope, reach);
        self.reference(target, node, Reach::Validated);
    }

    /// Does something with another reach than is usual there.
    fn within(&mut self, reach: Reach, work: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.reach, reach);
        work(self);
        self.reach = outer;
    }

    /// How bad it is what Heat finds once it goes so far.
    fn severity(&self, needed: Reach) -> Severity {
        if self.reach >= needed {
            Severity::Error
        } else {
            Severity::Warning
        }
    }

    fn add(&mut self, needed: Reach, rule: &'static Rule, at: Mark, message: String) {
        let severity = self.severity(needed);
        self.findings.add_as(severity, rule, at, message);
    }

    fn visit(&mut self, node: &'a Node, ground: Ground) {
        match &node.content {
            Content::Sequence(items) => items.iter().for_each(|item| self.visit(item, ground)),
            Content::Mapping(members) => match shape::single(node) {
                Some((name, at, value)) => self.call(name, at, value, ground),
                None => members
                    .values()
                    .for_each(|member| self.visit(&member.value, ground)),
            },
            _ => {}
        }
    }

    /// A mapping with one key, which may be the call of a function.
    fn call(&mut self, name: &'a str, at: Mark, value: &'a Node, ground: Ground) {
        let Some(function) = self.language.function(ground, name) else {
            self.no_function(name, at, value, ground);
            return self.visit(value, ground);
        };
        if !function.arguments.fit(value) {
            let needed = &function.arguments;
            let message = match (&value.content, needed) {
                (Content::Sequence(items), Arguments::List(..)) => {
                    format!("`{name}` has a list of {}; it needs {needed}", items.len())
                }
                (Content::Mapping(_), Arguments::Mapping(..)) | (Content::Text(_), _) => {
                    format!("`{name}` needs {needed}")
                }
                _ => format!("`{name}` has {}; it needs {needed}", value.kind()),
            };
            self.add(Reach::Parsed, &INVALID_ARGUMENTS, at, message);
        }
        if self.language.is_hot() && Language::NEWEST.function(ground, name).is_none() {
            let instead = successor(name);
            let message = format!("later versions have no `{name}`; use {instead}");
            self.findings.add(&DEPRECATED, at, message);
        }
        let items = value.as_sequence();
        match (name, items) {
            ("if" | "Fn::If", _) => return self.branch(items.unwrap_or_default()),
            ("and" | "Fn::And", _) => return self.chain(items.unwrap_or_default(), true),
            ("or" | "Fn::Or" | "Fn::Not", _) => {
                return self.chain(items.unwrap_or_default(), false);
            }
            ("not", _) => return self.named_condition(value),
            _ => {}
        }
        if let Some(Fault { reach, at, message }) = arguments::fault(self.language, name, value) {
            self.add(reach, &INVALID_ARGUMENTS, at, message);
        }
        match (name, items.map(<[Node]>::split_first)) {
            ("get_param", Some(Some((first, _)))) => self.parameter(name, at, first),
            ("get_param", Some(None)) => self.no_name(name, at, value),
            ("get_param", None) => self.parameter(name, at, value),
            ("Ref", _) if ground == Ground::Condition => self.parameter(name, at, value),
            ("Ref", _) => self.reference(Target::Either, value, Reach::Resolved),
            ("get_resource", _) => self.reference(Target::Resource, value, Reach::Resolved),
            ("get_attr" | "Fn::GetAtt", Some(Some((resource, path)))) => {
                self.reference(Target::Resource, resource, Reach::Validated);
                let (attribute, path) = path.split_at(path.len().min(1));
                // These two have to be known for the attribute to be looked up.
                let reach = match self.reach {
                    Reach::Validated => Reach::Resolved,
                    other => other,
                };
                self.within(reach, |walker| {
                    let known = std::iter::once(resource).chain(attribute);
                    known.for_each(|node| walker.visit(node, ground));
                });
                return path.iter().for_each(|node| self.visit(node, ground));
            }
            ("Fn::FindInMap", Some(Some((mapping, _)))) if !self.language.is_hot() => {
                self.reference(Target::Mapping, mapping, Reach::Resolved);
            }
            _ => {}
        }
        self.visit(value, ground);
    }

    fn branch(&mut self, arguments: &'a [Node]) {
        let Some((condition, branches)) = arguments.split_first() else {
            return;
        };
        // Which branch to take is decided while functions are made.
        let reach = match self.reach {
            Reach::Skipped => Reach::Skipped,
            _ => Reach::Resolved,
        };
        self.within(reach, |walker| walker.named_condition(condition));
        let truth = self.conditions.truth(condition);
        let outer = self.is_doubtful;
        self.is_doubtful |= truth.is_none();
        for (node, wanted) in branches.iter().zip([true, false]) {
            let reach = match truth {
                Some(truth) if truth != wanted => Reach::Skipped,
                _ => self.reach,
            };
            self.within(reach, |walker| walker.visit(node, Ground::Value));
        }
        self.is_doubtful = outer;
    }

    /// Conditions of which Heat looks at one after the other as long as they come to `wanted`. It has
    /// resolved the functions in all of them before that.
    fn chain(&mut self, items: &'a [Node], wanted: bool) {
        let (reach, outer) = (self.reach, self.is_doubtful);
        for item in items {
            if matches!(item.content, Content::Mapping(_)) && self.is_call(item) {
                self.within(reach, |walker| walker.visit(item, Ground::Condition));
            } else {
                self.named_condition(item);
            }
            match self.conditions.truth(item) {
                Some(truth) if truth != wanted => self.reach = self.reach.min(Reach::Validated),
                Some(_) => {}
                None => self.is_doubtful = true,
            }
        }
        (self.reach, self.is_doubtful) = (reach, outer);
    }

    /// A place that takes the name of a condition, a boolean or a function.
    fn named_condition(&mut self, node: &'a Node) {
        match &node.content {
            Content::Bool(_) => {}
            Content::Text(_) => self.reference(Target::Condition, node, Reach::Resolved),
            Content::Mapping(_) if self.is_call(node) => self.visit(node, Ground::Condition),
            _ => {
                let needed = "its name, a boolean or a function is needed";
                self.no_condition("the condition", node, needed, Reach::Resolved);
                self.visit(node, Ground::Condition);
            }
        }
    }

    fn no_condition(&mut self, what: &str, node: &Node, needed: &str, reach: Reach) {
        let kind = match shape::single(node) {
            Some((name, ..)) => format!("`{name}`, which is no function of conditions"),
            None => node.kind(),
        };
        let message = format!("{what} is {kind}; {needed}");
        self.add(reach, &INVALID_CONDITION, node.start, message);
    }

    /// A name in a place that takes a parameter's.
    fn parameter(&mut self, function: &str, at: Mark, node: &'a Node) {
        match node.content {
            Content::Text(_) => self.reference(Target::Parameter, node, Reach::Resolved),
            Content::Mapping(_) if self.is_call(node) => self.any_parameter = true,
            _ => self.no_name(function, at, node),
        }
    }

    fn no_name(&mut self, function: &str, at: Mark, node: &Node) {
        let kind = match &node.content {
            Content::Sequence(items) if items.is_empty() => "an empty list".to_owned(),
            _ => node.kind(),
        };
        let message = format!("`{function}` has {kind}; it needs the name of a parameter");
        self.add(Reach::Resolved, &INVALID_ARGUMENTS, at, message);
    }

    /// A name, which Heat looks up once it goes so far.
    fn reference(&mut self, target: Target, node: &'a Node, needed: Reach) {
        if let Content::Text(name) = &node.content {
            let is_taken = match self.reach >= needed {
                true if self.is_doubtful => None,
                other => Some(other),
            };
            self.references.push(Reference {
                target,
                name,
                at: node.start,
                scope: self.scope,
                is_taken,
                severity: self.severity(needed),
            });
        } else if target == Target::Either {
            self.any_parameter = true;
        }
    }

    /// Whether it calls a function, be it one that has no place in a condition.
    fn is_call(&self, node: &Node) -> bool {
        let is_call = |ground| shape::call(self.language, ground, node).is_some();
        is_call(Ground::Condition) || is_call(Ground::Value)
    }

    fn misplaced(&self, name: &str) -> bool {
        self.language.function(Ground::Condition, name).is_none()
            && self.language.function(Ground::Value, name).is_some()
    }

    /// A mapping with one key that calls no function: plain data, or a mistake.
    fn no_function(&mut self, name: &str, at: Mark, value: &Node, ground: Ground) {
        if ground == Ground::Condition && self.misplaced(name) {
            let message = format!("`{name}` cannot be used in a condition");
            return self.add(Reach::Parsed, &MISPLACED_FUNCTION, at, message);
        }
        let version = self.language.name();
        let (rule, message): (&'static Rule, _) = match self.language.foreign(name) {
            Some((_, Foreign::Removed(last))) => {
                let instead = successor(name);
                let message = format!(
                    "`{name}` was last known in version {last}, and this is {version}; use {instead}"
                );
                (&REMOVED_FUNCTION, message)
            }
            Some((function, _)) if !function.arguments.fit(value) => return,
            Some((function, _)) if function.name == "digest" && value.as_text().is_some() => return,
            Some((_, Foreign::Later(first))) => {
                let message = format!(
                    "`{name}` is a function from version {first} on; in {version} Heat takes it for \
                     plain data"
                );
                (&UNKNOWN_FUNCTION, message)
            }
            Some((_, Foreign::Other(format))) => {
                let message = format!(
                    "`{name}` is a function of {format}; here Heat takes it for plain data"
                );
                (&UNKNOWN_FUNCTION, message)
            }
            None => match self.misspelt(name) {
                Some(hint) => {
                    let message = format!(
                        "there is no function `{name}`, so Heat takes it for plain data{hint}"
                    );
                    (&UNKNOWN_FUNCTION, message)
                }
                None => return,
            },
        };
        self.add(Reach::Validated, rule, at, message);
    }

    /// What was probably meant, as the end of a message, if a name looks like a function's.
    fn misspelt(&mut self, name: &str) -> Option<String> {
        let functions = self.language.functions(Ground::Value);
        let mut names = functions.map(|function| function.name);
        if name.starts_with("Fn::") {
            let hint = self.findings.hint(name, names, "");
            let separator = if hint.is_empty() { "" } else { "; " };
            return Some(format!("{separator}{hint}"));
        }
        let plain = |name: &str| name.replace(['-', '_'], "").to_lowercase();
        let typed = plain(name);
        if !(6..=40).contains(&typed.len()) {
            return None;
        }
        let is_near = |known: &&str| {
            let spoken = plain(known);
            let within = (spoken.len() / 4).clamp(1, 2);
            // The names that are single words are too common to guess at.
            known.contains('_')
                && (typed.starts_with(&spoken) || distance(&typed, &spoken) <= within)
        };
        let known = names.find(is_near)?;
        Some(format!("; did you mean `{known}`?"))
    }
}

/// What to use in place of a function that was removed.
fn successor(name: &str) -> &'static str {
    match name {
        "Ref" => "`get_param` or `get_resource`",
        "Fn::Join" => "`list_join`",
        "Fn::Split" => "`str_split`",
        "Fn::Replace" => "`str_replace`",
        "Fn::Select" => "the path that `get_attr` and `get_param` take",
        "Fn::ResourceFacade" => "`resource_facade`",
        "Fn::Base64" => "the text itself",
        _ => "another way",
    }
}
