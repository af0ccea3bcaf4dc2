//! A template as a whole, section by section.

use super::conditions::Conditions;
use super::declared;
use super::findings::Findings;
use super::language::Language;
use super::values::Values;
use super::walk::Walker;
use super::{parameters, references, resources, scalars, shape};
use crate::template::role::VERSION_KEYS;
use crate::template::rules::{NULL_SECTION, UNKNOWN_SECTION, WRONG_SHAPE};
use crate::yaml::{Content, Mapping, Node};

/// Checks a template.
pub(super) fn check(root: &Node, text: &str, values: &Values<'_>, findings: &mut Findings) {
    if root.is_null() {
        return findings.add(&WRONG_SHAPE, root.start, "the template is empty".to_owned());
    }
    let Some(members) = shape::mapping(root, "the template", findings) else {
        return;
    };
    let Some(language) = declared::language(members, root.start, findings) else {
        return;
    };
    sections(language, members, findings);
    let words = language.words();
    let none = Mapping::new();
    let section = |name: &str| match members.get(name) {
        Some(member) => member.value.as_mapping().unwrap_or(&none),
        None => &none,
    };
    let declared = section(words.parameters);
    parameters::check(language, declared, findings);
    if let Some(member) = members.get("parameter_groups")
        && language.is_hot()
        && !is_falsy(&member.value)
    {
        parameters::groups(language, &member.value, declared, findings);
    }
    let conditions = if language.has_conditions() {
        section(words.conditions)
    } else {
        &none
    };
    let known = Conditions::new(language, conditions, declared, values);
    let mut walker = Walker::new(known, findings);
    resources::check(section(words.resources), &mut walker);
    resources::outputs(section(words.outputs), &mut walker);
    resources::conditions(conditions, &mut walker);
    let Walker {
        references,
        any_parameter,
        presence,
        ..
    } = walker;
    let sections = references::Sections {
        parameters: declared,
        resources: section(words.resources),
        presence: &presence,
        conditions,
        mappings: section(words.mappings),
    };
    references::check(language, &sections, &references, any_parameter, findings);
    scalars::template(language, members, text, findings);
}

fn sections(language: Language, members: &Mapping, findings: &mut Findings) {
    let known = language.sections();
    let words = language.words();
    let mappings = [words.parameters, words.resources, words.outputs];
    for (name, member) in members {
        let node = &member.value;
        if VERSION_KEYS.contains(&name.as_str()) {
            continue;
        }
        if !known.contains(&name.as_str()) {
            let message = match language.since(name) {
                Some(since) => {
                    let version = language.name();
                    format!(
                        "the section `{name}` requires version {since} or later; this template has version {version}"
                    )
                }
                None => {
                    let all = format!("expected one of {}", listed(&known));
                    let hint = findings.hint(name, known.iter().copied().filter(is_listed), &all);
                    format!("unknown section `{name}`; {hint}")
                }
            };
            findings.add(&UNKNOWN_SECTION, member.key, message);
        } else if name == words.conditions && node.is_null() {
            let message = format!("`{name}` is null; add values or remove it");
            findings.add(&NULL_SECTION, member.key, message);
        } else if name == words.conditions || mappings.contains(&name.as_str()) && !is_falsy(node) {
            shape::mapping(node, &format!("`{name}`"), findings);
        }
    }
}

fn is_listed(name: &&str) -> bool {
    !name.starts_with("__")
}

fn listed(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().copied().filter(is_listed).collect();
    names.join(", ")
}

/// Whether Heat treats it as an empty section.
fn is_falsy(node: &Node) -> bool {
    match &node.content {
        Content::Null => true,
        Content::Bool(value) => !value,
        Content::Number(number) => number.parse() == Ok(0.0),
        Content::Text(text) => text.is_empty(),
        Content::Sequence(items) => items.is_empty(),
        Content::Mapping(members) => members.is_empty(),
    }
}
