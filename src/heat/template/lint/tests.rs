//! Documents, and exactly what is found in them.

mod environment;
mod functions;
mod parameters;
mod references;
mod resources;
mod scalars;
mod whole;

use std::collections::HashSet;

use super::*;
use crate::heat::template::Severity;

/// The beginning of a document, its rest, and what is found.
type Row = (&'static str, &'static str, &'static [&'static str]);

const HOT: &str = "heat_template_version: 2021-04-16\n";
const OLD: &str = "heat_template_version: 2014-10-16\n";
const AWS: &str = "AWSTemplateFormatVersion: 2010-09-09\n";

const TEMPLATES: [&[Row]; 6] = [
    whole::ROWS,
    parameters::ROWS,
    resources::ROWS,
    functions::ROWS,
    references::ROWS,
    scalars::ROWS,
];

fn found(beginning: &str, rest: &str, role: Role) -> Vec<String> {
    let shown = |problem: &Problem| {
        let mark = problem.place.mark.unwrap();
        let severity = match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let (rule, message) = (problem.rule, &problem.message);
        format!("{}:{} {severity} {rule}: {message}", mark.line, mark.column)
    };
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

#[test]
fn every_rule_has_a_case() {
    let rows = TEMPLATES.iter().copied().flatten().chain(environment::ROWS);
    let lines = rows.flat_map(|(_, _, expected)| expected.iter());
    let told: HashSet<&str> = lines
        .filter_map(|line| line.split([' ', ':']).nth(3))
        .collect();
    for rule in RULES.iter().filter(|rule| rule.id != "too-many-problems") {
        assert!(told.contains(rule.id), "{}", rule.id);
    }
}

#[test]
fn other_files_hold_what_they_like() {
    let document = Document::parse("a: 0755\na: yes\n").unwrap();
    let found = check(&LintDocument {
        name: &Arc::from("a"),
        text: "a: 0755\na: yes\n",
        document: &document,
        role: Role::File,
    });
    assert!(found.is_empty());
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
        "web.yaml, line 2, column 16: the resource `a` is the number 1; a mapping is needed\n    \
         2 | resources: {a: 1}\n      \
           |                ^",
    );
}

#[test]
fn of_many_problems_the_worst_are_told() {
    let mut document = format!("{HOT}outputs:\n  o:\n    value:\n");
    document.extend((0..5_000).map(|i| format!("    - {{get_param: p{i}}}\n")));
    document.push_str("    - {get_attr: [r, a]}\n");
    let problems = text("a.yaml", &document, Role::Template);
    assert_eq!(problems.len(), 1001);
    let errors = problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error);
    assert_eq!(errors.count(), 1);
    let last = problems.last().unwrap();
    assert_eq!(last.rule, "too-many-problems");
    assert_eq!(
        last.to_string(),
        "a.yaml: 4001 more problems, none of them worse, are not told"
    );
}

#[test]
fn lines_without_end_are_not_shown() {
    let value = "yes, ".repeat(100_000);
    let document = format!("{HOT}outputs: {{o: {{value: [{value}]}}}}\n");
    let problems = text("a.yaml", &document, Role::Template);
    assert_eq!(problems.len(), 1001);
    assert!(
        problems
            .iter()
            .all(|problem| problem.place.snippet.is_none())
    );
}
