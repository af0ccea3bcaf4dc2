//! Whether what is referred to is there, and what is there is referred to.

use std::collections::{HashMap, HashSet};

use super::findings::Findings;
use super::graph::circles;
use super::language::{Language, Words};
use super::resources::{is_conditional, is_external};
use super::walk::{Reference, Scope, Target};
use crate::heat::template::Severity;
use crate::heat::template::rules::{
    DEPENDENCY_CYCLE, NAME_CLASH, Rule, UNDEFINED_CONDITION, UNDEFINED_MAPPING,
    UNDEFINED_PARAMETER, UNDEFINED_RESOURCE, UNUSED_CONDITION, UNUSED_PARAMETER,
};
use crate::yaml::{Mapping, Mark};

/// The sections of a template.
#[derive(Debug)]
pub(super) struct Sections<'a> {
    pub(super) parameters: &'a Mapping,
    pub(super) resources: &'a Mapping,
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
        undefined(words, sections, reference, &used, findings);
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
    resource_cycles(language, sections.resources, references, findings);
    condition_cycles(sections.conditions, references, &used, findings);
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
    used: &HashSet<&str>,
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
        Target::Resource => (&UNDEFINED_RESOURCE, declared(sections.resources)),
        Target::Condition => (&UNDEFINED_CONDITION, declared(sections.conditions)),
        Target::Mapping => (&UNDEFINED_MAPPING, declared(sections.mappings)),
    };
    if is_there {
        return;
    }
    let (what, places): (_, &[&Mapping]) = match reference.target {
        Target::Parameter => ("parameter", &[sections.parameters]),
        Target::Either => (
            "parameter or resource",
            &[sections.parameters, sections.resources],
        ),
        Target::Resource => ("resource", &[sections.resources]),
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
        Target::Resource if declared(sections.parameters) => "it is a parameter",
        Target::Parameter => "declare it, or take the reference out",
        _ => "add it, or take the reference out",
    };
    let hint = findings.hint(name, names, otherwise);
    let message = format!("there is no {what} `{name}`; {hint}");
    let is_idle = matches!(reference.scope, Scope::Condition(by) if !used.contains(by));
    let severity = if is_idle {
        Severity::Warning
    } else {
        reference.severity
    };
    findings.add_as(severity, rule, reference.at, message);
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
    resources: &Mapping,
    references: &[Reference<'_>],
    findings: &mut Findings,
) {
    let mut always = Dependencies::new(resources);
    let mut perhaps = Dependencies::new(resources);
    for reference in references {
        let Scope::Resource(from) = reference.scope else {
            continue;
        };
        let is_target = matches!(reference.target, Target::Resource | Target::Either);
        let (Some((from, _, member)), Some((to, _, target))) =
            (resources.get_full(from), resources.get_full(reference.name))
        else {
            continue;
        };
        if !is_target || is_external(language, &member.value) {
            continue;
        }
        perhaps.add(from, to, reference.at);
        let is_conditional = reference.branch
            || is_conditional(language, &member.value)
            || is_conditional(language, &target.value);
        if !is_conditional {
            always.add(from, to, reference.at);
        }
    }
    let mut told = HashSet::new();
    for circle in circles(&always.edges) {
        let message = format!(
            "resources depend on each other: {}; take one of the references out",
            spelt(resources, &circle)
        );
        findings.add(&DEPENDENCY_CYCLE, place(&always, &circle), message);
        told.extend(circle);
    }
    for circle in circles(&perhaps.edges) {
        if circle.iter().any(|node| told.contains(node)) {
            continue;
        }
        let message = format!(
            "resources depend on each other unless conditions keep them apart: {}",
            spelt(resources, &circle)
        );
        let at = place(&perhaps, &circle);
        findings.add_as(Severity::Warning, &DEPENDENCY_CYCLE, at, message);
    }
}

fn condition_cycles(
    conditions: &Mapping,
    references: &[Reference<'_>],
    used: &HashSet<&str>,
    findings: &mut Findings,
) {
    let mut dependencies = Dependencies::new(conditions);
    for reference in references {
        if let (Target::Condition, Scope::Condition(from)) = (reference.target, reference.scope)
            && let (Some(from), Some(to)) = (
                conditions.get_index_of(from),
                conditions.get_index_of(reference.name),
            )
        {
            dependencies.add(from, to, reference.at);
        }
    }
    for circle in circles(&dependencies.edges) {
        let names = circle.iter().filter_map(|node| conditions.get_index(*node));
        let is_used = names.clone().any(|(name, _)| used.contains(name.as_str()));
        let severity = if is_used {
            Severity::Error
        } else {
            Severity::Warning
        };
        let message = format!(
            "conditions are defined by each other: {}; take one of the references out",
            spelt(conditions, &circle)
        );
        let at = place(&dependencies, &circle);
        findings.add_as(severity, &DEPENDENCY_CYCLE, at, message);
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
