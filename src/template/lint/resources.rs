//! Resources, outputs and conditions.

use std::collections::HashSet;

use super::language::{Context, Words};
use super::reference::{Scope, Stage, Target};
use super::shape::{self, unknown_attributes};
use super::walk::Walker;
use crate::template::rules::{
    EXTERNAL_DEPENDENCY, INVALID_DELETION_POLICY, INVALID_NAME, MISSING_ATTRIBUTE, Severity,
};
use crate::yaml::{Content, Mapping, Mark, Member, Node};

/// Checks the section of resources.
pub(super) fn check<'a>(section: &'a Mapping, walker: &mut Walker<'a, '_>) {
    for (name, member) in section {
        if name.contains('/') {
            let message = format!("the resource name `{name}` contains `/`, which is not allowed");
            walker.findings.add(&INVALID_NAME, member.key, message);
        }
        let what = format!("the resource `{name}`");
        if let Some(members) = shape::mapping(&member.value, &what, walker.findings) {
            resource(name, member.key, members, walker);
        }
    }
}

fn resource<'a>(name: &'a str, at: Mark, members: &'a Mapping, walker: &mut Walker<'a, '_>) {
    let language = walker.language;
    let words = language.words();
    // In CFN, Heat ignores unknown attributes.
    let severity = if language.is_hot() {
        Severity::Error
    } else {
        Severity::Warning
    };
    let known = language.resource_attributes();
    unknown_attributes(
        language,
        "resource",
        members,
        &known,
        severity,
        walker.findings,
    );
    match members.get(words.type_).map(|member| &member.value) {
        None => {
            let attribute = words.type_;
            let message = format!("the resource `{name}` has no `{attribute}`; add it");
            walker.findings.add(&MISSING_ATTRIBUTE, at, message);
        }
        Some(node) if node.as_text().is_none_or(str::is_empty) => {
            shape::wrong(
                node,
                &format!("`{}`", words.type_),
                "the name of a type",
                walker.findings,
            );
        }
        Some(_) => {}
    }
    let attribute = |name: &'static str| {
        let is_known = known.contains(&name);
        members
            .get(name)
            .filter(|_| is_known)
            .map(|member| (name, member))
    };
    if let Some((_, member)) = attribute(words.condition) {
        walker.condition(&member.value, Scope::Policy);
        let presence = walker.conditions.truth(&member.value);
        walker.presence.insert(name, presence);
    }
    // Heat only parses the functions of an absent resource.
    let stage = match walker.presence.get(name) {
        Some(Some(false)) => Stage::Parsed,
        _ => Stage::Resolved,
    };
    for (key, member) in [words.properties, words.metadata, words.update_policy]
        .into_iter()
        .filter_map(attribute)
    {
        shape::mapping(&member.value, &format!("`{key}`"), walker.findings);
        let scope = if key == words.update_policy {
            Scope::Policy
        } else {
            Scope::Resource(name)
        };
        walker.value(&member.value, scope, stage);
    }
    if let Some((key, member)) = attribute(words.depends_on) {
        depends_on(key, &member.value, Scope::Resource(name), stage, walker);
    }
    if let Some((key, member)) = attribute(words.deletion_policy) {
        deletion_policy(key, &member.value, walker);
    }
    if let Some((key, Member { value, .. })) = attribute(words.description)
        && value.as_text().is_none()
    {
        shape::wrong(value, &format!("`{key}`"), "a string", walker.findings);
    }
    if let Some((_, member)) = attribute(words.external_id) {
        external(member, members, words, walker);
    }
}

