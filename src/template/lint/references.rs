//! Checks that targets of references exist, and that declarations are used.

use std::collections::{HashMap, HashSet};

use super::findings::Findings;
use super::graph::find_cycles;
use super::language::{Language, Words};
use super::reference::{Reference, Scope, Target};
use crate::template::rules::{
    DEPENDENCY_CYCLE, NAME_CLASH, Rule, Severity, UNDEFINED_CONDITION, UNDEFINED_MAPPING,
    UNDEFINED_PARAMETER, UNDEFINED_RESOURCE, UNUSED_CONDITION, UNUSED_PARAMETER,
};
use crate::yaml::{Mapping, Mark, Node};

/// The sections of a template.
#[derive(Debug)]
pub(super) struct Sections<'a> {
    pub(super) parameters: &'a Mapping,
    pub(super) resources: &'a Mapping,
    /// Whether the resources with a condition exist.
    pub(super) presence: &'a HashMap<&'a str, Option<bool>>,
    pub(super) conditions: &'a Mapping,
    pub(super) mappings: &'a Mapping,
}

/// Checks all references. If a function computes the name of a parameter, any parameter may be used.
pub(super) fn check(
    language: Language,
    sections: &Sections<'_>,
    references: &[Reference<'_>],
    any_parameter: bool,
    findings: &mut Findings,
) {
    let words = language.words();
    let used = used_conditions(references);
    for reference in references {
        undefined(words, sections, reference, findings);
    }
    for (name, member) in sections.resources {
        if sections.parameters.contains_key(name) {
            let message = format!("a parameter is also named `{name}`; rename one of them");
            findings.add(&NAME_CLASH, member.key, message);
        }
    }
    let named: HashSet<_> = references
        .iter()
        .filter(|reference| matches!(reference.target, Target::Parameter | Target::Either))
        .map(|reference| reference.name)
        .collect();
    for (name, member) in sections.parameters {
        if !any_parameter && !named.contains(name.as_str()) {
            let function = words.get_param;
            let message = format!(
                "the parameter `{name}` is never used; use it with `{function}` or remove it"
            );
            findings.add(&UNUSED_PARAMETER, member.key, message);
        }
    }
    for (name, member) in sections.conditions {
        if !used.contains(name.as_str()) {
            let message = format!("the condition `{name}` is never used; use it or remove it");
            findings.add(&UNUSED_CONDITION, member.key, message);
        }
    }
    resource_cycles(language, sections, references, findings);
    condition_cycles(sections.conditions, references, findings);
}

/// Conditions that are used, directly or by another used condition.
fn used_conditions<'a>(references: &[Reference<'a>]) -> HashSet<&'a str> {
    let mut inner: HashMap<&str, Vec<&'a str>> = HashMap::new();
    let mut next = Vec::new();
    for reference in references {
        match (reference.target, reference.scope) {
            (Target::Condition, Scope::Condition(by)) => {
                inner.entry(by).or_default().push(reference.name);
            }
            (Target::Condition, _) => next.push(reference.name),
            _ => {}
        }
    }
    let mut used = HashSet::new();
    while let Some(name) = next.pop() {
        if used.insert(name) {
            next.extend(inner.get(name).into_iter().flatten());
        }
    }
    used
}

fn undefined(
    words: &Words,
    sections: &Sections<'_>,
    reference: &Reference<'_>,
    findings: &mut Findings,
) {
    let name = reference.name;
    let declared = |section: &Mapping| section.contains_key(name);
    let is_parameter = || declared(sections.parameters) || words.pseudo.contains(&name);
    let (rule, exists): (&Rule, _) = match reference.target {
        Target::Parameter => (&UNDEFINED_PARAMETER, is_parameter()),
        Target::Either => (
            &UNDEFINED_RESOURCE,
            is_parameter() || declared(sections.resources),
        ),
        Target::Resource | Target::Dependency => {
            (&UNDEFINED_RESOURCE, declared(sections.resources))
        }
        Target::Condition => (&UNDEFINED_CONDITION, declared(sections.conditions)),
        Target::Mapping => (&UNDEFINED_MAPPING, declared(sections.mappings)),
    };
    let (at, severity) = (reference.at, reference.severity);
    if exists {
        let is_resource = match reference.target {
            Target::Resource => true,
            Target::Either => !is_parameter(),
            _ => false,
        };
        // A reference that Heat skips because of a condition is correct.
        let is_evaluated = reference.is_evaluated == Some(true);
        if is_resource && is_evaluated && sections.presence.get(name) == Some(&Some(false)) {
            let message = format!(
                "the resource `{name}` does not exist, because its condition is false; refer to it under the \
                 same condition"
            );
            findings.add_as(severity, rule, at, message);
        }
        return;
    }
    let (what, places): (_, &[&Mapping]) = match reference.target {
        Target::Parameter => ("parameter", &[sections.parameters]),
        Target::Either => (
            "parameter or resource",
            &[sections.parameters, sections.resources],
        ),
        Target::Resource | Target::Dependency => ("resource", &[sections.resources]),
        Target::Condition => ("condition", &[sections.conditions]),
        Target::Mapping => ("mapping", &[sections.mappings]),
    };
    let pseudo: &[&str] = match reference.target {
        Target::Parameter | Target::Either => &words.pseudo,
        _ => &[],
    };
    let names = places.iter().flat_map(|section| section.keys());
    let names = names.map(String::as_str).chain(pseudo.iter().copied());
    let otherwise = match reference.target {
        Target::Parameter if declared(sections.resources) => "it is a resource",
        Target::Resource | Target::Dependency if declared(sections.parameters) => {
            "it is a parameter"
        }
        Target::Parameter => "declare it or remove the reference",
        _ => "add it or remove the reference",
    };
    let hint = findings.hint(name, names, otherwise);
    let message = format!("there is no {what} `{name}`; {hint}");
    findings.add_as(severity, rule, at, message);
}

