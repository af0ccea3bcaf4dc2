//! Checks that nodes have the expected type.

use super::findings::Findings;
use super::language::{Context, Language};
use crate::template::rules::{Severity, UNKNOWN_ATTRIBUTE, WRONG_SHAPE};
use crate::yaml::{Mapping, Mark, Node};

/// The members of a mapping. Any other type is a finding.
pub(super) fn mapping<'a>(
    node: &'a Node,
    what: &str,
    findings: &mut Findings,
) -> Option<&'a Mapping> {
    let members = node.as_mapping();
    if members.is_none() {
        wrong(node, what, "a mapping", findings);
    }
    members
}

/// The items of a list. Any other type is a finding.
pub(super) fn list<'a>(node: &'a Node, what: &str, findings: &mut Findings) -> Option<&'a [Node]> {
    let items = node.as_sequence();
    if items.is_none() {
        wrong(node, what, "a list", findings);
    }
    items
}

pub(super) fn wrong(node: &Node, what: &str, needed: &str, findings: &mut Findings) {
    let kind = node.kind();
    let message = format!("{what} is {kind}; expected {needed}");
    findings.add(&WRONG_SHAPE, node.start, message);
}

/// Adds findings for attributes of a parameter, resource or output that Heat does not know.
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
                format!(
                    "`{name}` requires version {since} or later; this template has version {version}"
                )
            }
            None => {
                let all = format!("expected one of {}", known.join(", "));
                let hint = findings.hint(name, known.iter().copied(), &all);
                let article = if what.starts_with('o') { "an" } else { "a" };
                format!("unknown attribute `{name}` of {article} {what}; {hint}")
            }
        };
        findings.add_as(severity, &UNKNOWN_ATTRIBUTE, member.key, message);
    }
}

/// The only member of a mapping, with the place of its key.
pub(super) fn single(node: &Node) -> Option<(&str, Mark, &Node)> {
    let members = node.as_mapping()?;
    match members.len() {
        1 => members
            .first()
            .map(|(name, member)| (name.as_str(), member.key, &member.value)),
        _ => None,
    }
}

/// The function that a node calls, and its argument.
pub(super) fn call(language: Language, context: Context, node: &Node) -> Option<(&str, &Node)> {
    let (name, _, value) = single(node)?;
    language.function(context, name).map(|_| (name, value))
}

/// A node in a message: its text, shortened, or else its type.
pub(super) fn brief(node: &Node) -> String {
    const LONGEST: usize = 40;
    match node.as_text() {
        Some("") => "an empty string".to_owned(),
        Some(text) => {
            let start: String = text.chars().take(LONGEST).collect();
            let more = if start.len() < text.len() { "…" } else { "" };
            format!("`{}{more}`", start.escape_debug())
        }
        None => node.kind(),
    }
}
