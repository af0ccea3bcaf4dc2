//! Environments.

use super::findings::Findings;
use super::values::Stack;
use super::{parameters, scalars, shape};
use crate::template::role::SECTIONS;
use crate::template::rules::{
    INVALID_EVENT_SINK, INVALID_REGISTRY, NULL_SECTION, Rule, Severity, UNKNOWN_HOOK,
    UNKNOWN_RESTRICTION, UNKNOWN_SECTION, UNKNOWN_STRATEGY,
};
use crate::template::strategies::strategy_names;
use crate::yaml::{Content, Mapping, Node};

const HOOKS: [&str; 6] = [
    "pre-create",
    "pre-update",
    "pre-delete",
    "post-create",
    "post-update",
    "post-delete",
];
const RESTRICTIONS: [&str; 2] = ["update", "replace"];
const SINK: &str = "zaqar-queue";

/// Checks an environment.
pub(super) fn check(root: &Node, text: &str, stack: &Stack<'_>, findings: &mut Findings) {
    if root.is_null() {
        return;
    }
    let Some(members) = shape::mapping(root, "the environment", findings) else {
        return;
    };
    for (name, member) in members {
        let node = &member.value;
        if !SECTIONS.contains(&name.as_str()) {
            let known = format!("expected one of {}", SECTIONS.join(", "));
            let hint = findings.hint(name, SECTIONS, &known);
            let message = format!("unknown section `{name}`; {hint}");
            findings.add(&UNKNOWN_SECTION, member.key, message);
        } else if node.is_null() {
            let message = format!(
                "`{name}` is null; it is left out here, but python-heatclient sends it, and Heat rejects \
                 it; add values or remove it"
            );
            findings.add_as(Severity::Warning, &NULL_SECTION, member.key, message);
        } else {
            section(name, node, stack, findings);
        }
    }
    scalars::environment(members, text, findings);
}

fn section(name: &str, node: &Node, stack: &Stack<'_>, findings: &mut Findings) {
    let what = format!("`{name}`");
    match name {
        "parameters" | "parameter_defaults" => {
            if let Some(members) = shape::mapping(node, &what, findings) {
                parameters::values(members, stack, findings);
            }
        }
        "resource_registry" => {
            if let Some(members) = shape::mapping(node, &what, findings) {
                registry(members, findings);
                resources(members, findings);
            }
        }
        "event_sinks" => {
            let sinks = shape::list(node, &what, findings).unwrap_or_default();
            sinks.iter().for_each(|sink| event_sink(sink, findings));
        }
        "parameter_merge_strategies" => strategies(node, findings),
        _ => {}
    }
}

/// Checks the values of a registry, at any depth.
fn registry(members: &Mapping, findings: &mut Findings) {
    for (name, member) in members {
        let node = &member.value;
        match (name.as_str(), &node.content) {
            (_, Content::Null | Content::Text(_)) if !is_word_list(name) => {}
            (_, Content::Null) => {}
            ("hooks", _) => words(&UNKNOWN_HOOK, "hook", &HOOKS, node, findings),
            ("restricted_actions", _) => {
                let what = "restricted action";
                words(&UNKNOWN_RESTRICTION, what, &RESTRICTIONS, node, findings);
            }
            (_, Content::Mapping(members)) => registry(members, findings),
            (name, _) => {
                let kind = node.kind();
                let needed = match name {
                    "resources" => "a mapping of resources",
                    _ => "the name of a type or a file",
                };
                let message = format!("`{name}` is {kind}; expected {needed}");
                findings.add(&INVALID_REGISTRY, node.start, message);
            }
        }
    }
}

fn is_word_list(name: &str) -> bool {
    matches!(name, "hooks" | "restricted_actions")
}

/// Checks the section of single resources in the registry.
fn resources(members: &Mapping, findings: &mut Findings) {
    let Some(member) = members.get("resources") else {
        return;
    };
    if matches!(member.value.content, Content::Null | Content::Text(_)) {
        let kind = member.value.kind();
        let message = format!("`resources` is {kind}; expected a mapping of resources");
        findings.add(&INVALID_REGISTRY, member.key, message);
    }
}

/// Checks a word, or a list of words, against the known ones.
fn words(rule: &'static Rule, what: &str, known: &[&str], node: &Node, findings: &mut Findings) {
    let items = node
        .as_sequence()
        .unwrap_or_else(|| std::slice::from_ref(node));
    for item in items {
        if item.as_text().is_some_and(|word| known.contains(&word)) {
            continue;
        }
        let all = format!("expected one of {}", known.join(", "));
        let message = match item.as_text() {
            Some(word) => {
                let hint = findings.hint(word, known.iter().copied(), &all);
                format!("unknown {what} {}; {hint}", shape::brief(item))
            }
            None => format!("the {what} is {}; {all}", item.kind()),
        };
        findings.add(rule, item.start, message);
    }
}

fn event_sink(node: &Node, findings: &mut Findings) {
    let Some(members) = shape::mapping(node, "an event sink", findings) else {
        return;
    };
    let Some(type_) = members.get("type").map(|member| &member.value) else {
        let message = format!("the event sink has no `type`; add `type: {SINK}`");
        return findings.add(&INVALID_EVENT_SINK, node.start, message);
    };
    if type_.as_text() != Some(SINK) {
        let message = format!(
            "the type of the event sink is {}, which needs a plugin in Heat; the built-in type is `{SINK}`",
            shape::brief(type_)
        );
        findings.add_as(Severity::Warning, &INVALID_EVENT_SINK, type_.start, message);
    }
}

fn strategies(node: &Node, findings: &mut Findings) {
    let Some(members) = node.as_mapping() else {
        let kind = node.kind();
        let message = format!("`parameter_merge_strategies` is {kind}; expected a mapping");
        return findings.add(&UNKNOWN_STRATEGY, node.start, message);
    };
    let names = strategy_names();
    for (name, member) in members {
        let node = &member.value;
        if node.as_text().is_some_and(|word| names.contains(&word)) {
            continue;
        }
        let known = names.join(", ");
        let message = format!(
            "unknown merge strategy {} of `{name}`, so Heat uses the default; expected one of {known}",
            shape::brief(node)
        );
        findings.add(&UNKNOWN_STRATEGY, node.start, message);
    }
}