/// Dependencies, with the place of each reference.
#[derive(Default)]
struct Dependencies {
    edges: Vec<Vec<usize>>,
    places: HashMap<(usize, usize), Mark>,
}

impl Dependencies {
    fn new(section: &Mapping) -> Self {
        Self {
            edges: vec![Vec::new(); section.len()],
            places: HashMap::new(),
        }
    }

    fn add(&mut self, from: usize, to: usize, at: Mark) {
        if let Some(edges) = self.edges.get_mut(from)
            && self.places.insert((from, to), at).is_none()
        {
            edges.push(to);
        }
    }
}

/// Reports resources that depend on each other. If conditions may prevent the cycle, this is a warning.
fn resource_cycles(
    language: Language,
    sections: &Sections<'_>,
    references: &[Reference<'_>],
    findings: &mut Findings,
) {
    let resources = sections.resources;
    let mut always = Dependencies::new(resources);
    let mut perhaps = Dependencies::new(resources);
    for reference in references {
        let Scope::Resource(from) = reference.scope else {
            continue;
        };
        let (Some((source, _, member)), Some((target, to, _))) =
            (resources.get_full(from), resources.get_full(reference.name))
        else {
            continue;
        };
        let is_target = matches!(
            reference.target,
            Target::Resource | Target::Dependency | Target::Either
        );
        if !is_target || is_external(language, &member.value) {
            continue;
        }
        let is_present = |name: &str| sections.presence.get(name).copied().unwrap_or(Some(true));
        let all = [reference.is_evaluated, is_present(from), is_present(to)];
        if !all.contains(&Some(false)) {
            perhaps.add(source, target, reference.at);
        }
        if all == [Some(true); 3] {
            always.add(source, target, reference.at);
        }
    }
    report_cycles(
        resources,
        [&always, &perhaps],
        [
            "resources depend on each other",
            "resources depend on each other unless conditions prevent it",
        ],
        findings,
    );
}

/// Whether a resource is not created by Heat, so that it has no dependencies.
fn is_external(language: Language, resource: &Node) -> bool {
    resource.get(language.words().external_id).is_some()
}

fn condition_cycles(conditions: &Mapping, references: &[Reference<'_>], findings: &mut Findings) {
    let mut always = Dependencies::new(conditions);
    let mut perhaps = Dependencies::new(conditions);
    for reference in references {
        if let (Target::Condition, Scope::Condition(from)) = (reference.target, reference.scope)
            && let (Some(from), Some(to)) = (
                conditions.get_index_of(from),
                conditions.get_index_of(reference.name),
            )
        {
            perhaps.add(from, to, reference.at);
            if reference.is_evaluated == Some(true) {
                always.add(from, to, reference.at);
            }
        }
    }
    let message = "conditions depend on each other";
    report_cycles(conditions, [&always, &perhaps], [message; 2], findings);
}

/// Reports certain cycles, and warns of possible ones.
fn report_cycles(
    section: &Mapping,
    [always, perhaps]: [&Dependencies; 2],
    [surely, maybe]: [&str; 2],
    findings: &mut Findings,
) {
    let mut reported = HashSet::new();
    for cycle in find_cycles(&always.edges) {
        let (at, names) = (place(always, &cycle), names(section, &cycle));
        let message = format!("{surely}: {names}; remove one of the references");
        findings.add(&DEPENDENCY_CYCLE, at, message);
        reported.extend(cycle);
    }
    for cycle in find_cycles(&perhaps.edges) {
        if cycle.iter().any(|node| reported.contains(node)) {
            continue;
        }
        let (at, names) = (place(perhaps, &cycle), names(section, &cycle));
        let message = format!("{maybe}: {names}; remove one of the references");
        findings.add_as(Severity::Warning, &DEPENDENCY_CYCLE, at, message);
    }
}

/// `a -> b -> a`
fn names(section: &Mapping, cycle: &[usize]) -> String {
    let names = cycle.iter().chain(cycle.first());
    let names = names.filter_map(|node| section.get_index(*node));
    let names: Vec<_> = names.map(|(name, _)| name.as_str()).collect();
    names.join(" -> ")
}

/// The place of the first reference in a cycle.
fn place(dependencies: &Dependencies, cycle: &[usize]) -> Mark {
    let first = cycle.first().copied().unwrap_or_default();
    let second = cycle.get(1).copied().unwrap_or(first);
    let place = dependencies.places.get(&(first, second));
    place.copied().unwrap_or_default()
}
