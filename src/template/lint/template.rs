//! A template as a whole: its version and its sections.

use super::conditions::Conditions;
use super::findings::Findings;
use super::language::{Language, VERSIONS};
use super::values::Values;
use super::walk::Walker;
use super::{parameters, references, resources, scalars, shape};
use crate::template::Severity;
use crate::template::document::VERSION_KEYS;
use crate::template::rules::{NULL_SECTION, UNKNOWN_ATTRIBUTE, UNKNOWN_SECTION, UNKNOWN_VERSION};
use crate::yaml::{Content, Mapping, Mark, Node};

/// Checks a template.
pub(super) fn check(root: &Node, text: &str, values: &Values<'_>, findings: &mut Findings) {
    let Some(members) = shape::mapping(root, "the template", findings) else {
        return;
    };
    let Some(language) = language(members, root.start, findings) else {
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

/// The language that the template declares, or the newest if there is none of that name. `None` if
/// it declares none at all.
pub(super) fn language(
    members: &Mapping,
    start: Mark,
    findings: &mut Findings,
) -> Option<Language> {
    let declared = |key: &str| {
        let (key, member) = members.get_key_value(key)?;
        member.value.as_text().map(|version| (key, member, version))
    };
    let mut found = VERSION_KEYS.iter().filter_map(|key| declared(key));
    let Some((key, member, version)) = found.next() else {
        let key = VERSION_KEYS
            .iter()
            .find_map(|key| members.get_key_value(*key));
        let (at, message) = match key {
            Some((key, member)) => {
                let kind = member.value.kind();
                (
                    member.value.start,
                    format!("`{key}` is {kind}; a version as a text is needed"),
                )
            }
            None => {
                let newest = VERSIONS.last().map_or("", |(date, _)| date);
                (
                    start,
                    format!("the version is missing; add `heat_template_version: {newest}`"),
                )
            }
        };
        findings.add(&UNKNOWN_VERSION, at, message);
        return key.map(|_| Language::NEWEST);
    };
    if let Some((other, second, _)) = found.next() {
        let message = format!("`{key}` and `{other}` both stand here; take one of them out");
        findings.add(&UNKNOWN_VERSION, second.key.max(member.key), message);
    }
    let Some(language) = Language::find(key, version) else {
        let names: Vec<&str> = match key.as_str() {
            "heat_template_version" => VERSIONS
                .iter()
                .flat_map(|(date, release)| [Some(*date), *release])
                .flatten()
                .collect(),
            "AWSTemplateFormatVersion" => vec!["2010-09-09"],
            _ => vec!["2012-12-12"],
        };
        let known = format!("there are {}", names.join(", "));
        let hint = match nearest_date(version, &names) {
            Some(date) => format!("did you mean `{date}`?"),
            None => findings.hint(version, names, &known),
        };
        let shown = shape::brief(&member.value);
        let message = format!("unknown version {shown}; {hint}");
        findings.add(&UNKNOWN_VERSION, member.value.start, message);
        return Some(match key.as_str() {
            "heat_template_version" => Language::NEWEST,
            _ => Language::Aws,
        });
    };
    Some(language)
}

/// The latest version that is not later than what looks like a date, or else the first one.
fn nearest_date<'a>(typed: &str, names: &[&'a str]) -> Option<&'a str> {
    let is_date = typed.len() == 10
        && typed.chars().enumerate().all(|(place, c)| match place {
            4 | 7 => c == '-',
            _ => c.is_ascii_digit(),
        });
    let dates = || names.iter().filter(|name| name.starts_with("20"));
    let before = dates().rfind(|name| **name <= typed);
    before
        .or_else(|| dates().next())
        .filter(|_| is_date)
        .copied()
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
                    format!("`{name}` is a section from version {since} on, and this is {version}")
                }
                None => {
                    let all = format!("there are {}", spoken(&known));
                    let hint = findings.hint(name, known.iter().copied().filter(is_spoken), &all);
                    format!("there is no section `{name}`; {hint}")
                }
            };
            findings.add(&UNKNOWN_SECTION, member.key, message);
        } else if name == words.conditions && node.is_null() {
            let message = format!("`{name}` is null; fill it or take it out");
            findings.add(&NULL_SECTION, member.key, message);
        } else if name == words.conditions || mappings.contains(&name.as_str()) && !is_falsy(node) {
            shape::mapping(node, &format!("`{name}`"), findings);
        }
    }
}

fn is_spoken(name: &&str) -> bool {
    !name.starts_with("__")
}

fn spoken(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().copied().filter(is_spoken).collect();
    names.join(", ")
}

/// Whether Heat takes it for an empty section.
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

/// Notes the attributes of a parameter, resource or output that Heat does not know.
pub(super) fn unknown_attributes(
    language: Language,
    what: &str,
    members: &Mapping,
    known: &[&str],
    severity: Severity,
    findings: &mut Findings,
) {
    for (name, member) in members {
        if known.contains(&name.as_str()) {
            continue;
        }
        let message = match language.since(name) {
            Some(since) => {
                let version = language.name();
                format!("`{name}` is known from version {since} on, and this is {version}")
            }
            None => {
                let all = format!("there are {}", known.join(", "));
                let hint = findings.hint(name, known.iter().copied(), &all);
                let article = if what.starts_with('o') { "an" } else { "a" };
                format!("{article} {what} has no `{name}`; {hint}")
            }
        };
        findings.add_as(severity, &UNKNOWN_ATTRIBUTE, member.key, message);
    }
}
