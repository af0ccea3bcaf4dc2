//! Whether what is referred to is there, and what is there is referred to.

use std::collections::{HashMap, HashSet};

use super::findings::Findings;
use super::graph::circles;
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
    /// Whether the resources are there that have a condition.
    pub(super) presence: &'a HashMap<&'a str, Option<bool>>,
    pub(super) conditions: &'a Mapping,
    pub(super) mappings: &'a Mapping,
}

/// Checks all references. If a parameter is named by a function, each of them may be used.
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
            let message = format!("a parameter is called `{name}`, too; rename one of them");
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
                "the parameter `{name}` is never used; use it with `{function}` or take it out"
            );
            findings.add(&UNUSED_PARAMETER, member.key, message);
        }
    }
    for (name, member) in sections.conditions {
        if !used.contains(name.as_str()) {
            let message = format!("the condition `{name}` is never used; use it or take it out");
            findings.add(&UNUSED_CONDITION, member.key, message);
        }
    }
    resource_cycles(language, sections, references, findings);
    condition_cycles(sections.conditions, references, findings);
}

/// Conditions that something refers to, other than conditions that nothing refers to.
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
    let (rule, is_there): (&Rule, _) = match reference.target {
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
    if is_there {
        let is_resource = match reference.target {
            Target::Resource => true,
            Target::Either => !is_parameter(),
            _ => false,
        };
        // What refers to it where a condition keeps Heat from looking is as it should be.
        let is_looked_at = reference.is_taken == Some(true);
        if is_resource && is_looked_at && sections.presence.get(name) == Some(&Some(false)) {
            let message = format!(
                "the resource `{name}` is not there, as its condition is false; refer to it under the \
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
        Target::Parameter => "declare it, or take the reference out",
        _ => "add it, or take the reference out",
    };
    let hint = findings.hint(name, names, otherwise);
    let message = format!("there is no {what} `{name}`; {hint}");
    findings.add_as(severity, rule, at, message);
}

/// What depends on what, with the place of the reference.
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

/// Resources that need each other. Where conditions could keep them apart that is a warning only.
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
        let all = [reference.is_taken, is_present(from), is_present(to)];
        if !all.contains(&Some(false)) {
            perhaps.add(source, target, reference.at);
        }
        if all == [Some(true); 3] {
            always.add(source, target, reference.at);
        }
    }
    cycles(
        resources,
        [&always, &perhaps],
        [
            "resources depend on each other",
            "resources depend on each other unless conditions keep them apart",
        ],
        findings,
    );
}

/// Whether a resource is not made by Heat: it depends on nothing then.
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
            if reference.is_taken == Some(true) {
                always.add(from, to, reference.at);
            }
        }
    }
    let message = "conditions are defined by each other";
    cycles(conditions, [&always, &perhaps], [message; 2], findings);
}

/// Tells of circles that there are for sure, and warns of those that there may be.
fn cycles(
    section: &Mapping,
    [always, perhaps]: [&Dependencies; 2],
    [surely, maybe]: [&str; 2],
    findings: &mut Findings,
) {
    let mut told = HashSet::new();
    for circle in circles(&always.edges) {
        let (at, spelt) = (place(always, &circle), spelt(section, &circle));
        let message = format!("{surely}: {spelt}; take one of the references out");
        findings.add(&DEPENDENCY_CYCLE, at, message);
        told.extend(circle);
    }
    for circle in circles(&perhaps.edges) {
        if circle.iter().any(|node| told.contains(node)) {
            continue;
        }
        let (at, spelt) = (place(perhaps, &circle), spelt(section, &circle));
        let message = format!("{maybe}: {spelt}; take one of the references out");
        findings.add_as(Severity::Warning, &DEPENDENCY_CYCLE, at, message);
    }
}

/// `a -> b -> a`
fn spelt(section: &Mapping, circle: &[usize]) -> String {
    let names = circle.iter().chain(circle.first());
    let names = names.filter_map(|node| section.get_index(*node));
    let names: Vec<_> = names.map(|(name, _)| name.as_str()).collect();
    names.join(" -> ")
}

/// The place of the first reference in a circle.
fn place(dependencies: &Dependencies, circle: &[usize]) -> Mark {
    let first = circle.first().copied().unwrap_or_default();
    let second = circle.get(1).copied().unwrap_or(first);
    let place = dependencies.places.get(&(first, second));
    place.copied().unwrap_or_default()
}
