//! Documents with their exact findings.

mod conditions;
mod environment;
mod functions;
mod parameters;
mod references;
mod resources;
mod scalars;
mod values;
mod whole;

use std::collections::HashSet;

use super::*;
use crate::hang::ends;
use crate::template::rules::{
    INVALID_REFERENCE, MERGE_CONFLICT, NOT_A_TEMPLATE, NOT_AN_ENVIRONMENT, NOT_UTF8,
    REFERENCE_CYCLE, TOO_MANY_PROBLEMS, UNDECLARED_PARAMETER, UNREADABLE,
};
use crate::template::{Packer, RULES, Rule, Severity, Source};

/// The beginning of a document, its rest, and the findings.
type Row = (&'static str, &'static str, &'static [&'static str]);

const HOT: &str = "heat_template_version: 2021-04-16\n";
const OLD: &str = "heat_template_version: 2014-10-16\n";
const AWS: &str = "AWSTemplateFormatVersion: 2010-09-09\n";

const TEMPLATES: [&[Row]; 7] = [
    whole::ROWS,
    parameters::ROWS,
    resources::ROWS,
    functions::ROWS,
    conditions::ROWS,
    references::ROWS,
    scalars::ROWS,
];

/// The rules that are tested elsewhere: the last one below, the others with packing
/// (`tests/it/bad_documents.rs`).
const ELSEWHERE: &[Rule] = &[
    INVALID_REFERENCE,
    MERGE_CONFLICT,
    NOT_A_TEMPLATE,
    NOT_AN_ENVIRONMENT,
    NOT_UTF8,
    REFERENCE_CYCLE,
    UNDECLARED_PARAMETER,
    UNREADABLE,
    TOO_MANY_PROBLEMS,
];

#[derive(Clone, Copy)]
enum Role {
    Template,
    Environment,
}

fn text(name: &str, text: &str, role: Role) -> Vec<Problem> {
    let source = Source::text(text).named(name);
    lint(match role {
        Role::Template => Packer::new().template(source),
        Role::Environment => Packer::new().environment(source),
    })
}

fn lint(packer: Packer) -> Vec<Problem> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let mut problems = runtime.unwrap().block_on(packer.lint()).unwrap();
    // The referenced documents do not exist.
    problems.retain(|problem| problem.rule != "unreadable");
    problems
}

fn shown(problem: &Problem) -> String {
    let mark = problem.place.mark.unwrap_or_default();
    let severity = problem.severity.as_str();
    let (rule, message) = (problem.rule, &problem.message);
    format!("{}:{} {severity} {rule}: {message}", mark.line, mark.column)
}

fn found(beginning: &str, rest: &str, role: Role) -> Vec<String> {
    let problems = text("a.yaml", &format!("{beginning}{rest}"), role);
    problems.iter().map(shown).collect()
}

fn assert_rows(rows: &[Row], role: Role) {
    for (beginning, rest, expected) in rows {
        assert_eq!(found(beginning, rest, role), *expected, "{beginning}{rest}");
    }
}

#[test]
fn templates() {
    TEMPLATES
        .iter()
        .for_each(|rows| assert_rows(rows, Role::Template));
}

#[test]
fn environments() {
    assert_rows(environment::ROWS, Role::Environment);
}

/// Heat ignores undeclared parameters if there are values outside the environments, including those from files.
#[test]
fn parameters_in_files_are_values() {
    let template = "heat_template_version: 2021-04-16\nparameters: {k: {type: string}}\n\
                    outputs: {k: {value: {get_param: k}}}\n";
    let packer = || {
        let packer = Packer::new().template(Source::text(template));
        packer.environment(Source::text("parameters: {other: 1}"))
    };
    for (packer, severity) in [
        (packer(), Severity::Error),
        (packer().parameter("k", "x"), Severity::Warning),
        (
            packer().parameter_file("k", Source::text("x")),
            Severity::Warning,
        ),
    ] {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let problems = runtime.unwrap().block_on(packer.lint()).unwrap();
        let found: Vec<_> = problems.iter().map(|problem| problem.severity).collect();
        assert_eq!(found, [severity], "{problems:?}");
    }
}

#[test]
fn every_rule_has_a_case() {
    let rows = TEMPLATES.iter().copied().flatten().chain(environment::ROWS);
    let lines = rows.flat_map(|(_, _, expected)| expected.iter());
    let rows = values::ROWS.iter();
    let beside = rows.flat_map(|(_, _, expected)| expected.iter());
    let reported: HashSet<&str> = lines
        .chain(beside)
        .filter_map(|line| line.split([' ', ':']).nth(3))
        .collect();
    for rule in RULES.iter().filter(|rule| !ELSEWHERE.contains(rule)) {
        assert!(reported.contains(rule.id), "{}", rule.id);
    }
}

