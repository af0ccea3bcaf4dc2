//! Checks the functions in a template and collects their references.

use std::collections::HashMap;

use super::arguments::{self, Fault};
use super::conditions::Conditions;
use super::findings::Findings;
use super::functions::Arguments;
use super::language::{Context, Foreign, Language};
use super::reference::{Reference, Scope, Stage, Target};
use super::shape;
use crate::suggest::distance;
use crate::template::rules::{
    DEPRECATED, INVALID_ARGUMENTS, INVALID_CONDITION, MISPLACED_FUNCTION, REMOVED_FUNCTION, Rule,
    Severity, UNKNOWN_FUNCTION,
};
use crate::yaml::{Content, Mark, Node};

/// Visits a template and collects its references.
#[derive(Debug)]
pub(super) struct Walker<'a, 'f> {
    pub(super) language: Language,
    pub(super) findings: &'f mut Findings,
    pub(super) references: Vec<Reference<'a>>,
    /// Whether a function computes the name of a parameter, so that any parameter may be used.
    pub(super) any_parameter: bool,
    pub(super) conditions: Conditions<'a>,
    /// Whether the resources with a condition exist.
    pub(super) presence: HashMap<&'a str, Option<bool>>,
    scope: Scope<'a>,
    stage: Stage,
    /// Whether the stage depends on a condition whose value is not known.
    is_uncertain: bool,
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
            stage: Stage::Resolved,
            is_uncertain: false,
        }
    }

    /// Visits a value.
    pub(super) fn value(&mut self, node: &'a Node, scope: Scope<'a>, stage: Stage) {
        (self.scope, self.stage) = (scope, stage);
        self.visit(node, Context::Value);
    }

    /// Visits the condition of a resource or output: the name of a condition, a boolean or a function.
    pub(super) fn condition(&mut self, node: &'a Node, scope: Scope<'a>) {
        (self.scope, self.stage) = (scope, Stage::Resolved);
        self.named_condition(node);
    }

    /// Visits the definition of a condition.
    pub(super) fn definition(&mut self, node: &'a Node, name: &'a str, stage: Stage) {
        (self.scope, self.stage) = (Scope::Condition(name), stage);
        if matches!(node.content, Content::Bool(_)) || self.is_call(node) {
            self.visit(node, Context::Condition);
        } else {
            let functions = self.language.functions(Context::Condition);
            let names: Vec<_> = functions.map(|function| function.name).collect();
            let needed = format!("a boolean or one of {}", names.join(", "));
            self.invalid_condition(
                &format!("the condition `{name}`"),
                node,
                &needed,
                Stage::Parsed,
            );
        }
    }

    /// Adds a reference without a function.
    pub(super) fn refer(&mut self, target: Target, node: &'a Node, scope: Scope<'a>, stage: Stage) {
        (self.scope, self.stage) = (scope, stage);
        self.reference(target, node, Stage::Validated);
    }

    /// Does `work` at another stage.
    fn within(&mut self, stage: Stage, work: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.stage, stage);
        work(self);
        self.stage = outer;
    }

    /// The severity of a finding that Heat makes at the stage `needed`.
    fn severity(&self, needed: Stage) -> Severity {
        if self.stage >= needed {
            Severity::Error
        } else {
            Severity::Warning
        }
    }

    fn add(&mut self, needed: Stage, rule: &'static Rule, at: Mark, message: String) {
        let severity = self.severity(needed);
        self.findings.add_as(severity, rule, at, message);
    }

    fn visit(&mut self, node: &'a Node, context: Context) {
        match &node.content {
            Content::Sequence(items) => items.iter().for_each(|item| self.visit(item, context)),
            Content::Mapping(members) => match shape::single(node) {
                Some((name, at, value)) => self.call(name, at, value, context),
                None => members
                    .values()
                    .for_each(|member| self.visit(&member.value, context)),
            },
            _ => {}
        }
    }

    /// Visits a mapping with one key, which may be a function call.
    fn call(&mut self, name: &'a str, at: Mark, value: &'a Node, context: Context) {
        let Some(function) = self.language.function(context, name) else {
            self.unknown_function(name, at, value, context);
            return self.visit(value, context);
        };
        if !function.arguments.fit(value) {
            let needed = &function.arguments;
            let message = match (&value.content, needed) {
                (Content::Sequence(items), Arguments::List(..)) => {
                    format!(
                        "the argument of `{name}` is a list of length {}; expected {needed}",
                        items.len()
                    )
                }
                (Content::Mapping(_), Arguments::Mapping(..)) | (Content::Text(_), _) => {
                    format!("`{name}` expects {needed}")
                }
                _ => format!(
                    "the argument of `{name}` is {}; expected {needed}",
                    value.kind()
                ),
            };
            self.add(Stage::Parsed, &INVALID_ARGUMENTS, at, message);
        }
        if self.language.is_hot() && Language::NEWEST.function(context, name).is_none() {
            let instead = replacement(name);
            let message = format!("later versions do not have `{name}`; use {instead}");
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
        if let Some(Fault { stage, at, message }) = arguments::fault(self.language, name, value) {
            self.add(stage, &INVALID_ARGUMENTS, at, message);
        }
        match (name, items.map(<[Node]>::split_first)) {
            ("get_param", Some(Some((first, _)))) => self.parameter(name, at, first),
            ("get_param", Some(None)) => self.invalid_name(name, at, value),
            ("get_param", None) => self.parameter(name, at, value),
            ("Ref", _) if context == Context::Condition => self.parameter(name, at, value),
            ("Ref", _) => self.reference(Target::Either, value, Stage::Resolved),
            ("get_resource", _) => self.reference(Target::Resource, value, Stage::Resolved),
            ("get_attr" | "Fn::GetAtt", Some(Some((resource, path)))) => {
                self.reference(Target::Resource, resource, Stage::Validated);
                let (attribute, path) = path.split_at(path.len().min(1));
                // The lookup of the attribute needs the values of these two.
                let stage = match self.stage {
                    Stage::Validated => Stage::Resolved,
                    other => other,
                };
                self.within(stage, |walker| {
                    let known = std::iter::once(resource).chain(attribute);
                    known.for_each(|node| walker.visit(node, context));
                });
                return path.iter().for_each(|node| self.visit(node, context));
            }
            ("Fn::FindInMap", Some(Some((mapping, _)))) if !self.language.is_hot() => {
                self.reference(Target::Mapping, mapping, Stage::Resolved);
            }
            _ => {}
        }
        self.visit(value, context);
    }

    fn branch(&mut self, arguments: &'a [Node]) {
        let Some((condition, branches)) = arguments.split_first() else {
            return;
        };
        // Heat selects the branch when it parses the function.
        let stage = match self.stage {
            Stage::Skipped => Stage::Skipped,
            _ => Stage::Resolved,
        };
        self.within(stage, |walker| walker.named_condition(condition));
        let truth = self.conditions.truth(condition);
        let outer = self.is_uncertain;
        self.is_uncertain |= truth.is_none();
        for (node, wanted) in branches.iter().zip([true, false]) {
            let stage = match truth {
                Some(truth) if truth != wanted => Stage::Skipped,
                _ => self.stage,
            };
            self.within(stage, |walker| walker.visit(node, Context::Value));
        }
        self.is_uncertain = outer;
    }

    /// Visits the conditions of `and` or `or`. Heat first resolves the functions in all of them, then evaluates them
    /// in order as long as their value is `wanted`.
    fn chain(&mut self, items: &'a [Node], wanted: bool) {
        let (stage, outer) = (self.stage, self.is_uncertain);
        for item in items {
            if matches!(item.content, Content::Mapping(_)) && self.is_call(item) {
                self.within(stage, |walker| walker.visit(item, Context::Condition));
            } else {
                self.named_condition(item);
            }
            match self.conditions.truth(item) {
                Some(truth) if truth != wanted => self.stage = self.stage.min(Stage::Validated),
                Some(_) => {}
                None => self.is_uncertain = true,
            }
        }
        (self.stage, self.is_uncertain) = (stage, outer);
    }

    /// Visits the name of a condition, a boolean or a function.
    fn named_condition(&mut self, node: &'a Node) {
        match &node.content {
            Content::Bool(_) => {}
            Content::Text(_) => self.reference(Target::Condition, node, Stage::Resolved),
            Content::Mapping(_) if self.is_call(node) => self.visit(node, Context::Condition),
            _ => {
                let needed = "the name of a condition, a boolean or a function";
                self.invalid_condition("the condition", node, needed, Stage::Resolved);
                self.visit(node, Context::Condition);
            }
        }
    }

    fn invalid_condition(&mut self, what: &str, node: &Node, needed: &str, stage: Stage) {
        let kind = match shape::single(node) {
            Some((name, ..)) => format!("`{name}`, which is not a condition function"),
            None => node.kind(),
        };
        let message = format!("{what} is {kind}; expected {needed}");
        self.add(stage, &INVALID_CONDITION, node.start, message);
    }

    /// Visits the name of a parameter.
    fn parameter(&mut self, function: &str, at: Mark, node: &'a Node) {
        match node.content {
            Content::Text(_) => self.reference(Target::Parameter, node, Stage::Resolved),
            Content::Mapping(_) if self.is_call(node) => self.any_parameter = true,
            _ => self.invalid_name(function, at, node),
        }
    }

    fn invalid_name(&mut self, function: &str, at: Mark, node: &Node) {
        let kind = match &node.content {
            Content::Sequence(items) if items.is_empty() => "an empty list".to_owned(),
            _ => node.kind(),
        };
        let message =
            format!("the argument of `{function}` is {kind}; expected the name of a parameter");
        self.add(Stage::Resolved, &INVALID_ARGUMENTS, at, message);
    }

    /// Adds a reference, which Heat looks up at the stage `needed`.
    fn reference(&mut self, target: Target, node: &'a Node, needed: Stage) {
        if let Content::Text(name) = &node.content {
            let is_evaluated = match self.stage >= needed {
                true if self.is_uncertain => None,
                other => Some(other),
            };
            self.references.push(Reference {
                target,
                name,
                at: node.start,
                scope: self.scope,
                is_evaluated,
                severity: self.severity(needed),
            });
        } else if target == Target::Either {
            self.any_parameter = true;
        }
    }

    /// Whether it calls a function, even one that is not allowed in a condition.
    fn is_call(&self, node: &Node) -> bool {
        let is_call = |context| shape::call(self.language, context, node).is_some();
        is_call(Context::Condition) || is_call(Context::Value)
    }

    fn misplaced(&self, name: &str) -> bool {
        self.language.function(Context::Condition, name).is_none()
            && self.language.function(Context::Value, name).is_some()
    }

    /// Checks a mapping with one key that is not a function call: plain data, or a mistake.
    fn unknown_function(&mut self, name: &str, at: Mark, value: &Node, context: Context) {
        if context == Context::Condition && self.misplaced(name) {
            let message = format!("`{name}` cannot be used in a condition");
            return self.add(Stage::Parsed, &MISPLACED_FUNCTION, at, message);
        }
        let version = self.language.name();
        let (rule, message): (&'static Rule, _) = match self.language.foreign(name) {
            Some((_, Foreign::Removed(last))) => {
                let instead = replacement(name);
                let message = format!(
                    "`{name}` was removed after version {last}; this template has version {version}; use {instead}"
                );
                (&REMOVED_FUNCTION, message)
            }
            Some((function, _)) if !function.arguments.fit(value) => return,
            Some((function, _)) if function.name == "digest" && value.as_text().is_some() => return,
            Some((_, Foreign::Later(first))) => {
                let message = format!(
                    "`{name}` requires version {first} or later; in version {version} Heat treats it as \
                     plain data"
                );
                (&UNKNOWN_FUNCTION, message)
            }
            Some((_, Foreign::Other(format))) => {
                let message = format!(
                    "`{name}` is a function of {format}; Heat treats it as plain data here"
                );
                (&UNKNOWN_FUNCTION, message)
            }
            None => match self.suggestion(name) {
                Some(hint) => {
                    let message =
                        format!("unknown function `{name}`, which Heat treats as plain data{hint}");
                    (&UNKNOWN_FUNCTION, message)
                }
                None => return,
            },
        };
        self.add(Stage::Validated, rule, at, message);
    }

    /// A suggestion as the end of a message, if a name looks like that of a function.
    fn suggestion(&mut self, name: &str) -> Option<String> {
        let functions = self.language.functions(Context::Value);
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
            let known_plain = plain(known);
            let within = (known_plain.len() / 4).clamp(1, 2);
            // Function names of one word are too common for a suggestion.
            known.contains('_')
                && (typed.starts_with(&known_plain) || distance(&typed, &known_plain) <= within)
        };
        let known = names.find(is_near)?;
        Some(format!("; did you mean `{known}`?"))
    }
}

/// The replacement of a removed function.
fn replacement(name: &str) -> &'static str {
    match name {
        "Ref" => "`get_param` or `get_resource`",
        "Fn::Join" => "`list_join`",
        "Fn::Split" => "`str_split`",
        "Fn::Replace" => "`str_replace`",
        "Fn::Select" => "a path in `get_attr` or `get_param`",
        "Fn::ResourceFacade" => "`resource_facade`",
        "Fn::Base64" => "the string itself",
        _ => "another function",
    }
}
