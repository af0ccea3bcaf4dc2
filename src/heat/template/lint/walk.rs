//! The functions in a template, and what they refer to.

use super::findings::Findings;
use super::functions::Arguments;
use super::language::{Foreign, Ground, Language};
use super::{arguments, shape};
use crate::heat::template::Severity;
use crate::heat::template::rules::{
    DEPRECATED, INVALID_ARGUMENTS, INVALID_CONDITION, MISPLACED_FUNCTION, REMOVED_FUNCTION, Rule,
    UNKNOWN_FUNCTION,
};
use crate::suggest::distance;
use crate::yaml::{Content, Mark, Node};

/// What is referred to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Parameter,
    Resource,
    /// `Ref` means whichever there is.
    Either,
    Condition,
    Mapping,
}

/// One reference by name.
#[derive(Clone, Debug)]
pub(super) struct Reference<'a> {
    pub(super) target: Target,
    pub(super) name: &'a str,
    pub(super) at: Mark,
    /// The part of the template that it stands in.
    pub(super) scope: Scope<'a>,
    /// Whether it stands in a branch of `if`.
    pub(super) branch: bool,
    /// How bad it is if there is nothing of that name.
    pub(super) severity: Severity,
}

/// A part of the template, and its name there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope<'a> {
    /// What a resource is made from: it depends on what it refers to.
    Resource(&'a str),
    /// What else a resource has.
    Policy,
    Output,
    Condition(&'a str),
}

/// Goes through a template and collects what it refers to.
#[derive(Debug)]
pub(super) struct Walker<'a, 'f> {
    pub(super) language: Language,
    pub(super) findings: &'f mut Findings,
    pub(super) references: Vec<Reference<'a>>,
    /// A parameter is named by a function, so that nobody can tell which.
    pub(super) any_parameter: bool,
    scope: Scope<'a>,
    branches: usize,
}

impl<'a, 'f> Walker<'a, 'f> {
    pub(super) fn new(language: Language, findings: &'f mut Findings) -> Self {
        Self {
            language,
            findings,
            references: Vec::new(),
            any_parameter: false,
            scope: Scope::Policy,
            branches: 0,
        }
    }

    /// Goes through a value.
    pub(super) fn value(&mut self, node: &'a Node, scope: Scope<'a>) {
        self.scope = scope;
        self.visit(node, Ground::Value);
    }

    /// Goes through what decides whether something is there: the name of a condition, a boolean or
    /// a function.
    pub(super) fn condition(&mut self, node: &'a Node, scope: Scope<'a>) {
        self.scope = scope;
        self.named_condition(node);
    }

    /// Goes through the definition of a condition.
    pub(super) fn definition(&mut self, node: &'a Node, name: &'a str) {
        self.scope = Scope::Condition(name);
        if matches!(node.content, Content::Bool(_)) || self.is_call(node) {
            self.visit(node, Ground::Condition);
        } else {
            let functions = self.language.functions(Ground::Condition);
            let names: Vec<_> = functions.map(|function| function.name).collect();
            let needed = format!("a boolean or one of {} is needed", names.join(", "));
            self.no_condition(&format!("the condition `{name}`"), node, &needed);
        }
    }

    /// Adds a reference that no function makes.
    pub(super) fn refer(&mut self, target: Target, node: &'a Node, scope: Scope<'a>) {
        self.scope = scope;
        self.reference(target, node, Severity::Error);
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
            self.findings.add(&INVALID_ARGUMENTS, at, message);
        }
        if self.language.is_hot() && Language::NEWEST.function(ground, name).is_none() {
            let instead = successor(name);
            let message = format!("later versions have no `{name}`; use {instead}");
            self.findings.add(&DEPRECATED, at, message);
        }
        match name {
            "if" | "Fn::If" => return self.branch(value),
            "and" | "or" | "Fn::And" | "Fn::Or" | "Fn::Not" => {
                let items = value.as_sequence().unwrap_or_default();
                return items.iter().for_each(|item| self.named_condition(item));
            }
            "not" => return self.named_condition(value),
            _ => {}
        }
        let first = value.as_sequence().map(<[Node]>::first);
        let lenient = if self.scope == Scope::Output {
            Severity::Warning
        } else {
            Severity::Error
        };
        if let Some((at, message)) = arguments::fault(name, value) {
            self.findings
                .add_as(lenient, &INVALID_ARGUMENTS, at, message);
        }
        match name {
            "get_param" => match first {
                Some(Some(first)) => self.parameter(name, at, first, lenient),
                Some(None) => self.no_name(name, at, value, lenient),
                None => self.parameter(name, at, value, lenient),
            },
            "Ref" if ground == Ground::Condition => self.parameter(name, at, value, lenient),
            "Ref" => self.reference(Target::Either, value, lenient),
            "get_resource" => self.reference(Target::Resource, value, lenient),
            "get_attr" | "Fn::GetAtt" => {
                if let Some(Some(first)) = first {
                    self.reference(Target::Resource, first, Severity::Error);
                }
            }
            "Fn::FindInMap" if !self.language.is_hot() => {
                if let Some(Some(first)) = first {
                    self.reference(Target::Mapping, first, lenient);
                }
            }
            _ => {}
        }
        self.visit(value, ground);
    }

    fn branch(&mut self, value: &'a Node) {
        let Some([condition, branches @ ..]) = value.as_sequence() else {
            return;
        };
        self.named_condition(condition);
        // Heat does not look at the other branch.
        let taken = match (&condition.content, branches) {
            (Content::Bool(true), [taken, ..]) | (Content::Bool(false), [_, taken]) => {
                std::slice::from_ref(taken)
            }
            (Content::Bool(false), [_]) => &[],
            _ => branches,
        };
        self.branches += 1;
        taken
            .iter()
            .for_each(|node| self.visit(node, Ground::Value));
        self.branches -= 1;
    }

    /// A place that takes the name of a condition, a boolean or a function.
    fn named_condition(&mut self, node: &'a Node) {
        match &node.content {
            Content::Bool(_) => {}
            Content::Text(_) => self.reference(Target::Condition, node, Severity::Error),
            Content::Mapping(_) if self.is_call(node) => self.visit(node, Ground::Condition),
            _ => self.no_condition(
                "the condition",
                node,
                "its name, a boolean or a function is needed",
            ),
        }
    }

    fn no_condition(&mut self, what: &str, node: &Node, needed: &str) {
        let kind = match shape::single(node) {
            Some((name, ..)) => format!("`{name}`, which is no function of conditions"),
            None => node.kind(),
        };
        let message = format!("{what} is {kind}; {needed}");
        self.findings.add(&INVALID_CONDITION, node.start, message);
    }

    /// A name in a place that takes a parameter's.
    fn parameter(&mut self, function: &str, at: Mark, node: &'a Node, severity: Severity) {
        match node.content {
            Content::Text(_) => self.reference(Target::Parameter, node, severity),
            Content::Mapping(_) if self.is_call(node) => self.any_parameter = true,
            _ => self.no_name(function, at, node, severity),
        }
    }

    fn no_name(&mut self, function: &str, at: Mark, node: &Node, severity: Severity) {
        let kind = match &node.content {
            Content::Sequence(items) if items.is_empty() => "an empty list".to_owned(),
            _ => node.kind(),
        };
        let message = format!("`{function}` has {kind}; it needs the name of a parameter");
        self.findings
            .add_as(severity, &INVALID_ARGUMENTS, at, message);
    }

    fn reference(&mut self, target: Target, node: &'a Node, severity: Severity) {
        if let Content::Text(name) = &node.content {
            self.references.push(Reference {
                target,
                name,
                at: node.start,
                scope: self.scope,
                branch: self.branches > 0,
                severity,
            });
        } else if target == Target::Either {
            self.any_parameter = true;
        }
    }

    /// Whether it calls a function, be it one that has no place in a condition.
    fn is_call(&self, node: &Node) -> bool {
        shape::single(node).is_some_and(|(name, ..)| {
            let is_known = |ground| self.language.function(ground, name).is_some();
            is_known(Ground::Condition) || is_known(Ground::Value)
        })
    }

    fn misplaced(&self, name: &str) -> bool {
        self.language.function(Ground::Condition, name).is_none()
            && self.language.function(Ground::Value, name).is_some()
    }

    /// A mapping with one key that calls no function: plain data, or a mistake.
    fn no_function(&mut self, name: &str, at: Mark, value: &Node, ground: Ground) {
        if ground == Ground::Condition && self.misplaced(name) {
            let message = format!("`{name}` cannot be used in a condition");
            return self.findings.add(&MISPLACED_FUNCTION, at, message);
        }
        let version = self.language.name();
        let (rule, message): (&Rule, _) = match self.language.foreign(name) {
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
        self.findings.add(rule, at, message);
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