#[test]
fn problems_show_their_line() {
    let problems = text(
        "web.yaml",
        &format!("{HOT}resources: {{a: 1}}\n"),
        Role::Template,
    );
    assert_eq!(
        problems[0].report(),
        "web.yaml, line 2, column 16: the resource `a` is the number 1; expected a mapping\n    \
         2 | resources: {a: 1}\n      \
           |                ^",
    );
}

#[test]
fn of_many_problems_the_worst_are_reported() {
    let mut document = format!("{HOT}outputs:\n  o:\n    value:\n");
    document.extend((0..5_000).map(|i| format!("    - {{get_param: p{i}}}\n")));
    document.push_str("    - {get_attr: [r, a]}\n");
    let problems = text("a.yaml", &document, Role::Template);
    // 100 problems of each rule, and one that counts the others.
    assert_eq!(problems.len(), 102);
    let errors = problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error);
    assert_eq!(errors.count(), 1);
    let more = problems
        .iter()
        .find(|problem| problem.rule == "too-many-problems");
    assert_eq!(
        more.unwrap().to_string(),
        "a.yaml: 4900 more problems of the rule undefined-parameter are not listed"
    );
}

/// Documents on which a quadratic algorithm takes minutes.
#[test]
fn large_documents_take_linear_time() {
    const SOME: usize = 10_000;
    const MANY: usize = 50_000;
    const MORE: usize = 200_000;
    let repeat =
        |times: usize, item: &dyn Fn(usize) -> String| (0..times).map(item).collect::<String>();
    let many = |item: &dyn Fn(usize) -> String| repeat(MANY, item);
    let numbers = many(&|n| format!("\"{n}\":1,"));
    let listed = repeat(MORE, &|n| format!("{n},"));
    let names = repeat(SOME, &|n| format!("  p{n}: {{type: string}}\n"));
    let used = repeat(SOME, &|n| format!("    - {{get_param: q{n}}}\n"));
    let compared = repeat(SOME, &|n| {
        format!("  c{n}: {{equals: [{{get_param: p}}, x]}}\n")
    });
    let default = repeat(MORE, &|n| format!("x{n},"));
    let documents = [
        ("equal keys", format!("{HOT}{}", "k: 1\n".repeat(MANY))),
        (
            "compact JSON",
            format!(
                "{{\"heat_template_version\":\"2021-04-16\",\"outputs\":{{\"o\":{{\"value\":{{{numbers}\"x\":1}}}}}}}}"
            ),
        ),
        (
            "a list on one line",
            format!(
                "{HOT}outputs: {{o: {{value: [{}]}}}}\n",
                "1e3,".repeat(MANY)
            ),
        ),
        (
            "keys on one line",
            format!(
                "{HOT}outputs: {{o: {{value: {{{}}}}}}}\n",
                many(&|n| format!("{n}: a,"))
            ),
        ),
        (
            "allowed values",
            format!(
                "{HOT}parameters:\n  p:\n    type: comma_delimited_list\n    default: \"{listed}\"\n    \
                 constraints:\n    - allowed_values: [{}]\n",
                repeat(MORE, &|n| format!("\"{n}\", "))
            ),
        ),
        (
            "names that are not there",
            format!("{HOT}parameters:\n{names}outputs:\n  o:\n    value:\n{used}"),
        ),
        (
            "conditions",
            format!(
                "{HOT}parameters:\n  p: {{type: comma_delimited_list, default: \"{default}\"}}\n\
                 conditions:\n{compared}"
            ),
        ),
        (
            "one long name",
            format!(
                "{HOT}{}: 1\nresources:\n  {}: 1\n",
                "k".repeat(5000),
                "r".repeat(MANY)
            ),
        ),
        (
            "slashes",
            format!(
                "{HOT}outputs: {{o: {{value: {{get_file: \"ftp:{}\"}}}}}}\n",
                "/".repeat(MORE)
            ),
        ),
    ];
    for (name, document) in documents {
        let problems = ends(move || text("a.yaml", &document, Role::Template));
        assert!(problems.len() < 500, "{name}: {}", problems.len());
        let longest = problems
            .iter()
            .map(|problem| problem.to_string().len())
            .max();
        assert!(longest.unwrap_or_default() < 10_000, "{name}");
    }
}

#[test]
fn environments_are_merged_in_linear_time() {
    let types = |of: &str| {
        let entries = (0..100_000).map(|n| format!("  T{n}: {of}::T\n"));
        format!("resource_registry:\n{}", entries.collect::<String>())
    };
    let (one, other) = (types("A"), types("B"));
    let problems = ends(move || {
        let packer = Packer::new().environment(Source::text(one));
        lint(packer.environment(Source::text(other)))
    });
    assert!(problems.is_empty(), "{problems:?}");
}
