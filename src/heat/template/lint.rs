//! Checks of templates and environments that need no cloud.
//!
//! What they call an error Heat refuses, too, or it fails when the stack is made; warnings are about
//! what Heat takes without a word although it hardly means what was meant. Types of resources and
//! their properties are not known here: they differ from cloud to cloud.
//!
//! ```
//! use heatclient::heat::template::lint;
//!
//! let problems = lint::text("web.yaml", "heat_template_version: 2021-04-17\n", lint::Role::Template);
//! assert_eq!(
//!     problems[0].to_string(),
//!     "web.yaml, line 1, column 24: unknown version `2021-04-17`; did you mean `2021-04-16`?",
//! );
//! assert_eq!(problems[0].rule, "unknown-version");
//! ```

mod arguments;
mod constraints;
mod defaults;
mod environment;
mod findings;
mod functions;
mod graph;
mod language;
mod parameters;
mod references;
mod resources;
mod rules;
mod scalars;
mod shape;
mod template;
mod walk;

use std::sync::Arc;

use crate::heat::template::{Place, Problem};
use crate::yaml::Document;

use findings::Findings;

pub use rules::{RULES, Rule};

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// A template, HOT or CFN.
    Template,
    /// An environment.
    Environment,
    /// Anything else that a template brings along: it can hold what it likes.
    File,
}

/// A document that has been read.
#[derive(Debug, Clone, Copy)]
pub struct LintDocument<'a> {
    /// How problems call it.
    pub name: &'a Arc<str>,
    /// Its text.
    pub text: &'a str,
    /// What the text says.
    pub document: &'a Document,
    /// What it is.
    pub role: Role,
}

/// Everything that is wrong with one document, in the order of its text.
pub fn check(document: &LintDocument<'_>) -> Vec<Problem> {
    let mut findings = Findings::default();
    let root = &document.document.root;
    match document.role {
        Role::Template => template::check(root, document.text, &mut findings),
        Role::Environment => environment::check(root, document.text, &mut findings),
        Role::File => return Vec::new(),
    }
    for duplicate in &document.document.duplicates {
        let (key, first) = (&duplicate.key, duplicate.first);
        findings.add(
            &rules::DUPLICATE_KEY,
            duplicate.second,
            format!(
                "the key `{key}` stands here again, and what it has on line {}, column {} does not \
                 count; remove one of them",
                first.line, first.column
            ),
        );
    }
    findings.into_problems(document.name, document.text)
}

/// Reads a text and [checks](check) it: as JSON if it begins with `{` and is a template, else as
/// YAML. A text that cannot be read has problems of the rule `syntax`.
pub fn text(name: &str, text: &str, role: Role) -> Vec<Problem> {
    let name = Arc::from(name);
    let is_json = role == Role::Template && text.trim_start().starts_with('{');
    let read = if is_json {
        Document::parse_json(text)
    } else {
        Document::parse(text)
    };
    match read {
        Ok(document) => check(&LintDocument {
            name: &name,
            text,
            document: &document,
            role,
        }),
        Err(errors) => {
            let problem = |error: &crate::yaml::Error| {
                let place = Place::at(&name, text, error.mark());
                let rule = rules::SYNTAX;
                Problem::new(rule.severity, rule.id, place, error.message())
            };
            errors.iter().map(problem).collect()
        }
    }
}

#[cfg(test)]
mod tests;