fn depends_on<'a>(
    key: &str,
    node: &'a Node,
    scope: Scope<'a>,
    stage: Stage,
    walker: &mut Walker<'a, '_>,
) {
    let needed = "the name of a resource or a list of names";
    match &node.content {
        Content::Text(_) => walker.refer(Target::Dependency, node, scope, stage),
        Content::Sequence(items) => {
            for item in items {
                if item.as_text().is_some() {
                    walker.refer(Target::Dependency, item, scope, stage);
                } else {
                    let what = format!("an item of `{key}`");
                    shape::wrong(item, &what, "the name of a resource", walker.findings);
                }
            }
        }
        _ => shape::wrong(node, &format!("`{key}`"), needed, walker.findings),
    }
}

fn deletion_policy<'a>(key: &str, node: &'a Node, walker: &mut Walker<'a, '_>) {
    let policies = walker.language.deletion_policies();
    match &node.content {
        Content::Text(text) if !policies.contains(&text.as_str()) => {
            let known = policies.join(", ");
            let shown = shape::brief(node);
            let message = format!("unknown deletion policy {shown}; expected one of {known}");
            walker
                .findings
                .add(&INVALID_DELETION_POLICY, node.start, message);
        }
        Content::Text(_) => {}
        Content::Mapping(_) if shape::call(walker.language, Context::Value, node).is_some() => {
            walker.value(node, Scope::Policy, Stage::Resolved);
        }
        _ => shape::wrong(node, &format!("`{key}`"), "a string", walker.findings),
    }
}

fn external<'a>(member: &'a Member, members: &Mapping, words: &Words, walker: &mut Walker<'a, '_>) {
    let node = &member.value;
    if !matches!(node.content, Content::Text(_) | Content::Mapping(_)) {
        let what = format!("`{}`", words.external_id);
        return shape::wrong(node, &what, "a string", walker.findings);
    }
    walker.value(node, Scope::Policy, Stage::Resolved);
    if let Some(depends) = members.get(words.depends_on) {
        let message = format!(
            "a resource with `{}` cannot depend on others; remove `{}`",
            words.external_id, words.depends_on
        );
        walker
            .findings
            .add(&EXTERNAL_DEPENDENCY, depends.key, message);
    }
}

/// Checks the section of outputs.
pub(super) fn outputs<'a>(section: &'a Mapping, walker: &mut Walker<'a, '_>) {
    let language = walker.language;
    let words = language.words();
    let known = language.output_attributes();
    for (name, member) in section {
        let what = format!("the output `{name}`");
        let Some(members) = shape::mapping(&member.value, &what, walker.findings) else {
            continue;
        };
        unknown_attributes(
            language,
            "output",
            members,
            &known,
            Severity::Warning,
            walker.findings,
        );
        // Heat resolves outputs only on request.
        let mut stage = Stage::Validated;
        if let Some(member) = members
            .get(words.condition)
            .filter(|member| language.has_conditions() && !member.value.is_null())
        {
            walker.condition(&member.value, Scope::Output);
            if walker.conditions.truth(&member.value) == Some(false) {
                stage = Stage::Skipped;
            }
        }
        match members.get(words.value) {
            Some(member) => walker.value(&member.value, Scope::Output, stage),
            None => {
                let message = format!("the output `{name}` has no `{}`; add it", words.value);
                walker.findings.add(&MISSING_ATTRIBUTE, member.key, message);
            }
        }
    }
}

/// Checks the section of conditions. It must be called after everything that refers to them: Heat does not
/// resolve unused conditions.
pub(super) fn conditions<'a>(section: &'a Mapping, walker: &mut Walker<'a, '_>) {
    let mut needed = HashSet::new();
    let mut seen = 0;
    while let Some(reference) = walker.references.get(seen) {
        seen += 1;
        let name = reference.name;
        let is_needed = reference.target == Target::Condition
            && reference.is_evaluated != Some(false)
            && needed.insert(name);
        if let Some(member) = section.get(name).filter(|_| is_needed) {
            walker.definition(&member.value, name, Stage::Resolved);
        }
    }
    for (name, member) in section {
        if !needed.contains(name.as_str()) {
            walker.definition(&member.value, name, Stage::Validated);
        }
    }
}
