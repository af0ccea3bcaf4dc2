//! The declarations of parameters.

use super::constraints::{self, Constraint};
use super::declared;
use super::defaults;
use super::findings::Findings;
use super::language::{Kind, Language};
use super::shape::{self, unknown_attributes};
use super::values::Stack;
use crate::template::rules::{
    INVALID_DEFAULT, INVALID_GROUP, INVALID_VALUE, MISSING_ATTRIBUTE, NULL_DEFAULT, Severity,
    UNDEFINED_PARAMETER, UNKNOWN_TYPE,
};
use crate::yaml::{Mapping, Mark, Node};

/// Checks the section of parameters.
pub(super) fn check(language: Language, section: &Mapping, findings: &mut Findings) {
    for (name, member) in section {
        let what = format!("the parameter `{name}`");
        if let Some(members) = shape::mapping(&member.value, &what, findings) {
            parameter(language, name, member.key, members, findings);
        }
    }
}

/// The type and the constraints of a parameter.
struct Schema<'a> {
    kind: Kind,
    constraints: Vec<Constraint<'a>>,
}

impl Schema<'_> {
    /// The messages for an invalid value. `what` is `default` or `value`.
    fn faults(&self, what: &str, name: &str, value: &Node) -> Vec<String> {
        if let Some(needed) = defaults::misfit(self.kind, value) {
            let shown = shape::brief(value);
            return vec![format!(
                "the {what} of `{name}` is {shown}; expected {needed}"
            )];
        }
        let constraints = self.constraints.iter();
        constraints
            .filter_map(|constraint| constraint.check(self.kind, what, value))
            .collect()
    }
}

fn parameter(language: Language, name: &str, at: Mark, members: &Mapping, findings: &mut Findings) {
    let Some(schema) = schema(language, name, at, members, findings) else {
        return;
    };
    let Some(default) = members.get(language.words().default) else {
        return;
    };
    let (at, default) = (default.key, &default.value);
    if default.is_null() {
        let message = format!(
            "the default of `{name}` is null, which Heat ignores; {}",
            advice(schema.kind)
        );
        return findings.add(&NULL_DEFAULT, at, message);
    }
    for message in schema.faults("default", name, default) {
        findings.add(&INVALID_DEFAULT, default.start, message);
    }
}

/// Checks a declaration without its default.
fn schema<'a>(
    language: Language,
    name: &str,
    at: Mark,
    members: &'a Mapping,
    findings: &mut Findings,
) -> Option<Schema<'a>> {
    let words = language.words();
    let known = language.parameter_attributes();
    unknown_attributes(
        language,
        "parameter",
        members,
        &known,
        Severity::Error,
        findings,
    );
    if let Some(tags) = members.get("tags") {
        shape::list(&tags.value, "`tags`", findings);
    }
    let mut constraints = match members.get("constraints") {
        Some(member) if language.is_hot() => constraints::hot(language, &member.value, findings),
        None if !language.is_hot() => constraints::cfn(members, findings),
        _ => Vec::new(),
    };
    let Some(type_) = members.get(words.type_) else {
        let (attribute, types) = (words.type_, words.types.join(", "));
        let message =
            format!("the parameter `{name}` has no `{attribute}`; expected one of {types}");
        findings.add(&MISSING_ATTRIBUTE, at, message);
        return None;
    };
    let type_ = &type_.value;
    let Some((type_, kind)) = type_
        .as_text()
        .and_then(|name| Some((name, words.kind(name)?)))
    else {
        let types = format!("expected one of {}", words.types.join(", "));
        let message = match type_.as_text() {
            Some(typed) => {
                let hint = findings.hint(typed, words.types, &types);
                format!("unknown parameter type {}; {hint}", shape::brief(type_))
            }
            None => format!("the parameter type is {}; {types}", type_.kind()),
        };
        findings.add(&UNKNOWN_TYPE, type_.start, message);
        return None;
    };
    constraints.retain(|constraint| constraint.fits(kind, type_, findings));
    Some(Schema { kind, constraints })
}

/// Checks the values in an environment for the parameters of the stack's template.
pub(super) fn values(section: &Mapping, stack: &Stack<'_>, findings: &mut Findings) {
    // The problems of the template are reported in the template.
    let mut ignored = Findings::default();
    let Some(root) = stack.template else {
        return;
    };
    let language = root
        .as_mapping()
        .and_then(|members| declared::language(members, root.start, &mut ignored));
    let Some(language) = language else {
        return;
    };
    let none = Mapping::new();
    let declared = root.get(language.words().parameters);
    let declared = declared.and_then(Node::as_mapping).unwrap_or(&none);
    let is_strict = stack.values.is_strict(section);
    for (name, member) in section {
        let (at, value) = (member.key, &member.value);
        let Some(declaration) = declared.get(name) else {
            if is_strict {
                let hint = findings.hint(name, declared.keys().map(String::as_str), "remove it");
                let message = format!("the template has no parameter `{name}`; {hint}");
                findings.add(&UNDEFINED_PARAMETER, at, message);
            }
            continue;
        };
        let members = declaration.value.as_mapping().filter(|_| !value.is_null());
        let schema = members.and_then(|members| schema(language, name, at, members, &mut ignored));
        // Heat does not check a value that a later one replaces.
        let severity = if stack.values.has(name, value) {
            Severity::Error
        } else {
            Severity::Warning
        };
        for message in schema
            .into_iter()
            .flat_map(|schema| schema.faults("value", name, value))
        {
            findings.add_as(severity, &INVALID_VALUE, value.start, message);
        }
    }
}

/// The advice for a default of null.
fn advice(kind: Kind) -> &'static str {
    match kind {
        Kind::String => "write '' for an empty string, or remove the default",
        Kind::List => "write [] for an empty list, or remove the default",
        Kind::Json => "write {} for an empty mapping, or remove the default",
        Kind::Number | Kind::Boolean => "remove the default",
    }
}

/// Checks the parameter groups.
pub(super) fn groups(language: Language, node: &Node, declared: &Mapping, findings: &mut Findings) {
    let mut grouped = std::collections::HashSet::new();
    let groups = shape::list(node, "`parameter_groups`", findings).unwrap_or_default();
    for group in groups {
        let Some(members) = shape::mapping(group, "a parameter group", findings) else {
            continue;
        };
        let Some(parameters) = members
            .get("parameters")
            .filter(|member| !member.value.is_null())
        else {
            let message = "the group has no `parameters`; add a list of parameter names".to_owned();
            findings.add(&INVALID_GROUP, group.start, message);
            continue;
        };
        let names = shape::list(&parameters.value, "`parameters`", findings).unwrap_or_default();
        for node in names {
            let Some(name) = node.as_text() else {
                shape::wrong(
                    node,
                    "an item of `parameters`",
                    "the name of a parameter",
                    findings,
                );
                continue;
            };
            if !grouped.insert(name) {
                let message = format!(
                    "the parameter `{name}` is already in a group; remove it from one of them"
                );
                findings.add(&INVALID_GROUP, node.start, message);
            }
            let is_pseudo = language.words().pseudo.contains(&name);
            if !declared.contains_key(name) && !is_pseudo {
                let names = declared.keys().map(String::as_str);
                let hint = findings.hint(name, names, "declare it or remove it");
                let message = format!("the parameter `{name}` is not declared; {hint}");
                findings.add(&UNDEFINED_PARAMETER, node.start, message);
            }
        }
    }
}
